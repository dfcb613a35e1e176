"""Data points on single lifts: the trend of the estimates, their level, and the records of the last 28 days."""

from collections.abc import Iterator
from datetime import date

import numpy as np
import polars as pl

from insights.data_types import BODY_WEIGHT
from insights.science import strength
from insights.science.periods import last_days
from insights.science.points import CERTAIN, Column, points
from insights.science.runs import Runs
from insights.science.tracks import KNOWN_ESTIMATES
from insights.science.trends import FALLING, PLATEAU, RISING, UNDECIDED, trends
from insights.science.windows import trust, within

RECORD_DAYS = 28
TREND_CONFIDENCE_MAX, PLATEAU_CONFIDENCE = 0.99, 0.95
_LIFT = ("user_id", "exercise_id")
_NO_ROW = pl.lit(None, dtype=pl.Binary)  # no one row of a table is the source


def trend_points(lift_days: pl.DataFrame, users: pl.DataFrame, as_of: date) -> Iterator[pl.DataFrame]:
    """What the trend rule tells of each lift: its numbers, or what the data could have shown, or that they are few.

    A kind on which two looks 28 days apart do not agree is told as undecided. The slope and its range are points only
    where a kind is told.
    """
    found = pl.col("kind").is_not_null()
    kind = pl.when(found).then(pl.when("told").then("kind").otherwise(pl.lit(UNDECIDED)))
    frame = trends(lift_days, users, as_of).with_columns_seq(kind=kind)
    told = found & (pl.col("kind") != UNDECIDED)
    slope = {
        "e1rm_trend_pct_week": "slope",
        "e1rm_trend_low_pct_week": "low",
        "e1rm_trend_high_pct_week": "high",
    }
    yield points(
        frame,
        "trend/1",
        numbers={name: pl.when(told).then(column) for name, column in slope.items()}
        | {
            "e1rm_trend_estimates": pl.when(found).then("estimates"),
            "e1rm_trend_mdc_pct_week": pl.when(found).then("mdc"),
            "e1rm_estimates": pl.when(~found).then("estimates"),
        },
        texts={"e1rm_trend_kind": "kind"},
        entity_id="exercise_id",
        window_start="first_day",
        window_end="last_day",
        n="estimates",
        confidence_score=pl.when(pl.col("kind").is_in([RISING, FALLING]))
        .then((1 - pl.col("p")).clip(upper_bound=TREND_CONFIDENCE_MAX))
        .when(pl.col("kind") == PLATEAU)
        .then(PLATEAU_CONFIDENCE)
        .otherwise(CERTAIN),
    )


def level_points(lift_days: pl.DataFrame, as_of: date) -> Iterator[pl.DataFrame]:
    """The 1RM known after `as_of`, and the newest estimate behind it with its confidence."""
    columns = (*_LIFT, "day", "with_body_weight", "estimated_1rm_kg", "confidence_score")
    usable = pl.col("estimated_1rm_kg").is_not_null() & ~pl.col("deload")
    recent = within(last_days(as_of, strength.KNOWN_DAYS))
    frame = _levels(lift_days.lazy().filter(usable, recent).select_seq(columns).collect(engine="in-memory"))
    sure, row, one = "confidence_score", "source_id", pl.lit(1)
    told: tuple[tuple[Column, str, str, str, Column, Column], ...] = (
        (_of_track("known_1rm/1"), "e1rm_known_kg", "level", "first_day", "n", _NO_ROW),
        ("known_1rm/1", "e1rm_known_confidence", sure, "first_day", "n", row),
        (_of_track("day_estimate/1"), "e1rm_latest_kg", "estimated_1rm_kg", "day", one, row),
        ("day_estimate/1", "e1rm_latest_confidence", sure, "day", one, row),
    )
    for method, kind, value, start, n, source in told:
        yield points(
            frame,
            method,
            numbers={kind: value},
            entity_id="exercise_id",
            window_start=start,
            window_end="day",
            n=n,
            source_id=source,
        )


