"""Volume by day, ISO week and month of the user's own calendar: rows of volume_analytics.

Every sum is exact (see `sums`), so weeks and months are sums of days and never averages of averages, and the rows are
the same whatever the order of the sets. Sets are added up once, by lift, session and day; all else builds on that.
"""

import json
from datetime import date, timedelta

import dataframely as dy
import polars as pl

from insights import ids
from insights.frames import PERIODS, JudgedSets, Movements, Muscles, Volumes
from insights.science import attribution, periods, rounding, strength
from insights.science.periods import Period
from insights.science.reasons import COUNTED
from insights.science.sums import from_units, to_units

SHORTEST_SESSION = timedelta(minutes=5)  # a session's length outside these two is unknown (convention)
LONGEST_SESSION = timedelta(hours=6)
_PERIOD_TYPES: tuple[Period, ...] = ("daily", "weekly", "monthly")
_SUMMED = ("hard_sets", "volume", "reps")
_BY_PERIOD = ("user_id", "period_type", "calculation_date")
_PARTS = 2520  # the least number that 1 to 10 divide: work split over that many patterns stays a whole number
_MICROSECONDS_PER_HOUR = 3_600_000_000


def volumes(
    judged: dy.DataFrame[JudgedSets],
    lift_days: pl.DataFrame,
    muscles: dy.DataFrame[Muscles],
    movements: dy.DataFrame[Movements],
    as_of: date,
) -> dy.DataFrame[Volumes]:
    """One row a user, period type and period with a set counted for tonnage or as a hard set, on days up to `as_of`.

    `lift_days` comes from `strength.lift_days` and gives the 1RM known on each day. Numbers are unrounded but inside
    the two JSON columns (2 decimals, half away from zero). Rows are sorted by user, period type and date.
    """
    sessions = session_work(judged, as_of)
    lifts = lift_work(sessions)
    totals = _by_period(
        _day_totals(lifts, lift_days).join(_day_density(judged, sessions), on=["user_id", "day"], how="left")
    )
    muscle_json = _muscle_json(lifts, attribution.muscle_credits(muscles))
    movement_json = _movement_json(lifts, attribution.pattern_shares(movements))
    volume_kg, timed_hours = from_units(pl.col("volume")), pl.col("timed_us") / _MICROSECONDS_PER_HOUR
    rows = (
        totals.join(muscle_json, on=_BY_PERIOD)
        .join(movement_json, on=_BY_PERIOD)
        .with_columns(pl.col("period_type").cast(pl.Enum(PERIODS)))
        .sort(_BY_PERIOD)
        .select(
            "user_id",
            "calculation_date",
            "period_type",
            total_volume_kg=volume_kg,
            total_sets=pl.col("hard_sets").cast(pl.Int32),
            total_reps=pl.col("reps").cast(pl.Int32),
            average_intensity=_ratio(from_units(pl.col("intensity")), pl.col("intensity_reps")),
            intensity_reps=pl.col("intensity_reps").cast(pl.Int32),
            volume_by_muscle_group="muscle_json",
            volume_by_movement="movement_json",
            volume_per_hour=_ratio(from_units(pl.col("timed_volume")), timed_hours),
            sets_per_hour=_ratio(pl.col("timed_hard_sets"), timed_hours),
        )
    )
    key = [ids.text_words(pl.col("period_type").cast(pl.String))]
    return Volumes.validate(ids.with_ids(rows, "volume_analytics", user="user_id", day="calculation_date", key=key))


