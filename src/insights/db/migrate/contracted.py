"""The end of the road, looked back at: whether 06.03 has dropped the legacy tables; what needs them is refused."""

from datetime import datetime
from typing import Any

import psycopg

from insights.db.migrate import ledger
from insights.errors import BadInput

ID = "06.03"
TABLES = ("exercise_sets", "workout_exercises")  # children first


def when(connection: psycopg.Connection[Any]) -> tuple[datetime, str] | None:
    """When this database's legacy tables were dropped, and the folder of their rows; None while they stand."""
    if not ledger.scalar(connection, "table_exists", {"name": "insights_contracts"}):
        return None
    row = connection.execute(ledger.statement("read_contract"), {"id": ID}).fetchone()
    return (row[0], row[1]) if row else None


def refuse_after(connection: psycopg.Connection[Any]) -> None:
    """Refuse what needs the legacy tables.

    Raises:
        BadInput: they were dropped.
    """
    if gone := when(connection):
        at, folder = gone
        raise BadInput(
            f"the legacy tables were dropped on {at:%Y-%m-%d %H:%M} UTC, so nothing leads back",
            hint=f"Their rows are in {folder}; the named backup holds the rest.",
        )
