"""The chart of an insight as a Vega-Lite specification with its data inline, in the user's unit."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date, timedelta
from math import exp, log
from statistics import median
from typing import Any, Final

from insights.narrative.figures import POUND_KG
from insights.narrative.wanted import Chart, Wanted

SCHEMA: Final = "https://vega.github.io/schema/vega-lite/v6.json"

Row = Mapping[str, Any]
Spec = dict[str, Any]

_DAY_AXIS: Final[Spec] = {"format": "%-d %b", "tickCount": 6, "labelOverlap": True}
_DAY_LABELS: Final[dict[str, Spec]] = {
    period: {"labelExpr": f"utcFormat(toDate(datum.value), '{form}')", "labelAngle": 0, "labelOverlap": True}
    for period, form in (("week", "%-d %b"), ("month", "%b %y"))
}


def spec(wanted: Wanted, series: Sequence[Row]) -> Spec:
    """The chart that `wanted.chart` names, over rows of:

    - e1rm: day (date), estimate_kg - of `wanted.lift`
    - weekly: week (date of its Monday), hard_sets, tonnage_kg, sessions
    - monthly: month (date of its first day), hard_sets, tonnage_kg, sessions
    - muscles: muscle (the catalogue's word), weekly_hard_sets
    """
    return {
        "$schema": SCHEMA,
        "title": wanted.title,
        "width": "container",
        "height": 240,
        "usermeta": {"insight_key": wanted.insight_key},
        **_DRAWN[wanted.chart](wanted, series),
    }


def _e1rm(wanted: Wanted, series: Sequence[Row]) -> Spec:
    """Estimates as points, and the told trend as a line through their window."""
    words, units = wanted.voice.locale.chart, wanted.voice.units
    rows = [{"day": row["day"].isoformat(), "estimate": _weight(row["estimate_kg"], units)} for row in series]
    x = {"field": "day", "type": "temporal", "title": None, "axis": _DAY_AXIS}
    title = f"{words['estimate']} ({units})"
    y = {"field": "estimate", "type": "quantitative", "title": title, "scale": {"zero": False}}
    encoding = {"x": x, "y": y}
    layers: list[Spec] = [{"data": {"values": rows}, "mark": {"type": "point", "tooltip": True}, "encoding": encoding}]
    line = _trend_line(wanted, series)
    if line:
        layers.append({"data": {"values": line}, "mark": {"type": "line"}, "encoding": encoding})
    return {"layer": layers}


def _trend_line(wanted: Wanted, series: Sequence[Row]) -> list[dict[str, Any]]:
    """The ends of the Theil-Sen line: the told slope, through the median of what it leaves (Sen 1968)."""
    slope = next((f for c in wanted.claims for _, f in c.facts if f.data_type == "e1rm_trend_pct_week"), None)
    if slope is None or not any(claim.metric == "e1rm_trend" for claim in wanted.claims):
        return []
    start, end = slope.window_start, slope.window_end
    inside = [row for row in series if start <= row["day"] <= end and row["estimate_kg"] > 0]
    if not inside:
        return []
    rate = slope.value / 100
    base = median(log(row["estimate_kg"]) - rate * _weeks(start, row["day"]) for row in inside)
    return [
        {"day": day.isoformat(), "estimate": _weight(exp(base + rate * _weeks(start, day)), wanted.voice.units)}
        for day in (start, end)
    ]


def _weeks(start: date, day: date) -> float:
    return (day - start).days / 7


def _bars(period: str) -> Callable[[Wanted, Sequence[Row]], Spec]:
    """Hard sets or training days of each week or month, the period that is told in full colour."""

    def draw(wanted: Wanted, series: Sequence[Row]) -> Spec:
        words = wanted.voice.locale.chart
        field = "sessions" if wanted.insight_type == "consistency" else "hard_sets"
        start, end = wanted.period_start, wanted.period_end
        counts = {row[period]: row[field] for row in series}
        rows = [
            {period: day.isoformat(), field: counts.get(day, 0), "told": start <= day <= end}
            for day in _every(period, counts)
        ]
        return {
            "data": {"values": rows},
            "mark": {"type": "bar", "tooltip": True},
            "encoding": {
                "x": {"field": period, "type": "ordinal", "title": words[period], "axis": _DAY_LABELS[period]},
                "y": {"field": field, "type": "quantitative", "title": words[field]},
                "opacity": {
                    "field": "told",
                    "type": "nominal",
                    "legend": None,
                    "scale": {"domain": [True, False], "range": [1, 0.45]},
                },
            },
        }

    return draw


def _every(period: str, days: Collection[date]) -> Iterator[date]:
    """Each period from the first to the last: one without training has no row, and must not vanish from the axis."""
    if not days:
        return
    day, last = min(days), max(days)
    while day <= last:
        yield day
        day = day + timedelta(days=7) if period == "week" else (day.replace(day=1) + timedelta(days=31)).replace(day=1)


def _muscles(wanted: Wanted, series: Sequence[Row]) -> Spec:
    """Weekly hard sets by muscle, with the landmark as a rule where it is told."""
    voice = wanted.voice
    words = voice.locale.chart
    rows = [{"muscle": voice.locale.entity(row["muscle"]), "sets": row["weekly_hard_sets"]} for row in series]
    bars: Spec = {
        "data": {"values": rows},
        "mark": {"type": "bar", "tooltip": True},
        "encoding": {
            "y": {"field": "muscle", "type": "nominal", "sort": "-x", "title": words["muscle"]},
            "x": {
                "field": "sets",
                "type": "quantitative",
                "title": words["weekly_hard_sets"],
                "axis": {"tickCount": 6},
            },
        },
    }
    landmark = next((f for c in wanted.claims for r, f in c.facts if r == "landmark"), None)
    if landmark is None:
        return {"layer": [bars]}
    rule: Spec = {
        "data": {"values": [{"landmark": landmark.value}]},
        "mark": {"type": "rule", "strokeDash": [4, 4]},
        "encoding": {"x": {"field": "landmark", "type": "quantitative"}},
    }
    return {"layer": [bars, rule]}


def _weight(kg: float, units: str) -> float:
    """Kilograms in the user's unit, to a tenth, for drawing."""
    return round(kg / POUND_KG if units == "lb" else kg, 1)


_DRAWN: Final[dict[Chart, Callable[[Wanted, Sequence[Row]], Spec]]] = {
    "e1rm": _e1rm,
    "weekly": _bars("week"),
    "monthly": _bars("month"),
    "muscles": _muscles,
}
