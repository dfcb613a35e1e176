"""Data points on single lifts: the trend of the estimates, their level, and the records of the last 28 days."""

from datetime import date

import polars as pl

from insights.data_types import BODY_WEIGHT
from insights.science import strength
from insights.science.periods import last_days
from insights.science.points import CERTAIN, points
from insights.science.tracks import KNOWN_ESTIMATES
from insights.science.training_points import trust
from insights.science.trends import FALLING, PLATEAU, RISING, UNDECIDED, trends

RECORD_DAYS = 28
TREND_CONFIDENCE_MAX, PLATEAU_CONFIDENCE = 0.99, 0.95
_LIFT = ("user_id", "exercise_id")


def trend_points(lift_days: pl.DataFrame, users: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """What the trend rule tells of each lift: its numbers, or what the data could have shown, or that they are few.

    A kind on which two looks 28 days apart do not agree is told as undecided. The slope and its range are points only
    where a kind is told.
    """
    kind = pl.when(pl.col("kind").is_not_null()).then(pl.when("told").then("kind").otherwise(pl.lit(UNDECIDED)))
    frame = (
        trends(lift_days, users, as_of)
        .rename({"exercise_id": "entity_id", "first_day": "window_start", "last_day": "window_end", "estimates": "n"})
        .with_columns(kind=kind)
        .with_columns(
            confidence_score=pl.when(pl.col("kind").is_in([RISING, FALLING]))
            .then((1 - pl.col("p")).clip(upper_bound=TREND_CONFIDENCE_MAX))
            .when(pl.col("kind") == PLATEAU)
            .then(PLATEAU_CONFIDENCE)
            .otherwise(CERTAIN)
        )
    )
    told = frame.filter(pl.col("kind").is_not_null() & (pl.col("kind") != UNDECIDED))
    looked = frame.filter(pl.col("kind").is_not_null())
    few = frame.filter(pl.col("kind").is_null())
    slope = {
        "e1rm_trend_pct_week": pl.col("slope"),
        "e1rm_trend_low_pct_week": pl.col("low"),
        "e1rm_trend_high_pct_week": pl.col("high"),
    }
    rule = {"e1rm_trend_estimates": pl.col("n"), "e1rm_trend_mdc_pct_week": pl.col("mdc")}
    return pl.concat(
        [
            points(told, "trend/1", numbers=slope),
            points(looked, "trend/1", numbers=rule, texts={"e1rm_trend_kind": pl.col("kind")}),
            points(few, "trend/1", numbers={"e1rm_estimates": pl.col("n")}),
        ]
    )


def level_points(lift_days: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """The 1RM known after `as_of`, and the newest estimate behind it with its confidence."""
    window = last_days(as_of, strength.KNOWN_DAYS)
    usable = pl.col("estimated_1rm_kg").is_not_null() & ~pl.col("deload")
    behind = (
        lift_days.filter(usable, pl.col("day").is_between(window.start, window.end))
        .sort(*_LIFT, "day")
        .group_by(_LIFT, maintain_order=True)
        .tail(KNOWN_ESTIMATES)
    )
    known = behind.group_by(_LIFT, maintain_order=True).agg(
        window_start=pl.col("day").min(), n=pl.len(), level=pl.col("estimated_1rm_kg").median()
    )
    newest = behind.group_by(_LIFT, maintain_order=True).last()
    frame = _with_row_ids(newest).join(known, on=_LIFT).with_columns(window_end="day", entity_id="exercise_id")
    newest_alone = frame.with_columns(window_start="day", n=pl.lit(1))
    sure = pl.col("confidence_score")
    return pl.concat(
        [
            points(frame.drop("source_id"), _of_track("known_1rm/1"), numbers={"e1rm_known_kg": pl.col("level")}),
            points(frame, "known_1rm/1", numbers={"e1rm_known_confidence": sure}),
            points(newest_alone, _of_track("day_estimate/1"), numbers={"e1rm_latest_kg": pl.col("estimated_1rm_kg")}),
            points(newest_alone, "day_estimate/1", numbers={"e1rm_latest_confidence": sure}),
        ]
    )


def record_points(lift_days: pl.DataFrame, facts: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Of each lift the newest weight, reps and volume record of the last 28 days, and what stood before."""
    window = last_days(as_of, RECORD_DAYS)
    recent = pl.col("day").is_between(window.start, window.end)
    days = lift_days.filter(recent, pl.any_horizontal("weight_pr", "reps_pr", "volume_pr"))
    days = (
        _with_row_ids(days)
        .drop("confidence_score")
        .join(trust(facts.filter(recent), *_LIFT, "day"), on=[*_LIFT, "day"])
        .with_columns(entity_id="exercise_id", measurement_date="day", n=pl.lit(1))
    )
    return pl.concat(_record(days, flag, *columns) for flag, columns in _RECORDS.items())


# flag: (values of the day and the row they stand in, values of the sets, what stood before, the day it stood)
_RECORDS: dict[str, tuple[dict[str, str], dict[str, str], dict[str, str], str]] = {
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
    of_day: dict[str, str],
    of_sets: dict[str, str],
    before: dict[str, str],
    before_day: str,
) -> pl.DataFrame:
    newest = days.filter(flag).sort(*_LIFT, "day").group_by(_LIFT, maintain_order=True).last()
    own = newest.with_columns(window_start="day", window_end="day")
    stood = newest.drop("source_id").filter(pl.col(before_day).is_not_null())
    stood = stood.with_columns(window_start=before_day, window_end=before_day)
    method = f"{flag.removesuffix('_pr')}_record/1"
    how = method if flag == "reps_pr" else _of_track(method)  # reps go by the weight as typed
    rows = [points(own, how, numbers=_columns(of_day)), points(stood, how, numbers=_columns(before))]
    if of_sets:
        rows.append(points(own.drop("source_id"), how, numbers=_columns(of_sets)))
    return pl.concat(rows)


def _of_track(method: str) -> pl.Expr:
    """The method, marked where body weight is part of the loads that the value is of."""
    return pl.when("with_body_weight").then(pl.lit(method + BODY_WEIGHT)).otherwise(pl.lit(method))


def _columns(names: dict[str, str]) -> dict[str, pl.Expr]:
    return {data_type: pl.col(column) for data_type, column in names.items()}


def _with_row_ids(days: pl.DataFrame) -> pl.DataFrame:
    """The days with source_id, the id of their row of strength_progressions."""
    rows = strength.progressions(days).select(*_LIFT, day="measurement_date", source_id="id")
    return days.join(rows, on=[*_LIFT, "day"], how="left", maintain_order="left")
