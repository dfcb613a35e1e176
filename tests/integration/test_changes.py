import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg.rows import dict_row
from tests.conftest import create, drop, named

from insights.db import changes, columns, derived, migrate
from insights.db.connection import connect
from insights.simulate.store import Cohort, write_cohort

COHORT = Cohort(lifters=2, weeks=3, seed=3, until=date(2025, 6, 1), ugliness=0.0)
LONGEST_WAIT_S = 0.5  # of an app write beside an open night; without a lock in the way it takes milliseconds
Scope = tuple[UUID, datetime | None, date | None, date | None]


@pytest.fixture(scope="module")
def cohort(server_url: str, migrated_template: str) -> tuple[str, list[UUID]]:
    """Name of a database with lifters and an empty log, to clone; their ids."""
    create(server_url, "cohort_of_changes", template=migrated_template)
    with connect(named(server_url, "cohort_of_changes"), autocommit=True) as connection:
        written = write_cohort(connection, COHORT)
        connection.execute("INSERT INTO user_preferences (user_id) SELECT id FROM users ON CONFLICT DO NOTHING")
        empty(connection)
    return "cohort_of_changes", [UUID(user) for user in written.users]


@pytest.fixture
def lifters(
    server_url: str, cohort: tuple[str, list[UUID]], fresh_names: Iterator[str]
) -> Iterator[tuple[str, list[UUID]]]:
    template, users = cohort
    name = next(fresh_names)
    create(server_url, name, template=template)
    yield named(server_url, name), users
    drop(server_url, name)


def empty(connection: psycopg.Connection[Any]) -> None:
    connection.execute("TRUNCATE analytics_changes, engine_changes")


def one(connection: psycopg.Connection[Any], query: str, *values: Any) -> dict[str, Any]:
    with connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(query, values).fetchone()  # type: ignore[arg-type]
    assert row is not None
    return row


def resolved(connection: psycopg.Connection[Any]) -> set[Scope]:
    changes.resolve(connection)
    assert one(connection, "SELECT count(*) AS n FROM analytics_changes")["n"] == 0
    return set(connection.execute("SELECT user_id, at, first_day, last_day FROM engine_changes").fetchall())


def some_set(connection: psycopg.Connection[Any], user: UUID) -> dict[str, Any]:
    """A set of the user's fifth session, with all that it hangs on."""
    return one(
        connection,
        "SELECT e.id AS set_id, p.id AS performance_id, s.id AS session_id, s.start_time, b.id AS block_exercise_id,"
        " b.exercise_id FROM workout_sessions AS s JOIN exercise_performances AS p ON p.workout_session_id = s.id"
        " JOIN workout_block_exercises AS b ON b.id = p.workout_block_exercise_id"
        " JOIN set_executions AS e ON e.exercise_performance_id = p.id WHERE s.user_id = %s"
        " ORDER BY s.start_time, p.performance_order, e.set_number OFFSET 40 LIMIT 1",
        user,
    )


