"""Strength by lift and day: deload days, trend segments, the known 1RM, records, and stored progressions."""

from datetime import date

import dataframely as dy
import polars as pl

from insights import ids
from insights.frames import LiftBests, LiftDays, Progressions, validated
from insights.science import codes, one_rm, records, sums
from insights.science.runs import Runs
from insights.science.tracks import KNOWN_ESTIMATES, asked, deloads, jumps, reached, reps_marks, tracks, with_earlier

KNOWN_DAYS = 84

_LIFT = ["user_id", "exercise_id"]
_COLUMNS = (
    "user_id", "exercise_id", "day", "with_body_weight",
    "estimated_1rm_kg", "estimation_method", "confidence_score", "base_weight_kg", "base_reps", "base_rpe", "sigma",
    "heaviest_kg", "volume_kg", "volume_pr", "weight_pr", "reps_pr", "deload", "jump", "segment", "known_1rm_kg",
    "previous_heaviest_kg", "previous_heaviest_day", "weight_record_reps",
    "reps_record_reps", "reps_record_weight_kg", "reps_record_previous_reps", "reps_record_previous_day",
    "previous_volume_kg", "previous_volume_day", "checked_sets", "doubtful_sets",
)  # fmt: skip


def lift_days(facts: dy.DataFrame[LiftDays], bests: dy.DataFrame[LiftBests] | None = None) -> pl.DataFrame:
    """One row a user, lift and day with a set that counts for a 1RM or for records, sorted by those three.

    `facts` are all days of the lifts, or those that `history.fold` has kept, with the `bests` before them. With bests,
    deload, jump and all that is told of records hold for every day; known_1rm_kg for the days from the horizon on.

    Columns (kilograms; null where there is none):

    - user_id, exercise_id (Binary), day (Date), with_body_weight (Bool: the track)
    - estimated_1rm_kg, estimation_method ("measured", "rpe", "brzycki", "epley"), confidence_score (0-1),
      base_weight_kg (the load, from which the estimate can be recomputed), base_reps (Int32, without assisted ones),
      base_rpe (where it is usable: 6 to 10 on the scale of ten), sigma (relative standard error): of the day's best
      set; null together (but for base_rpe)
    - heaviest_kg: the heaviest record-counted load; volume_kg: load x reps of the tonnage-counted sets, 0 if none
    - volume_pr, weight_pr, reps_pr, deload, jump (Bool); segment (Int32): the trend segment of the day, rising, no
      number twice in a lift; null where it was over before the first of `facts`
    - known_1rm_kg: the known 1RM on that day, from days before
    - previous_heaviest_kg, previous_heaviest_day: the heaviest load of all earlier days, and the first day that had it
    - weight_record_reps (Int32): the most reps at that load, on rows with weight_pr
    - reps_record_reps (Int32), reps_record_weight_kg, reps_record_previous_reps (Int32), reps_record_previous_day: on
      rows with reps_pr; the weight of an assisted lift without body weight is minus its assistance
    - previous_volume_kg, previous_volume_day: the highest volume load of all earlier days, and the first day that had
      it
    - checked_sets, doubtful_sets (Int32): those of the day's facts

    The day's estimate is the highest of its sets (see `facts`). A day is a deload day if its heaviest_kg is under 85 %
    of the highest of day - 42 to day - 1 and no hard set had an RPE of 9 or more or was an amrap. A jump is a day whose
    estimate, with those of the next two days, lies above 1.2 times the highest, or below 0.8 times the lowest, of the
    last up to three days before; only days with an estimate that are no deload days are asked. It starts a new segment,
    and is no record of any kind. Records, deload days and jumps compare only days of one track (see `tracks`), and the
    track with body weight is a segment of its own, after those of the track without.
    """
    return told(known_days(facts, bests))


def told(days: pl.DataFrame, *, reached: bool = False) -> pl.DataFrame:
    """Those of `known_days` that have a row of strength_progressions, with the columns of `lift_days`.

    With `reached` only those whose row may have changed.
    """
    wanted = pl.col("told") & pl.col("reached") if reached else pl.col("told")
    return days.select_seq(*_COLUMNS, wanted=wanted).filter("wanted").drop("wanted")


def known_days(
    facts: dy.DataFrame[LiftDays],
    bests: dy.DataFrame[LiftBests] | None = None,
    changed: pl.DataFrame | None = None,
    recent: date | None = None,
) -> pl.DataFrame:
    """All days of `facts` with a set that counts for any use: the columns of `lift_days` and those of `facts`.

    `reached` says of each day whether the change of its lift can have changed what is told of it (see
    `tracks.reached`); `changed` (user_id, exercise_id, day; one row a lift) says from when on the facts of lifts are
    others than before, and null that of all. Reps records are told of the days that are reached, and those from
    `recent` on.
    """
    found = tracks(facts, LiftBests.create_empty() if bests is None else bests, changed)
    deload = deloads(found)
    estimates = asked(found, deload)
    is_reached = pl.lit(value=True).alias("reached") if changed is None else reached(found, estimates)
    days = found.days.with_columns_seq(deload, jumps(found, estimates), is_reached)
    days = _with_records(days.with_columns_seq(_segments(days, found.bests)), found.bests, recent)
    added = days.select_seq("place", pl.exclude("place", *found.facts.columns))
    added = (added if added["place"].is_sorted() else added.sort("place")).drop("place")
    whole = pl.concat([found.facts, added], how="horizontal")
    return whole.with_columns_seq(_known(found.facts, estimates), confidence_score=one_rm.confidence("sigma"))


