"""The report: one HTML file with its charts inside, nothing fetched, readable without a network.

Charts are drawn here as SVG from Vega-Lite specifications; the page holds no script. Each is drawn twice, for wide and
for narrow screens, because a wide drawing shrunk to a phone has letters that nobody can read.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import altair as alt
import polars as pl
import vl_convert
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

KG_PER_LB = 0.45359237
# The place of every word is measured here, with the widths of Arial. So it must be shown in letters as wide: these
# families are, and every system knows one of them. In the system's own font long labels ran into the axis' title.
_FONT = "Arial, 'Liberation Sans', Helvetica, sans-serif"
_THEME = {
    "font": _FONT,
    "background": "transparent",
    "axis": {"labelColor": "#5b6472", "titleColor": "#5b6472", "gridColor": "#e6e8ec", "domainColor": "#c5cad3"},
    "view": {"stroke": None},
    "range": {"category": ["#2f5d8a", "#c8553d", "#588157", "#8e6c8a", "#d9a441", "#3d8e8e"]},
}

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Layout:
    """How wide charts are drawn, in pixels, and how many panels lie side by side."""

    name: str
    card: int  # a whole chart, its axis included, inside an insight's card
    plot: int  # the plotting area of a chart of its own
    panels: int


LAYOUTS = (Layout("wide", card=676, plot=650, panels=2), Layout("narrow", card=306, plot=280, panels=1))


@dataclass(frozen=True, slots=True)
class Contents:
    """What goes on the page. Weights in kg; `units` says how they are shown."""

    title: str
    as_of: date
    units: str
    insights: Sequence[Row]
    lifts: Sequence[Row]  # lift, day, estimate_kg, confidence
    weeks: Sequence[Row]  # week, tonnage_kg, hard_sets
    summary: Mapping[str, Any]
    verdicts_glossary: Mapping[str, str]


def render(contents: Contents) -> str:
    """The page as HTML."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html.j2").render(
        contents=contents,
        one_rm_chart=_drawn(lambda at: one_rm_chart(contents.lifts, contents.units, at)) if contents.lifts else None,
        volume_chart=_drawn(lambda at: volume_chart(contents.weeks, contents.units, at)) if contents.weeks else None,
        svg=lambda spec: _drawn(lambda at: _fitted(spec, at)),
        figure=_figure,
    )


def one_rm_chart(lifts: Sequence[Row], units: str, layout: Layout = LAYOUTS[0]) -> dict[str, Any]:
    """Estimated 1RM by day, one small panel a lift, each on its own scale."""
    frame = pl.DataFrame(
        {
            "lift": [row["lift"] for row in lifts],
            "day": [row["day"] for row in lifts],
            "estimate": [_shown(row["estimate_kg"], units) for row in lifts],
        }
    )
    order = frame["lift"].unique(maintain_order=True).to_list()
    panel = layout.plot // layout.panels - 30 * (layout.panels - 1)
    name = alt.Header(labelLimit=panel)
    base = alt.Chart(frame, width=panel, height=130).encode(
        x=alt.X("day:T", title=None, axis=alt.Axis(format="%b %y", tickCount=4, grid=False, labelOverlap=True)),
        y=alt.Y("estimate:Q", title=units, scale=alt.Scale(zero=False)),
    )
    layers = base.mark_point(size=12, filled=True, opacity=0.45) + base.transform_loess(
        "day", "estimate", bandwidth=0.4
    ).mark_line(strokeWidth=2)
    chart = layers.facet(
        facet=alt.Facet("lift:N", title=None, sort=order, header=name), columns=layout.panels
    ).resolve_scale(y="independent")
    return _spec(chart)


def volume_chart(weeks: Sequence[Row], units: str, layout: Layout = LAYOUTS[0]) -> dict[str, Any]:
    """Logged volume by week as bars, hard sets as a line below."""
    frame = pl.DataFrame(
        {
            "week": [row["week"] for row in weeks],
            "volume": [_shown(row["tonnage_kg"], units) for row in weeks],
            "hard_sets": [row["hard_sets"] for row in weeks],
        }
    )
    # A week without training has no row, and is none of average training.
    frame = frame.upsample("week", every="1w").fill_null(0)
    x = alt.X("week:T", title=None, axis=alt.Axis(format="%b %y", tickCount=layout.plot // 80, grid=False))
    bar = max(1.0, min(24.0, 0.7 * layout.plot / frame.height))
    volume = alt.Chart(frame, width=layout.plot, height=170).mark_bar(width=bar, color="#2f5d8a")
    hard_sets = alt.Chart(frame, width=layout.plot, height=90).mark_line(
        color="#c8553d", point={"size": 14, "color": "#c8553d"}
    )
    chart = alt.vconcat(
        volume.encode(x=x, y=alt.Y("volume:Q", title=f"logged volume, {units}", axis=alt.Axis(format="~s"))),
        hard_sets.encode(x=x, y=alt.Y("hard_sets:Q", title="hard sets")),
    )
    return _spec(chart)


def _spec(chart: alt.FacetChart | alt.VConcatChart) -> dict[str, Any]:
    spec: dict[str, Any] = json.loads(chart.to_json())
    return spec


def _fitted(spec: Mapping[str, Any], layout: Layout) -> Mapping[str, Any]:
    """An insight's own chart in the width of its card; the card's heading already says what its title says."""
    if "mark" not in spec and "layer" not in spec:
        return spec
    inside = {"type": "fit", "contains": "padding"}
    return {name: value for name, value in spec.items() if name != "title"} | {
        "width": layout.card,
        "height": 220,
        "autosize": inside,
    }


def _drawn(chart: Callable[[Layout], Mapping[str, Any]]) -> Markup:
    """A chart in every layout; the page's style shows the one that fits the screen."""
    return Markup("").join(
        Markup('<div class="{}">{}</div>').format(layout.name, _svg(chart(layout))) for layout in LAYOUTS
    )


@cache
def _vega_lite_version() -> str:
    return ".".join(alt.SCHEMA_VERSION.lstrip("v").split(".")[:2])


def _svg(spec: Mapping[str, Any]) -> Markup:
    """A chart as inline SVG."""
    themed = {**spec, "config": {**dict(spec.get("config", {})), **_THEME}}
    return Markup(vl_convert.vegalite_to_svg(themed, vl_version=_vega_lite_version()))  # noqa: S704 - made here


def _shown(kilograms: float, units: str) -> float:
    return kilograms / KG_PER_LB if units == "lb" else kilograms


def _figure(value: float) -> str:
    """A number for people: thousands apart, no empty decimals."""
    return f"{value:,.2f}".rstrip("0").rstrip(".")
