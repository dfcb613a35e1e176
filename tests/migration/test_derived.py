from typing import Any

import psycopg
import pytest
from tests.migration import old_app

from insights.db import migrate, queries

USERS = "SELECT array_agg(id) FROM users"


@pytest.fixture
def live(empty_database: str) -> str:
    migrate.up(empty_database, "00.00")
    old_app.seed(empty_database, users=4, workouts=4, sessions=8, sets=40)
    old = "created_at = '2026-01-01Z', updated_at = '2026-01-01Z'"
    with psycopg.connect(empty_database) as connection:
        for table in ("workout_sessions", "exercise_sets"):
            connection.execute(f"UPDATE {table} SET {old}".encode())
    migrate.up(empty_database)
    return empty_database


def one(url: str, query: str) -> Any:
    with psycopg.connect(url) as connection:
        row = connection.execute(query.encode()).fetchone()
    return row[0] if row else None


def derive(url: str) -> tuple[int, int]:
    with psycopg.connect(url) as connection:
        users = {"user_ids": one(url, USERS)}
        done = queries.run(connection, "derive_performances", users)
        return done, queries.run(connection, "derive_session_context", users)


def test_the_backfill_fills_what_the_night_would(live: str) -> None:
    assert one(live, "SELECT count(*) FROM exercise_performances WHERE completed_sets IS NULL") == 0
    assert one(live, "SELECT count(*) FROM session_context WHERE time_of_day IS NULL") == 0
    assert derive(live) == (0, 0)


@pytest.mark.parametrize(
    ("change", "number"),
    [
        ("UPDATE exercise_performances SET total_reps = total_reps + 1", "04.03"),
        ("UPDATE exercise_performances SET total_volume_kg = NULL", "04.03"),
        ("UPDATE session_context SET time_of_day = '03:03'", "04.01"),
        ("UPDATE session_context SET days_since_last_workout = -1", "04.01"),
    ],
)
def test_verify_finds_what_is_not_as_defined_and_the_night_mends_it(live: str, change: str, number: str) -> None:
    with psycopg.connect(live) as connection:
        connection.execute(change.encode())
    assert {finding.id for finding in migrate.verify(live)} == {number}
    assert max(derive(live)) > 0
    assert migrate.verify(live) == []


def test_totals_by_hand(live: str) -> None:
    with psycopg.connect(live) as connection:
        (key,) = connection.execute("SELECT id FROM exercise_performances LIMIT 1").fetchone() or ()
        connection.execute("DELETE FROM set_executions WHERE exercise_performance_id = %s", (key,))
        for number, kind, weight, reps, rpe, rest, start, end in (
            (1, "warmup", 20, 10, 5, 60, "10:00:00", "10:00:30"),
            (2, "working", 100, 5, 8, None, "10:01:40", "10:02:10"),
            (3, "working", None, 5, None, None, "10:05:10", "10:05:40"),
            (4, "amrap", 80.25, 7, 9.5, None, None, None),
        ):
            connection.execute(
                "INSERT INTO set_executions (exercise_performance_id, set_number, set_type, weight_kg, reps_completed,"
                " rpe_value, rest_after_seconds, start_time, end_time) VALUES (%s, %s, %s, %s, %s, %s, %s,"
                " ('2026-01-05 ' || %s::text)::timestamptz, ('2026-01-05 ' || %s::text)::timestamptz)",
                (key, number, kind, weight, reps, rpe, rest, start, end),
            )
        totals = connection.execute(
            "SELECT completed_sets, total_volume_kg::text, total_reps, average_rpe::text,"
            " extract(epoch FROM end_time - start_time)::int, total_rest_seconds FROM performance_totals(%s)",
            (key,),
        ).fetchone()
    assert totals == (3, "1061.75", 17, "8.8", 340, 60 + 180)


@pytest.mark.parametrize("moment", ["infinity", "-infinity", "294276-12-31 23:59:59+00"])
def test_a_start_beyond_the_calendar_has_no_times_and_the_other_sessions_keep_theirs(live: str, moment: str) -> None:
    with psycopg.connect(live) as connection:
        connection.execute("UPDATE users SET tz = 'Asia/Kolkata'")
        (odd,) = (
            connection.execute(
                "UPDATE workout_sessions SET start_time = %s WHERE id = md5('ws4')::uuid RETURNING id", (moment,)
            ).fetchone()
            or ()
        )
    others = "SELECT jsonb_object_agg(id, days_since_last_workout) FROM session_context WHERE workout_session_id <> %s"
    derive(live)
    assert derive(live) == (0, 0)
    with psycopg.connect(live) as connection:
        row = "SELECT time_of_day, days_since_last_workout FROM session_context WHERE workout_session_id = %s"
        assert connection.execute(row, (odd,)).fetchall() == [(None, None)]
        with_it = connection.execute(others.encode(), (odd,)).fetchone()
        connection.execute("UPDATE workout_sessions SET status = 'NOT_STARTED' WHERE id = %s", (odd,))
    assert migrate.verify(live) == []
    derive(live)
    with psycopg.connect(live) as connection:
        assert connection.execute(others.encode(), (odd,)).fetchone() == with_it


def test_times_are_on_the_users_own_clock(live: str) -> None:
    zones = {"Asia/Kolkata": "05:30:00", "Mars/Olympus": "00:00:00", None: "00:00:00", "America/New_York": "19:00:00"}
    for zone, clock in zones.items():
        with psycopg.connect(live) as connection:
            connection.execute("UPDATE users SET tz = %s", (zone,))
            first = "FROM workout_sessions AS ws, session_times(ws) AS t ORDER BY ws.start_time, ws.id LIMIT 1"
            row = connection.execute(f"SELECT t.time_of_day::text, t.days_since_last_workout {first}".encode())
            assert row.fetchone() == (clock, None), zone
