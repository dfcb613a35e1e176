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


def muscle_sets(lifts: pl.DataFrame, credits: pl.DataFrame) -> pl.DataFrame:
    """user_id, name, hard_sets (direct 1, indirect 0.5) of each muscle over the days of `volume.by_lift`.

    `credits` come from `attribution.muscle_credits`.
    """
    work = attribution.muscle_work(lifts, credits, "user_id")
    hard_sets = pl.col("direct") + pl.col("indirect") / 2
    return work.select_seq("user_id", "name", hard_sets=hard_sets).collect(engine="in-memory")


def pairs(lifts: pl.DataFrame, sets: pl.DataFrame, credits: pl.DataFrame, shares: pl.DataFrame) -> pl.DataFrame:
    """One row a user with a hard set in `lifts`: what is compared, and null where it may not be.

    `sets` come from `muscle_sets` and `credits`, `shares` from `attribution.pattern_shares`. Columns: user_id,
    hard_sets; muscle_share, movement_share (0-1, the attributed part of the hard sets); muscles (how many have a lift;
    null for none); push, pull, push_pull, quads, hams, quads_hams (hard sets, and their ratio). Sorted by user.
    """
    name, all_sets = pl.col("name"), pl.col("hard_sets")
    patterns = attribution.movement_work(lifts, shares, "user_id")
    by_movement = patterns.group_by("user_id").agg(
        push=attribution.pattern_sets(pl.col("set_parts").filter(name.is_in(PUSH)).sum()),
        pull=attribution.pattern_sets(pl.col("set_parts").filter(name.is_in(PULL)).sum()),
    )
    by_muscle = (
        sets.lazy()
        .group_by("user_id")
        .agg(
            muscles=pl.len(),
            quads=all_sets.filter(name == QUADRICEPS).sum(),
            hams=all_sets.filter(name == HAMSTRINGS).sum(),
        )
    )
    frame = (
        lifts.lazy()
        .group_by("user_id")
        .agg(
            all_sets.sum(),
            muscle_share=_attributed(credits),
            movement_share=_attributed(shares),
        )
        .filter(all_sets > 0)
        .join(by_movement, on="user_id", how="left")
        .join(by_muscle, on="user_id", how="left")
    )
    frame = _ratio(frame, "push", "pull", "push_pull", "movement_share")
    frame = _ratio(frame, "quads", "hams", "quads_hams", "muscle_share")
    return frame.sort("user_id").collect(engine="in-memory")


def _attributed(known: pl.DataFrame) -> pl.Expr:
    """The part of the hard sets of lifts that `known` (credits or shares) holds."""
    hard_sets = pl.col("hard_sets")
    unknown = pl.when(attribution.is_held(known)).then(0).otherwise(hard_sets).sum()
    return 1 - unknown / hard_sets.sum()


def _ratio(frame: pl.LazyFrame, one: str, other: str, name: str, share: str) -> pl.LazyFrame:
    enough = (pl.col(one) >= FEWEST_SETS) & (pl.col(other) >= FEWEST_SETS)
    comparable = enough & (pl.col(share) >= 1 - MOST_UNATTRIBUTED)
    sides = frame.with_columns_seq(pl.when(comparable).then(column).alias(column) for column in (one, other))
    return sides.with_columns_seq((pl.col(one) / pl.col(other)).alias(name))