OF_ITS_DAY = {
    "set inserted": "INSERT INTO set_executions (exercise_performance_id, set_number) VALUES (%(performance_id)s, 90)",
    "set changed": "UPDATE set_executions SET reps_completed = 3 WHERE id = %(set_id)s",
    "set deleted": "DELETE FROM set_executions WHERE id = %(set_id)s",
    "performance deleted": "DELETE FROM exercise_performances WHERE id = %(performance_id)s",
    "session deleted": "DELETE FROM workout_sessions WHERE id = %(session_id)s",
    "session ended": "UPDATE workout_sessions SET end_time = start_time + interval '1 hour' WHERE id = %(session_id)s",
    "session reset": "UPDATE workout_sessions SET status = 'NOT_STARTED' WHERE id = %(session_id)s",
    "context logged": "UPDATE session_context SET sleep_hours = 5.5 WHERE workout_session_id = %(session_id)s",
}
OF_ITS_USER = {
    "zone": "UPDATE users SET tz = 'Pacific/Auckland' WHERE id = %(user_id)s",
    "units": "UPDATE users SET units = 'lb' WHERE id = %(user_id)s",
    "preferred units": "UPDATE user_preferences SET preferred_units = 'stone' WHERE user_id = %(user_id)s",
    "session without a start": "UPDATE workout_sessions SET start_time = NULL WHERE id = %(session_id)s",
    "session at infinity": "UPDATE workout_sessions SET start_time = 'infinity' WHERE id = %(session_id)s",
}
OF_EVERYBODY = {
    "traits": "UPDATE exercise_traits SET modality = 'cardio' WHERE exercise_id = %(exercise_id)s",
    "muscles": "UPDATE exercise_biomechanics SET primary_muscles = '{}' WHERE exercise_id = %(exercise_id)s",
    "no muscles": "DELETE FROM exercise_biomechanics WHERE exercise_id = %(exercise_id)s",
    "is_bodyweight": "UPDATE exercise_catalog SET is_bodyweight = NOT is_bodyweight WHERE id = %(exercise_id)s",
    "name": "UPDATE exercise_catalog SET name = 'Another' WHERE id = %(exercise_id)s",
    "category": "UPDATE exercise_categories SET name = name || '!'",
    "pattern": "UPDATE movement_patterns SET name = name || '!'",
    "patterns of the lift": "DELETE FROM exercise_movement_patterns WHERE exercise_id = %(exercise_id)s",
}
OF_NOBODY = {
    "user seen": "UPDATE users SET updated_at = now(), full_name = 'Ann' WHERE id = %(user_id)s",
    "preferences seen": "UPDATE user_preferences SET track_rom = true WHERE user_id = %(user_id)s",
    "session noted": "UPDATE workout_sessions SET notes = 'good' WHERE id = %(session_id)s",
    "totals derived": "UPDATE exercise_performances SET total_reps = 1 WHERE id = %(performance_id)s",
    "lift described": "UPDATE exercise_catalog SET description = 'x' WHERE id = %(exercise_id)s",
    "times derived": "UPDATE session_context SET days_since_last_workout = 3",
    "session planned": "INSERT INTO workout_sessions (id, user_id, workout_id, status) SELECT gen_random_uuid(),"
    " user_id, workout_id, 'NOT_STARTED' FROM workout_sessions WHERE id = %(session_id)s",
    "nothing": "UPDATE set_executions SET reps_completed = 3 WHERE false",
}


@pytest.mark.parametrize("statement", OF_ITS_DAY.values(), ids=OF_ITS_DAY)
def test_a_change_of_training_leads_to_the_users_day(lifters: tuple[str, list[UUID]], statement: str) -> None:
    url, users = lifters
    with connect(url, autocommit=True) as connection:
        found = some_set(connection, users[0])
        derived.derive(connection, users)
        connection.execute(statement, found)  # type: ignore[arg-type]
        assert resolved(connection) == {(users[0], found["start_time"], None, None)}


@pytest.mark.parametrize("statement", OF_ITS_USER.values(), ids=OF_ITS_USER)
def test_a_change_that_names_no_day_leads_to_the_user(lifters: tuple[str, list[UUID]], statement: str) -> None:
    url, users = lifters
    with connect(url, autocommit=True) as connection:
        found = some_set(connection, users[0]) | {"user_id": users[0]}
        connection.execute(statement, found)  # type: ignore[arg-type]
        assert (users[0], None, None, None) in resolved(connection)


@pytest.mark.parametrize("statement", OF_EVERYBODY.values(), ids=OF_EVERYBODY)
def test_a_change_of_the_catalogue_leads_to_all_who_did_the_lift(
    lifters: tuple[str, list[UUID]], statement: str
) -> None:
    url, users = lifters
    with connect(url, autocommit=True) as connection:
        found = some_set(connection, users[0])
        connection.execute(
            "INSERT INTO exercise_movement_patterns (exercise_id, movement_pattern_id)"
            " SELECT %s, id FROM movement_patterns LIMIT 1 ON CONFLICT DO NOTHING",
            (found["exercise_id"],),
        )
        empty(connection)
        did = connection.execute(
            "SELECT DISTINCT s.user_id FROM workout_sessions AS s JOIN exercise_performances AS p"
            " ON p.workout_session_id = s.id JOIN workout_block_exercises AS b ON b.id = p.workout_block_exercise_id"
            " WHERE b.exercise_id = %s",
            (found["exercise_id"],),
        ).fetchall()
        connection.execute(statement, found)  # type: ignore[arg-type]
        assert {(user, None, None, None) for (user,) in did} <= resolved(connection)


@pytest.mark.parametrize("statement", OF_NOBODY.values(), ids=OF_NOBODY)
def test_what_the_engine_does_not_read_is_not_logged(lifters: tuple[str, list[UUID]], statement: str) -> None:
    url, users = lifters
    with connect(url, autocommit=True) as connection:
        derived.derive(connection, users)
        empty(connection)
        found = some_set(connection, users[0]) | {"user_id": users[0]}
        connection.execute(statement, found)  # type: ignore[arg-type]
        assert changes.backlog(connection).entries == 0


