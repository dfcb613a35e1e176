"""Who gets the credit for a lift's work: its muscles (each in full) and its movement patterns (in equal parts).

Muscle credit is direct 1, indirect 0.5, the rule that fits growth best over 67 studies (Pelland 2025): direct is a
primary muscle with an activation of 50 or more, indirect any other primary and every secondary muscle, stabilizers
get nothing, and a muscle counts once a lift, at its highest. Muscles therefore do not sum to the total; movement
patterns with the unattributed part do.
"""

import polars as pl

DIRECT_ACTIVATION = 50.0
UNATTRIBUTED = "unattributed"


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
        muscles.group_by("exercise_id", name="muscle")
        .agg(halves=halves.max().cast(pl.Int64))
        .filter(pl.col("halves") > 0)
    )
    return _named(credited).sort("exercise_id", "name")


def pattern_shares(movements: pl.DataFrame) -> pl.DataFrame:
    """One row a lift and movement pattern: exercise_id, name, patterns (how many share the lift's work)."""
    patterns = _named(movements.select("exercise_id", name="pattern").unique())
    return patterns.with_columns(patterns=pl.len().over("exercise_id").cast(pl.Int64)).sort("exercise_id", "name")


def _named(entries: pl.DataFrame) -> pl.DataFrame:
    # a muscle or pattern of that very name would clash with the key that is always there, so it counts as unknown
    return entries.filter(pl.col("name") != UNATTRIBUTED)
