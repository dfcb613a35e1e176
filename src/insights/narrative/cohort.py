"""A cohort of drawn lifters, on whose facts a change of the prompts is tried: the same on every machine, without a log.

What is drawn are data points, as a night would leave them over some weeks; the figures are made up from a seed and mean
nothing. Nothing here is by chance: each draw is a hash of the seed, the lifter and what is drawn.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from insights.data_types import CATALOGUE
from insights.ids import word
from insights.narrative.facts import Fact, Lift
from insights.narrative.figures import Units

LIFTS: Final = tuple(
    Lift(UUID(int=word(f"cohort lift {name}")), name, movement, muscle)
    for name, movement, muscle in (
        ("Squat (Barbell)", "squat", "quadriceps"),
        ("Bench Press (Barbell)", "horizontal_push", "chest"),
        ("Deadlift (Barbell)", "hinge", "glutes"),
        ("Overhead Press (Barbell)", "vertical_push", "front_delts"),
        ("Cable 1-Arm Face Pull", "horizontal_pull", "rear_delts"),
        ("Lat Pulldown (Cable)", "vertical_pull", "lats"),
    )
)
_KINDS: Final = ("rising", "rising", "falling", "plateau", "plateau", "undecided", "few")
_MUSCLES: Final = ("chest", "lats", "quadriceps", "hamstrings", "biceps", "calves")
_INJURIES: Final[tuple[object, ...]] = (
    None,
    None,
    None,
    {"areas": []},
    {"areas": ["shoulder"]},
    {"areas": ["knee"]},
    {"old": True},
)


@dataclass(frozen=True, slots=True)
class Drawn:
    """One lifter of the cohort on a day: what is stored of them, and how they are spoken to."""

    index: int
    as_of: date
    units: Units
    injuries: object
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class _Lifter:
    seed: int
    index: int

    def share(self, *what: object) -> float:
        """A number from 0 to 1 for what is drawn."""
        return word(f"{self.seed}/{self.index}/{'/'.join(map(str, what))}") / 2.0**64

    def between(self, low: float, high: float, *what: object) -> float:
        return round(low + (high - low) * self.share(*what), 4)

    def point(
        self,
        data_type: str,
        value: float | str,
        start: date,
        end: date,
        *,
        lift: Lift | None = None,
        entity: str | None = None,
        measured: date | None = None,
        confidence: float | None = None,
    ) -> Fact:
        about = f"{data_type}/{lift.name if lift else entity}/{start}/{end}/{value}"
        return Fact(
            id=UUID(int=word(f"{self.seed}/{self.index}/{about}") << 32),
            data_type=data_type,
            unit=CATALOGUE[data_type].unit,
            window_start=start,
            window_end=end,
            measurement_date=measured or end,
            n=max(20, CATALOGUE[data_type].minimum_n),
            numeric_value=None if isinstance(value, str) else value,
            text_value=value if isinstance(value, str) else None,
            entity_id=lift.id if lift else None,
            entity=entity,
            confidence_score=confidence,
            calculation_method="drawn/1",
        )


def draw(lifters: int, *, weeks: int, seed: int, until: date) -> Iterator[list[Drawn]]:
    """Each lifter's weeks in order, the last one on the Monday after the Sunday on or before `until`."""
    monday = until - timedelta(days=until.weekday())
    for index in range(lifters):
        lifter = _Lifter(seed, index)
        units: Units = "lb" if lifter.share("units") < 0.3 else "kg"
        injuries = _INJURIES[int(lifter.share("injuries") * len(_INJURIES))]
        days = [monday - timedelta(weeks=weeks - 1 - i) for i in range(weeks)]
        yield [Drawn(index, day, units, injuries, tuple(_facts(lifter, day))) for day in days]


def _facts(lifter: _Lifter, as_of: date) -> Iterator[Fact]:
    yield from _week(lifter, as_of)
    yield from _month(lifter, as_of)
    yield from _balance(lifter, as_of)
    first = int(lifter.share("first lift") * len(LIFTS))
    for place in range(2 + int(lifter.share("lifts") * 3)):
        yield from _lift(lifter, LIFTS[(first + place) % len(LIFTS)], as_of)


def _week(lifter: _Lifter, as_of: date) -> Iterator[Fact]:
    start, end = as_of - timedelta(days=7), as_of - timedelta(days=1)
    before = start - timedelta(days=28), start - timedelta(days=1)
    usual = lifter.between(20, 120, "sets")
    light = lifter.share("deload", end) < 0.15
    sets = float(round(usual * (0.5 if light else lifter.between(0.75, 1.3, "sets", end))))
    load = lifter.between(90, 300, "load a set")
    yield lifter.point("weekly_hard_sets", sets, start, end)
    yield lifter.point("weekly_tonnage_kg", sets * load, start, end)
    yield lifter.point("weekly_sessions", float(1 + int(lifter.share("days", end) * 5)), start, end)
    if lifter.index % 20:
        yield lifter.point("weekly_hard_sets_usual", lifter.between(0.9, 1.1, "usual", end) * usual, *before)
        yield lifter.point("weekly_tonnage_usual_kg", usual * load * 1.02, *before)
        yield lifter.point("weekly_sessions_usual", lifter.between(2, 4.5, "usual days"), *before)
        yield lifter.point("deload_week", "deload" if light else "regular", start, end)
        yield lifter.point("deload_baseline_hard_sets", max(usual, sets), start, end)
        yield lifter.point("deload_days_share_pct", 60.0 if light else 10.0, start, end)
    monotony = lifter.between(0.8, 2.2, "monotony", end)
    yield lifter.point("weekly_monotony", monotony, start, end)
    yield lifter.point("weekly_strain_kg", sets * load * monotony, start, end)
    yield lifter.point("acute_chronic_ratio", lifter.between(0.6, 1.5, "ratio", end), end - timedelta(days=27), end)


