"""Users that the engine makes itself, for an imported or simulated log, and what goes with them."""

import re
from typing import Any, Literal
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

import psycopg

from insights import zones
from insights.db import queries
from insights.errors import BadInput

# The root of all ids of users and logs. Any constant does; it must never change.
NAMESPACE = UUID("6b1c7f0e-7d4f-5a35-9a2c-1f6d0c8f4e21")
LOCAL_PLAN = uuid5(NAMESPACE, "plan|local")
SYSTEMS = {"kg": "metric", "lb": "imperial", "metric": "metric", "imperial": "imperial"}
_E_MAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")

MadeBy = Literal["demo", "import", "simulate"]


def find_user(connection: psycopg.Connection[Any], user: str) -> UUID | None:
    """The user with this id or e-mail address, if there is one."""
    found = queries.rows(connection, "find_user", {"user": user.strip()})
    return found[0]["id"] if found else None


def ensure_user(
    connection: psycopg.Connection[Any],
    *,
    email: str,
    time_zone: str,
    units: str,
    made_by: MadeBy,
    name: str | None = None,
) -> UUID:
    """The user with this e-mail address; made if there is none, with preferences and a local pro subscription.

    `units` is how the user reads weights, "kg" or "lb". A user that exists keeps everything; only one that the engine
    made itself is given the subscription again if it is missing.

    Raises:
        BadInput: no e-mail address, no such time zone, or no such units.
    """
    if not _E_MAIL.fullmatch(email.strip()):
        raise BadInput(f"not an e-mail address: {email!r}")
    if units not in SYSTEMS:
        raise BadInput(f"no such units: {units!r}", hint="kg or lb.")
    zone(time_zone)
    user_id = find_user(connection, email)
    if user_id is None:
        address = email.strip().lower()
        user_id = uuid5(NAMESPACE, f"user|{address}")
        queries.run(
            connection,
            "import_user",
            {
                "id": user_id,
                "email": address,
                "name": name,
                "time_zone": time_zone,
                "units": SYSTEMS[units],
                "made_by": made_by,
            },
        )
    if made_by_engine(connection, user_id):
        keys = {
            "user_id": user_id,
            "plan_id": LOCAL_PLAN,
            "subscription_id": uuid5(NAMESPACE, f"subscription|{user_id}"),
        }
        queries.run(connection, "import_subscription", keys)
    return user_id


def made_by_engine(connection: psycopg.Connection[Any], user_id: UUID) -> bool:
    """Whether the engine made this user; an app's own users are not the engine's to change."""
    return bool(queries.rows(connection, "import_engine_user", {"user_id": user_id})[0]["ours"])


def zone(name: str) -> ZoneInfo:
    """A time zone by its IANA name.

    Raises:
        BadInput: there is none of this name.
    """
    if name not in zones.known():
        raise BadInput(f"no such time zone: {name!r}", hint="A name such as Europe/Berlin or UTC.")
    return zones.zone(name)


def keep_time_zone(connection: psycopg.Connection[Any], user_id: UUID, time_zone: str) -> bool:
    """Keep the zone of a log as its user's; not where an app's own user has another. Whether it was changed."""
    return queries.run(connection, "import_time_zone", {"user_id": user_id, "time_zone": time_zone}) > 0


def facts_of(connection: psycopg.Connection[Any], user_id: UUID) -> tuple[str, str | None]:
    """A user's e-mail address and time zone, None where no zone is known."""
    row = queries.rows(connection, "import_user_facts", {"user_id": user_id})[0]
    return row["email"], row["time_zone"] or None


def check_schema(connection: psycopg.Connection[Any]) -> None:
    """See that logs can be written.

    Raises:
        BadInput: the database lacks the tables.
    """
    if not queries.rows(connection, "import_ready")[0]["ready"]:
        raise BadInput("this database does not have the schema that a log is written to", hint="insights migrate up")
