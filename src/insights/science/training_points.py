"""Data points on a user's training as a whole: weeks, months, balance and consistency."""

from collections.abc import Iterator, Mapping
from datetime import date

import polars as pl

from insights.science import attribution, balance, volume
from insights.science.consistency import CONSISTENCY_WEEKS, consistency
from insights.science.periods import Period, Window, closed_weeks, first_day
from insights.science.points import CERTAIN, points
from insights.science.sums import from_units, to_units
from insights.science.windows import USUAL_WEEKS, within


def week_points(
    known: pl.DataFrame, volumes: pl.DataFrame, first_days: pl.DataFrame, spans: Mapping[str, Window]
) -> Iterator[pl.DataFrame]:
    """The last closed ISO week, and the mean of the four before where the user had begun by then."""
    last = {
        "weekly_hard_sets": "total_sets",
        "weekly_tonnage_kg": "total_volume_kg",
        "weekly_sessions": "n",
    }
    week = _period_rows(known, volumes, "weekly", "week", spans)
    yield points(week, "period_sum/1", window=spans["week"], numbers=last, source_id="source_id")
    usual = _usual(known, volumes, first_days, spans["usual"])
    yield points(usual, "period_mean/1", window=spans["usual"], numbers=_USUAL, n=pl.lit(USUAL_WEEKS))


def month_points(known: pl.DataFrame, volumes: pl.DataFrame, spans: Mapping[str, Window]) -> Iterator[pl.DataFrame]:
    """The last two closed months, and the change from the one to the other."""
    numbers = {
        "monthly_hard_sets": "total_sets",
        "monthly_tonnage_kg": "total_volume_kg",
        "monthly_sessions": "n",
    }
    months = {name: _period_rows(known, volumes, "monthly", name, spans) for name in ("month", "month_before")}
    for name, rows in months.items():
        yield points(rows, "period_sum/1", window=spans[name], numbers=numbers, source_id="source_id")
    now, before = pl.col("total_volume_kg"), pl.col("total_volume_kg_before")
    yield points(
        months["month"].join(months["month_before"], on="user_id", suffix="_before"),
        "period_change/1",
        window=spans["month"],
        numbers={"monthly_tonnage_change_pct": pl.when(before > 0).then(100 * (now - before) / before)},
        n=pl.col("n") + pl.col("n_before"),
        confidence_score=pl.min_horizontal("confidence_score", "confidence_score_before"),
    )


def balance_points(
    facts: pl.DataFrame, first_days: pl.DataFrame, muscles: pl.DataFrame, movements: pl.DataFrame, as_of: date
) -> Iterator[pl.DataFrame]:
    """Muscles, pushing against pulling, quadriceps against hamstrings, for users who had begun four weeks ago."""
    window = closed_weeks(as_of, balance.BALANCE_WEEKS)
    begun = first_days.filter(_begun(window))["user_id"]
    lifts = volume.by_lift(facts.filter(within(window), pl.col("user_id").is_in(begun.implode())))
    credits, shares = attribution.muscle_credits(muscles), attribution.pattern_shares(movements)
    sets = balance.muscle_sets(lifts, credits)
    users = balance.pairs(lifts, sets, credits, shares)
    by_muscle = sets.join(users.select_seq("user_id", "muscle_share"), on="user_id")
    weeks = pl.lit(balance.BALANCE_WEEKS)
    share, hard_sets = pl.col("muscle_share"), pl.col("hard_sets")
    yield points(
        users,
        "attributed/1",
        window=window,
        numbers={"attributed_share": 100 * share},
        n=weeks,
        confidence_score=share,
    )
    yield points(
        by_muscle,
        "muscle_credit/1",
        window=window,
        numbers={"muscle_weekly_hard_sets": pl.when(hard_sets > 0).then(hard_sets / balance.BALANCE_WEEKS)},
        n=weeks,
        entity="name",
        confidence_score=share,
    )
    landmark = pl.lit(float(balance.LANDMARK_WEEKLY_SETS))
    yield points(
        users,
        "schoenfeld_2017/1",
        window=window,
        numbers={"landmark_weekly_hard_sets": pl.when(pl.col("muscles") > 0).then(landmark)},
        n=weeks,
        confidence_score=pl.lit(CERTAIN),
    )
    yield from _pair_points(users, window, "movement_share", {"push": "push", "pull": "pull"}, "push_pull")
    sides = {"quads": balance.QUADRICEPS, "hams": balance.HAMSTRINGS}
    yield from _pair_points(users, window, "muscle_share", sides, "quads_hams")


