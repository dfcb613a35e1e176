"""Verdicts and estimates of the sets, column by column: the sets that count for any use. For pandas and numpy alike."""

from collections.abc import Callable
from datetime import date

import numpy as np
import pandas as pd

from benchmarks.peers.dataframes import Array, Frames

Typos = Callable[[pd.DataFrame], Array]  # of sets by lift and day: which of them are suspected typos

SPREAD = 10_000_000  # more days than the calendar has: keeps the windows of two lifts apart
CURVE = np.array(
    [100.0, 97.8, 95.5, 93.9, 92.2, 90.7, 89.2, 87.8, 86.3, 85.0, 83.7, 82.4, 81.1, 79.9, 78.6, 77.4,
     76.2, 75.1, 73.9, 72.3, 70.7, 69.4, 68.0, 66.7, 65.3, 64.0, 62.6, 61.3, 59.9, 58.6, 57.2]
)  # fmt: skip
METHODS = ("measured", "rpe", "brzycki", "epley")
MEASURED, RPE, BRZYCKI, EPLEY = range(4)


def counted(frames: Frames, as_of: date, typos: Typos) -> pd.DataFrame:
    """The sets that count for tonnage, as hard, for a 1RM or for records; one row a set, sorted by lift and day."""
    sets = _of_days(frames, as_of)
    traits = frames.traits
    for name in ("load_kind", "modality"):
        codes = traits[name].astype("category")
        sets[name] = pd.Categorical.from_codes(codes.cat.codes.to_numpy()[sets["exercise"]], dtype=codes.dtype)
    share = traits["bodyweight_share"].to_numpy(dtype=float, na_value=np.nan)[sets["exercise"]]
    sets["is_deadlift"] = traits["is_deadlift"].to_numpy(dtype=bool)[sets["exercise"]]
    sets = _with_body_weight(frames, sets)
    sets["body_part"] = np.where(share > 0, sets["body_weight_kg"] * share, np.nan)
    sets = sets[_looked_at(sets)]
    sets["lift"] = sets.groupby(["user", "exercise"], sort=True).ngroup().to_numpy()
    sets["at"] = sets["lift"].to_numpy() * SPREAD + sets["day"].to_numpy()
    sets = sets.sort_values("at", kind="stable", ignore_index=True)
    return _with_estimates(_judged(sets[~typos(sets) | sets["weight_confirmed"].to_numpy()]))


def _of_days(frames: Frames, as_of: date) -> pd.DataFrame:
    """The sets of days up to as_of, with the day as a number and the length of the session."""
    sets = frames.sets
    by_session = sets.groupby("session")
    times = by_session.agg(
        user=("user", "first"), start=("session_start", "min"), end=("session_end", "max"),
        first=("start_time", "min"), last=("end_time", "max"), created=("created_at", "min"),
    )  # fmt: skip
    started = times["start"].fillna(times["first"])
    length = times["end"].fillna(times["last"]) - started
    instant = started.fillna(times["created"])
    day = np.empty(len(times), dtype=np.int64)
    zones = frames.zones.reindex(times["user"]).to_numpy()
    for zone in np.unique(zones):
        there = zones == zone
        local = instant[there].dt.tz_convert(zone).dt.tz_localize(None)
        day[there] = local.to_numpy().astype("datetime64[D]").astype(np.int64)
    known = length.between(pd.Timedelta(minutes=5), pd.Timedelta(hours=6))
    codes = sets["session"].to_numpy()
    sets = sets.assign(
        day=day[codes],
        length_us=np.where(known, length.dt.total_seconds().fillna(0) * 1e6, -1).round().astype(np.int64)[codes],
    )
    return sets[sets["day"] <= (as_of - date(1970, 1, 1)).days]


def _with_body_weight(frames: Frames, sets: pd.DataFrame) -> pd.DataFrame:
    days = sets[["user", "day"]].drop_duplicates().sort_values("day")
    weights = frames.body_weights.astype({"user": days["user"].dtype}).sort_values("day")
    known = pd.merge_asof(days, weights, on="day", by="user")
    sets = sets.merge(known, on=["user", "day"], how="left")
    carries = sets["load_kind"].isin(["bodyweight", "assisted"])
    sets["body_weight_kg"] = sets["body_weight_kg"].where(carries)
    return sets


def _looked_at(sets: pd.DataFrame) -> pd.Series:
    """Which sets no reason of every use excludes, but for typos."""
    weight = sets["weight_kg"].abs()
    reps, seconds = sets["reps_completed"].fillna(0), sets["duration_s"].fillna(0)
    limit = np.where(sets["load_kind"] == "machine", 1500.0, 600.0)
    return (
        (sets["session_status"] != "NOT_STARTED")
        & sets["modality"].isin(["strength", "timed"])
        & (sets["set_type"] != "warmup")
        & ~(weight > limit)
        & (reps <= 1000)
        & (seconds <= 6 * 3600)
        & ((reps > 0) | (seconds > 0))
    )