def test_derived_columns_that_someone_else_writes_are_derived_again(lifters: tuple[str, list[UUID]]) -> None:
    url, users = lifters
    with connect(url, autocommit=True) as connection:
        derived.derive(connection, users)
        empty(connection)
        first, second = (some_set(connection, user) for user in users)
        with psycopg.connect(url, autocommit=True) as other:
            other.execute(OF_NOBODY["totals derived"], first)
            other.execute(
                "UPDATE session_context SET time_of_day = '12:00' WHERE workout_session_id = %(session_id)s", second
            )
        days = {(user, found["start_time"], None, None) for user, found in zip(users, (first, second), strict=True)}
        assert resolved(connection) == days
        assert changes.derive(connection, users) == 2
        assert resolved(connection) == days


def test_what_moves_is_logged_where_it_was_and_where_it_is(lifters: tuple[str, list[UUID]]) -> None:
    url, (ann, bob) = lifters
    with connect(url, autocommit=True) as connection:
        hers, his = some_set(connection, ann), some_set(connection, bob)
        both = {(ann, hers["start_time"], None, None), (bob, his["start_time"], None, None)}
        move_set = "UPDATE set_executions SET exercise_performance_id = %s WHERE id = %s"
        connection.execute(move_set, (his["performance_id"], hers["set_id"]))
        assert resolved(connection) == both
        empty(connection)
        move_performance = "UPDATE exercise_performances SET workout_session_id = %s WHERE id = %s"
        connection.execute(move_performance, (hers["session_id"], his["performance_id"]))
        assert resolved(connection) == both
        empty(connection)
        connection.execute("UPDATE workout_sessions SET user_id = %s WHERE id = %s", (bob, hers["session_id"]))
        assert resolved(connection) == {(user, hers["start_time"], None, None) for user in (ann, bob)}
        empty(connection)
        later = datetime(2025, 5, 30, 10, tzinfo=UTC)
        connection.execute("UPDATE workout_sessions SET start_time = %s WHERE id = %s", (later, his["session_id"]))
        assert resolved(connection) == {(bob, his["start_time"], None, None), (bob, later, None, None)}


def test_a_performance_that_goes_after_its_lift_was_swapped_is_found(lifters: tuple[str, list[UUID]]) -> None:
    url, users = lifters
    with connect(url, autocommit=True) as connection:
        found = some_set(connection, users[0])
        connection.execute(
            "UPDATE workout_block_exercises SET exercise_id = (SELECT id FROM exercise_catalog WHERE id <> %s LIMIT 1)"
            " WHERE id = %s",
            (found["exercise_id"], found["block_exercise_id"]),
        )
        swapped = {at for _, at, _, _ in resolved(connection)}
        assert found["start_time"] in swapped
        empty(connection)
        connection.execute("DELETE FROM exercise_performances WHERE id = %s", (found["performance_id"],))
        assert resolved(connection) == {(users[0], found["start_time"], None, None)}


def test_a_body_weight_counts_until_the_next(lifters: tuple[str, list[UUID]]) -> None:
    url, users = lifters
    first, second, third = date(2025, 5, 1), date(2025, 5, 10), date(2025, 5, 20)
    with connect(url, autocommit=True) as connection:
        connection.execute("DELETE FROM user_body_weights")
        empty(connection)
        add = "INSERT INTO user_body_weights (user_id, measured_on, weight_kg) VALUES (%s, %s, 80)"
        for day in (first, third):
            connection.execute(add, (users[0], day))
        assert resolved(connection) == {
            (users[0], None, first, date(2025, 5, 19)),
            (users[0], None, third, None),
        }
        empty(connection)
        connection.execute(add, (users[0], second))
        assert resolved(connection) == {(users[0], None, second, date(2025, 5, 19))}
        empty(connection)
        connection.execute("UPDATE user_body_weights SET created_at = now()")
        assert resolved(connection) == set()
        connection.execute("DELETE FROM user_body_weights WHERE measured_on = %s", (second,))
        assert resolved(connection) == {(users[0], None, second, date(2025, 5, 19))}


def test_a_truncation_leads_to_everybody(lifters: tuple[str, list[UUID]]) -> None:
    url, users = lifters
    with connect(url, autocommit=True) as connection:
        connection.execute("TRUNCATE exercise_performances CASCADE")
        assert resolved(connection) == {(user, None, None, None) for user in users}


