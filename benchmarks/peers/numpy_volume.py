"""The rows of volume_analytics in pandas."""

import json
from collections.abc import Callable, Iterator
from itertools import pairwise

import numpy as np
import pandas as pd
import pyarrow as pa

from benchmarks.peers.attribution import HALVES, PARTS, UNATTRIBUTED, muscle_halves, pattern_parts
from benchmarks.peers.dataframes import Array, Frames, dates, decimals, id_texts, row_ids
from insights.ids import word

PERIODS = ("daily", "weekly", "monthly")
KEY = ["user", "period", "first_day"]
UNITS_PER_CENT = 100


def volumes(frames: Frames, sets: pd.DataFrame, days: pd.DataFrame) -> pa.Table:
    """The rows of volume_analytics: sums of days, never averages of averages."""
    work = _work(days)
    totals = work.groupby(["user", "day"], as_index=False)[
        ["hard_sets", "units", "reps", "intensity", "intensity_reps"]
    ].sum()
    timed = _timed(sets)
    totals = totals.merge(timed, on=["user", "day"], how="left").fillna(dict.fromkeys(timed.columns[2:], 0))
    rows = _by_period(totals, [])
    muscles = _objects(_by_period(_muscle_work(frames, work), ["name"]), _muscle_entries)
    movements = _objects(_by_period(_movement_work(frames, work), ["name"]), _movement_entries)
    rows = rows.merge(muscles.rename("muscles"), left_on=KEY, right_index=True)
    rows = rows.merge(movements.rename("movements"), left_on=KEY, right_index=True)
    users, day, period = frames.users[rows["user"]], rows["first_day"].to_numpy(), rows["period"].to_numpy()
    words = np.array([word(name) for name in PERIODS], dtype=np.uint64)[period]
    hours = rows["length_us"].to_numpy() / 3_600_000_000
    hours = np.where(hours > 0, hours, np.nan)
    intensity_reps = rows["intensity_reps"].to_numpy()
    intensity = rows["intensity"].to_numpy() / 1e9 / np.where(intensity_reps > 0, intensity_reps, np.nan)
    return pa.table(
        {
            "id": id_texts(row_ids("volume_analytics", users, day, [words])),
            "user_id": id_texts(users),
            "calculation_date": dates(day),
            "period_type": pa.array(PERIODS).take(pa.array(period)),
            "total_volume_kg": decimals(rows["units"].to_numpy() / 10_000),
            "total_sets": pa.array(rows["hard_sets"].to_numpy(dtype=np.int32)),
            "total_reps": pa.array(rows["reps"].to_numpy(dtype=np.int32)),
            "average_intensity": decimals(intensity),
            "intensity_reps": pa.array(intensity_reps.astype(np.int32)),
            "volume_by_muscle_group": pa.array(rows["muscles"].to_numpy()),
            "volume_by_movement": pa.array(rows["movements"].to_numpy()),
            "volume_per_hour": decimals(rows["timed_units"].to_numpy() / 10_000 / hours),
            "sets_per_hour": decimals(rows["timed_sets"].to_numpy() / hours),
        }
    )


def _work(days: pd.DataFrame) -> pd.DataFrame:
    """Work by lift and day, with the per cent of the known 1RM times repetitions in billionths."""
    work = days[days["in_volume"]]
    known = work["known"].to_numpy()
    there = known > 0
    share = np.divide(100.0 * (work["units"].to_numpy() / 10_000), known, out=np.zeros(len(work)), where=there)
    return work.assign(
        intensity=np.round(share * 1e9).astype(np.int64), intensity_reps=np.where(there, work["reps"], 0)
    )


def _timed(sets: pd.DataFrame) -> pd.DataFrame:
    """By user and day, over sessions of known length with a set that counts."""
    some = sets[(sets["in_tonnage"] | sets["is_hard"]) & (sets["length_us"] >= 0)]
    sessions = some.groupby("session").agg(
        user=("user", "first"), day=("day", "first"), length_us=("length_us", "first"),
        timed_sets=("is_hard", "sum"), timed_units=("units", "sum"),
    )  # fmt: skip
    return sessions.groupby(["user", "day"], as_index=False).sum()


def _by_period(days: pd.DataFrame, name: list[str]) -> pd.DataFrame:
    """Sums by user, period and its first day."""
    day = days["day"].to_numpy()
    monday = day - (day + 3) % 7  # 1970-01-01 was a Thursday
    month = day.astype("datetime64[D]").astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    rest = days.drop(columns="day")
    return pd.concat(
        rest.assign(period=period, first_day=first).groupby([*KEY, *name], as_index=False).sum()
        for period, first in enumerate((day, monday, month))
    )


