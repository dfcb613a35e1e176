"""What a user's log adds up to: logged and counted tonnage, and why sets do not count. Recomputed from the sets."""

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any
from uuid import UUID

import polars as pl

from insights.db import columns
from insights.db.extract import Extract, extract
from insights.science import days, sets


@dataclass(frozen=True, slots=True)
class Summary:
    """Totals of the sets of days up to a day. Tonnages in kg; logged = counted + excluded by reason, as typed."""

    sets: int
    sessions: int
    logged_tonnage_kg: float
    logged_tonnage_by_month: dict[str, float]
    tonnage_kg: float
    excluded_tonnage: dict[str, dict[str, float]]  # reason -> {"sets": n, "kg": x}
    verdicts: dict[str, dict[str, int]]  # use -> verdict -> sets
    unmatched_sets: int
    unmatched_exercises: dict[str, int]  # a lifter's own names -> sets

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


def summarise(url: str, user_id: UUID, as_of: date) -> Summary:
    """The summary of one user, read from the stored sets."""
    with columns.transaction(url) as cursor:
        data = extract(cursor, [user_id.bytes])
    return of(data, as_of)


def of(data: Extract, as_of: date) -> Summary:
    """The summary of a shard's sets. Pure."""
    known = days.until(data.sets, data.users, as_of)
    judged = sets.judge(known, data.users, data.exercises, data.body_weights)
    months = (
        judged.group_by(month=pl.col("day").dt.strftime("%Y-%m"))
        .agg(kg=pl.col("logged_kg").sum())
        .filter(pl.col("kg") != 0)
        .sort("month")
    )
    excluded = (
        judged.filter(pl.col("tonnage") != "counted", pl.col("logged_kg") != 0)
        .group_by(reason="tonnage")
        .agg(sets=pl.len(), kg=pl.col("logged_kg").sum())
        .sort("reason")
    )
    counted = judged.filter(pl.col("tonnage") == "counted")
    custom = (
        judged.join(data.exercises.filter("is_custom").select("exercise_id", "name"), on="exercise_id")
        .group_by("name")
        .len()
        .sort(["len", "name"], descending=[True, False])
    )
    verdicts: dict[str, dict[str, int]] = {}
    for use, verdict, count in sets.tally(judged).select("use", "verdict", "sets").iter_rows():
        verdicts.setdefault(use, {})[verdict] = count
    return Summary(
        sets=judged.height,
        sessions=judged["session_id"].n_unique(),
        logged_tonnage_kg=_kg(judged["logged_kg"].sum()),
        logged_tonnage_by_month={month: _kg(kg) for month, kg in months.iter_rows()},
        tonnage_kg=_kg((counted["load_kg"] * counted["tonnage_reps"]).sum()),
        excluded_tonnage={reason: {"sets": count, "kg": _kg(kg)} for reason, count, kg in excluded.iter_rows()},
        verdicts=verdicts,
        unmatched_sets=int(custom["len"].sum()),
        unmatched_exercises=dict(custom.iter_rows()),
    )


def _kg(value: Any) -> float:
    """Kilograms for people: sums of hundredths, without the binary dust."""
    return round(float(value), 2)