def test_one_statement_over_many_sets_logs_each_performance_once(lifters: tuple[str, list[UUID]]) -> None:
    url, _ = lifters
    with connect(url, autocommit=True) as connection:
        rows = connection.execute(
            "SELECT id, set_number FROM exercise_performances, generate_series(90, 93) AS set_number"
        )
        with connection.cursor().copy("COPY set_executions (exercise_performance_id, set_number) FROM STDIN") as copy:
            for row in rows.fetchall():
                copy.write_row(row)
        performances = one(connection, "SELECT count(*) AS n FROM exercise_performances")["n"]
        assert changes.backlog(connection).entries == performances
        connection.execute("UPDATE set_executions SET reps_completed = 1 WHERE set_number >= 90")
        assert changes.backlog(connection).entries == 2 * performances
        connection.execute("DELETE FROM workout_sessions")
        log = connection.execute("SELECT kind, count(*) FROM analytics_changes GROUP BY kind").fetchall()
        sessions = one(connection, "SELECT count(DISTINCT key) AS n FROM analytics_changes WHERE kind = 'session'")["n"]
        assert dict(log) == {"performance": 3 * performances, "session": sessions, "user_day": sessions}


def test_an_entry_that_commits_later_than_a_younger_one_is_not_lost(lifters: tuple[str, list[UUID]]) -> None:
    url, users = lifters
    add = "INSERT INTO set_executions (exercise_performance_id, set_number) VALUES (%(performance_id)s, 90)"
    with connect(url) as slow, connect(url, autocommit=True) as quick:
        hers, his = some_set(quick, users[0]), some_set(quick, users[1])
        slow.execute(add, hers)
        quick.execute(add, his)
        assert resolved(quick) == {(users[1], his["start_time"], None, None)}
        slow.commit()
        assert (users[0], hers["start_time"], None, None) in resolved(quick)


def test_a_shard_takes_away_what_it_has_read_and_nothing_else(lifters: tuple[str, list[UUID]]) -> None:
    url, users = lifters
    add = "INSERT INTO set_executions (exercise_performance_id, set_number) VALUES (%(performance_id)s, 90)"
    with connect(url, autocommit=True) as app:
        found = some_set(app, users[0])
        app.execute(add, found)
        changes.resolve(app)
        with columns.transaction(url) as night:
            columns.stage_users(night, [users[0].bytes])
            assert changes.read(night).height == 1
            app.execute(add, found)
            changes.resolve(app)
            changes.consume(night, changes.read(night).clear())
        assert resolved(app) == {(users[0], found["start_time"], None, None)}


def test_days_that_are_yet_to_come_stay(lifters: tuple[str, list[UUID]]) -> None:
    url, users = lifters
    with connect(url, autocommit=True) as app:
        for user in users:
            app.execute("DELETE FROM set_executions WHERE id = %(set_id)s", some_set(app, user))
        changes.resolve(app)
        before = resolved(app)
        with columns.transaction(url) as night:
            columns.stage_users(night, [users[0].bytes])
            changes.consume(night, changes.read(night))
        assert resolved(app) == before


def test_no_app_write_waits_for_a_night(lifters: tuple[str, list[UUID]]) -> None:
    url, users = lifters
    waits: list[float] = []
    with connect(url, autocommit=True) as app:
        found = some_set(app, users[0]) | {"user_id": users[0]}
        app.execute(OF_ITS_DAY["set changed"], found)
        with connect(url) as resolving:  # the log is taken away, and not committed
            changes.take(resolving)
            with columns.transaction(url) as night:
                columns.stage_users(night, [user.bytes for user in users])
                changes.consume(night, changes.read(night).clear())
                for statement in (*OF_ITS_DAY.values(), *list(OF_ITS_USER.values())[:3]):
                    started = time.perf_counter()
                    app.execute(statement, found)  # type: ignore[arg-type]
                    waits.append(time.perf_counter() - started)
    assert max(waits) < LONGEST_WAIT_S


def test_dry_runs_look_at_the_log_side_by_side_and_leave_it(lifters: tuple[str, list[UUID]]) -> None:
    url, users = lifters
    with connect(url, autocommit=True) as app:
        app.execute(OF_ITS_DAY["set changed"], some_set(app, users[0]) | {"user_id": users[0]})
        before = changes.backlog(app)
        assert before.entries > 0
        with columns.transaction(url) as one, columns.transaction(url) as other:
            for cursor in (one, other):
                cursor.execute("SET LOCAL lock_timeout = '2s'")
                columns.stage_users(cursor, [users[0].bytes])
                changes.resolve_unseen(cursor)
                assert changes.read(cursor).height == 1
        assert changes.backlog(app).entries == before.entries


