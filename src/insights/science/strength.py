"""Strength by lift and day: the day's estimate, deload days, trend segments, the known 1RM, and stored progressions."""

import dataframely as dy
import polars as pl

from insights import ids
from insights.frames import Exercises, JudgedSets, Progressions
from insights.science import one_rm, records, sums
from insights.science.reasons import COUNTED
from insights.science.sets import usable_rpe

KNOWN_DAYS = 84
KNOWN_ESTIMATES = 3
DELOAD_DAYS = 42
DELOAD_SHARE = 0.85
DELOAD_RPE = 9.0  # a day with such a set is hard, however light
JUMP = 0.20
JUMP_DAYS = 3

_TRACK = 10_000_000  # more days than the calendar has: keeps the windows of two tracks apart
_LIFT = ["user_id", "exercise_id"]
_COLUMNS = (
    "user_id", "exercise_id", "day",
    "estimated_1rm_kg", "estimation_method", "confidence_score", "base_weight_kg", "base_reps", "base_rpe", "sigma",
    "heaviest_kg", "volume_kg", "volume_pr", "weight_pr", "reps_pr", "deload", "jump", "segment", "known_1rm_kg",
    "previous_heaviest_kg", "previous_heaviest_day", "weight_record_reps",
    "reps_record_reps", "reps_record_weight_kg", "reps_record_previous_reps", "reps_record_previous_day",
    "previous_volume_kg", "previous_volume_day",
)  # fmt: skip


def lift_days(judged: dy.DataFrame[JudgedSets], exercises: dy.DataFrame[Exercises]) -> pl.DataFrame:
    """One row a user, lift and day with a set that counts for a 1RM or for records, sorted by those three.

    The whole history of every lift must be in `judged`: records, deload days and jumps look back and ahead in it.

    Columns (kilograms; null where there is none):

    - user_id, exercise_id (Binary), day (Date)
    - estimated_1rm_kg, estimation_method ("measured", "rpe", "brzycki", "epley"), confidence_score (0-1),
      base_weight_kg (the load, from which the estimate can be recomputed), base_reps (Int32, without assisted ones),
      base_rpe (where it is usable: 6 to 10 on the scale of ten), sigma (relative standard error): of the day's best
      set; null together (but for base_rpe)
    - heaviest_kg: the heaviest record-counted load; volume_kg: load x reps of the tonnage-counted sets, 0 if none
    - volume_pr, weight_pr, reps_pr, deload, jump (Bool); segment (Int32, from 0): the trend segment of the day, no
      number twice in a lift
    - known_1rm_kg: the known 1RM on that day, from days before
    - previous_heaviest_kg, previous_heaviest_day: the heaviest load of all earlier days, and the first day that had it
    - weight_record_reps (Int32): the most reps at that load, on rows with weight_pr
    - reps_record_reps (Int32), reps_record_weight_kg, reps_record_previous_reps (Int32), reps_record_previous_day: on
      rows with reps_pr; the weight of an assisted lift without body weight is minus its assistance
    - previous_volume_kg, previous_volume_day: the highest volume load of all earlier days, and the first day that had
      it

    The day's estimate is the highest of its sets; ties go to the lower sigma, then start_time (null last), set_number
    and set_id. A day is a deload day if its heaviest_kg is under 85 % of the highest of day - 42 to day - 1 and no hard
    set had an RPE of 9 or more or was an amrap. A jump is a day whose estimate, with those of the next two days, lies
    above 1.2 times the highest, or below 0.8 times the lowest, of the last up to three days before; only days with an
    estimate that are no deload days are asked. It starts a new segment, and is no record of any kind. Records, deload
    days and jumps compare only days of one track (see `records`), and the track with body weight is a segment of its
    own, after those of the track without.
    """
    sets = _counted_sets(judged, exercises)
    days = _with_bests(_days(sets), sets)
    days = _with_jumps(_with_deloads(days))
    days = _with_records(days, sets)
    days = days.filter(pl.col("row")).sort(*_LIFT, "day")
    return known_on(days, days).select(_COLUMNS)


