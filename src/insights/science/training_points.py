"""Data points on a user's training as a whole: weeks, months, balance and consistency."""

from datetime import date

import polars as pl

from insights.science import balance, volume
from insights.science.consistency import consistency, training_days
from insights.science.periods import Window, closed_month, closed_weeks, first_day
from insights.science.points import CERTAIN, points, within
from insights.science.sums import from_units, to_units

USUAL_WEEKS = 4


def trust(facts: pl.DataFrame, *keys: str) -> pl.DataFrame:
    """`keys` and confidence_score: the share of the sets without a suspicion, among those that count or are suspect.

    Suspect is a set that was left out because its weight, reps or duration cannot be right. `facts` are lift-days.
    """
    checked = facts.filter(pl.col("checked_sets") > 0).group_by(keys).agg(pl.col("checked_sets", "doubtful_sets").sum())
    return checked.select(*keys, confidence_score=1 - pl.col("doubtful_sets") / pl.col("checked_sets"))


def week_points(facts: pl.DataFrame, volumes: pl.DataFrame, first_days: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """The last closed ISO week, and the mean of the four before where the user had begun by then."""
    week, before = closed_weeks(as_of, 1), closed_weeks(as_of, USUAL_WEEKS, skip=1)
    last = points(
        _period_rows(facts, volumes, "weekly", week),
        "period_sum/1",
        numbers={
            "weekly_hard_sets": pl.col("total_sets"),
            "weekly_tonnage_kg": pl.col("total_volume_kg"),
            "weekly_sessions": pl.col("n"),
        },
    )
    return pl.concat([last, points(_usual(facts, volumes, first_days, before, week), "period_mean/1", numbers=_USUAL)])


def month_points(facts: pl.DataFrame, volumes: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """The last two closed months, and the change from the one to the other."""
    months = [_period_rows(facts, volumes, "monthly", closed_month(as_of, skip=skip)) for skip in (0, 1)]
    numbers = {
        "monthly_hard_sets": pl.col("total_sets"),
        "monthly_tonnage_kg": pl.col("total_volume_kg"),
        "monthly_sessions": pl.col("n"),
    }
    now, before = pl.col("total_volume_kg"), pl.col("total_volume_kg_before")
    change = (
        months[0]
        .drop("source_id")
        .join(months[1], on="user_id", suffix="_before")
        .with_columns(
            n=pl.col("n") + pl.col("n_before"),
            confidence_score=pl.min_horizontal("confidence_score", "confidence_score_before"),
        )
        .drop("source_id")
    )
    changed = pl.when(before > 0).then(100 * (now - before) / before)
    return pl.concat(
        [
            *(points(month, "period_sum/1", numbers=numbers) for month in months),
            points(change, "period_change/1", numbers={"monthly_tonnage_change_pct": changed}),
        ]
    )


def balance_points(
    facts: pl.DataFrame, first_days: pl.DataFrame, muscles: pl.DataFrame, movements: pl.DataFrame, as_of: date
) -> pl.DataFrame:
    """Muscles, pushing against pulling, quadriceps against hamstrings, for users who had begun four weeks ago."""
    window = closed_weeks(as_of, balance.BALANCE_WEEKS)
    recent = during(facts, window).join(_begun(first_days, window), on="user_id", how="semi")
    lifts = volume.lift_work(recent)
    users = within(balance.pairs(lifts, muscles, movements), window).with_columns(n=pl.lit(balance.BALANCE_WEEKS))
    shares = users.with_columns(confidence_score="muscle_share")
    by_muscle = shares.join(balance.muscle_sets(lifts, muscles), on="user_id", suffix="_muscle").rename(
        {"name": "entity"}
    )
    landmark = users.join(by_muscle, on="user_id", how="semi").with_columns(confidence_score=pl.lit(CERTAIN))
    weekly = pl.col("hard_sets_muscle") / balance.BALANCE_WEEKS
    return pl.concat(
        [
            points(shares, "attributed/1", numbers={"attributed_share": 100 * pl.col("muscle_share")}),
            points(
                by_muscle.filter(pl.col("hard_sets_muscle") > 0),
                "muscle_credit/1",
                numbers={"muscle_weekly_hard_sets": weekly},
            ),
            points(
                landmark,
                "schoenfeld_2017/1",
                numbers={"landmark_weekly_hard_sets": pl.lit(float(balance.LANDMARK_WEEKLY_SETS))},
            ),
            *_pair_points(users, "movement_share", ("push", "push"), ("pull", "pull"), "push_pull"),
            *_pair_points(
                users, "muscle_share", ("quads", balance.QUADRICEPS), ("hams", balance.HAMSTRINGS), "quads_hams"
            ),
        ]
    )


def consistency_points(
    users: pl.DataFrame, facts: pl.DataFrame, volumes: pl.DataFrame, first_days: pl.DataFrame, as_of: date
) -> pl.DataFrame:
    """Trained weeks and sessions a week for users who trained in those weeks, or whose first week is still open."""
    window = closed_weeks(as_of, 8)
    end = pl.lit(window.end)
    frame = (
        consistency(volumes, first_days, as_of)
        .filter((pl.col("training_days") > 0) | (pl.col("weeks") == 0))
        .with_columns(window_start=pl.col("window_start").fill_null(end), window_end=end, n="weeks")
        .join(trust(during(facts, window), "user_id"), on="user_id", how="left")
        .with_columns(pl.col("confidence_score").fill_null(CERTAIN))
    )
    begun = frame.filter(pl.col("weeks") > 0)
    target = begun.join(users.select("user_id", "training_frequency"), on="user_id").with_columns(
        n=pl.lit(1), confidence_score=pl.lit(CERTAIN), source_id="user_id"
    )
    trained = {"trained_weeks": pl.col("trained_weeks"), "sessions_per_week": pl.col("sessions_per_week")}
    return pl.concat(
        [
            points(frame, "consistency/1", numbers={"consistency_weeks": pl.col("weeks")}),
            points(begun, "consistency/1", numbers=trained),
            points(target, "users/1", numbers={"target_sessions_per_week": pl.col("training_frequency")}),
        ]
    )


_USUAL = {
    "weekly_hard_sets_usual": pl.col("total_sets") / USUAL_WEEKS,
    "weekly_tonnage_usual_kg": from_units(pl.col("volume")) / USUAL_WEEKS,
    "weekly_sessions_usual": pl.col("days") / USUAL_WEEKS,
}


def _usual(
    facts: pl.DataFrame, volumes: pl.DataFrame, first_days: pl.DataFrame, before: Window, week: Window
) -> pl.DataFrame:
    weeks = volumes.filter(
        pl.col("period_type") == "weekly", pl.col("calculation_date").is_between(before.start, before.end)
    )
    sums = weeks.group_by("user_id").agg(pl.col("total_sets").sum(), volume=to_units(pl.col("total_volume_kg")).sum())
    days = training_days(volumes, before.start, before.end).group_by("user_id").agg(days=pl.len())
    active = training_days(volumes, before.start, week.end).select("user_id").unique()
    frame = (
        _begun(first_days, before)
        .join(active, on="user_id", how="semi")
        .join(sums, on="user_id", how="left")
        .join(days, on="user_id", how="left")
        .with_columns(pl.col("total_sets", "volume", "days").fill_null(0), n=pl.lit(USUAL_WEEKS))
        .join(trust(during(facts, before), "user_id"), on="user_id", how="left")
        .with_columns(pl.col("confidence_score").fill_null(CERTAIN))
    )
    return within(frame, before)


def _period_rows(facts: pl.DataFrame, volumes: pl.DataFrame, period: str, window: Window) -> pl.DataFrame:
    """The volume rows of one period, with n (its training days), window, source and trust."""
    rows = volumes.filter(pl.col("period_type") == period, pl.col("calculation_date") == window.start)
    days = training_days(volumes, window.start, window.end).group_by("user_id").agg(n=pl.len())
    frame = (
        rows.select("user_id", "total_sets", "total_volume_kg", source_id="id")
        .join(days, on="user_id")
        .join(trust(during(facts, window), "user_id"), on="user_id")
    )
    return within(frame, window)


def _pair_points(
    users: pl.DataFrame, share: str, one: tuple[str, str], other: tuple[str, str], ratio: str
) -> list[pl.DataFrame]:
    """Both sides of a pair (column, entity) and their ratio; n is the hard sets of the smaller side."""
    compared = users.filter(pl.col(ratio).is_not_null()).with_columns(confidence_score=share)
    fewer = pl.min_horizontal(one[0], other[0]).floor().cast(pl.Int32)
    sides = [
        points(
            compared.with_columns(entity=pl.lit(entity), n=pl.col(column).floor().cast(pl.Int32)),
            "balance/1",
            numbers={_SIDE[column]: pl.col(column)},
        )
        for column, entity in (one, other)
    ]
    return [*sides, points(compared.with_columns(n=fewer), "balance/1", numbers={_PAIR[ratio]: pl.col(ratio)})]


_SIDE = {"push": "push_hard_sets", "pull": "pull_hard_sets", "quads": "quads_hard_sets", "hams": "hamstrings_hard_sets"}
_PAIR = {"push_pull": "push_pull_ratio", "quads_hams": "quads_hamstrings_ratio"}


def _begun(first_days: pl.DataFrame, window: Window) -> pl.DataFrame:
    """The users whose first week began on the window's first day or before."""
    return first_days.filter(first_day(pl.col("first_day"), "weekly") <= window.start).select("user_id")


def during(facts: pl.DataFrame, window: Window) -> pl.DataFrame:
    """The rows of the window's days."""
    return facts.filter(pl.col("day").is_between(window.start, window.end))
