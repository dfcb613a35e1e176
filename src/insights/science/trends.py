"""The trend of a lift's day estimates, in per cent a week: rising, falling, plateau or undecided.

On y = 100 ln(estimate) against weeks, deload days left out, within the last trend segment. The slope is the median of
all pairwise slopes (Theil 1950, Sen 1968) and its range takes the ranks that Kendall's statistic gives (Sen 1968). How
long the window must be, and whether "no trend" may be said at all, follows from the smallest slope that the data could
show (MDC). One look says too much in a year of looks, so a trend is told only when a look 28 days earlier agrees.
"""

import math
from collections.abc import Iterator
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import polars as pl

from insights.science.sums import from_units, to_units

WINDOW_WEEKS = (8, 12, 16, 20, 26)
MINIMUM_ESTIMATES = 10
OLDEST_LAST_DAYS = 21  # a lift whose last estimate is older has no trend now
LOOKS_APART = timedelta(days=28)
SMALLEST_SIGMA = 1.5  # per cent: no lifter is steadier from day to day
MDC_FACTOR = 2.8  # 1.96 + 0.84: found with 80 % power at 5 % error
Z_TREND, Z_PLATEAU = 1.960, 1.645
DELTA_BEGINNER, DELTA = 1.0, 0.5  # per cent a week that would be progress (convention)
RISING, FALLING, PLATEAU, UNDECIDED = "rising", "falling", "plateau", "undecided"

_LIFT = ("user_id", "exercise_id")
_DAYS_PER_WEEK = 7
_SLOPES_AT_ONCE = 4_000_000  # bounds the memory of one batch of pairwise slopes

Floats = npt.NDArray[np.float64]