def _muscle_work(frames: Frames, work: pd.DataFrame) -> pd.DataFrame:
    """By user, day and muscle (a code of `name`): direct and indirect hard sets, volume in half units."""
    done = _shared(work, muscle_halves(frames), "halves", HALVES)
    direct = (done["halves"] == 2).to_numpy()
    hard = done["hard_sets"].to_numpy()
    done = done.assign(
        direct=np.where(direct, hard, 0), indirect=np.where(direct, 0, hard), half_units=done["units"] * done["halves"]
    )
    return done.groupby(["user", "day", "name"], as_index=False)[["direct", "indirect", "half_units"]].sum()


def _movement_work(frames: Frames, work: pd.DataFrame) -> pd.DataFrame:
    """By user, day and pattern: hard sets and volume in 720720ths."""
    done = _shared(work, pattern_parts(frames), "parts", PARTS)
    done = done.assign(set_parts=done["hard_sets"] * done["parts"], unit_parts=done["units"] * done["parts"])
    return done.groupby(["user", "day", "name"], as_index=False)[["set_parts", "unit_parts"]].sum()


def _shared(work: pd.DataFrame, shares: pd.DataFrame, column: str, whole: int) -> pd.DataFrame:
    """The work once for each of its names, and once a user and day for "unattributed", which is always there."""
    names = pd.CategoricalDtype(sorted({*shares["name"], UNATTRIBUTED}))
    named = shares[["exercise", "name", column]].astype({"name": names})
    known = work[["user", "exercise", "day", "hard_sets", "units"]].merge(named, on="exercise", how="left")
    known = known.fillna({"name": UNATTRIBUTED, column: whole}).astype({column: np.int64})
    always = work[["user", "day"]].drop_duplicates().assign(hard_sets=0, units=0, **{column: whole})
    always["name"] = pd.Categorical.from_codes(
        np.full(len(always), names.categories.get_loc(UNATTRIBUTED)), dtype=names
    )
    return pd.concat([known.drop(columns="exercise"), always], ignore_index=True)


def _cents(units: Array, per_cent: int) -> Iterator[str]:
    """Amounts in units as text with two decimals, half away from zero; none is below zero."""
    cents = (2 * units + per_cent) // (2 * per_cent)
    return (f"{cent // 100}.{cent % 100:02d}" for cent in cents.tolist())


def _objects(work: pd.DataFrame, entries: Callable[[pd.DataFrame], list[str]]) -> pd.Series:
    """A JSON object a user and period."""
    work = work.sort_values(KEY, ignore_index=True)
    texts = entries(work)
    first = ~work.duplicated(KEY)
    starts = np.append(np.flatnonzero(first.to_numpy()), len(work)).tolist()
    objects = ["{" + ",".join(texts[start:end]) + "}" for start, end in pairwise(starts)]
    return pd.Series(objects, index=pd.MultiIndex.from_frame(work.loc[first, KEY]), dtype=object)


def _muscle_entries(work: pd.DataFrame) -> list[str]:
    names, codes = _names(work)
    sets = zip(work["direct"].tolist(), work["indirect"].tolist(), strict=True)
    volume = _cents(work["half_units"].to_numpy(), 2 * UNITS_PER_CENT)
    return [
        f'{name}:{{"sets":{direct},"volume_kg":{kg}}}'
        if name == f'"{UNATTRIBUTED}"'
        else f'{name}:{{"direct":{direct},"indirect":{indirect},"hard_sets":{direct + indirect / 2},"volume_kg":{kg}}}'
        for name, (direct, indirect), kg in zip((names[code] for code in codes), sets, volume, strict=True)
    ]


def _movement_entries(work: pd.DataFrame) -> list[str]:
    names, codes = _names(work)
    sets = _cents(work["set_parts"].to_numpy() * 100, PARTS)
    volume = _cents(work["unit_parts"].to_numpy(), UNITS_PER_CENT * PARTS)
    return [
        f'{names[code]}:{{"sets":{hard},"volume_kg":{kg}}}' for code, hard, kg in zip(codes, sets, volume, strict=True)
    ]


def _names(work: pd.DataFrame) -> tuple[list[str], list[int]]:
    return [json.dumps(name) for name in work["name"].cat.categories], work["name"].cat.codes.tolist()
