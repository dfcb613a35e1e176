"""Who gets the credit for a lift's work: its muscles (each in full) and its movement patterns (in equal parts).

Muscle credit is direct 1, indirect 0.5, the rule that fits growth best over 67 studies (Pelland 2025): direct is a
primary muscle with an activation of 50 or more, indirect any other primary and every secondary muscle, stabilizers
get nothing, and a muscle counts once a lift, at its highest. Muscles therefore do not sum to the total; movement
patterns with the unattributed part do.
"""

import polars as pl

DIRECT_ACTIVATION = 50.0
UNATTRIBUTED = "unattributed"
PARTS = 720_720  # the least number that 1 to 16 divide: work split over that many patterns stays a whole number


def muscle_credits(muscles: pl.DataFrame) -> pl.DataFrame:
    """One row a lift and credited muscle: exercise_id, name, halves (2 or 1).

    `halves` is the credit in halves, so that sums stay whole numbers. `muscles` has the columns of `frames.Muscles`.
    """
    role = pl.col("role").cast(pl.String)
    halves = (
        pl.when((role == "primary") & (pl.col("activation") >= DIRECT_ACTIVATION))
        .then(2)
        .when(role.is_in(["primary", "secondary"]))
        .then(1)
        .otherwise(0)
    )
    credited = (
        muscles.lazy()
        .group_by("exercise_id", name="muscle")
        .agg(halves=halves.max().cast(pl.Int64))
        .filter(pl.col("halves") > 0)
    )
    return _named(credited).sort("exercise_id", "name").collect(engine="in-memory")


def pattern_shares(movements: pl.DataFrame) -> pl.DataFrame:
    """One row a lift and movement pattern: exercise_id, name, patterns (how many share the lift's work)."""
    patterns = _named(movements.lazy().select_seq("exercise_id", name="pattern").unique())
    counted = patterns.with_columns_seq(patterns=pl.len().over("exercise_id").cast(pl.Int64))
    return counted.sort("exercise_id", "name").collect(engine="in-memory")


def muscle_work(lifts: pl.DataFrame, credits: pl.DataFrame, key: str) -> pl.LazyFrame:
    """`volume.lift_work` by `key` and muscle: direct and indirect (hard sets), volume_halves (half micrograms)."""
    direct = pl.col("halves") == 2
    return (
        lifts.lazy()
        .join(credits.lazy(), on="exercise_id")
        .group_by(key, "name")
        .agg(
            direct=pl.when(direct).then("hard_sets").otherwise(0).sum(),
            indirect=pl.when(direct).then(0).otherwise("hard_sets").sum(),
            volume_halves=(pl.col("volume_ug") * pl.col("halves")).sum(),
        )
    )


def movement_work(lifts: pl.DataFrame, shares: pl.DataFrame, key: str) -> pl.LazyFrame:
    """`volume.lift_work` by `key` and pattern: set_parts, volume_parts (parts of a hard set and of a microgram)."""
    share = PARTS // pl.col("patterns")
    return (
        lifts.lazy()
        .join(shares.lazy(), on="exercise_id")
        .group_by(key, "name")
        .agg(
            set_parts=(pl.col("hard_sets") * share).sum(),
            volume_parts=(pl.col("volume_ug").cast(pl.Int128) * share).sum(),
        )
    )


def unattributed_work(lifts: pl.DataFrame, known: pl.DataFrame, key: str) -> pl.LazyFrame:
    """Hard sets and volume_ug by `key` of the lifts that `known` (credits or shares) does not hold; zeros too."""
    unknown = [pl.when(is_held(known)).then(0).otherwise(column).alias(column) for column in ("hard_sets", "volume_ug")]
    return lifts.lazy().group_by(key).agg(column.sum() for column in unknown)


def is_held(known: pl.DataFrame) -> pl.Expr:
    """Whether `known` (credits or shares) holds the lift."""
    return pl.col("exercise_id").is_in(known["exercise_id"].unique().implode()).fill_null(value=False)


def pattern_sets(parts: pl.Expr) -> pl.Expr:
    """Hard sets from the parts of `movement_work`."""
    return parts / PARTS


def _named(entries: pl.LazyFrame) -> pl.LazyFrame:
    # a muscle or pattern of that very name would clash with the key that is always there, so it counts as unknown
    return entries.filter(pl.col("name") != UNATTRIBUTED)