def test_two_apps_that_touch_the_same_performances_in_opposite_order_do_not_wait_for_the_log(
    lifters: tuple[str, list[UUID]],
) -> None:
    url, users = lifters
    add = "INSERT INTO set_executions (exercise_performance_id, set_number) VALUES (%(performance_id)s, 90)"
    with connect(url) as one_app, connect(url) as other_app:
        hers, his = some_set(one_app, users[0]), some_set(one_app, users[1])
        started = time.perf_counter()
        one_app.execute(add, hers)
        other_app.execute(add, his)
        one_app.execute(add, his)
        other_app.execute(add, hers)
        assert time.perf_counter() - started < LONGEST_WAIT_S


def test_an_app_without_rights_on_the_log_is_logged(lifters: tuple[str, list[UUID]]) -> None:
    url, users = lifters
    role = f"app_{uuid4().hex[:8]}"
    with connect(url, autocommit=True) as owner:
        found = some_set(owner, users[0])
        owner.execute(f"CREATE ROLE {role}")  # type: ignore[arg-type]
        try:
            owner.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON set_executions TO {role}")  # type: ignore[arg-type]
            with connect(url, autocommit=True) as app:
                app.execute(f"SET ROLE {role}")  # type: ignore[arg-type]
                app.execute("CREATE TEMP TABLE analytics_changes (kind text, key uuid)")  # a trap in the search path
                for what in ("set inserted", "set changed", "set deleted"):
                    app.execute(OF_ITS_DAY[what], found)
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    app.execute("SELECT count(*) FROM public.analytics_changes")
            assert changes.backlog(owner).entries == 3
        finally:
            owner.execute(f"DROP OWNED BY {role}")  # type: ignore[arg-type]
            owner.execute(f"DROP ROLE {role}")  # type: ignore[arg-type]


def test_two_resolvers_at_once_share_the_log(lifters: tuple[str, list[UUID]]) -> None:
    url, users = lifters
    with connect(url, autocommit=True) as connection:
        connection.execute("UPDATE set_executions SET reps_completed = 3")
        took: list[int] = []
        threads = [threading.Thread(target=_resolve, args=(url, took.append)) for _ in range(2)]
        waiting = changes.backlog(connection).entries
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sum(took) == waiting > 0
        days = one(connection, "SELECT count(DISTINCT (user_id, start_time)) AS n FROM workout_sessions")["n"]
        assert one(connection, "SELECT count(DISTINCT (user_id, at)) AS n FROM engine_changes")["n"] == days
    assert len(users) == COHORT.lifters


def _resolve(url: str, tell: Callable[[int], None]) -> None:
    with connect(url, autocommit=True) as connection:
        tell(changes.resolve(connection))


def test_changes_of_a_user_who_is_gone_are_forgotten(lifters: tuple[str, list[UUID]]) -> None:
    url, users = lifters
    with connect(url, autocommit=True) as connection:
        connection.execute("UPDATE set_executions SET reps_completed = 3")
        changes.resolve(connection)
        connection.execute("DELETE FROM workout_sessions WHERE user_id = %s", (users[0],))
        connection.execute("DELETE FROM workouts WHERE created_by_id = %s", (users[0],))
        connection.execute("DELETE FROM subscriptions WHERE user_id = %s", (users[0],))
        connection.execute("DELETE FROM users WHERE id = %s", (users[0],))
        assert {user for user, *_ in resolved(connection)} == {users[1]}


def test_deriving_what_changed_does_all_that_deriving_everything_would(lifters: tuple[str, list[UUID]]) -> None:
    url, users = lifters
    with connect(url, autocommit=True) as connection:
        derived.derive(connection, users)
        empty(connection)
        first, second = (some_set(connection, user) for user in users)
        connection.execute(OF_ITS_DAY["set deleted"], first)
        connection.execute(OF_ITS_DAY["session deleted"], second)
        connection.execute(
            "INSERT INTO workout_sessions (id, user_id, workout_id, status, start_time) SELECT gen_random_uuid(),"
            " user_id, workout_id, 'COMPLETED', start_time + interval '1 day' FROM workout_sessions WHERE id = %s",
            (first["session_id"],),
        )
        changes.resolve(connection)
        assert changes.derive(connection, users) >= 3
        assert derived.derive(connection, users) == 0


def test_a_disabled_trigger_is_told(lifters: tuple[str, list[UUID]]) -> None:
    url, _ = lifters
    assert migrate.verify(url) == []
    with connect(url, autocommit=True) as connection:
        connection.execute("ALTER TABLE set_executions DISABLE TRIGGER insights_log_update")
    (problem,) = migrate.verify(url)
    assert "log_changed_sets (2 of 3)" in str(problem)
