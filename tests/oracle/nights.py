"""A log in a database, a night over it, and the stored rows held against the oracle."""

from collections import Counter
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

import psycopg

from insights.db.catalogue import Resolver, load_catalogue, shipped
from insights.db.connection import connect
from insights.db.log_writer import ensure_user, write_log
from insights.files.reading import read_log
from insights.pipeline import job as jobs
from insights.pipeline import run as runs
from insights.simulate.store import Cohort, write_cohort
from tests.oracle import consistency, context, tables

NOW = datetime(2031, 6, 2, 3, 0, tzinfo=UTC)


def imported(url: str, path: Path, unit: Literal["auto", "kg", "lb"], time_zone: str = "UTC") -> UUID:
    """Write an export for a user of its own."""
    log = read_log(path, unit=unit, quarantine=True)
    with connect(url, autocommit=True) as connection:
        load_catalogue(connection, shipped())
        email = f"{path.stem}-{unit}@example.org"
        user = ensure_user(connection, email=email, time_zone=time_zone, units="kg", made_by="import")
        resolve = partial(Resolver(shipped()), connection, user)
        with connection.transaction():
            write_log(connection, user_id=user, source=log.source, sets=log.sets, time_zone=time_zone, resolve=resolve)
    return user


def simulated(url: str, cohort: Cohort) -> list[UUID]:
    """Write simulated lifters."""
    with connect(url, autocommit=True) as connection:
        return [UUID(user) for user in write_cohort(connection, cohort).users]


def described(url: str, users: list[UUID], as_of: date) -> None:
    """Log sleep, stress and energy of most sessions: sleep follows the best lift of the day, energy does so loosely."""
    with connect(url, autocommit=True) as connection:
        for user in users:
            days = tables.oracle_lift_days(url, user.bytes, as_of)
            lifts = Counter(row["exercise_id"] for row in days if row["estimated_1rm_kg"])
            favourite = lifts.most_common(1)[0][0] if lifts else None
            levels = context.usable([row for row in days if row["exercise_id"] == favourite], as_of) if lifts else []
            residual = dict(zip((day for day, _ in levels), consistency.residuals(levels), strict=True))
            middle = sorted(residual.values())[len(residual) // 2] if residual else 0
            for place, (session, day) in enumerate(sessions_of(connection, user)):
                good = (residual.get(day, middle) - middle) / 7e6  # per cent
                sleep = None if place % 11 == 5 else 99.9 if place % 41 == 7 else round(min(max(7 + good, 0), 20), 1)
                energy = None if place % 7 == 3 else min(max(3 + round(good / 2) + place % 3 - 1, 1), 5)
                connection.execute(_LOGGED, (session, sleep, place % 5 + 1 if place % 4 else None, energy))


_LOGGED = """
    INSERT INTO session_context (workout_session_id, sleep_hours, stress_level, energy_level) VALUES (%s, %s, %s, %s)
    ON CONFLICT (workout_session_id) DO UPDATE SET sleep_hours = excluded.sleep_hours,
        stress_level = excluded.stress_level, energy_level = excluded.energy_level"""


def sessions_of(connection: psycopg.Connection[Any], user: UUID) -> list[tuple[UUID, date]]:
    """The user's sessions with their local days, in the order of time."""
    query = """SELECT ws.id, (ws.start_time AT TIME ZONE coalesce(u.tz, 'UTC'))::date FROM workout_sessions AS ws
               JOIN users AS u ON u.id = ws.user_id WHERE ws.user_id = %s ORDER BY ws.start_time, ws.id"""
    return connection.execute(query, [user]).fetchall()


def night(url: str, as_of: date) -> runs.Report:
    """The analytics of a night; every user must pass."""
    report = runs.run(url, jobs.read("nightly").model_copy(update={"steps": ("analytics",)}), now=NOW, as_of=as_of)
    assert not report.failures, report.failures
    return report


def agreed(url: str, users: list[UUID], as_of: date) -> Counter[str]:
    """The stored rows of each table, all of which the oracle agrees with; AssertionError where one differs."""
    rows: Counter[str] = Counter()
    for user in users:
        stored = tables.stored(url, user.bytes)
        differences = tables.differences(stored, tables.derived(url, user.bytes, as_of))
        assert not differences, f"{len(differences)} rows differ for {user}:\n" + "\n".join(differences[:10])
        rows.update({table: len(keys) for table, keys in stored.items()})
    return rows
