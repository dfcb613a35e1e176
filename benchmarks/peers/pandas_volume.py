"""The rows of volume_analytics in pandas: merge, groupby, sum, and one dictionary a row for its JSON."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.peers.attribution import HALVES, PARTS, UNATTRIBUTED, muscle_halves, pattern_parts
from benchmarks.peers.dataframes import Frames, row_ids
from benchmarks.peers.pandas_sets import dated
from benchmarks.peers.pandas_writing import texts
from insights.ids import word

PERIODS = {"daily": "D", "weekly": "W-SUN", "monthly": "M"}
KEY = ["user", "period", "first"]
UNITS_PER_CENT = 100

Entry = Callable[[Any], dict[str, float]]


def volumes(frames: Frames, sets: pd.DataFrame, days: pd.DataFrame) -> pd.DataFrame:
    """The rows of volume_analytics: sums of days, never averages of averages."""
    work = _work(days)
    totals = work.groupby(["user", "date"], as_index=False)[
        ["hard_sets", "units", "reps", "intensity", "intensity_reps"]
    ].sum()
    timed = _timed(sets)
    totals = totals.merge(timed, on=["user", "date"], how="left").fillna(dict.fromkeys(timed.columns[2:], 0))
    rows = _by_period(totals)
    muscles = _objects(_by_period(_muscle_work(frames, work), "name"), _of_muscle)
    movements = _objects(_by_period(_movement_work(frames, work), "name"), _of_movement)
    rows = rows.merge(muscles.rename("muscles"), left_on=KEY, right_index=True)
    rows = rows.merge(movements.rename("movements"), left_on=KEY, right_index=True)
    users, day = frames.users[rows["user"]], (rows["first"] - pd.Timestamp(0)).dt.days.to_numpy()
    words = rows["period"].map({name: word(name) for name in PERIODS}).to_numpy(dtype=np.uint64)
    hours = (rows["length_us"] / 3_600_000_000).where(lambda length: length > 0)
    intensity = rows["intensity"] / 1e9 / rows["intensity_reps"].where(lambda reps: reps > 0)
    return pd.DataFrame(
        {
            "id": texts(row_ids("volume_analytics", users, day, [words])),
            "user_id": texts(users),
            "calculation_date": rows["first"].dt.date.to_numpy(),
            "period_type": rows["period"].to_numpy(),
            "total_volume_kg": (rows["units"] / 10_000).to_numpy(),
            "total_sets": rows["hard_sets"].to_numpy(),
            "total_reps": rows["reps"].to_numpy(),
            "average_intensity": intensity.to_numpy(),
            "intensity_reps": rows["intensity_reps"].to_numpy(),
            "volume_by_muscle_group": rows["muscles"].to_numpy(),
            "volume_by_movement": rows["movements"].to_numpy(),
            "volume_per_hour": (rows["timed_units"] / 10_000 / hours).to_numpy(),
            "sets_per_hour": (rows["timed_sets"] / hours).to_numpy(),
        }
    )


def _work(days: pd.DataFrame) -> pd.DataFrame:
    """Work by lift and day, with the per cent of the known 1RM times repetitions in billionths."""
    work = days[days["in_volume"]]
    share = (100.0 * (work["units"] / 10_000) / work["known"]).where(work["known"] > 0)
    return work.assign(
        intensity=(share.fillna(0) * 1e9).round().astype("int64"), intensity_reps=work["reps"].where(share.notna(), 0)
    )


def _timed(sets: pd.DataFrame) -> pd.DataFrame:
    """By user and day, over sessions of known length with a set that counts."""
    some = sets[(sets["in_tonnage"] | sets["is_hard"]) & (sets["length_us"] >= 0)]
    sessions = some.groupby("session").agg(
        user=("user", "first"), day=("day", "first"), length_us=("length_us", "first"),
        timed_sets=("is_hard", "sum"), timed_units=("units", "sum"),
    )  # fmt: skip
    sessions["date"] = dated(sessions["day"])
    return sessions.drop(columns="day").groupby(["user", "date"], as_index=False).sum()


def _by_period(days: pd.DataFrame, *name: str) -> pd.DataFrame:
    """Sums by user, period and its first day."""
    return pd.concat(
        [
            days.assign(period=period, first=days["date"].dt.to_period(frequency).dt.start_time)
            .drop(columns="date")
            .groupby([*KEY, *name], as_index=False)
            .sum()
            for period, frequency in PERIODS.items()
        ],
        ignore_index=True,
    )


def _muscle_work(frames: Frames, work: pd.DataFrame) -> pd.DataFrame:
    """By user, day and muscle: direct and indirect hard sets, volume in half units."""
    done = _shared(work, muscle_halves(frames), "halves", HALVES)
    direct = done["halves"] == 2
    done = done.assign(
        direct=done["hard_sets"].where(direct, 0),
        indirect=done["hard_sets"].where(~direct, 0),
        half_units=done["units"] * done["halves"],
    )
    return done.groupby(["user", "date", "name"], as_index=False)[["direct", "indirect", "half_units"]].sum()


def _movement_work(frames: Frames, work: pd.DataFrame) -> pd.DataFrame:
    """By user, day and pattern: hard sets and volume in 720720ths."""
    done = _shared(work, pattern_parts(frames), "parts", PARTS)
    done = done.assign(set_parts=done["hard_sets"] * done["parts"], unit_parts=done["units"] * done["parts"])
    return done.groupby(["user", "date", "name"], as_index=False)[["set_parts", "unit_parts"]].sum()


def _shared(work: pd.DataFrame, shares: pd.DataFrame, column: str, whole: int) -> pd.DataFrame:
    """The work once for each of its names, and once a user and day for "unattributed", which is always there."""
    named = shares[["exercise", "name", column]]
    known = work[["user", "exercise", "date", "hard_sets", "units"]].merge(named, on="exercise", how="left")
    known = known.fillna({"name": UNATTRIBUTED, column: whole}).astype({column: "int64"})
    always = work[["user", "date"]].drop_duplicates()
    always = always.assign(hard_sets=0, units=0, name=UNATTRIBUTED, **{column: whole})
    return pd.concat([known.drop(columns="exercise"), always], ignore_index=True).astype({"name": "category"})


def _objects(work: pd.DataFrame, entry: Entry) -> pd.Series:
    """A JSON object a user and period, an entry a name."""
    objects: dict[tuple[Any, ...], dict[str, dict[str, float]]] = {}
    for row in work.itertuples(index=False):
        objects.setdefault((row.user, row.period, row.first), {})[row.name] = entry(row)
    texts = pd.Series({key: json.dumps(value) for key, value in objects.items()})
    return texts.rename_axis(KEY)


def _of_muscle(row: Any) -> dict[str, float]:
    volume_kg = _cents(row.half_units, 2 * UNITS_PER_CENT)
    if row.name == UNATTRIBUTED:
        return {"sets": row.direct, "volume_kg": volume_kg}
    hard = row.direct + row.indirect / 2
    return {"direct": row.direct, "indirect": row.indirect, "hard_sets": hard, "volume_kg": volume_kg}


def _of_movement(row: Any) -> dict[str, float]:
    return {"sets": _cents(row.set_parts * 100, PARTS), "volume_kg": _cents(row.unit_parts, UNITS_PER_CENT * PARTS)}


def _cents(units: int, per_cent: int) -> float:
    """An amount in units with two decimals, half away from zero; none is below zero."""
    return ((2 * units + per_cent) // (2 * per_cent)) / 100
