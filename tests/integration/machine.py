"""A small app with a history, and what a night and a backfill leave of it: for the state machine of nights."""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid5

import adbc_driver_postgresql.dbapi as adbc
import polars as pl
import psycopg

from insights.db import changes, columns
from insights.db.connection import connect
from insights.pipeline import analytics, night

START = date(2025, 6, 1)
SPACE = UUID(int=7)
USERS = tuple(uuid5(SPACE, f"user {n}") for n in range(3))
LIFTS = ("bench press", "pull-up", "assisted dip", "band row", "deadlift")
TABLES = ("volume_analytics", "strength_progressions", "insight_data_points")
STATE = ("engine_states", "engine_lift_days", "engine_user_days", "engine_context_days", "engine_lift_bests")


LEAVE = (
    "DELETE FROM workout_sessions WHERE user_id = %s",
    "DELETE FROM workout_block_exercises WHERE workout_block_id IN"
    " (SELECT id FROM workout_blocks WHERE workout_id IN (SELECT id FROM workouts WHERE created_by_id = %s))",
    "DELETE FROM workouts WHERE created_by_id = %s",
    "DELETE FROM users WHERE id = %s",
)


def key(*parts: object) -> UUID:
    return uuid5(SPACE, "/".join(str(part) for part in parts))


@dataclass(frozen=True)
class Typed:
    """A set as somebody typed it."""

    lift: int
    weight: float | None
    reps: int | None
    rpe: float | None = None
    set_type: str = "working"


def seed(url: str, days: int) -> None:
    """Users who train every third or fourth day, in a rhythm with light days and slow progress."""
    with connect(url, autocommit=True) as connection:
        run(connection, "INSERT INTO exercise_categories (id, name) VALUES (%s, 'Strength')", key("category"))
        for place, name in enumerate(LIFTS):
            _seed_lift(connection, place, name)
        for number, user in enumerate(USERS):
            run(
                connection,
                "INSERT INTO users (id, email, username, tz, is_active, is_superuser, training_experience)"
                " VALUES (%s, %s, %s, %s, true, false, %s)",
                *(user, f"{number}@example.org", f"user{number}", ("UTC", "Europe/Berlin", "Asia/Tokyo")[number]),
                "beginner" if number else None,
            )
            day = key("w", user)
            run(connection, "INSERT INTO workouts (id, name, created_by_id) VALUES (%s, 'Day', %s)", day, user)
            run(
                connection,
                "INSERT INTO workout_blocks (id, workout_id, block_order, block_type) VALUES (%s, %s, 1, %s)",
                *(day, day, "straight_sets"),
            )
            for place in range(len(LIFTS)):
                run(
                    connection,
                    "INSERT INTO workout_block_exercises (id, workout_block_id, exercise_id, exercise_order)"
                    " VALUES (%s, %s, %s, %s)",
                    *(key("be", user, place), day, key("lift", place), place),
                )
            run(
                connection,
                "INSERT INTO user_body_weights (user_id, measured_on, weight_kg) VALUES (%s, %s, 80)",
                *(user, START - timedelta(days=200)),
            )
            for nth, ago in enumerate(range(days, 0, -4 + number % 2)):
                session(connection, user, START - timedelta(days=ago), _usual(number, nth))


def _seed_lift(connection: psycopg.Connection[Any], place: int, name: str) -> None:
    kind = ("free", "bodyweight", "assisted", "band", "free")[place]
    lift = key("lift", place)
    run(
        connection,
        "INSERT INTO exercise_catalog (id, name, category_id) VALUES (%s, %s, %s)",
        *(lift, name, key("category")),
    )
    run(
        connection,
        "INSERT INTO exercise_traits (exercise_id, load_kind, modality, bodyweight_share, is_deadlift)"
        " VALUES (%s, %s, 'strength', %s, %s)",
        *(lift, kind, 1 if kind == "bodyweight" else None, name == "deadlift"),
    )
    muscles = json.dumps({("pectorals", "latissimus", "triceps", "quadriceps", "hamstrings")[place]: 90})
    run(
        connection, "INSERT INTO exercise_biomechanics (exercise_id, primary_muscles) VALUES (%s, %s)", *(lift, muscles)
    )
    pattern = key("pattern", place)
    run(
        connection,
        "INSERT INTO movement_patterns (id, name) VALUES (%s, %s)",
        *(pattern, ("push", "pull", "vertical_push", "horizontal_pull", "hinge")[place]),
    )
    run(
        connection,
        "INSERT INTO exercise_movement_patterns (exercise_id, movement_pattern_id) VALUES (%s, %s)",
        *(lift, pattern),
    )


