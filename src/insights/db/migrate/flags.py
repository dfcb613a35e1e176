"""The rollout flags: how many of the users read and write the new tables.

The app asks the database, `rollout_enabled('read_new', user_id)`. The first user who writes through the new tables
needs the reverse triggers, which carry those writes back for the old readers: they are enabled before the flag is
raised.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import class_row

from insights.db.connection import connect
from insights.db.migrate import contracted, ledger
from insights.db.migrate.session import LOCK_TIMEOUT, session
from insights.errors import BadInput

WRITE = "write_new"
BACK = ("user_preferences", "workout_block_exercises", "set_protocols", "set_executions")  # have a reverse trigger
PATIENCE_S = 60.0


@dataclass(frozen=True, slots=True)
class Flag:
    """A flag: the users that it lets through, in per cent."""

    name: str
    percent: int
    updated_at: datetime


def flags(url: str) -> list[Flag]:
    """Every flag. Changes nothing.

    Raises:
        BadInput: the database has no flags yet.
        Unreachable: the server does not answer.
    """
    with connect(url) as connection:
        return _read(connection)


def set_flag(url: str, name: str, percent: int) -> Flag:
    """Let `percent` of the users through.

    Raises:
        BadInput: there is no such flag, that is no percentage, or there are no legacy tables to send users back to.
        Busy: others held the locks of a reverse trigger's table for too long.
        Unreachable: the server does not answer.
    """
    if not 0 <= percent <= 100:
        raise BadInput(f"{percent} is no percentage of users", hint="0 to 100.")
    with session(url, None, PATIENCE_S) as runner:
        contracted.refuse_after(runner.connection)
        known = [flag.name for flag in _read(runner.connection)]
        if name not in known:
            raise BadInput(f"there is no flag {name!r}", hint=f"There are {', '.join(known)}.")
        runner.set("lock_timeout", LOCK_TIMEOUT)
        if name == WRITE and percent > 0:
            for table in BACK:
                enable = sql.SQL("ALTER TABLE {} ENABLE TRIGGER insights_sync_back").format(sql.Identifier(table))
                runner.patiently(partial(runner.connection.execute, enable), f"flags, {table}", _nothing)
        runner.connection.execute(ledger.statement("set_flag"), {"name": name, "percent": percent})
        return next(flag for flag in _read(runner.connection) if flag.name == name)


def _read(connection: psycopg.Connection[Any]) -> list[Flag]:
    if not ledger.scalar(connection, "table_exists", {"name": "rollout_flags"}):
        raise BadInput("this database has no rollout flags yet", hint="`insights migrate up` makes them (04.04).")
    with connection.cursor(row_factory=class_row(Flag)) as cursor:
        return cursor.execute(ledger.statement("read_flags")).fetchall()


def _nothing() -> None:
    pass
