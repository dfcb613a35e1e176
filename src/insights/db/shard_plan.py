"""The plan of a run: whom it is about, cut into shards, a row of the ledger each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from insights.db import queries, state
from insights.db.ledger import Connection, Run

SETS_A_DAY = 25  # read for a change, about
SETS_A_PERFORMANCE = 4  # where nobody has counted them, about


@dataclass(frozen=True, slots=True)
class Selection:
    """Whom a run is about, and how they are cut into shards."""

    days: Mapping[str, date]  # time zone as the app stores it -> the last day of its users
    user_id: UUID | None
    since: date | None  # only users with a session from this day on
    until: date | None  # ... and up to this one
    in_days: bool  # no others than those; otherwise also users whose sets have changed
    from_changes: bool  # what is to be read are the changes, not all sets
    shard_users: int
    shard_sets: int | None  # None: only users are counted


def plan(connection: Connection, run: Run, selection: Selection) -> None:
    """Cut the users into shards, in a transaction of the caller's."""
    values = {
        "since": selection.since,
        "until": selection.until,
        "in_days": selection.in_days,
        "from_changes": selection.from_changes,
        "method": state.METHOD,
        "sets_a_day": SETS_A_DAY,
        "shard_sets": selection.shard_sets,
        "sets_a_performance": SETS_A_PERFORMANCE,
    }
    _plan(connection, run, selection, "plan_users", values)


def plan_files(connection: Connection, run: Run, selection: Selection, users: Sequence[tuple[UUID, int]]) -> None:
    """Cut the users of files, each with the number of its sets, likewise."""
    values = {"file_users": [user for user, _ in users], "file_sets": [sets for _, sets in users]}
    _plan(connection, run, selection, "plan_file_users", values)


def _plan(connection: Connection, run: Run, selection: Selection, choose: str, values: dict[str, Any]) -> None:
    queries.run(connection, "plan_begin")
    days = {"zones": list(selection.days), "days": list(selection.days.values())}
    queries.run(connection, choose, {**values, **days, "user_id": selection.user_id})
    limits = {"shard_users": selection.shard_users, "shard_sets": selection.shard_sets}
    queries.run(connection, "plan_shards", {"run_id": run.id, **limits})
