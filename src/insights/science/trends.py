"""The trend of a lift's day estimates, in per cent a week: rising, falling, plateau or undecided.

On y = 100 ln(estimate) against weeks, deload days left out, within the last trend segment. The slope is the median of
all pairwise slopes (Theil 1950, Sen 1968) and its range takes the ranks that Kendall's statistic gives (Sen 1968). How
long the window must be, and whether "no trend" may be said at all, follows from the smallest slope that the data could
show (MDC). One look says too much in a year of looks, so a trend is told only when a look 28 days earlier agrees.
"""

import math
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from functools import cache

import numpy as np
import numpy.typing as npt
import polars as pl

from insights.science.runs import Runs
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
_SLOPES = ("slope", "low", "high", "high_plateau", "p")
_OVER = -1  # the segment of days that were over before the first of the facts
_EPOCH = date(1970, 1, 1)

Days = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.intp]


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
    deltas = users.select_seq("user_id", delta=pl.when(experience).then(DELTA_BEGINNER).otherwise(DELTA))
    looks = _looks(lift_days, deltas, [as_of, as_of - LOOKS_APART])
    earlier = looks.lazy().filter(pl.col("look") == 1).select_seq("lift", earlier_kind="kind")
    agree = (pl.col("kind") == pl.col("earlier_kind")) & (pl.col("kind") != UNDECIDED)
    return (
        looks.lazy()
        .filter(pl.col("look") == 0)
        .join(earlier, on="lift", how="left", maintain_order="left")
        .with_columns_seq(told=agree.fill_null(value=False))
        .drop("look", "lift")
        .collect(engine="in-memory")
    )


