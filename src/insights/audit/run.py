"""An audit: shard by shard of users, read under one snapshot, recomputed by DuckDB, and compared."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

import adbc_driver_postgresql.dbapi as adbc
import polars as pl

from insights import assets
from insights.audit.compare import KEYS, Difference, compare
from insights.audit.days import Audited, who
from insights.audit.recompute import recompute
from insights.db import columns
from insights.db.connection import connect
from insights.db.extract import extract
from insights.frames import PERIODS

SHARD_USERS = 100  # bounds the memory: the sets of so many users are in it at once
TABLES = tuple(KEYS)

Progress = Callable[[str, int, int], None]  # step, done, of


@dataclass(slots=True)
class Audit:
    """What an audit has looked at and found."""

    users: list[Audited] = field(default_factory=list)
    inactive: int = 0  # users passed over
    sets: int = 0
    rows: Counter[str] = field(default_factory=Counter)  # table -> rows compared
    differences: list[Difference] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether everything that is stored is what should be stored."""
        return not self.differences

    def days(self) -> dict[tuple[date | None, UUID | None], int]:
        """Users by the day that their rows are as of, and the run that says so."""
        return dict(Counter((user.as_of, user.run_id) for user in self.users))

    def as_json(self) -> dict[str, Any]:
        """Plain values, but for days, ids and decimals, which `str` writes."""
        return {
            "ok": self.ok,
            "users": len(self.users),
            "inactive_users": self.inactive,
            "sets": self.sets,
            "as_of": [{"as_of": day, "run_id": run, "users": users} for (day, run), users in self.days().items()],
            "rows": {table: self.rows[table] for table in TABLES},
            "differences": [difference.as_json() for difference in self.differences],
        }


def audit(
    url: str,
    *,
    user_id: UUID | None = None,
    as_of: date | None = None,
    shard_users: int = SHARD_USERS,
    progress: Progress = lambda *_: None,
) -> Audit:
    """Recompute every row of the three analytics tables from the stored sets and compare. Writes nothing.

    Without `as_of` each user's day is that of the newest run that covered the user.

    Raises:
        Unreachable: the database cannot be reached.
    """
    with connect(url) as connection:
        found = who(connection, user_id, as_of)
    report = Audit(users=list(found.users), inactive=found.inactive)
    for start in range(0, len(report.users), shard_users):
        shard = report.users[start : start + shard_users]
        _audit_shard(url, shard, report)
        progress("audit", start + len(shard), len(report.users))
    return report


def _audit_shard(url: str, users: Sequence[Audited], report: Audit) -> None:
    with columns.transaction(url) as cursor:
        data = extract(cursor, [user.user_id.bytes for user in users])
        stored = stored_rows(cursor)
    days = {user.user_id.bytes: user.as_of for user in users if user.as_of is not None}
    left_alone = {(user.user_id, name) for user in users for name in PERIODS if name not in user.periods}
    with recompute(data, days) as connection:
        for table in TABLES:
            rows, differences = compare(connection, table, stored[table])
            report.rows[table] += rows
            report.differences += [found for found in differences if _is_of_run(found, left_alone)]
    report.sets += data.sets.height


def _is_of_run(difference: Difference, left_alone: set[tuple[UUID, str]]) -> bool:
    """Whether a difference is in a row that the user's run wrote: volumes of some periods its job may leave alone."""
    if difference.table != "volume_analytics":
        return True
    return (difference.key["user_id"], difference.key["period_type"]) not in left_alone


def stored_rows(cursor: adbc.Cursor) -> dict[str, pl.DataFrame]:
    """What is stored of the shard whose users `extract` has left in the temporary table `shard_users`, by table."""
    return {table: columns.fetch(cursor, assets.text("sql", "audit", "stored", f"{table}.sql")) for table in TABLES}
