"""The trend rule once more, in loops over one lift's days, for the tests."""

from datetime import date, timedelta
from math import ceil, erfc, log, sqrt
from statistics import median
from typing import Any

Row = dict[str, Any]


def look(days: list[Row], as_of: date, delta: float) -> Row | None:
    days = sorted((d for d in days if d["day"] <= as_of), key=lambda d: d["day"])
    last_segment = max((d["segment"] for d in days), default=0)
    values = [
        (d["day"], 100 * log(d["estimated_1rm_kg"]))
        for d in days
        if d["segment"] == last_segment
        and d["estimated_1rm_kg"] is not None
        and d["estimated_1rm_kg"] > 0
        and not d["deload"]
        and d["day"] > as_of - timedelta(weeks=26)
    ]
    if not values or as_of - values[-1][0] > timedelta(days=21):
        return None
    found: Row = {"estimates": len(values), "kind": None, "window_weeks": None}
    found |= {"first_day": values[0][0], "last_day": values[-1][0]}
    if len(values) < 10:
        return found
    sigma = noise([y for _, y in values])
    windows = []
    for weeks in (8, 12, 16, 20, 26):
        inside = [(day, y) for day, y in values if day > as_of - timedelta(weeks=weeks)]
        if len(inside) >= 10:
            times = [day.toordinal() / 7 for day, _ in inside]
            mean = sum(times) / len(times)
            windows.append((weeks, 2.8 * sigma / sqrt(sum((t - mean) ** 2 for t in times)), inside))
    fine = [window for window in windows if window[1] <= delta]
    weeks, mdc, inside = fine[0] if fine else windows[-1]
    chosen = {"window_weeks": weeks, "mdc": mdc, "estimates": len(inside), "first_day": inside[0][0]}
    return found | chosen | decide(inside, mdc, delta)


def noise(y: list[float]) -> float:
    bends = [y[i - 1] - 2 * y[i] + y[i + 1] for i in range(1, len(y) - 1)]
    return max(1.5, sqrt(sum(b * b for b in bends) / len(bends)) / sqrt(6))


def decide(values: list[tuple[date, float]], mdc: float, delta: float) -> Row:
    m = len(values)
    pairs = [(a, b) for i, a in enumerate(values) for b in values[i + 1 :]]
    slopes = sorted((b[1] - a[1]) / ((b[0] - a[0]).days / 7) for a, b in pairs)
    bounds = {}
    for z in (1.960, 1.645):
        k = ceil((len(slopes) + z * sqrt(m * (m - 1) * (2 * m + 5) / 18)) / 2)
        bounds[z] = slopes[len(slopes) - k - 1], slopes[k]
    (low, high), kind = bounds[1.960], "undecided"
    if low > 0:
        kind = "rising"
    elif high < 0:
        kind = "falling"
    elif mdc <= delta and bounds[1.645][1] < delta:
        kind = "plateau"
    score = abs(sum(s > 0 for s in slopes) - sum(s < 0 for s in slopes))
    z = max(score - 1, 0) / sqrt(m * (m - 1) * (2 * m + 5) / 18)
    return {"slope": median(slopes), "low": low, "high": high, "kind": kind, "p": erfc(z / sqrt(2))}