def session_work(judged: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Work by user, session, lift and day: hard_sets, volume (units of `sums`), reps, over the sets that count."""
    in_tonnage, is_hard = pl.col("tonnage") == COUNTED, pl.col("hard_set") == COUNTED
    volume = pl.when(in_tonnage).then(pl.col("load_kg").fill_null(0.0) * pl.col("tonnage_reps")).otherwise(0.0)
    return (
        judged.lazy()
        .filter(pl.col("day") <= as_of, in_tonnage | is_hard)
        .group_by("user_id", "session_id", "exercise_id", "day")
        .agg(
            hard_sets=is_hard.sum().cast(pl.Int64),
            volume=to_units(volume).sum(),
            reps=pl.when(in_tonnage).then("tonnage_reps").otherwise(0).sum().cast(pl.Int64),
        )
        .collect()
    )


def lift_work(sessions: pl.DataFrame) -> pl.DataFrame:
    """`session_work` by user, lift and day."""
    return sessions.group_by("user_id", "exercise_id", "day").agg(pl.col(_SUMMED).sum())


def muscle_work(lifts: pl.DataFrame, credits: pl.DataFrame) -> pl.DataFrame:
    """`lift_work` by user, day and muscle: direct and indirect (hard sets), volume_halves (half units of `sums`)."""
    direct = pl.col("halves") == 2
    return (
        lifts.join(credits, on="exercise_id")
        .group_by("user_id", "day", "name")
        .agg(
            direct=pl.when(direct).then("hard_sets").otherwise(0).sum(),
            indirect=pl.when(direct).then(0).otherwise("hard_sets").sum(),
            volume_halves=(pl.col("volume") * pl.col("halves")).sum(),
        )
    )


def movement_work(lifts: pl.DataFrame, shares: pl.DataFrame) -> pl.DataFrame:
    """`lift_work` by user, day and pattern: set_parts and volume_parts (2520ths of a hard set and of a unit)."""
    share = _PARTS // pl.col("patterns")
    return (
        lifts.join(shares, on="exercise_id")
        .group_by("user_id", "day", "name")
        .agg(set_parts=(pl.col("hard_sets") * share).sum(), volume_parts=(pl.col("volume") * share).sum())
    )


def unattributed_work(lifts: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Hard sets and volume by user and day of the lifts that `known` (credits or shares) does not hold; zeros too."""
    unknown = ~pl.col("exercise_id").is_in(known["exercise_id"].unique().implode())
    return lifts.group_by("user_id", "day").agg(
        hard_sets=pl.when(unknown).then("hard_sets").otherwise(0).sum(),
        volume=pl.when(unknown).then("volume").otherwise(0).sum(),
    )


def movement_sets(parts: pl.Expr) -> pl.Expr:
    """Hard sets from the 2520ths of `movement_work`."""
    return parts / _PARTS


def _day_totals(lifts: pl.DataFrame, lift_days: pl.DataFrame) -> pl.DataFrame:
    known = pl.col("known_1rm_kg")
    in_known = (known > 0).fill_null(value=False)
    # all sets of a lift and day meet the same known 1RM, so the day's volume load stands for its sets
    per_cent_reps = pl.when(in_known).then(100.0 * from_units(pl.col("volume")) / known).otherwise(0.0)
    return (
        _with_known_1rm(lifts, lift_days)
        .with_columns(intensity=to_units(per_cent_reps), intensity_reps=pl.when(in_known).then("reps").otherwise(0))
        .group_by("user_id", "day")
        .agg(pl.col(*_SUMMED, "intensity", "intensity_reps").sum())
    )


def _with_known_1rm(lifts: pl.DataFrame, lift_days: pl.DataFrame) -> pl.DataFrame:
    # most days stand in lift_days with their known 1RM; a day of nothing but, say, drop sets does not
    keys = ["user_id", "exercise_id", "day"]
    there = lifts.join(lift_days.select(*keys, "known_1rm_kg"), on=keys)
    missing = lifts.join(lift_days, on=keys, how="anti")
    return pl.concat([there, strength.known_on(lift_days, missing).select(there.columns)])


def _day_density(judged: pl.DataFrame, sessions: pl.DataFrame) -> pl.DataFrame:
    """By user and day, over the sessions of known length with a set that counts: timed_us, _volume, _hard_sets."""
    length = pl.col("ended") - pl.col("started")
    return (
        sessions.group_by("user_id", "session_id", "day")
        .agg(pl.col("hard_sets", "volume").sum())
        .join(_session_times(judged, sessions), on="session_id")
        .filter(length.is_between(SHORTEST_SESSION, LONGEST_SESSION))
        .group_by("user_id", "day")
        .agg(
            timed_us=length.dt.total_microseconds().sum(),
            timed_volume=pl.col("volume").sum(),
            timed_hard_sets=pl.col("hard_sets").sum(),
        )
    )


def _session_times(judged: pl.DataFrame, sessions: pl.DataFrame) -> pl.DataFrame:
    """session_id, started, ended: the session's own times, else its first set's start and its last set's end."""
    return (
        judged.lazy()
        .group_by("session_id")
        .agg(
            started=pl.coalesce(pl.col("session_start").min(), pl.col("start_time").min()),
            ended=pl.coalesce(pl.col("session_end").max(), pl.col("end_time").max()),
        )
        .join(sessions.lazy().select("session_id").unique(), on="session_id", how="semi")
        .collect()
    )


def _by_period(days: pl.DataFrame) -> pl.DataFrame:
    """Sums by user, period type and period; columns that are not keys are added up."""
    name = ["name"] if "name" in days.columns else []
    return pl.concat(
        days.with_columns(period_type=pl.lit(period), calculation_date=periods.first_day(pl.col("day"), period))
        .drop("day")
        .group_by(*_BY_PERIOD, *name)
        .sum()
        for period in _PERIOD_TYPES
    )


def _muscle_json(lifts: pl.DataFrame, credits: pl.DataFrame) -> pl.DataFrame:
    entry = pl.format(
        '{{"direct": {}, "hard_sets": {}, "indirect": {}, "volume_kg": {}}}',
        "direct",
        pl.col("direct") + pl.col("indirect") / 2,
        "indirect",
        rounding.stored(from_units(pl.col("volume_halves")) / 2, 2),
    )
    work = muscle_work(lifts, _with_json_keys(credits))
    return _json_objects(work, entry, unattributed_work(lifts, credits), "muscle_json")


def _movement_json(lifts: pl.DataFrame, shares: pl.DataFrame) -> pl.DataFrame:
    entry = pl.format(
        '{{"sets": {}, "volume_kg": {}}}',
        rounding.stored(movement_sets(pl.col("set_parts")), 2),
        rounding.stored(from_units(pl.col("volume_parts")) / _PARTS, 2),
    )
    work = movement_work(lifts, _with_json_keys(shares))
    return _json_objects(work, entry, unattributed_work(lifts, shares), "movement_json")


def _with_json_keys(entries: pl.DataFrame) -> pl.DataFrame:
    """The entries with their names as keys of a JSON object, an Enum in the order of the names: numbers sort faster."""
    names = sorted({*entries["name"], attribution.UNATTRIBUTED})
    keys = [json.dumps(name) for name in names]
    return entries.with_columns(name=pl.col("name").replace_strict(names, keys, return_dtype=pl.Enum(keys)))


def _json_objects(work: pl.DataFrame, entry: pl.Expr, unattributed: pl.DataFrame, column: str) -> pl.DataFrame:
    """A JSON object a user and period, keys sorted: an `entry` for each key of `work`, and the unattributed."""
    rest = pl.format('{{"sets": {}, "volume_kg": {}}}', "hard_sets", rounding.stored(from_units(pl.col("volume")), 2))
    key = [*_BY_PERIOD, "name"]
    unknown = pl.lit(json.dumps(attribution.UNATTRIBUTED), dtype=work.schema["name"])
    members = pl.concat(
        [
            _by_period(work).select(*key, value=entry),
            _by_period(unattributed).select(*_BY_PERIOD, name=unknown, value=rest),
        ]
    )
    return (
        members.sort("name")
        .group_by(_BY_PERIOD, maintain_order=True)
        .agg(pl.format("{}: {}", pl.col("name").cast(pl.String), "value").str.join(", ").alias(column))
        .with_columns(pl.format("{{{}}}", column).alias(column))
    )


def _ratio(numerator: pl.Expr, denominator: pl.Expr) -> pl.Expr:
    """The quotient, null where there is nothing to divide by."""
    return pl.when(denominator > 0).then(numerator / denominator)