def _usual(number: int, nth: int) -> list[Typed]:
    chance = random.Random(1000 * number + nth)
    light = 0.7 if nth % 9 == 8 else 1.0
    weight = round((50 + nth * 0.1 + chance.choice((-2.5, 0, 0, 2.5))) * light / 2.5) * 2.5
    effort = None if nth % 5 else 8 + chance.choice((0, 0.5, 1))
    sets = [Typed(0, weight, chance.randint(3, 6), effort), Typed(0, weight - 5, 8)]
    if nth % 2:
        sets.append(Typed(1 + nth // 2 % 3, (5.0, 20.0, 10.0)[nth // 2 % 3], chance.randint(4, 10)))
    if nth % 6 == 0:
        sets.append(Typed(4, weight * 1.5, 3, 9))
    return sets


def run(connection: psycopg.Connection[Any], statement: str, *values: Any) -> int:
    return connection.execute(statement, values).rowcount  # type: ignore[arg-type]


def session(
    connection: psycopg.Connection[Any], user: UUID, day: date, sets: list[Typed], *, hour: int = 12, nth: int = 0
) -> None:
    """Log a session with its sets; the same again changes nothing but what its sets are."""
    this = key("session", user, day, nth)
    start = datetime.combine(day, time(hour), UTC)
    with connection.transaction():
        run(connection, "DELETE FROM workout_sessions WHERE id = %s", this)
        run(
            connection,
            "INSERT INTO workout_sessions (id, user_id, workout_id, status, start_time, end_time)"
            " VALUES (%s, %s, %s, 'COMPLETED', %s, %s)",
            *(this, user, key("w", user), start, start + timedelta(minutes=50)),
        )
        for place, typed in enumerate(sets):
            performed = key("performance", this, typed.lift)
            run(connection, PERFORMANCE, performed, this, key("be", user, typed.lift), typed.lift)
            run(
                connection,
                "INSERT INTO set_executions (id, exercise_performance_id, set_number, set_type, weight_kg,"
                " reps_completed, rpe_value, created_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
                *(
                    key("set", this, place),
                    performed,
                    place,
                    typed.set_type,
                    typed.weight,
                    typed.reps,
                    typed.rpe,
                    start,
                ),
            )


PERFORMANCE = (
    "INSERT INTO exercise_performances (id, workout_session_id, workout_block_exercise_id, performance_order)"
    " VALUES (%s, %s, %s, %s) ON CONFLICT (id) DO NOTHING"
)


def users(connection: psycopg.Connection[Any]) -> list[UUID]:
    return [user for (user,) in connection.execute("SELECT id FROM users ORDER BY id")]


def spend_night(url: str, as_of: date) -> None:
    with connect(url, autocommit=True) as connection:
        changes.resolve(connection)
        everybody = users(connection)
        changes.derive(connection, everybody)
    with columns.transaction(url) as cursor:
        night.bring_up(cursor, [user.bytes for user in everybody], as_of)


class _Enough(Exception):
    pass


def stored(url: str) -> dict[str, dict[bytes, str]]:
    """The live rows by table and id, without the moment that they were written."""
    with columns.transaction(url) as cursor:
        return _stored(cursor)


def _stored(cursor: adbc.Cursor) -> dict[str, dict[bytes, str]]:
    found = {}
    for table in TABLES:
        live = "WHERE superseded_at IS NULL" if table == "insight_data_points" else ""
        rows = columns.fetch(cursor, f"SELECT id, (to_jsonb(t) - 'created_at')::text AS row FROM {table} AS t {live}")
        found[table] = dict(rows.iter_rows())
    return found


def from_nothing(url: str, as_of: date) -> dict[str, dict[bytes, str]]:
    """What one backfill into empty tables would leave. Nothing is kept of it."""
    found: dict[str, dict[bytes, str]] = {}
    with connect(url) as connection:
        everybody = [user.bytes for user in users(connection)]
    try:
        with columns.transaction(url) as cursor:
            for table in (*TABLES, *STATE):
                cursor.execute(f"DELETE FROM {table}")
            analytics.rebuild(cursor, everybody, as_of)
            found = _stored(cursor)
            raise _Enough
    except _Enough:
        pass
    return found


def differences(url: str, as_of: date) -> Iterator[str]:
    left, wanted = stored(url), from_nothing(url, as_of)
    for table in TABLES:
        for row in left[table].keys() | wanted[table].keys():
            one, other = left[table].get(row), wanted[table].get(row)
            if one != other:
                yield f"{table}\n  the nights leave  {one}\n  a backfill leaves {other}"
    with connect(url) as connection:
        uncited = connection.execute(
            "SELECT d.id FROM insight_data_points AS d WHERE d.superseded_at IS NOT NULL"
            " AND NOT EXISTS (SELECT FROM user_insights AS i WHERE d.id = ANY (i.supporting_data_ids))"
        ).fetchall()
    for (point,) in uncited:
        yield f"insight_data_points {point} is superseded, and no insight cites it"


def remembered(url: str) -> pl.DataFrame:
    with columns.transaction(url) as cursor:
        return columns.fetch(cursor, "SELECT user_id, horizon, closed_through FROM engine_states ORDER BY user_id")
