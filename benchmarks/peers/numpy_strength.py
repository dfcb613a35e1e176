"""The days of each lift in pandas, and the rows of strength_progressions."""

from itertools import pairwise
from math import erf, sqrt

import numpy as np
import pandas as pd
import pyarrow as pa

from benchmarks.peers.dataframes import Array, Frames, dates, decimals, id_texts, row_ids
from benchmarks.peers.judging import METHODS, SPREAD
from benchmarks.peers.numpy_windows import over_windows


def lift_days(sets: pd.DataFrame) -> pd.DataFrame:
    """One row a lift and day with a counted set, sorted, with estimate, deload and the known 1RM."""
    sets = sets.assign(
        heaviest=sets["load"].where(sets["for_records"]),
        told=sets["for_1rm"] | sets["for_records"],
        tonnage_reps=sets["own"].where(sets["in_tonnage"], 0),
        in_volume=sets["in_tonnage"] | sets["is_hard"],
    )
    groups = sets.groupby("at", sort=True)
    days = groups.agg(
        user=("user", "first"), exercise=("exercise", "first"), lift=("lift", "first"), day=("day", "first"),
        carried=("carried", "any"), hard_sets=("is_hard", "sum"), units=("units", "sum"),
        has_volume=("in_tonnage", "any"),
        reps=("tonnage_reps", "sum"), heaviest=("heaviest", "max"), effort=("effort", "any"), told=("told", "any"),
        in_volume=("in_volume", "any"),
    )  # fmt: skip
    days = days.join(_best(sets))
    days["track"] = days["lift"] * 2 + days["carried"]
    days["deload"] = _deload(days)
    days["known"] = _known(days)
    return days


def _best(sets: pd.DataFrame) -> pd.DataFrame:
    """The set behind each day's estimate: the highest; ties by error, start, number and id."""
    some = sets[sets["estimate"].notna()]
    top = some[some["estimate"].to_numpy() == some.groupby("at")["estimate"].transform("max").to_numpy()]
    order = ["at", "sigma", "start_time", "set_number", "set_high", "set_low"]
    best = top.sort_values(order, na_position="last").drop_duplicates("at").set_index("at")
    return best[["estimate", "method", "sigma", "load", "own", "usable"]]


def _deload(days: pd.DataFrame) -> Array:
    at = days["track"].to_numpy() * SPREAD + days["day"].to_numpy()
    order = np.argsort(at, kind="stable")
    heaviest = days["heaviest"].to_numpy()
    sorted_at = at[order]
    starts = np.searchsorted(sorted_at, sorted_at - 42)
    before = np.empty(len(days))
    before[order] = over_windows(np.fmax, heaviest[order], starts, np.arange(len(days)))
    deload: Array = (heaviest < 0.85 * before) & ~days["effort"].to_numpy()
    return deload


def _known(days: pd.DataFrame) -> Array:
    """The median of the last up to three estimates, none of a deload day, of the 84 days before."""
    at = days.index.to_numpy()
    usable = (days["estimate"].notna() & ~days["deload"] & days["told"]).to_numpy()
    places, values = at[usable], days["estimate"].to_numpy()[usable]
    newest = np.searchsorted(places, at)
    last = []
    for back in (1, 2, 3):
        index = newest - back
        there = (
            (index >= 0) & (places[np.maximum(index, 0)] >= at - 84) if len(places) else np.zeros(len(at), dtype=bool)
        )
        last.append(np.where(there, values[np.maximum(index, 0)] if len(places) else np.nan, np.nan))
    a, b, c = last
    of_three = np.maximum(np.minimum(a, b), np.minimum(np.maximum(a, b), c))
    return np.where(~np.isnan(c), of_three, np.where(~np.isnan(b), (a + b) * 0.5, a))