def _judged(sets: pd.DataFrame) -> pd.DataFrame:
    weight, kind, typ = sets["weight_kg"], sets["load_kind"], sets["set_type"]
    reps = sets["reps_completed"].fillna(0).clip(lower=0).astype(np.int64)
    assisted = sets["assisted_reps"].fillna(0).clip(lower=0).astype(np.int64)
    own = (reps - assisted).clip(lower=0)
    rpe = sets["rpe_value"].where(sets["rpe_scale"] == "rpe_10")
    usable = rpe.where(rpe.between(6, 10))
    failure = sets["source_set_type"].isin(_failure_words(sets["source_set_type"]))
    contradictory = failure & (rpe < 9)
    helped = (typ == "assisted") | (assisted > 0)
    timed = (sets["modality"] == "timed") | (typ == "isometric") | (reps == 0)
    body, part = sets["body_weight_kg"], sets["body_part"]
    left = body - weight.abs()
    plates, own_body, on_help = kind.isin(["free", "machine"]), kind == "bodyweight", kind == "assisted"
    added = weight.fillna(0.0)
    load = np.select(
        [plates & (weight > 0), own_body & (added >= 0), on_help & (left > 0)],
        [weight, part.fillna(0.0) + added, left],
        np.nan,
    )
    no_weight = (~on_help & (weight < 0)) | (plates & (added == 0)) | (on_help & (weight.isna() | (left <= 0)))
    no_load = no_weight | (kind == "band") | (on_help & body.isna())
    manner = (
        timed
        | typ.isin(["dropset", "mechanical_drop", "rest_pause", "cluster", "tempo", "partial", "negative"])
        | (sets["rom_quality"].notna() & (sets["rom_quality"] != "full"))
    )
    rir = np.select(
        [contradictory, (typ == "amrap") | (sets["reps_attempted"] > reps) | helped], [np.nan, 0.0], 10.0 - usable
    )
    in_tonnage = ~timed & (typ != "negative") & ~no_load & (own > 0)
    straight = typ.isin(["working", "superset", "amrap"])
    is_hard = np.where(timed, sets["duration_s"].fillna(0) >= 10, ~straight | ~(rpe < 6))
    for_1rm = (
        ~manner & ~no_load & ~(own_body & part.isna()) & (own > 0) & ~contradictory & (own + np.nan_to_num(rir) <= 12)
    )
    for_records = ~manner & ~helped & ~no_weight
    carried = (own_body & (load > added)) | (on_help & ~np.isnan(load))
    judged = sets[["user", "exercise", "session", "lift", "day", "at", "length_us", "start_time", "set_number",
                   "set_high", "set_low", "is_deadlift"]].assign(
        load=load, reps=reps, own=own, usable=usable, rir=rir, in_tonnage=in_tonnage, is_hard=is_hard, for_1rm=for_1rm,
        for_records=for_records, carried=carried, effort=is_hard & ((typ == "amrap") | (usable >= 9)),
        reach=np.where(kind == "band", added, np.where(np.isnan(load), -added.abs(), load)),
        units=np.where(in_tonnage, np.round(np.nan_to_num(load) * 10_000).astype(np.int64) * own, 0),
    )  # fmt: skip
    return judged[in_tonnage | is_hard | for_1rm | for_records].reset_index(drop=True)


def _failure_words(words: pd.Series) -> list[str]:
    return [word for word in words.cat.categories if word.lower() in ("failure", "f")]


def _with_estimates(sets: pd.DataFrame) -> pd.DataFrame:
    load, rir, own = sets["load"].to_numpy(), sets["rir"].to_numpy(), sets["own"].to_numpy(dtype=float)
    n = own + np.nan_to_num(rir)
    method = np.select([(n == 1) & ~np.isnan(rir), sets["usable"].notna(), n <= 10], [MEASURED, RPE, BRZYCKI], EPLEY)
    place = np.clip((n - 1.0) * 2.0, 0, len(CURVE) - 1)
    point = np.floor(place).astype(np.int64)
    steps = np.append(np.diff(CURVE), 0.0)
    estimate = np.select(
        [method == MEASURED, method == RPE, (method == BRZYCKI) & (n == 1), method == BRZYCKI],
        [load, 100.0 * load / (CURVE[point] + (place - point) * steps[point]), load, 36.0 * load / (37.0 - n)],
        load * (1.0 + n * (1.0 / 30.0)),
    )
    for_1rm = sets["for_1rm"].to_numpy()
    assumed = own + np.where(np.isnan(rir), 2.0, rir)
    slope = 0.03 + 0.003 * np.maximum(assumed - 5.0, 0.0)
    stretch = np.maximum(assumed * 0.1, 1.0)
    reserve = slope * (np.where(np.isnan(rir), 3.3, 0.3 + 0.25 * rir) * (stretch * stretch))
    person = slope * ((2.5 / 9.0) * (assumed - 1.0))
    deadlift = np.where(sets["is_deadlift"], 0.05 * 0.05, 0.0)
    return sets.assign(
        method=method,
        estimate=np.where(for_1rm, estimate, np.nan),
        sigma=np.sqrt(reserve * reserve + person * person + 0.042 * 0.042 + deadlift),
    )
