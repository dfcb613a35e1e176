"""The rollout flags as the checklist and `contract` see them."""

import re
from collections.abc import Iterable
from typing import Any

import psycopg

from insights.db.migrate import ledger, locks
from insights.db.migrate.files import Migration

TABLE = "rollout_flags"
_INSERT = re.compile(r"INSERT INTO rollout_flags[^;]*;")
_NAME = re.compile(r"\('(\w+)'\)")


def percentages(connection: psycopg.Connection[Any]) -> dict[str, int] | None:
    """Every flag with its share of users in per cent; None where the flags are not there."""
    if not ledger.scalar(connection, "table_exists", {"name": TABLE}):
        return None
    return dict(connection.execute(ledger.statement("rollout_flags")).fetchall())


def to_be_made(migrations: Iterable[Migration]) -> dict[str, int]:
    """The flags that pending migrations make: at 0 per cent, so that `up` itself moves no user."""
    text = "\n".join(step.sql for migration in migrations for step in migration.up)
    if TABLE not in locks.made(text, "table"):
        return {}
    return {name: 0 for insert in _INSERT.findall(text) for name in _NAME.findall(insert)}


def short_of_full(connection: psycopg.Connection[Any]) -> list[str]:
    """What keeps some users on the legacy tables; nothing where every flag is at 100 %."""
    flags = percentages(connection)
    if not flags:
        return ["there are none: `insights flags set` rolls reads and writes out first"]
    return [f"{name} is at {percent} %" for name, percent in flags.items() if percent < 100]