def progressions(frames: Frames, sets: pd.DataFrame, days: pd.DataFrame) -> pa.Table:
    """The rows of strength_progressions."""
    days = days.sort_values(["track", "day"])
    jump = _jumps(days)
    tracks = days["track"]
    volume = days["units"].where(days["has_volume"])
    heaviest_before = _best_before(days["heaviest"], tracks)
    volume_before = _best_before(volume, tracks)
    volume_days = days["has_volume"].groupby(tracks).cumsum()
    reps_record = days.index.isin(_reps_records(sets, days))
    days = days.assign(
        weight_pr=(days["heaviest"] > heaviest_before) & ~jump,
        volume_pr=(volume > volume_before) & (volume_days >= 5) & ~jump,
        reps_pr=reps_record & ~jump,
    )
    rows = days[days["told"]].sort_values(["user", "day"])
    users, exercises = frames.users[rows["user"]], frames.exercises[rows["exercise"]]
    day = rows["day"].to_numpy()
    errors, places = np.unique(rows["sigma"].to_numpy(), return_inverse=True)
    confidence = np.array([np.nan if np.isnan(s) else erf(0.05 / (s * sqrt(2.0))) for s in errors.tolist()])
    method = rows["method"].fillna(-1).astype(np.int64).to_numpy()
    return pa.table(
        {
            "id": id_texts(row_ids("strength_progressions", users, day, [exercises[:, 0], exercises[:, 1]])),
            "user_id": id_texts(users),
            "exercise_id": id_texts(exercises),
            "measurement_date": dates(day),
            "estimated_1rm_kg": decimals(rows["estimate"].to_numpy()),
            "estimation_method": pa.array([*METHODS, None]).take(pa.array(np.where(method < 0, len(METHODS), method))),
            "confidence_score": decimals(confidence[places.reshape(-1)]),
            "base_weight_kg": decimals(rows["load"].to_numpy()),
            "base_reps": pa.array(rows["own"].to_numpy(), from_pandas=True).cast(pa.int32()),
            "base_rpe": decimals(rows["usable"].to_numpy()),
            "volume_pr": pa.array(rows["volume_pr"].to_numpy(dtype=bool)),
            "weight_pr": pa.array(rows["weight_pr"].to_numpy(dtype=bool)),
            "reps_pr": pa.array(rows["reps_pr"].to_numpy(dtype=bool)),
        }
    )


def _best_before(values: pd.Series, tracks: pd.Series) -> pd.Series:
    highest = values.groupby(tracks).cummax().groupby(tracks).ffill()
    return highest.groupby(tracks).shift(1)


def _jumps(days: pd.DataFrame) -> Array:
    """The days on which the estimate jumps by more than 20 % and stays there for two more."""
    asked = days[days["estimate"].notna() & ~days["deload"]]
    estimates = asked.groupby("track")["estimate"]
    before = np.stack([estimates.shift(back).to_numpy() for back in (1, 2, 3)])
    lasting = np.stack([estimates.shift(-ahead).to_numpy() for ahead in (0, 1, 2)])
    highest, lowest = np.fmax.reduce(before), np.fmin.reduce(before)
    up = lasting.min(axis=0) > (1 + 0.20) * highest
    down = lasting.max(axis=0) < (1 - 0.20) * lowest
    jumps: Array = days.index.isin(asked.index[up | down])
    return jumps


def _reps_records(sets: pd.DataFrame, days: pd.DataFrame) -> Array:
    """The lifts and days (`at`) with a set of more repetitions than any earlier day's at its weight or more."""
    some = sets.loc[sets["for_records"], ["at", "day", "reach", "reps"]]
    some = some.assign(track=days["track"].reindex(some["at"]).to_numpy())
    firsts = some.sort_values("day").drop_duplicates(["track", "reach", "reps"]).sort_values("track", kind="stable")
    at, day, reach, reps = (firsts[name].to_numpy() for name in ("at", "day", "reach", "reps"))
    bounds = np.flatnonzero(np.diff(firsts["track"].to_numpy(), prepend=-1, append=-1))
    found = []
    for start, end in pairwise(bounds):
        one = slice(start, end)
        comparable = (day[one][None, :] < day[one][:, None]) & (reach[one][None, :] >= reach[one][:, None])
        most = np.where(comparable, reps[one][None, :], 0).max(axis=1)
        found.append(at[one][(most > 0) & (most < reps[one])])
    return np.concatenate(found) if found else np.array([], dtype=np.int64)
