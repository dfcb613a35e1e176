"""Balance over four closed weeks: hard sets of each muscle, pushing against pulling, quadriceps against hamstrings.

A pair is compared only where both sides have at least 8 hard sets and at most 20 % of the hard sets are unattributed.
"""

import polars as pl

from insights.science import attribution

PUSH = ("push", "horizontal_push", "vertical_push")
PULL = ("pull", "horizontal_pull", "vertical_pull")
QUADRICEPS, HAMSTRINGS = "quadriceps", "hamstrings"
BALANCE_WEEKS = 4
FEWEST_SETS = 8
MOST_UNATTRIBUTED = 0.20
LANDMARK_WEEKLY_SETS = 10  # Schoenfeld 2017


def muscle_sets(lifts: pl.DataFrame, muscles: pl.DataFrame) -> pl.DataFrame:
    """user_id, name, hard_sets (direct 1, indirect 0.5) of each muscle over the days of `volume.lift_work`."""
    work = attribution.muscle_work(lifts, attribution.muscle_credits(muscles), "user_id")
    sets = pl.col("direct") + pl.col("indirect") / 2
    return work.select("user_id", "name", hard_sets=sets).sort("user_id", "name")


def pairs(lifts: pl.DataFrame, muscles: pl.DataFrame, movements: pl.DataFrame) -> pl.DataFrame:
    """One row a user with a hard set in `lifts`: what is compared, and null where it may not be.

    Columns: user_id, hard_sets; muscle_share, movement_share (0-1, the attributed part of the hard sets); push, pull,
    push_pull, quads, hams, quads_hams (hard sets, and their ratio).
    """
    credits, shares = attribution.muscle_credits(muscles), attribution.pattern_shares(movements)
    total = lifts.group_by("user_id").agg(pl.col("hard_sets").sum()).filter(pl.col("hard_sets") > 0)
    parts = attribution.movement_work(lifts, shares, "user_id")
    by_movement = parts.group_by("user_id").agg(
        push=attribution.pattern_sets(pl.col("set_parts").filter(pl.col("name").is_in(PUSH)).sum()),
        pull=attribution.pattern_sets(pl.col("set_parts").filter(pl.col("name").is_in(PULL)).sum()),
    )
    by_muscle = (
        muscle_sets(lifts, muscles)
        .group_by("user_id")
        .agg(
            quads=pl.col("hard_sets").filter(pl.col("name") == QUADRICEPS).sum(),
            hams=pl.col("hard_sets").filter(pl.col("name") == HAMSTRINGS).sum(),
        )
    )
    frame = total
    for known, column in ((credits, "muscle_share"), (shares, "movement_share")):
        frame = frame.join(_unknown(lifts, known), on="user_id", how="left").with_columns(
            (1 - pl.col("unknown") / pl.col("hard_sets")).alias(column)
        )
        frame = frame.drop("unknown")
    for sides in (by_movement, by_muscle):
        frame = frame.join(sides, on="user_id", how="left")
    frame = _ratio(frame, "push", "pull", "push_pull", "movement_share")
    return _ratio(frame, "quads", "hams", "quads_hams", "muscle_share").sort("user_id")


def _unknown(lifts: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    return attribution.unattributed_work(lifts, known, "user_id").select("user_id", unknown="hard_sets")


def _ratio(frame: pl.DataFrame, one: str, other: str, name: str, share: str) -> pl.DataFrame:
    enough = (pl.col(one) >= FEWEST_SETS) & (pl.col(other) >= FEWEST_SETS)
    comparable = enough & (pl.col(share) >= 1 - MOST_UNATTRIBUTED)
    sides = frame.with_columns(pl.when(comparable).then(column).alias(column) for column in (one, other))
    return sides.with_columns((pl.col(one) / pl.col(other)).alias(name))