def known_on(lift_days: pl.DataFrame, wanted: pl.DataFrame) -> pl.DataFrame:
    """`wanted` (user_id, exercise_id, day, any other columns) with known_1rm_kg (Float64, null where none is known).

    Known on a day: the median of the last up to 3 non-null, non-deload estimates of the 84 days before it (day - 84 to
    day - 1). Rows keep their order.
    """
    usable = (
        lift_days.filter(pl.col("estimated_1rm_kg").is_not_null() & ~pl.col("deload"))
        .select(*_LIFT, "day", pl.col("estimated_1rm_kg").alias("e0"))
        .sort(*_LIFT, "day")
    )
    same = [pl.all_horizontal(pl.col(c) == pl.col(c).shift(back) for c in _LIFT) for back in (1, 2)]
    usable = usable.with_columns(
        d0="day",
        **{f"e{back}": pl.when(same[back - 1]).then(pl.col("e0").shift(back)) for back in (1, 2)},
        **{f"d{back}": pl.when(same[back - 1]).then(pl.col("day").shift(back)) for back in (1, 2)},
    )
    found = (
        wanted.select(*_LIFT, "day")
        .with_row_index("place")
        .sort("day")
        .join_asof(usable.sort("day"), on="day", by=_LIFT, allow_exact_matches=False, check_sortedness=False)
        .sort("place")
    )
    first = pl.col("day") - pl.duration(days=KNOWN_DAYS)
    a, b, c = (pl.when(pl.col(f"d{back}") >= first).then(pl.col(f"e{back}")) for back in range(KNOWN_ESTIMATES))
    return wanted.with_columns(found.select(known_1rm_kg=_median(a, b, c)).to_series())


def _median(a: pl.Expr, b: pl.Expr, c: pl.Expr) -> pl.Expr:
    """The median of up to three values; c is null wherever b is, and b wherever a is."""
    of_three = pl.max_horizontal(pl.min_horizontal(a, b), pl.min_horizontal(pl.max_horizontal(a, b), c))
    return pl.when(c.is_not_null()).then(of_three).when(b.is_not_null()).then((a + b) * 0.5).otherwise(a)


def progressions(lift_days: pl.DataFrame) -> dy.DataFrame[Progressions]:
    """The rows of strength_progressions, one for each of `lift_days`, values unrounded, with deterministic ids."""
    rows = lift_days.rename({"day": "measurement_date"})
    key = ids.uuid_words("exercise_id")
    return Progressions.validate(
        ids.with_ids(rows, "strength_progressions", user="user_id", day="measurement_date", key=key)
    )


def _counted_sets(judged: dy.DataFrame[JudgedSets], exercises: dy.DataFrame[Exercises]) -> pl.DataFrame:
    """The sets that count for tonnage, a 1RM or records, each with its track and its 1RM."""
    traits = exercises.select("exercise_id", "load_kind", "is_deadlift")
    kind, load = pl.col("load_kind"), pl.col("load_kg")
    typed = pl.col("weight_kg").fill_null(0.0)
    effort = (pl.col("set_type") == "amrap") | (usable_rpe() >= DELOAD_RPE)
    assisted = pl.col("assisted_reps").fill_null(0).clip(lower_bound=0)
    columns = (
        judged.lazy()
        .filter(pl.any_horizontal(pl.col("tonnage", "one_rm", "records", "hard_set") == COUNTED))
        .join(traits.lazy(), on="exercise_id")
        .select(
            *_LIFT, "day", "start_time", "set_number", "set_id", "load_kg", "rir", "is_deadlift",
            rpe=usable_rpe(),
            reps=pl.col("reps_completed"),
            unassisted=pl.col("reps_completed") - assisted,
            with_body_weight=(kind == "bodyweight") & (load > typed) | (kind == "assisted") & load.is_not_null(),
            units=pl.when(pl.col("tonnage") == COUNTED).then(sums.to_units(load * pl.col("tonnage_reps"))),
            for_1rm=pl.col("one_rm") == COUNTED,
            for_records=pl.col("records") == COUNTED,
            effort=effort & (pl.col("hard_set") == COUNTED),
            reach=pl.when(kind == "band").then(typed).otherwise(pl.coalesce(load, -typed.abs())),
        )
        .collect()
    )  # fmt: skip
    lifts = columns.select(_LIFT).unique().sort(_LIFT).with_row_index("lift")
    with_body_weight = pl.col("with_body_weight").fill_null(False).any().over("lift", "day")
    estimate = one_rm.estimate("load_kg", "unassisted", "rir", "rpe")
    return columns.join(lifts, on=_LIFT).with_columns(
        track=pl.col("lift") * 2 + with_body_weight.cast(pl.UInt32),
        estimate=pl.when("for_1rm").then(estimate),
    )


def _days(sets: pl.DataFrame) -> pl.DataFrame:
    """One row a track and day with any counted set, sorted; `row` tells which ones become rows."""
    return (
        sets.group_by("track", "day")
        .agg(
            pl.col(*_LIFT).first(),
            heaviest_kg=pl.col("load_kg").filter(pl.col("for_records")).max(),
            units=pl.col("units").sum(),
            has_volume=pl.col("units").is_not_null().any(),
            effort=pl.col("effort").any(),
            row=(pl.col("for_1rm") | pl.col("for_records")).any(),
        )
        .with_columns(volume_kg=sums.from_units(pl.col("units")))
        .sort("track", "day")
    )