def look(lift_days: pl.DataFrame, deltas: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """One look on a day: the columns of `trends` up to kind. `deltas` has user_id and delta."""
    return _looks(lift_days, deltas, [as_of]).drop("look", "lift")


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
    lift_days, of_lift = _in_order(lift_days)
    rows = _counted(lift_days, of_lift, as_of)
    return _values(lift_days, rows).with_columns_seq(age_days=(pl.lit(as_of) - pl.col("day")).dt.total_days())


def median_slopes(values: pl.DataFrame) -> pl.DataFrame:
    """user_id, exercise_id, slope (per cent a week) of lifts with at least two of `estimates`."""
    lifts = Runs.of_rows(values, *_LIFT)
    several = np.flatnonzero(lifts.lengths > 1)
    starts, counts = lifts.starts[several], lifts.lengths[several]
    slopes = _slopes(starts, counts, values["age_days"].to_numpy(), values["y"].to_numpy())
    return values.select_seq(_LIFT)[starts].with_columns_seq(slope=slopes[:, 0])


def _in_order(lift_days: pl.DataFrame) -> tuple[pl.DataFrame, Runs]:
    """The days sorted by lift and day, and the runs of a lift. Those of `strength.lift_days` are sorted already."""
    lifts = Runs.of_rows(lift_days, *_LIFT)
    first = lift_days.select_seq(_LIFT)[lifts.starts]
    back = np.flatnonzero(np.diff(lift_days["day"].to_physical().to_numpy()) < 0) + 1
    if first.equals(first.sort(_LIFT)) and np.isin(back, lifts.starts).all():
        return lift_days, lifts
    ordered = lift_days.sort(*_LIFT, "day")
    return ordered, Runs.of_rows(ordered, *_LIFT)


def _counted(lift_days: pl.DataFrame, lifts: Runs, as_of: date) -> Places:
    """The rows of `lift_days` that count on a day: those of its newest segment that a trend may rest on."""
    last = (as_of - _EPOCH).days
    day = lift_days["day"].to_physical().to_numpy()
    segment = lift_days["segment"].fill_null(_OVER).to_numpy()
    seen = np.where(day <= last, segment, _OVER)
    newest = lifts.spread(lifts.highest(pl.Series(seen))).to_numpy()
    usable = ((lift_days["estimated_1rm_kg"] > 0) & ~lift_days["deload"]).fill_null(value=False).to_numpy()
    recent = (day <= last) & (day > last - _DAYS_PER_WEEK * WINDOW_WEEKS[-1])
    rows = np.flatnonzero(recent & usable & (segment != _OVER) & (segment == newest))
    counted = Runs.of(pl.Series(np.searchsorted(lifts.starts, rows, side="right")))
    is_now = day[rows[counted.ends - 1]] >= last - OLDEST_LAST_DAYS
    return rows[np.repeat(is_now, counted.lengths)]


def _values(lift_days: pl.DataFrame, rows: Places) -> pl.DataFrame:
    y = 100.0 * pl.col("estimated_1rm_kg").log()
    return lift_days.select_seq(*_LIFT, "day", "estimated_1rm_kg")[rows].select_seq(*_LIFT, "day", y=y)


def _looks(lift_days: pl.DataFrame, deltas: pl.DataFrame, days: Sequence[date]) -> pl.DataFrame:
    """A look on each of some days: the columns of `look`, look (the place of the day) and lift (a number).

    Sorted by look, user and lift.
    """
    lift_days, of_lift = _in_order(lift_days)
    counted = [_counted(lift_days, of_lift, day) for day in days]
    rows = np.concatenate(counted)
    look = np.repeat(np.arange(len(days)), [len(places) for places in counted])
    lift = np.searchsorted(of_lift.starts, rows, side="right")
    runs = Runs.of(pl.Series(look * (of_lift.count + 1) + lift))
    values = _values(lift_days, rows)
    age = np.array([(day - _EPOCH).days for day in days])[look] - values["day"].to_physical().to_numpy()
    lifts = _windows(values, runs, age, deltas).with_columns_seq(
        look=pl.Series(look[runs.starts]), lift=pl.Series(lift[runs.starts])
    )
    in_window = lifts["estimates"].to_numpy()
    starts = runs.ends - in_window  # the window's estimates are the last
    several = lifts["window_weeks"].is_not_null().to_numpy()
    table = np.full((lifts.height, len(_SLOPES)), np.nan)
    table[several] = _slopes(starts[several], in_window[several], age, values["y"].to_numpy())
    return (
        lifts.with_columns_seq(
            values["day"][starts].alias("first_day"),
            *(pl.Series(name, table[:, place]).fill_nan(None) for place, name in enumerate(_SLOPES)),
        )
        .lazy()
        .filter(pl.col("delta").is_not_null())
        .with_columns_seq(kind=_kind())
        .drop("high_plateau")
        .collect(engine="in-memory")
    )


def _windows(values: pl.DataFrame, runs: Runs, age: Days, deltas: pl.DataFrame) -> pl.DataFrame:
    """By lift: last_day and delta, the chosen window_weeks with its mdc, and estimates: of the window, or all.

    delta is null for users that are not in `deltas`.
    """
    lifts = (
        pl.DataFrame(
            [
                *(runs.first(values[name]) for name in _LIFT),
                values["day"][runs.ends - 1].alias("last_day"),
                pl.Series("all_estimates", runs.lengths, dtype=pl.Int64),
                _bend_units(values, runs),
                *(column for weeks in WINDOW_WEEKS for column in _window_sums(runs, age, weeks)),
            ]
        )
        .lazy()
        .join(deltas.lazy(), on="user_id", how="left", maintain_order="left")
        .with_columns_seq(sigma=_sigma())
        .with_columns_seq(_mdc(weeks) for weeks in WINDOW_WEEKS)
    )
    return (
        lifts.with_columns_seq(window_weeks=_window_weeks())
        .select_seq(
            *_LIFT,
            "last_day",
            "delta",
            "window_weeks",
            mdc=_of_window("mdc"),
            estimates=pl.coalesce(_of_window("m"), "all_estimates"),
        )
        .collect(engine="in-memory")
    )


@cache
def _window_weeks() -> pl.Expr:
    """The shortest window that could show delta, else the longest that holds enough; null where none does."""
    fine = [pl.when(pl.col(f"mdc_{w}") <= pl.col("delta")).then(w) for w in WINDOW_WEEKS]
    long = [pl.when(pl.col(f"mdc_{w}").is_not_null()).then(w) for w in reversed(WINDOW_WEEKS)]
    return pl.coalesce(*fine, *long).cast(pl.Int32)


@cache
def _of_window(name: str) -> pl.Expr:
    """The column of that name of the chosen window."""
    return pl.coalesce(pl.when(pl.col("window_weeks") == w).then(f"{name}_{w}") for w in WINDOW_WEEKS)


def _bend_units(values: pl.DataFrame, runs: Runs) -> pl.Series:
    """The sum of the squares of the second differences of each run, in units."""
    y, run = pl.col("y"), pl.col("run")
    inner = (run == run.shift(1)) & (run == run.shift(-1))
    bend = y.shift(1) - 2 * y + y.shift(-1)
    return (
        values.lazy()
        .select_seq("y", run=runs.numbers)
        .select_seq("run", bend_units=to_units(pl.when(inner).then(bend.pow(2))))
        .group_by("run", maintain_order=True)
        .agg(pl.col("bend_units").sum())
        .collect(engine="in-memory")["bend_units"]
    )


def _window_sums(runs: Runs, age: Days, weeks: int) -> Iterator[pl.Series]:
    """Of each run, how many estimates a window holds, and the sums of their ages and of the squares of these."""
    inside = age < _DAYS_PER_WEEK * weeks
    for name, power in (("m", 0), ("sum", 1), ("squares", 2)):
        yield runs.total(pl.Series(f"{name}_{weeks}", inside * age**power))


@cache
def _sigma() -> pl.Expr:
    """Day-to-day noise in per cent: the root mean square of second differences, which a steady trend leaves at zero."""
    mean_square = from_units(pl.col("bend_units")) / (pl.col("all_estimates") - 2)
    return pl.max_horizontal(pl.lit(SMALLEST_SIGMA), (mean_square / 6).sqrt())


@cache
def _mdc(weeks: int) -> pl.Expr:
    """Smallest slope (per cent a week) that a window could show; null with too few estimates."""
    m, total, squares = (pl.col(f"{name}_{weeks}") for name in ("m", "sum", "squares"))
    spread = (m * squares - total * total) / (m * _DAYS_PER_WEEK**2)
    mdc = pl.when(m >= MINIMUM_ESTIMATES).then(MDC_FACTOR * pl.col("sigma") / spread.sqrt())
    return mdc.alias(f"mdc_{weeks}")


def _slopes(starts: Places, counts: Places, age: Days, y: Floats) -> Floats:
    """Rows of `_SLOPES`, of as many values from each start on as its count tells."""
    table = np.full((len(starts), len(_SLOPES)), np.nan)
    for count in np.unique(counts).tolist():
        for rows in _batches(np.flatnonzero(counts == count), count):
            cells = starts[rows, None] + np.arange(count)
            table[rows] = _slope_table(-age[cells], y[cells])
    return table


def _batches(rows: Places, count: int) -> Iterator[Places]:
    size = max(1, 2 * _SLOPES_AT_ONCE // (count * count))
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


def _slope_table(days: Days, y: Floats) -> Floats:
    """Rows of `_SLOPES` for lifts with equally many values; NaN where out of rank."""
    count = y.shape[1]
    earlier, later = np.triu_indices(count, 1)
    rise, run = y[:, later] - y[:, earlier], days[:, later] - days[:, earlier]
    slopes = np.sort(_DAYS_PER_WEEK * rise / run, axis=1)
    low, high = slope_range_ranks(count, Z_TREND)
    concordance = (slopes > 0).sum(axis=1) - (slopes < 0).sum(axis=1)
    columns = (
        _middle(slopes),
        _ranked(slopes, low),
        _ranked(slopes, high),
        _ranked(slopes, slope_range_ranks(count, Z_PLATEAU)[1]),
        mann_kendall_p(concordance.astype(np.float64), count),
    )
    return np.column_stack(columns)


def _middle(slopes: Floats) -> Floats:
    """The median of each row, which is sorted."""
    half = slopes.shape[1] // 2
    middle: Floats = slopes[:, half] if slopes.shape[1] % 2 else (slopes[:, half - 1] + slopes[:, half]) / 2
    return middle


def _ranked(slopes: Floats, rank: int) -> Floats:
    inside = 1 <= rank <= slopes.shape[1]
    return slopes[:, rank - 1] if inside else np.full(slopes.shape[0], np.nan)


@cache
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