def _segments(days: pl.DataFrame, bests: pl.DataFrame) -> pl.Series:
    """The trend segment of each day."""
    # a track begins a segment too, so that no trend mixes days with body weight in the load and days without
    other_track = (pl.col("track") == pl.col("track").shift(1) + 1) & (pl.col("track") % 2 == 1)
    begins = pl.col("jump") | other_track.fill_null(value=False)
    over = bests.filter("with_body_weight", "told")["lift"]
    is_over = (pl.col("track") % 2 == 0) & pl.col("lift").is_in(over.implode())
    marks = days.select_seq("lift", begins=begins.cast(pl.Int32), is_over=is_over)
    segment = Runs.of(marks["lift"]).running_total(marks["begins"])
    return marks.select_seq(segment=pl.when(~pl.col("is_over")).then(segment)).to_series()


def _known(days: pl.DataFrame, estimates: pl.DataFrame) -> pl.Series:
    """The known 1RM on each day: the median of the last up to 3 of `estimates`, of both tracks, of the 84 days before.

    `days` are sorted by lift and day, `estimates` come from `tracks.asked`.
    """
    of_lift = codes.slot(codes.key_of(pl.col("at")) // 2, codes.day_of(pl.col("at")))
    usable = estimates.select_seq("estimate", at=of_lift).sort("at")
    wanted = days.select_seq(at=codes.slot(pl.col("lift"), pl.col("day")))["at"]
    earlier = usable["at"].search_sorted(wanted, side="left").cast(pl.Int64)
    last = [_back(usable, wanted, earlier - back) for back in range(1, KNOWN_ESTIMATES + 1)]
    return pl.select(known_1rm_kg=_median(*map(pl.lit, last))).to_series()


def _back(usable: pl.DataFrame, wanted: pl.Series, place: pl.Series) -> pl.Series:
    """The estimates at these places, null where there is none or it is of another lift or too old."""
    found = usable.select_seq(pl.all().gather(place.set(place < 0, None)))
    return found.select_seq(pl.when(pl.col("at") >= wanted - KNOWN_DAYS).then("estimate")).to_series()


def _median(a: pl.Expr, b: pl.Expr, c: pl.Expr) -> pl.Expr:
    """The median of up to three values; c is null wherever b is, and b wherever a is."""
    of_three = pl.max_horizontal(pl.min_horizontal(a, b), pl.min_horizontal(pl.max_horizontal(a, b), c))
    return pl.when(c.is_not_null()).then(of_three).when(b.is_not_null()).then((a + b) * 0.5).otherwise(a)


def progressions(lift_days: pl.DataFrame) -> dy.DataFrame[Progressions]:
    """The rows of strength_progressions, one for each of `lift_days`, values unrounded, with deterministic ids."""
    rows = lift_days.rename({"day": "measurement_date"}).with_columns_seq(row_ids(lift_days))
    return validated(Progressions, rows.select_seq(Progressions.column_names()))


def row_ids(lift_days: pl.DataFrame) -> pl.Series:
    """The ids of the rows of strength_progressions of some user_id, exercise_id and day."""
    key = ids.uuid_words("exercise_id")
    days = lift_days.select_seq("user_id", "exercise_id", "day")
    return ids.with_ids(days, "strength_progressions", user="user_id", day="day", key=key)["id"]


def _with_records(days: pl.DataFrame, bests: pl.DataFrame, recent: date | None) -> pl.DataFrame:
    """The days, sorted by `at`, with their record flags and what stood before."""
    asked_of = None  # all
    if recent is not None:
        asked_of = days.filter(pl.col("reached") | (codes.day_of(pl.col("at")) >= recent))["at"]
    heaviest = _best_before(days, bests, "heaviest_kg", "heaviest_day")
    volume = _best_before(days, bests, "volume_ug", "volume_day")
    tracks = Runs.of(days["track"])
    own = (
        tracks.first(days["track"])
        .to_frame()
        .join(bests.select_seq("track", "volume_days"), on="track", how="left", maintain_order="left")
    )
    volume_day = tracks.running_total(days["volume_ug"].is_not_null().cast(pl.Int32)) + tracks.spread(
        own["volume_days"].fill_null(0)
    )
    higher = (days["volume_ug"] > volume["volume_ug"]) & (volume_day >= records.VOLUME_FROM_DAY)
    heavier = days["heaviest_kg"] > heaviest["heaviest_kg"]
    told = (
        days.lazy()
        .join(
            records.reps_records(reps_marks(days, bests), asked_of).lazy(), on="at", how="left", maintain_order="left"
        )
        .with_columns_seq(
            volume_kg=sums.from_micrograms(pl.col("volume_ug").fill_null(0)),
            previous_heaviest_kg=heaviest["heaviest_kg"],
            previous_heaviest_day=heaviest["day"],
            previous_volume_kg=sums.from_micrograms(pl.lit(volume["volume_ug"])),
            previous_volume_day=volume["day"],
            volume_pr=(pl.lit(higher) & ~pl.col("jump")).fill_null(value=False),
            weight_pr=(pl.lit(heavier) & ~pl.col("jump")).fill_null(value=False),
            reps_pr=pl.col("reps_record_reps").is_not_null() & ~pl.col("jump"),
        )
    )
    of_reps = [column for column in _COLUMNS if column.startswith("reps_record_")]
    return told.with_columns_seq(
        *(pl.when("reps_pr").then(column).alias(column) for column in of_reps),
        weight_record_reps=pl.when("weight_pr").then(pl.col("reach_reps").list.last()),
    ).collect(engine="in-memory")


def _best_before(days: pl.DataFrame, bests: pl.DataFrame, value: str, day: str) -> pl.DataFrame:
    marks = with_earlier(days.select_seq("at", value), bests.select_seq("track", value, day=day))
    return records.best_before(marks, value).filter(marks["own"])