def _month(lifter: _Lifter, as_of: date) -> Iterator[Fact]:
    end = as_of.replace(day=1) - timedelta(days=1)
    last, before = end.replace(day=1), (end.replace(day=1) - timedelta(days=1)).replace(day=1)
    values = [lifter.between(20_000, 300_000, "month", day) for day in (before, last)]
    for start, tonnage in zip((before, last), values, strict=True):
        finish = last - timedelta(days=1) if start == before else end
        yield lifter.point("monthly_hard_sets", float(round(tonnage / 700)), start, finish)
        yield lifter.point("monthly_tonnage_kg", tonnage, start, finish)
        yield lifter.point("monthly_sessions", float(4 + int(tonnage / 20_000)), start, finish)
    yield lifter.point("monthly_tonnage_change_pct", 100 * (values[1] / values[0] - 1), last, end)


def _balance(lifter: _Lifter, as_of: date) -> Iterator[Fact]:
    end = as_of - timedelta(days=1)
    four, eight = (end - timedelta(days=27), end), (end - timedelta(days=55), end)
    share = lifter.between(60, 100, "attributed") if lifter.share("known") < 0.1 else lifter.between(85, 100, "share")
    push, pull = (float(round(lifter.between(30, 90, side, end))) for side in ("push", "pull"))
    yield lifter.point("attributed_share", share, *four)
    yield lifter.point("push_hard_sets", push, *four, entity="push")
    yield lifter.point("pull_hard_sets", pull, *four, entity="pull")
    yield lifter.point("push_pull_ratio", push / pull, *four)
    yield lifter.point("landmark_weekly_hard_sets", 10.0, *four)
    for muscle in _MUSCLES:
        yield lifter.point("muscle_weekly_hard_sets", lifter.between(3, 18, muscle, end), *four, entity=muscle)
    trained = float(5 + int(lifter.share("trained", end) * 4))
    yield lifter.point("consistency_weeks", 8.0, *eight)
    yield lifter.point("trained_weeks", trained, *eight)
    yield lifter.point("sessions_per_week", lifter.between(1.5, 4.5, "mean", end), *eight)
    if lifter.share("plan") < 0.7:
        yield lifter.point("target_sessions_per_week", float(2 + int(lifter.share("target") * 4)), *eight)


def _lift(lifter: _Lifter, lift: Lift, as_of: date) -> Iterator[Fact]:
    kind = _KINDS[int(lifter.share("kind", lift.name) * len(_KINDS))]
    end = as_of - timedelta(days=1 + int(lifter.share("last", lift.name, as_of) * 5))
    start = end - timedelta(weeks=16)
    level = lifter.between(40, 200, "level", lift.name)
    if kind == "few":
        yield lifter.point("e1rm_estimates", 4.0, start, end, lift=lift)
    else:
        yield from _trend(lifter, lift, kind, start, end)
    confidence = lifter.between(0.12, 0.72, "confidence", lift.name)
    yield lifter.point("e1rm_latest_kg", level, end, end, lift=lift, confidence=confidence)
    yield lifter.point("e1rm_latest_confidence", confidence, end, end, lift=lift)
    if lifter.share("slept", lift.name) < 0.1:
        rho = lifter.between(0.35, 0.8, "rho", lift.name)
        yield lifter.point("e1rm_sleep_hours_rho", rho, start, end, lift=lift, confidence=0.99)
    if lifter.share("record", lift.name, as_of) < 0.3:
        yield from _record(lifter, lift, end, level)


def _trend(lifter: _Lifter, lift: Lift, kind: str, start: date, end: date) -> Iterator[Fact]:
    size = lifter.between(0.4, 2.5, "slope", lift.name)
    slope = {"rising": size, "falling": -size}.get(kind, 0.02)
    spread = size / 2 if kind in {"rising", "falling"} else 0.2
    yield lifter.point("e1rm_trend_kind", kind, start, end, lift=lift)
    yield lifter.point(
        "e1rm_trend_estimates", float(10 + int(lifter.share("n", lift.name) * 20)), start, end, lift=lift
    )
    yield lifter.point("e1rm_trend_mdc_pct_week", lifter.between(0.2, 0.9, "mdc", lift.name), start, end, lift=lift)
    if kind != "undecided":
        yield lifter.point("e1rm_trend_pct_week", slope, start, end, lift=lift, confidence=0.97)
        yield lifter.point("e1rm_trend_low_pct_week", slope - spread, start, end, lift=lift)
        yield lifter.point("e1rm_trend_high_pct_week", slope + spread, start, end, lift=lift)


def _record(lifter: _Lifter, lift: Lift, day: date, level: float) -> Iterator[Fact]:
    before = day - timedelta(days=20 + int(lifter.share("before", lift.name, day) * 300))
    weight, reps = round(level * 0.8 / 1.25) * 1.25, float(2 + int(lifter.share("reps", lift.name, day) * 10))
    if lifter.share("which", lift.name, day) < 0.5:
        yield lifter.point("weight_record_kg", weight, day, day, lift=lift)
        yield lifter.point("weight_record_reps", reps, day, day, lift=lift)
        yield lifter.point("weight_record_previous_kg", weight - 1.25, before, before, lift=lift, measured=day)
    else:
        yield lifter.point("reps_record_reps", reps, day, day, lift=lift)
        yield lifter.point("reps_record_weight_kg", weight, day, day, lift=lift)
        yield lifter.point("reps_record_previous_reps", reps - 1, before, before, lift=lift, measured=day)
