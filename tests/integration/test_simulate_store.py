from datetime import date
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from insights.db.connection import connect
from insights.errors import BadInput
from insights.simulate import simulate
from insights.simulate.store import Cohort, Written, write_cohort

UNTIL = date(2025, 9, 14)
COHORT = Cohort(lifters=3, weeks=8, seed=5, until=UNTIL, ugliness=1.0)
WRITTEN_TABLES = (
    "users", "engine_users", "user_preferences", "subscriptions", "exercise_catalog", "exercise_traits", "workouts",
    "workout_sessions", "exercise_performances", "set_executions", "imported_sets", "user_body_weights",
)  # fmt: skip


def write(url: str, cohort: Cohort = COHORT) -> Written:
    with connect(url, autocommit=True) as connection:
        return write_cohort(connection, cohort)


def content(url: str) -> dict[str, list[Any]]:
    # ctid and xmin tell a row that was rewritten from one that was left alone
    with psycopg.connect(url) as connection:
        return {
            table: connection.execute(f"SELECT ctid::text, xmin::text, t.* FROM {table} t ORDER BY ctid").fetchall()
            for table in WRITTEN_TABLES
        }


def select(url: str, statement: str) -> list[dict[str, Any]]:
    with psycopg.connect(url, row_factory=dict_row) as connection:
        return connection.execute(statement).fetchall()


def test_what_is_simulated_is_in_the_schema(database: str) -> None:
    written = write(database)
    lifters = list(simulate(3, weeks=8, seed=5, until=UNTIL, ugliness=1.0))
    assert written.sets == written.sets_added == sum(one.sets.height for one in lifters)
    users = select(database, "SELECT * FROM users JOIN engine_users ON user_id = id ORDER BY email")
    assert [str(user["id"]) for user in users] == written.users
    for user, one in zip(users, lifters, strict=True):
        assert user["made_by"] == "simulate"
        assert (user["email"], user["tz"]) == (one.email, one.time_zone)
        assert user["units"] == {"kg": "metric", "lb": "imperial"}[one.units]
        facts = (one.training_experience, one.training_frequency)
        assert (user["training_experience"], user["training_frequency"]) == facts
        stored = select(
            database,
            f"""SELECT count(*) AS sets, count(*) FILTER (WHERE set_type = 'amrap') AS amraps,
                   round(sum(weight_kg * reps_completed)::numeric, 0) AS kg, min(w.start_time AT TIME ZONE tz) AS first
                FROM set_executions s JOIN exercise_performances p ON p.id = exercise_performance_id
                JOIN workout_sessions w ON w.id = workout_session_id JOIN users u ON u.id = w.user_id
                WHERE u.id = '{user["id"]}'
                GROUP BY u.id""",
        )[0]
        assert stored["sets"] == one.sets.height
        assert stored["amraps"] == (one.sets["set_type"] == "amrap").sum()
        assert float(stored["kg"]) == pytest.approx((one.sets["weight_kg"] * one.sets["reps"]).sum(), rel=1e-4)
        assert stored["first"] == one.sets["session_start"].min()
        weights = select(
            database,
            f"SELECT measured_on, weight_kg::float8 FROM user_body_weights WHERE user_id = '{user['id']}' ORDER BY 1",
        )
        assert [tuple(row.values()) for row in weights] == one.body_weights.sort("measured_on").rows()


def test_the_same_call_twice_changes_nothing(database: str) -> None:
    write(database)
    before = content(database)
    again = write(database)
    assert content(database) == before
    assert (again.sets_added, again.sets_updated, again.body_weights_changed) == (0, 0, 0)
    assert all(before.values())


def test_more_lifters_leave_the_first_ones_alone(database: str) -> None:
    few = write(database)
    more = write(database, Cohort(lifters=5, weeks=8, seed=5, until=UNTIL, ugliness=1.0))
    assert more.users[:3] == few.users
    assert more.sets_added == more.sets - few.sets
    assert more.sets_updated == 0


def test_other_arguments_for_the_same_lifter_are_refused_and_nothing_is_written(database: str) -> None:
    write(database)
    before = content(database)
    with pytest.raises(BadInput, match="other arguments"):
        write(database, Cohort(lifters=4, weeks=9, seed=5, until=UNTIL, ugliness=1.0))
    assert content(database) == before
    assert len(write(database, Cohort(lifters=1, weeks=9, seed=6, until=UNTIL, ugliness=1.0)).users) == 1


def test_a_user_that_was_not_simulated_is_never_touched(database: str) -> None:
    with psycopg.connect(database) as connection:
        connection.execute(
            "INSERT INTO users (id, email, username) "
            "VALUES (gen_random_uuid(), 'lifter-0002.seed-5@simulated.example', 'somebody')"
        )
    before = content(database)
    with pytest.raises(BadInput, match="not simulated"):
        write(database)
    assert content(database) == before


def test_a_database_without_the_schema_is_named(empty_database: str) -> None:
    with pytest.raises(BadInput, match="lacks the schema"):
        write(empty_database)
