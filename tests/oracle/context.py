"""What goes along with a lift's days once more, in loops over the judged sets and lift days of one user."""

from collections import defaultdict
from datetime import date, timedelta
from fractions import Fraction
from math import log
from typing import Any

from tests.oracle.consistency import holm, reached, residuals, spearman

Row = dict[str, Any]
FACTORS = ("sleep_hours", "sleep_quality", "stress_level", "energy_level")


def by_day(judged: list[Row], contexts: list[Row]) -> dict[date, dict[str, Fraction]]:
    days = {row["session_id"]: row["day"] for row in judged if row["session_status"] != "NOT_STARTED"}
    logged: dict[tuple[date, str], list[Fraction]] = defaultdict(list)
    for row in contexts:
        for name in FACTORS:
            value = row[name]
            if row["session_id"] not in days or value is None or not (name != "sleep_hours" or 0 <= value <= 24):
                continue
            logged[days[row["session_id"]], name].append(Fraction(round(10 * value), 10))
    result: dict[date, dict[str, Fraction]] = defaultdict(dict)
    for (day, name), values in logged.items():
        result[day][name] = sum(values, Fraction(0)) / len(values)
    return result


def correlations(days: list[Row], context: dict[date, dict[str, Fraction]], as_of: date) -> list[Row]:
    """The pairs that are told, of the lift days of one user."""
    tried: list[Row] = []
    for exercise in sorted({row["exercise_id"] for row in days}):
        values = usable([row for row in days if row["exercise_id"] == exercise], as_of)
        if len(values) < 20:
            continue
        residual = dict(zip((day for day, _ in values), residuals(values), strict=True))
        for name in FACTORS:
            both = [day for day in residual if name in context.get(day, {})]
            one, other = [Fraction(residual[day]) for day in both], [context[day][name] for day in both]
            if len(both) >= 20 and len(set(one)) > 1 and len(set(other)) > 1:
                tried.append({"exercise_id": exercise, "factor": name, "days": both, "one": one, "other": other})
    wanted = max(10_000, 200 * len(tried))
    counts = [reached(row["one"], row["other"], wanted) for row in tried]
    adjusted = holm([Fraction(1) if count is None else Fraction(1 + count, wanted) for count in counts])
    rows = [row | {"p": p, "rho": spearman(row["one"], row["other"])} for row, p in zip(tried, adjusted, strict=True)]
    return [row for row in rows if row["p"] < Fraction(1, 100)]


def usable(days: list[Row], as_of: date) -> list[tuple[date, float]]:
    last = max(row["segment"] for row in days)
    found = [
        (row["day"], 100 * log(row["estimated_1rm_kg"]))
        for row in sorted(days, key=lambda row: row["day"])
        if row["segment"] == last and row["estimated_1rm_kg"] and not row["deload"]
    ]
    found = [(day, y) for day, y in found if as_of - timedelta(weeks=26) < day <= as_of]
    return found if found and as_of - found[-1][0] <= timedelta(days=21) else []
