"""What `insights demo` tells: one JSON object, or the insights readably."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.panel import Panel

from insights.cli.output import note
from insights.files import Log
from insights.pipeline.summary import Summary

NAMES_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Lifter:
    """One user of the demo with what the night has made of them."""

    user_id: UUID
    summary: Summary
    insights: list[dict[str, Any]]


def payload(lifters: list[Lifter], as_of: date, log: Log | None, out: Path, asked_model: bool) -> dict[str, Any]:
    """The plain values that `--json` prints, summed over the lifters."""

    def total(name: str) -> float:
        return float(round(sum(getattr(lifter.summary, name) for lifter in lifters), 2))

    def merged(name: str) -> dict[str, float]:
        sums: Counter[str] = Counter()
        for lifter in lifters:
            sums.update(getattr(lifter.summary, name))
        return {key: round(value, 2) for key, value in sorted(sums.items())}

    excluded: dict[str, dict[str, float]] = {}
    for lifter in lifters:
        for reason, of in lifter.summary.excluded_tonnage.items():
            into = excluded.setdefault(reason, {"sets": 0, "kg": 0.0})
            into["sets"] += of["sets"]
            into["kg"] = round(into["kg"] + of["kg"], 2)
    return {
        "as_of": as_of.isoformat(),
        "source": log.source if log else "simulated",
        "users": [str(lifter.user_id) for lifter in lifters],
        "sets": int(total("sets")),
        "sessions": int(total("sessions")),
        "rejected_rows": len(log.rejected) if log else 0,
        "logged_tonnage_kg": total("logged_tonnage_kg"),
        "logged_tonnage_by_month": merged("logged_tonnage_by_month"),
        "tonnage_kg": total("tonnage_kg"),
        "excluded_tonnage": excluded,
        "unmatched_sets": int(total("unmatched_sets")),
        "unmatched_exercises": merged("unmatched_exercises"),
        "narrator": "model" if asked_model else "rules",
        "insights": [_insight(lifter, row) for lifter in lifters for row in lifter.insights],
        "report": str(out.resolve()),
    }


def _insight(lifter: Lifter, row: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": str(row["id"]),
        "user_id": str(lifter.user_id),
        "insight_type": row["insight_type"],
        "insight_category": row["insight_category"],
        "title": row["title"],
        "description": row["description"],
        "confidence_score": row["confidence_score"],
        "supporting_data_ids": [str(data_point) for data_point in row["supporting_data_ids"]],
        "recommendations": row["recommendations"],
        "generator": row["generator"],
        "valid_until": row["valid_until"].isoformat() if row["valid_until"] else None,
    }


def show(console: Console, lifters: list[Lifter], told: dict[str, Any]) -> None:
    """Print each lifter's figures and insights; `told` is the payload."""
    for lifter in lifters:
        _show_summary(console, lifter.summary, told["as_of"])
        for row in lifter.insights:
            _show_insight(console, row)
        if not lifter.insights:
            console.print("  Nothing is worth telling: there is too little recent training for a finding.")
    if told["narrator"] == "rules":
        note("Told by rules. INSIGHTS_LLM_URL and INSIGHTS_LLM_MODEL name a model that shall word them instead.")
    console.print(f"\nReport: {told['report']}", soft_wrap=True)


def _show_summary(console: Console, summary: Summary, as_of: str) -> None:
    console.print(
        f"\n[bold]{summary.sets:,} sets in {summary.sessions:,} sessions[/], {summary.logged_tonnage_kg:,.2f} kg logged"
        f" without warm-ups, {summary.tonnage_kg:,.2f} kg counted{_body_weight(summary)}. As of {as_of}.",
        highlight=False,
        soft_wrap=True,
    )
    for reason, of in summary.excluded_tonnage.items():
        sets = "set" if of["sets"] == 1 else "sets"
        console.print(
            f"  not counted: {of['kg']:,.2f} kg in {of['sets']:,.0f} {sets} ({reason})", style="dim", highlight=False
        )
    if summary.unmatched_sets:
        names = escape(", ".join(list(summary.unmatched_exercises)[:NAMES_SHOWN]))
        console.print(
            f"  {summary.unmatched_sets:,} sets of lifts that the catalogue does not know: {names}",
            style="dim",
            highlight=False,
        )


def _body_weight(summary: Summary) -> str:
    """Why more may count than was typed: a push-up moves the lifter too."""
    excluded = sum(of["kg"] for of in summary.excluded_tonnage.values())
    return " (with the body weight moved)" if summary.tonnage_kg > summary.logged_tonnage_kg - excluded + 0.01 else ""


def _show_insight(console: Console, row: dict[str, Any]) -> None:
    count = len(row["supporting_data_ids"])
    foot = f"{row['insight_category']} · confidence {row['confidence_score']:.2f} · {count} data points"
    title = f"[bold]{escape(row['title'])}[/]"
    panel = Panel(escape(row["description"]), title=title, subtitle=foot, title_align="left", subtitle_align="right")
    console.print(Padding(panel, (1, 0, 0, 0)))