def _with_bests(days: pl.DataFrame, sets: pl.DataFrame) -> pl.DataFrame:
    """The days with their best set."""
    order = ["sigma", "start_time", "set_number", "set_id"]
    best = (
        sets.filter(pl.col("estimate").is_not_null())
        .filter(pl.col("estimate") == pl.col("estimate").max().over("track", "day"))
        .with_columns(sigma=one_rm.sigma("unassisted", "rir", "is_deadlift"))
        .sort("track", "day", *order, nulls_last=True)
        .unique(["track", "day"], keep="first", maintain_order=True)
        .select(
            "track", "day", "sigma",
            estimated_1rm_kg="estimate",
            estimation_method=one_rm.method("unassisted", "rir", "rpe"),
            confidence_score=one_rm.confidence("sigma"),
            base_weight_kg="load_kg",
            base_reps=pl.col("unassisted").cast(pl.Int32),
            base_rpe="rpe",
        )
    )  # fmt: skip
    return days.join(best, on=["track", "day"], how="left", maintain_order="left")


def _with_deloads(days: pl.DataFrame) -> pl.DataFrame:
    at = pl.col("track").cast(pl.Int64) * _TRACK + pl.col("day").to_physical().cast(pl.Int64)
    before = pl.col("heaviest_kg").rolling_max_by("at", f"{DELOAD_DAYS}i", closed="left")
    light = pl.col("heaviest_kg") < DELOAD_SHARE * before
    return days.with_columns(at=at).with_columns(deload=(light & ~pl.col("effort")).fill_null(False)).drop("at")


def _with_jumps(days: pl.DataFrame) -> pl.DataFrame:
    """The days with jump and segment."""
    asked = days.filter(pl.col("estimated_1rm_kg").is_not_null() & ~pl.col("deload"))

    def neighbour(offset: int) -> pl.Expr:
        same = pl.col("track") == pl.col("track").shift(offset)
        return pl.when(same).then(pl.col("estimated_1rm_kg").shift(offset))

    before = [neighbour(offset) for offset in (1, 2, 3)]
    lasting = [neighbour(-offset) for offset in range(JUMP_DAYS)]
    up = pl.min_horizontal(lasting) > (1 + JUMP) * pl.max_horizontal(before)
    down = pl.max_horizontal(lasting) < (1 - JUMP) * pl.min_horizontal(before)
    jumps = asked.select("track", "day", jump=(up | down).fill_null(False) & lasting[-1].is_not_null())
    joined = days.join(jumps, on=["track", "day"], how="left", maintain_order="left")
    jump = pl.col("jump").fill_null(False)
    # a track begins a segment too, so that no trend mixes days with body weight in the load and days without
    other_track = (pl.col("track") == pl.col("track").shift(1) + 1) & (pl.col("track") % 2 == 1)
    begins = (jump | other_track.fill_null(False)).cast(pl.Int32)
    return joined.with_columns(jump=jump, segment=begins.cum_sum().over(pl.col("track") // 2))


def _with_records(days: pl.DataFrame, sets: pl.DataFrame) -> pl.DataFrame:
    """The days with their record flags and what stood before."""
    for_records = sets.filter(pl.col("for_records"))
    reps = records.reps_records(for_records.select("track", "day", "reach", "reps"))
    at_top = for_records.join(days.select("track", "day", "heaviest_kg"), on=["track", "day"]).filter(
        pl.col("load_kg") == pl.col("heaviest_kg")
    )
    top_reps = at_top.group_by("track", "day").agg(weight_record_reps=pl.col("reps").max())
    days = days.with_columns(counted_volume=pl.when("has_volume").then("volume_kg"))
    days = records.best_before(days, "heaviest_kg", name="heaviest")
    days = records.best_before(days, "counted_volume", name="volume")
    volume_day = pl.col("has_volume").cast(pl.Int32).cum_sum().over("track")
    higher = (pl.col("counted_volume") > pl.col("previous_volume_kg")) & (volume_day >= records.VOLUME_FROM_DAY)
    heavier = pl.col("heaviest_kg") > pl.col("previous_heaviest_kg")
    days = (
        days.join(reps, on=["track", "day"], how="left", maintain_order="left")
        .join(top_reps, on=["track", "day"], how="left", maintain_order="left")
        .with_columns(
            volume_pr=(higher & ~pl.col("jump")).fill_null(False),
            weight_pr=(heavier & ~pl.col("jump")).fill_null(False),
            reps_pr=pl.col("reps_record_reps").is_not_null() & ~pl.col("jump"),
        )
    )
    told = [column for column in _COLUMNS if column.startswith("reps_record_")]
    return days.with_columns(
        *(pl.when("reps_pr").then(column).alias(column) for column in told),
        weight_record_reps=pl.when("weight_pr").then("weight_record_reps"),
    )