def _levels(estimates: pl.DataFrame) -> pl.DataFrame:
    """The newest of each lift's estimates with source_id, and of the last up to three first_day, n and level."""
    lifts = Runs.of_rows(estimates, *_LIFT)
    later = np.repeat(lifts.ends, lifts.lengths) - np.arange(lifts.height)  # 1 for the newest
    behind = estimates[np.flatnonzero(later <= KNOWN_ESTIMATES)]
    lifts = Runs.of_rows(behind, *_LIFT)
    newest = behind[lifts.ends - 1]
    levels = (
        behind.select_seq("estimated_1rm_kg", lift=lifts.numbers)
        .group_by("lift", maintain_order=True)
        .agg(pl.col("estimated_1rm_kg").median())
    )
    return newest.with_columns_seq(
        strength.row_ids(newest).alias("source_id"),
        lifts.first(behind["day"]).alias("first_day"),
        levels["estimated_1rm_kg"].alias("level"),
        pl.Series("n", lifts.lengths),
    )


def record_points(lift_days: pl.DataFrame, as_of: date) -> Iterator[pl.DataFrame]:
    """Of each lift the newest weight, reps and volume record of the last 28 days, and what stood before."""
    days = (
        lift_days.lazy()
        .filter(within(last_days(as_of, RECORD_DAYS)), pl.any_horizontal(*_RECORDS), pl.col("checked_sets") > 0)
        .with_columns_seq(confidence_score=trust())
        .collect(engine="in-memory")
    )
    days = days.with_columns_seq(strength.row_ids(days).alias("source_id"))
    for flag, columns in _RECORDS.items():
        yield from _record(days, flag, *columns)


# flag: (values of the day and the row they stand in, values of the sets, what stood before, the day it stood)
_RECORDS: dict[str, tuple[dict[str, Column], dict[str, Column], dict[str, str], str]] = {
    "weight_pr": (
        {"weight_record_kg": "heaviest_kg"},
        {"weight_record_reps": "weight_record_reps"},
        {"weight_record_previous_kg": "previous_heaviest_kg"},
        "previous_heaviest_day",
    ),
    "reps_pr": (
        {"reps_record_reps": "reps_record_reps", "reps_record_weight_kg": "reps_record_weight_kg"},
        {},
        {"reps_record_previous_reps": "reps_record_previous_reps"},
        "reps_record_previous_day",
    ),
    "volume_pr": (
        {"volume_record_kg": "volume_kg"},
        {},
        {"volume_record_previous_kg": "previous_volume_kg"},
        "previous_volume_day",
    ),
}


def _record(
    days: pl.DataFrame,
    flag: str,
    of_day: dict[str, Column],
    of_sets: dict[str, Column],
    before: dict[str, str],
    before_day: str,
) -> Iterator[pl.DataFrame]:
    newest = days.lazy().filter(flag).unique(_LIFT, keep="last", maintain_order=True).collect(engine="in-memory")
    method = f"{flag.removesuffix('_pr')}_record/1"
    how = method if flag == "reps_pr" else _of_track(method)  # reps go by the weight as typed
    stood = {kind: pl.when(pl.col(before_day).is_not_null()).then(column) for kind, column in before.items()}
    for values, day, source in ((of_day, "day", "source_id"), (of_sets, "day", _NO_ROW), (stood, before_day, _NO_ROW)):
        if values:
            yield points(
                newest,
                how,
                numbers=values,
                entity_id="exercise_id",
                measurement_date="day",
                window_start=day,
                window_end=day,
                n=pl.lit(1),
                source_id=source,
            )


def _of_track(method: str) -> pl.Expr:
    """The method, marked where body weight is part of the loads that the value is of."""
    return pl.when("with_body_weight").then(pl.lit(method + BODY_WEIGHT)).otherwise(pl.lit(method))