def consistency_points(
    known: pl.DataFrame, users: pl.DataFrame, volumes: pl.DataFrame, first_days: pl.DataFrame, as_of: date
) -> Iterator[pl.DataFrame]:
    """Trained weeks and sessions a week for users who trained in those weeks, or whose first week is still open."""
    window = closed_weeks(as_of, CONSISTENCY_WEEKS)
    weeks = pl.col("weeks")
    frame = (
        consistency(volumes, first_days, as_of)
        .lazy()
        .filter((pl.col("training_days") > 0) | (weeks == 0))
        .join(known.lazy().select_seq("user_id", confidence_score="consistency_trust"), on="user_id", how="left")
        .join(users.lazy().select_seq("user_id", "training_frequency"), on="user_id", how="left")
        .with_columns_seq(
            pl.col("window_start").fill_null(window.end),
            pl.col("confidence_score").fill_null(CERTAIN),
            target=pl.when(weeks > 0).then("training_frequency"),
            window_end=pl.lit(window.end),
        )
        .collect(engine="in-memory")
    )
    # where no week is closed yet, only that is told
    trained = {
        "consistency_weeks": weeks,
        "trained_weeks": pl.when(weeks > 0).then("trained_weeks"),
        "sessions_per_week": pl.when(weeks > 0).then("sessions_per_week"),
    }
    yield points(frame, "consistency/1", numbers=trained, n="weeks")
    yield points(
        frame,
        "users/1",
        numbers={"target_sessions_per_week": "target"},
        n=pl.lit(1),
        source_id="user_id",
        confidence_score=pl.lit(CERTAIN),
    )


_USUAL = {
    "weekly_hard_sets_usual": pl.col("total_sets") / USUAL_WEEKS,
    "weekly_tonnage_usual_kg": from_units(pl.col("volume")) / USUAL_WEEKS,
    "weekly_sessions_usual": pl.col("usual_days") / USUAL_WEEKS,
}


def _usual(known: pl.DataFrame, volumes: pl.DataFrame, first_days: pl.DataFrame, before: Window) -> pl.DataFrame:
    """The sums of the weeks before, of the users who had begun by then and have trained since."""
    weekly = pl.col("period_type") == "weekly"
    sums = (
        volumes.lazy()
        .filter(weekly, pl.col("calculation_date").is_between(before.start, before.end))
        .group_by("user_id")
        .agg(pl.col("total_sets").sum(), volume=to_units(pl.col("total_volume_kg")).sum())
    )
    return (
        first_days.lazy()
        .filter(_begun(before))
        .join(known.lazy().filter(pl.col("usual_days") + pl.col("week_days") > 0), on="user_id")
        .join(sums, on="user_id", how="left")
        .with_columns_seq(
            pl.col("total_sets", "volume").fill_null(0),
            confidence_score=pl.col("usual_trust").fill_null(CERTAIN),
        )
        .collect(engine="in-memory")
    )


def _period_rows(
    known: pl.DataFrame, volumes: pl.DataFrame, period: Period, name: str, spans: Mapping[str, Window]
) -> pl.DataFrame:
    """The volume rows of the window of that name, with n (its training days), source and trust."""
    days = known.lazy().select_seq("user_id", n=f"{name}_days", confidence_score=f"{name}_trust")
    return (
        volumes.lazy()
        .filter(pl.col("period_type") == period, pl.col("calculation_date") == spans[name].start)
        .select_seq("user_id", "total_sets", "total_volume_kg", source_id="id")
        .join(days.filter(pl.col("n") > 0, pl.col("confidence_score").is_not_null()), on="user_id")
        .collect(engine="in-memory")
    )


def _pair_points(
    users: pl.DataFrame, window: Window, share: str, sides: Mapping[str, str], ratio: str
) -> Iterator[pl.DataFrame]:
    """Both sides of a pair (column: entity) and their ratio, null where they may not be compared.

    n is the hard sets of the side, and of the smaller one.
    """
    for column, entity in sides.items():
        yield points(
            users,
            "balance/1",
            window=window,
            numbers={_SIDE[column]: column},
            n=pl.col(column).floor(),
            entity=pl.lit(entity),
            confidence_score=share,
        )
    fewer = pl.min_horizontal(*sides).floor()
    yield points(users, "balance/1", window=window, numbers={_PAIR[ratio]: ratio}, n=fewer, confidence_score=share)


_SIDE = {"push": "push_hard_sets", "pull": "pull_hard_sets", "quads": "quads_hard_sets", "hams": "hamstrings_hard_sets"}
_PAIR = {"push_pull": "push_pull_ratio", "quads_hams": "quads_hamstrings_ratio"}


def _begun(window: Window) -> pl.Expr:
    """Whether the user's first week began on the window's first day or before."""
    return first_day(pl.col("first_day"), "weekly") <= window.start
