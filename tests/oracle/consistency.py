"""Deload weeks, load and correlations once more, in loops, for the tests."""

from collections import defaultdict
from datetime import date, timedelta
from fractions import Fraction
from functools import cache
from math import floor, sqrt
from operator import mul
from statistics import StatisticsError, correlation, mean, median, variance
from typing import Any

from tests.oracle.volume import period_starts

Row = dict[str, Any]


def deload_week(hard_sets: dict[date, int], lift_days: list[tuple[date, bool]], monday: date) -> Row | None:
    if monday not in hard_sets:
        return None
    before = [hard_sets[week] for week in sorted(hard_sets) if timedelta(0) < monday - week <= timedelta(weeks=26)][-4:]
    baseline = Fraction(sum(before), len(before)) if len(before) >= 3 else None
    light = [deload for day, deload in lift_days if period_starts(day)["weekly"] == monday]
    deload = None if baseline is None else hard_sets[monday] <= Fraction(60, 100) * baseline
    if light and 2 * sum(light) >= len(light):
        deload = True
    share = Fraction(sum(light), len(light)) if light else None
    return {"weeks": len(before), "baseline": baseline, "lift_days": len(light), "share": share, "deload": deload}


def training_load(loads: dict[date, float], as_of: date) -> Row | None:
    """From the loads of all training days up to `as_of`, kilograms with two decimals."""
    known = {day: Fraction(round(100 * load), 100) for day, load in loads.items() if day <= as_of}
    days: list[Fraction] = [known.get(as_of - timedelta(days=age), Fraction(0)) for age in range(28)]
    if not any(day in known for day in (as_of - timedelta(days=age) for age in range(28))):
        return None
    week = days[:7]
    old = (as_of - min(known)).days >= 27
    monotony = None if len(set(week)) == 1 else float(mean(week)) / sqrt(variance(week))
    return {
        "days_of_week": sum((as_of - day).days < 7 for day in known),
        "days_of_month": sum((as_of - day).days < 28 for day in known),
        "monotony": monotony,
        "strain": None if monotony is None else float(sum(week, Fraction(0))) * monotony,
        "acwr": 4 * sum(week, Fraction(0)) / sum(days, Fraction(0)) if old and any(days) else None,
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


def spearman(one: list[Any], other: list[Any]) -> float | None:
    try:
        return correlation(ranks(one), ranks(other))
    except StatisticsError:
        return None


def ranks(values: list[Any]) -> list[float]:
    places = defaultdict(list)
    for place, value in enumerate(sorted(values), 1):
        places[value].append(place)
    middle = {value: mean(all_of_it) for value, all_of_it in places.items()}
    return [middle[value] for value in values]


def residuals(days: list[tuple[date, float]]) -> list[int]:
    """Sevenths of 10^-6 %, from 100 ln(kg) by day."""
    whole = [(day, floor(1e6 * y + 0.5)) for day, y in days]
    slopes = [7 * (b[1] - a[1]) / (b[0] - a[0]).days for i, a in enumerate(whole) for b in whole[i + 1 :]]
    slope = floor(median(slopes) + 0.5)
    return [7 * y - slope * (day - whole[0][0]).days for day, y in whole]


def mixed(counter: int) -> int:
    state = counter * 0x9E3779B97F4A7C15 % 2**64
    state = (state ^ state >> 30) * 0xBF58476D1CE4E5B9 % 2**64
    state = (state ^ state >> 27) * 0x94D049BB133111EB % 2**64
    return state ^ state >> 31


@cache
def order(number: int, places: int) -> tuple[int, ...]:
    if places % 64 == 0:
        return tuple(sorted(range(places), key=lambda place: (mixed(256 * number + place), place)))
    more = order(number, places + 64 - places % 64)  # shared by all of about that length
    return tuple([place for place in more if place < places])


def reached(one: list[Any], other: list[Any], wanted: int) -> int | None:
    """How many of the permutations are as far from no correlation; None where that is too many for p < 0.01."""
    x, y = ([int(2 * rank) for rank in ranks(values)] for values in (one, other))
    rest = sum(x) * sum(y)
    here = abs(len(x) * sum(map(mul, x, y)) - rest)
    count = 0
    for number in range(1, wanted):
        turned = [x[place] for place in order(number, len(x))]
        count += abs(len(x) * sum(map(mul, turned, y)) - rest) >= here
        if 100 * (1 + count) >= wanted:
            return None
    return count


def holm(p_values: list[Fraction]) -> list[Fraction]:
    adjusted, highest = [Fraction(0)] * len(p_values), Fraction(0)
    for place, index in enumerate(sorted(range(len(p_values)), key=lambda i: p_values[i])):
        highest = max(highest, min(Fraction(1), p_values[index] * (len(p_values) - place)))
        adjusted[index] = highest
    return adjusted
