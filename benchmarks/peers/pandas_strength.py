"""The rows of strength_progressions in pandas: shift, cummax, and one table of weights by days for each lift."""

from math import erf, sqrt

import pandas as pd

from benchmarks.peers.dataframes import Frames, row_ids
from benchmarks.peers.judging import METHODS
from benchmarks.peers.pandas_sets import DAY
from benchmarks.peers.pandas_writing import texts

JUMP = 0.20


def progressions(frames: Frames, sets: pd.DataFrame, days: pd.DataFrame) -> pd.DataFrame:
    """The rows of strength_progressions."""
    days = days.sort_values(["track", "date"], ignore_index=True)
    jump = _jumps(days)
    days["tonnage"] = days["units"].where(days["has_volume"])
    days["best_kg"], days["best_tonnage"] = _best_before(days, "heaviest"), _best_before(days, "tonnage")
    volume_days = days.groupby("track")["has_volume"].cumsum()
    reps_pr = days.merge(_reps_records(sets, days), on=DAY, how="left", indicator="found")["found"] == "both"
    days["weight_pr"] = (days["heaviest"] > days["best_kg"]) & ~jump
    days["volume_pr"] = (days["tonnage"] > days["best_tonnage"]) & (volume_days >= 5) & ~jump
    days["reps_pr"] = reps_pr & ~jump
    rows = days[days["told"]].sort_values(["user", "day"])
    users, exercises = frames.users[rows["user"]], frames.exercises[rows["exercise"]]
    ids = row_ids("strength_progressions", users, rows["day"].to_numpy(), [exercises[:, 0], exercises[:, 1]])
    errors = rows["sigma"].drop_duplicates().dropna()
    confidence = {sigma: erf(0.05 / (sigma * sqrt(2.0))) for sigma in errors}
    return pd.DataFrame(
        {
            "id": texts(ids),
            "user_id": texts(users),
            "exercise_id": texts(exercises),
            "measurement_date": rows["date"].dt.date.to_numpy(),
            "estimated_1rm_kg": rows["estimate"].to_numpy(),
            "estimation_method": rows["method"].map(dict(enumerate(METHODS))).to_numpy(),
            "confidence_score": rows["sigma"].map(confidence).to_numpy(),
            "base_weight_kg": rows["load"].to_numpy(),
            "base_reps": rows["own"].astype("Int32").to_numpy(),
            "base_rpe": rows["usable"].to_numpy(),
            "volume_pr": rows["volume_pr"].to_numpy(),
            "weight_pr": rows["weight_pr"].to_numpy(),
            "reps_pr": rows["reps_pr"].to_numpy(),
        }
    )


def _best_before(days: pd.DataFrame, name: str) -> pd.Series:
    """The highest of all earlier days of the track."""
    highest = days.groupby("track")[name].cummax().groupby(days["track"]).ffill()
    return highest.groupby(days["track"]).shift()


def _jumps(days: pd.DataFrame) -> pd.Series:
    """The days on which the estimate jumps by more than 20 % and stays there for two more."""
    asked = days[days["estimate"].notna() & ~days["deload"]]
    estimates = asked.groupby("track")["estimate"]
    before = pd.concat([estimates.shift(back) for back in (1, 2, 3)], axis=1)
    lasting = pd.concat([estimates.shift(-ahead) for ahead in (0, 1, 2)], axis=1)
    up = lasting.min(axis=1, skipna=False) > (1 + JUMP) * before.max(axis=1)
    down = lasting.max(axis=1, skipna=False) < (1 - JUMP) * before.min(axis=1)
    return (up | down).reindex(days.index, fill_value=False)


def _reps_records(sets: pd.DataFrame, days: pd.DataFrame) -> pd.DataFrame:
    """The lifts and days with a set of more repetitions than any earlier day's at its weight or more."""
    some = sets.loc[sets["for_records"], [*DAY, "reach", "reps"]].merge(days[[*DAY, "track"]], on=DAY)
    return pd.concat([_record_days(own) for _, own in some.groupby("track")])


def _record_days(own: pd.DataFrame) -> pd.DataFrame:
    """Of one track: a row a day, a column a weight, in it the most repetitions."""
    table = own.pivot_table(index=DAY, columns="reach", values="reps", aggfunc="max")
    at_least = table.fillna(0).iloc[:, ::-1].cummax(axis=1).iloc[:, ::-1]  # that weight or more
    before = at_least.cummax().shift()
    records = (table > before) & (before > 0)
    return records.index[records.any(axis=1)].to_frame(index=False)
