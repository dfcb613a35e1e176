"""What a report shows of one user."""

from datetime import date
from typing import Any
from uuid import UUID

import psycopg

from insights.db import queries
from insights.db.extract import POUND_WORDS

Connection = psycopg.Connection[Any]
LIFTS_SHOWN = 6


def user(connection: Connection, user_id: UUID) -> queries.Row:
    """Name, time zone and units ("kg" or "lb")."""
    row = queries.rows(connection, "report_user", {"user_id": user_id})[0]
    return {**row, "units": "lb" if row["units"] in POUND_WORDS else "kg"}


def insights(connection: Connection, user_id: UUID, as_of: date | None = None) -> list[queries.Row]:
    """The insights that stand; with `as_of`, those valid on that day."""
    return queries.rows(connection, "report_insights", {"user_id": user_id, "as_of": as_of})


def lifts(connection: Connection, user_id: UUID) -> list[queries.Row]:
    """Day estimates of the most trained lifts: lift, day, estimate_kg, confidence."""
    return queries.rows(connection, "report_lifts", {"user_id": user_id, "lifts": LIFTS_SHOWN})


def weeks(connection: Connection, user_id: UUID) -> list[queries.Row]:
    """Logged volume and hard sets by week."""
    return queries.rows(connection, "report_weeks", {"user_id": user_id})