def trends(lift_days: pl.DataFrame, users: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """One row a lift with an estimate in the 26 weeks up to `as_of` and the last not older than 21 days.

    `lift_days` comes from `strength.lift_days`, `users` has user_id and training_experience. Columns:

    - user_id, exercise_id; first_day, last_day, estimates: of the window, or of 26 weeks where no trend is possible
    - delta; null where there are fewer than 10 estimates: window_weeks, mdc, slope, low, high (per cent a week; 95 %
      range), p (Mann-Kendall, two-sided), kind
    - earlier_kind: the kind 28 days before, null where none was possible; told: both agree, and not on undecided

    Sorted by user and lift.
    """
    experience = pl.col("training_experience").str.to_lowercase() == "beginner"
    deltas = users.select("user_id", delta=pl.when(experience).then(DELTA_BEGINNER).otherwise(DELTA))
    now = look(lift_days, deltas, as_of)
    earlier = look(lift_days, deltas, as_of - LOOKS_APART).select(*_LIFT, earlier_kind="kind")
    agree = (pl.col("kind") == pl.col("earlier_kind")) & (pl.col("kind") != UNDECIDED)
    return now.join(earlier, on=_LIFT, how="left").with_columns(told=agree.fill_null(value=False)).sort(_LIFT)


def look(lift_days: pl.DataFrame, deltas: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """One look on a day: the columns of `trends` up to kind. `deltas` has user_id and delta."""
    values = estimates(lift_days, as_of)
    lifts = _windows(values, deltas)
    chosen = (
        values.join(lifts.filter(pl.col("window_weeks").is_not_null()), on=_LIFT)
        .filter(pl.col("age_days") < _DAYS_PER_WEEK * pl.col("window_weeks"))
        .sort(*_LIFT, "day")
    )
    slopes = _slopes(chosen)
    in_window = slopes.select(*_LIFT, m="estimates", window_first="first_day")
    return (
        lifts.join(in_window, on=_LIFT, how="left")
        .with_columns(estimates=pl.coalesce("m", "estimates"), first_day=pl.coalesce("window_first", "first_day"))
        .drop("m", "window_first")
        .join(slopes.drop("estimates", "first_day"), on=_LIFT, how="left")
        .with_columns(kind=_kind())
        .drop("high_plateau")
        .sort(_LIFT)
    )


def mann_kendall_p(concordance: Floats, count: int) -> Floats:
    """Two-sided p of Kendall's S (rising less falling pairs) over `count` values, with continuity correction."""
    variance = count * (count - 1) * (2 * count + 5) / 18
    z = np.maximum(np.abs(concordance) - 1, 0) / math.sqrt(variance)
    return np.array([math.erfc(value / math.sqrt(2)) for value in z.tolist()])


def slope_range_ranks(count: int, z: float) -> tuple[int, int]:
    """The 1-based ranks (lower, upper) among the M pairwise slopes of `count` values that bound the slope's range."""
    pairs = count * (count - 1) // 2
    half_width = z * math.sqrt(count * (count - 1) * (2 * count + 5) / 18)
    k = math.ceil((pairs + half_width) / 2)
    return pairs - k, k + 1


def estimates(lift_days: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """The estimates of 26 weeks that count on a day: user_id, exercise_id, day, age_days, y. Sorted by lift and day."""
    last = as_of - timedelta(days=OLDEST_LAST_DAYS)
    day = pl.col("day")
    return (
        lift_days.lazy()
        .filter(day <= as_of)
        .filter(pl.col("segment") == pl.col("segment").max().over(_LIFT))
        .filter(day > as_of - timedelta(weeks=WINDOW_WEEKS[-1]), pl.col("estimated_1rm_kg") > 0, ~pl.col("deload"))
        .filter(day.max().over(_LIFT) >= last)
        .sort(*_LIFT, "day")
        .select(
            *_LIFT, "day", age_days=(pl.lit(as_of) - day).dt.total_days(), y=100.0 * pl.col("estimated_1rm_kg").log()
        )
        .collect()
    )


def median_slopes(values: pl.DataFrame) -> pl.DataFrame:
    """user_id, exercise_id, slope (per cent a week) of lifts with at least two of `estimates`."""
    several = values.filter(pl.len().over(_LIFT) > 1)
    return _slopes(several).select(*_LIFT, "slope")


def _windows(values: pl.DataFrame, deltas: pl.DataFrame) -> pl.DataFrame:
    """By lift: first_day, last_day and estimates of the 26 weeks, delta, and the chosen window_weeks with its mdc."""
    y = pl.col("y")
    bend = (y.shift(1) - 2 * y + y.shift(-1)).over(_LIFT)
    lifts = (
        values.with_columns(bend_units=to_units(bend.pow(2)))
        .group_by(_LIFT)
        .agg(
            pl.col("day").min().alias("first_day"),
            pl.col("day").max().alias("last_day"),
            pl.len().cast(pl.Int64).alias("estimates"),
            from_units(pl.col("bend_units").sum()).alias("bend_squares"),
            *(_window_sums(weeks) for weeks in WINDOW_WEEKS),
        )
        .join(deltas, on="user_id")
        .with_columns(sigma=_sigma())
        .with_columns(_mdc(weeks) for weeks in WINDOW_WEEKS)
    )
    # the shortest window that could show delta, else the longest that holds enough
    fine = [pl.when(pl.col(f"mdc_{w}") <= pl.col("delta")).then(w) for w in WINDOW_WEEKS]
    long = [pl.when(pl.col(f"mdc_{w}").is_not_null()).then(w) for w in reversed(WINDOW_WEEKS)]
    window = pl.coalesce(*fine, *long).cast(pl.Int32)
    mdc = pl.coalesce(pl.when(pl.col("window_weeks") == w).then(f"mdc_{w}") for w in WINDOW_WEEKS)
    return (
        lifts.with_columns(window_weeks=window)
        .with_columns(mdc=mdc)
        .select(*_LIFT, "first_day", "last_day", "estimates", "delta", "window_weeks", "mdc")
    )


def _window_sums(weeks: int) -> pl.Expr:
    age = pl.col("age_days").filter(pl.col("age_days") < _DAYS_PER_WEEK * weeks)
    return pl.struct(m=age.len().cast(pl.Int64), sum=age.sum(), squares=age.pow(2).sum()).alias(f"sums_{weeks}")


def _sigma() -> pl.Expr:
    """Day-to-day noise in per cent: the root mean square of second differences, which a steady trend leaves at zero."""
    mean_square = pl.col("bend_squares") / (pl.col("estimates") - 2)
    return pl.max_horizontal(pl.lit(SMALLEST_SIGMA), (mean_square / 6).sqrt())


def _mdc(weeks: int) -> pl.Expr:
    """Smallest slope (per cent a week) that a window could show; null with too few estimates."""
    sums = pl.col(f"sums_{weeks}").struct
    m, total, squares = sums.field("m"), sums.field("sum"), sums.field("squares")
    spread = (m * squares - total * total) / (m * _DAYS_PER_WEEK**2)
    mdc = pl.when(m >= MINIMUM_ESTIMATES).then(MDC_FACTOR * pl.col("sigma") / spread.sqrt())
    return mdc.alias(f"mdc_{weeks}")


def _slopes(values: pl.DataFrame) -> pl.DataFrame:
    """By lift: first_day, estimates, slope, low, high, high_plateau, p. `values` is sorted by lift and day."""
    lifts = values.group_by(_LIFT, maintain_order=True).agg(
        pl.col("day").first().alias("first_day"), estimates=pl.len()
    )
    counts = lifts["estimates"].to_numpy().astype(np.int64)
    starts = np.cumsum(counts) - counts
    days = -values["age_days"].to_numpy()
    y = values["y"].to_numpy()
    table = np.full((lifts.height, 5), np.nan)
    for count in np.unique(counts).tolist():
        for rows in _batches(np.flatnonzero(counts == count), count):
            cells = starts[rows, None] + np.arange(count)
            table[rows] = _slope_table(days[cells], y[cells])
    return lifts.with_columns(
        pl.col("estimates").cast(pl.Int64),
        *(
            pl.Series(name, table[:, i], dtype=pl.Float64).fill_nan(None)
            for i, name in enumerate(("slope", "low", "high", "high_plateau", "p"))
        ),
    )


def _batches(rows: npt.NDArray[np.int64], count: int) -> Iterator[npt.NDArray[np.int64]]:
    size = max(1, 2 * _SLOPES_AT_ONCE // (count * count))
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


def _slope_table(days: npt.NDArray[np.int64], y: Floats) -> Floats:
    """Rows of (slope, low, high, high for a plateau, p) for lifts with equally many values; NaN where out of rank."""
    count = y.shape[1]
    earlier, later = np.triu_indices(count, 1)
    rise, run = y[:, later] - y[:, earlier], days[:, later] - days[:, earlier]
    slopes = np.sort(_DAYS_PER_WEEK * rise / run, axis=1)
    low, high = slope_range_ranks(count, Z_TREND)
    concordance = (slopes > 0).sum(axis=1) - (slopes < 0).sum(axis=1)
    columns = (
        np.median(slopes, axis=1),
        _ranked(slopes, low),
        _ranked(slopes, high),
        _ranked(slopes, slope_range_ranks(count, Z_PLATEAU)[1]),
        mann_kendall_p(concordance.astype(np.float64), count),
    )
    return np.column_stack(columns)


def _ranked(slopes: Floats, rank: int) -> Floats:
    inside = 1 <= rank <= slopes.shape[1]
    return slopes[:, rank - 1] if inside else np.full(slopes.shape[0], np.nan)


def _kind() -> pl.Expr:
    decided = pl.col("low").is_not_null() & pl.col("high").is_not_null()
    flat = (pl.col("mdc") <= pl.col("delta")) & (pl.col("high_plateau") < pl.col("delta"))
    return (
        pl.when(pl.col("window_weeks").is_null())
        .then(None)
        .when(decided & (pl.col("low") > 0))
        .then(pl.lit(RISING))
        .when(decided & (pl.col("high") < 0))
        .then(pl.lit(FALLING))
        .when(decided & flat)
        .then(pl.lit(PLATEAU))
        .otherwise(pl.lit(UNDECIDED))
    )
