"""Which day a user's stored rows are as of: the day of the newest run that covered the user."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import dict_row

from insights import assets
from insights.frames import PERIODS
from insights.zones import yesterday

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Audited:
    """A user to audit. Without a day no run has covered the user, and nothing should be stored."""

    user_id: UUID
    as_of: date | None
    run_id: UUID | None
    periods: tuple[str, ...] = PERIODS  # of volume_analytics, that the run wrote; rows of others it left as they were


@dataclass(frozen=True, slots=True)
class Who:
    """The users to audit, and how many are passed over: no run looks at them any more."""

    users: Sequence[Audited]
    inactive: int


def who(connection: psycopg.Connection[Any], user_id: UUID | None, as_of: date | None) -> Who:
    """All users with sessions or stored rows, or one of them, each with the day that the stored rows are as of.

    With `as_of` that day holds for everybody. Otherwise inactive users are passed over: nobody knows which run was the
    last to cover them.
    """
    users = _rows(connection, "users", {"user_id": user_id})
    if as_of is not None:
        return Who([Audited(user["id"], as_of, None) for user in users], 0)
    active = [user for user in users if user["is_active"]]
    runs = _rows(connection, "runs", {"user_id": user_id})
    failed = {(row["run_id"], row["user_id"]) for row in _rows(connection, "failures", {"user_id": user_id})}
    return Who([_audited(user, runs, failed) for user in active], len(users) - len(active))


def _rows(connection: psycopg.Connection[Any], name: str, parameters: Row) -> list[Row]:
    text = assets.text("sql", "audit", "stored", f"{name}.sql")
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(text, parameters).fetchall()


def _audited(user: Row, runs: Sequence[Row], failed: set[tuple[UUID, UUID]]) -> Audited:
    for run in runs:
        only = run["parameters"].get("user_id")
        covers = only in (None, str(user["id"])) and user["created_at"] <= run["started_at"]
        covers = covers and (run["covered"] is None or user["id"] in run["covered"])
        if covers and (run["id"], user["id"]) not in failed:
            job = run["parameters"].get("job") or {}
            periods = tuple(job.get("period_types", PERIODS))
            return Audited(user["id"], _day(run, user["time_zone"]), run["id"], periods)
    return Audited(user["id"], None, None)


def _day(run: Row, time_zone: str) -> date:
    """The day that a run was told to end with, else the user's yesterday at its start."""
    parameters = run["parameters"]
    if parameters.get("as_of"):
        return date.fromisoformat(parameters["as_of"])
    now = datetime.fromisoformat(parameters["now"]) if parameters.get("now") else run["started_at"]
    last: date = run["as_of"]
    return min(yesterday(now, time_zone), last)
