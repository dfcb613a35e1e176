"""Deload weeks, load and correlations once more, in loops, for the tests."""

from datetime import date, timedelta
from fractions import Fraction
from math import fsum
from statistics import StatisticsError, correlation, mean, median, stdev
from typing import Any

from tests.oracle.volume import period_starts

Row = dict[str, Any]


def deload_weeks(hard_sets: dict[date, int], lift_days: list[tuple[date, bool]]) -> dict[date, bool]:
    found, weeks = {}, sorted(hard_sets)
    for place, week in enumerate(weeks):
        before = [hard_sets[other] for other in weeks[:place]][-4:]
        few = len(before) >= 3 and hard_sets[week] <= Fraction(60, 100) * Fraction(sum(before), len(before))
        light = [deload for day, deload in lift_days if period_starts(day)["weekly"] == week]
        found[week] = few or (bool(light) and 2 * sum(light) >= len(light))
    return found


def training_load(loads: dict[date, float], as_of: date) -> Row:
    days = [loads.get(as_of - timedelta(days=age), 0.0) for age in range(28)]
    known = {day: load for day, load in loads.items() if day <= as_of}
    week: list[float] = days[:7]
    monotony = None if len(set(week)) == 1 else mean(week) / stdev(week)
    old = bool(known) and (as_of - min(known)).days >= 27
    return {
        "monotony": monotony,
        "strain": None if monotony is None else fsum(week) * monotony,
        "acwr": fsum(week) / (fsum(days) / 4) if old and fsum(days) else None,
    }


def consistency(days: set[date], as_of: date) -> Row | None:
    days = {day for day in days if day <= as_of}
    if not days:
        return None
    sunday = as_of
    while sunday.isoweekday() != 7:
        sunday -= timedelta(days=1)
    monday = period_starts(min(days))["weekly"]
    weeks = [sunday - timedelta(days=7 * back + 6) for back in range(8)]
    weeks = [week for week in weeks if week >= monday]
    inside = [day for day in days if weeks and weeks[-1] <= day <= sunday]
    return {
        "weeks": len(weeks),
        "window_start": weeks[-1] if weeks else None,
        "trained_weeks": len({period_starts(day)["weekly"] for day in inside}),
        "training_days": len(inside),
        "sessions_per_week": len(inside) / len(weeks) if weeks else None,
    }


def spearman(one: list[float], other: list[float]) -> float | None:
    try:
        return correlation(ranks(one), ranks(other))
    except StatisticsError:
        return None


def ranks(values: list[float]) -> list[float]:
    return [mean(place for place, other in enumerate(sorted(values), 1) if other == value) for value in values]


def residuals(days: list[tuple[date, float]]) -> list[float]:
    slopes = [(b[1] - a[1]) / (b[0] - a[0]).days for i, a in enumerate(days) for b in days[i + 1 :]]
    return [round(y - median(slopes) * (day - days[0][0]).days, 8) for day, y in days]


def holm(p_values: list[float]) -> list[float]:
    adjusted, highest = [0.0] * len(p_values), 0.0
    for place, index in enumerate(sorted(range(len(p_values)), key=lambda i: p_values[i])):
        highest = max(highest, min(1.0, p_values[index] * (len(p_values) - place)))
        adjusted[index] = highest
    return adjusted
