"""Data points on what goes along with a lift's good and bad days: only what the permutation test lets through."""

from collections.abc import Iterator
from datetime import date

import polars as pl

from insights.science.context import FACTORS
from insights.science.correlations import correlations
from insights.science.points import points

CONFIDENCE_MAX = 0.99


def correlation_points(lift_days: pl.DataFrame, context_days: pl.DataFrame, as_of: date) -> Iterator[pl.DataFrame]:
    """rho of each lift and factor that is told, with the days that both were known on. No point says why."""
    yield points(
        correlations(lift_days, context_days, as_of).filter("told"),
        "spearman/1",
        numbers={f"e1rm_{name}_rho": pl.when(pl.col("factor") == name).then("rho") for name in FACTORS},
        entity_id="exercise_id",
        window_start="first_day",
        window_end="last_day",
        confidence_score=(1 - pl.col("p_holm")).clip(upper_bound=CONFIDENCE_MAX),
    )
