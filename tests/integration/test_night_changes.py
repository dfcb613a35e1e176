from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from tests.conftest import create, drop, named
from tests.integration import machine
from tests.integration.machine import START, USERS, Typed

from insights.db import changes, columns, extract, state
from insights.db.connection import connect
from insights.pipeline import job as jobs
from insights.pipeline import run as runs

NOW = datetime(2025, 6, 2, 3, tzinfo=UTC)
NIGHTLY = jobs.Job(name="nightly_numbers", steps=("analytics",), source="changes")
BACKFILL = jobs.Job(name="backfill_numbers", steps=("analytics",), source="sets")
HISTORY_DAYS = 300
SETS = "SELECT count(*) FROM set_executions"
VERSIONS = "SELECT t.*, t.ctid, t.xmin FROM {} AS t ORDER BY t.ctid"


@pytest.fixture(scope="module")
def logged(server_url: str, migrated_template: str) -> Iterator[str]:
    """Name of a database with users who have trained and whom no run has seen."""
    create(server_url, "logged_and_unseen", template=migrated_template)
    machine.seed(named(server_url, "logged_and_unseen"), HISTORY_DAYS)
    yield "logged_and_unseen"
    drop(server_url, "logged_and_unseen")


@pytest.fixture(scope="module")
def known(server_url: str, logged: str) -> Iterator[str]:
    """Name of the same database after its first night."""
    create(server_url, "logged_and_known", template=logged)
    night(named(server_url, "logged_and_known"))
    yield "logged_and_known"
    drop(server_url, "logged_and_known")


@pytest.fixture
def url(clone: Callable[[str], str], logged: str) -> str:
    """A database of users whom no run has seen."""
    return clone(logged)


@pytest.fixture
def seen(clone: Callable[[str], str], known: str) -> str:
    """The same after its first night."""
    return clone(known)


def one(url: str, query: str, *values: Any) -> Any:
    with psycopg.connect(url) as connection:
        row = connection.execute(query, values).fetchone()  # type: ignore[arg-type]
    assert row is not None
    return row[0]


def do(url: str, statement: str, *values: Any) -> None:
    with psycopg.connect(url) as connection:
        connection.execute(statement, values)  # type: ignore[arg-type]


def night(url: str, days: int = 0, job: jobs.Job = NIGHTLY, **options: Any) -> runs.Report:
    report = runs.run(url, job, now=NOW, as_of=START + timedelta(days=days), **options)
    assert report.failures == []
    return report


def log(url: str, days: int, *sets: Typed, user: UUID = USERS[0]) -> None:
    with connect(url, autocommit=True) as connection:
        machine.session(connection, user, START + timedelta(days=days), list(sets))


def right(url: str, days: int = 0) -> bool:
    return list(machine.differences(url, START + timedelta(days=days))) == []


def everything(url: str) -> dict[str, list[Any]]:
    """All tables of this part, to the row version."""
    tables = (*machine.TABLES, *machine.STATE, "engine_changes", "analytics_changes")
    with psycopg.connect(url) as connection:
        return {
            t: connection.execute(f"SELECT t.*, t.ctid, t.xmin FROM {t} AS t ORDER BY t.ctid").fetchall()
            for t in tables
        }  # type: ignore[arg-type]


@pytest.mark.parametrize("first", [NIGHTLY, BACKFILL], ids=["a night", "a backfill"])
def test_the_first_run_reads_all_sets_and_the_next_only_those_that_changed(url: str, first: jobs.Job) -> None:
    every = one(url, SETS)
    assert night(url, job=first).sets == every
    assert one(url, "SELECT count(*) FROM engine_changes") == 0
    assert night(url).sets == 0
    log(url, 1, Typed(0, 105, 5), Typed(0, 95, 8))
    report = night(url, 1)
    assert report.sets == 2
    assert report.written["strength_progressions"]["added"] == 1
    assert right(url, 1)


def test_a_backfill_settles_what_changed_and_reads_all(seen: str) -> None:
    log(seen, 0, Typed(0, 105, 5))
    assert night(seen, job=BACKFILL).sets == one(seen, SETS)
    assert one(seen, "SELECT count(*) FROM engine_changes") == 0
    assert right(seen)


def test_a_second_backfill_writes_nothing_of_what_is_remembered(url: str) -> None:
    night(url, job=BACKFILL)
    before = everything(url)
    night(url, job=BACKFILL)
    assert everything(url) == before


def test_a_dry_run_changes_nothing_and_tells_what_it_would(seen: str) -> None:
    log(seen, 0, Typed(0, 105, 5))
    before = everything(seen)
    report = night(seen, dry_run=True)
    assert everything(seen) == before
    assert report.written["strength_progressions"]["added"] == 1
    assert night(seen).written == report.written


def test_days_that_are_yet_to_come_wait_for_their_night(url: str) -> None:
    log(url, 2, Typed(0, 105, 5))
    night(url)
    assert one(url, "SELECT count(*) FROM engine_changes") == 1
    log(url, 1, Typed(0, 100, 5))
    for day in (0, 1, 2):
        night(url, day)
        assert right(url, day)
    assert one(url, "SELECT max(measurement_date) FROM strength_progressions") == START + timedelta(days=2)
    assert one(url, "SELECT count(*) FROM engine_changes") == 0


def test_as_of_may_go_back_and_forth(url: str) -> None:
    for day in (0, -40, -39, 0):
        night(url, day)
        assert right(url, day)


@pytest.mark.parametrize(
    "forget", ["UPDATE engine_states SET method = method - 1", "DELETE FROM engine_states"], ids=["old", "missing"]
)
def test_a_state_that_is_missing_or_old_is_built_anew(seen: str, forget: str) -> None:
    do(seen, "UPDATE engine_lift_days SET estimated_1rm_kg = 1")  # as another method might have left it
    do(seen, forget)
    assert night(seen, 1).sets == one(seen, SETS)
    assert right(seen, 1)
    assert one(seen, "SELECT array_agg(DISTINCT method) FROM engine_states") == [state.METHOD]


@pytest.mark.parametrize(("ago", "reads_all"), [(1, False), (100, False), (200, True)])
def test_a_late_edit_costs_history_only_where_it_is_old(seen: str, ago: int, reads_all: bool) -> None:
    log(seen, -ago, Typed(0, 120, 5))
    of_user = one(
        seen,
        f"{SETS} AS e JOIN exercise_performances AS p ON p.id = exercise_performance_id"
        " JOIN workout_sessions AS s ON s.id = workout_session_id WHERE user_id = %s",
        USERS[0],
    )
    sets = night(seen).sets
    assert sets == of_user if reads_all else sets < 8
    assert right(seen)


def test_the_horizon_moves_and_no_row_changes(seen: str) -> None:
    first = machine.remembered(seen)["horizon"].to_list()
    night(seen, 20)
    assert machine.remembered(seen)["horizon"].to_list() == first
    kept = one(seen, "SELECT count(*) FROM engine_lift_days")
    assert night(seen, 60).sets == 0
    assert machine.remembered(seen)["horizon"].to_list() == [day + timedelta(days=60) for day in first]
    assert one(seen, "SELECT count(*) FROM engine_lift_days") < kept
    assert right(seen, 60)
    log(seen, 60, Typed(0, 90, 5))
    night(seen, 60)
    assert right(seen, 60)


def test_points_on_closed_periods_follow_the_week_and_what_changes_in_it(url: str) -> None:
    for day in (0, 1, 6, 7, 8):  # from a Sunday over the next, past the end of no month
        log(url, day, Typed(0, 100 + day, 5))
        night(url, day)
        assert right(url, day)
        assert set(machine.remembered(url)["closed_through"]) == {START + timedelta(days=7 * (day // 7))}


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE users SET training_frequency = 2",
        "UPDATE exercise_biomechanics SET primary_muscles = '{\"chest\": 60}'",
        "DELETE FROM exercise_movement_patterns",
        "DELETE FROM workout_sessions WHERE start_time < now() AND start_time > '2025-05-25'",
    ],
)
def test_points_on_closed_periods_follow_what_else_they_rest_on(url: str, change: str) -> None:
    night(url, 1)
    do(url, change)
    night(url, 2)
    assert right(url, 2)


def test_who_begins_in_an_open_week_has_points_the_next_day(url: str) -> None:
    do(url, "DELETE FROM workout_sessions WHERE user_id = %s", USERS[0])
    night(url, 1)
    log(url, 2, Typed(0, 100, 5))
    night(url, 2)
    assert one(url, "SELECT count(*) FROM insight_data_points WHERE data_type = 'consistency_weeks' AND n = 0") == 1
    assert right(url, 2)
    do(url, "DELETE FROM workout_sessions WHERE user_id = %s", USERS[0])
    night(url, 3)
    assert right(url, 3)


def test_who_has_no_session_left_has_no_row_left(seen: str) -> None:
    do(seen, "DELETE FROM workout_sessions WHERE user_id = %s", USERS[1])
    night(seen, 1)
    for table in machine.TABLES:
        assert one(seen, f"SELECT count(*) FROM {table} WHERE user_id = %s", USERS[1]) == 0
    assert right(seen, 1)


def test_a_user_who_goes_takes_along_what_is_remembered(seen: str) -> None:
    for statement in machine.LEAVE:
        do(seen, statement, USERS[1])
    for table in machine.STATE:
        assert one(seen, f"SELECT count(*) FROM {table} WHERE user_id = %s", USERS[1]) == 0
    night(seen, 1)
    assert right(seen, 1)


def test_an_inactive_user_waits_with_all_changes(seen: str) -> None:
    do(seen, "UPDATE users SET is_active = false WHERE id = %s", USERS[0])
    log(seen, 1, Typed(0, 105, 5))
    assert night(seen, 1).users == 2
    do(seen, "UPDATE users SET is_active = true WHERE id = %s", USERS[0])
    assert night(seen, 2).sets == 1
    assert right(seen, 2)


def test_what_commits_during_a_night_is_the_next_nights(seen: str) -> None:
    with psycopg.connect(seen) as app:
        log(seen, 1, Typed(0, 100, 5))
        performance = one(seen, "SELECT id FROM exercise_performances ORDER BY created_at DESC LIMIT 1")
        app.execute("INSERT INTO set_executions (exercise_performance_id, set_number) VALUES (%s, 90)", (performance,))
        night(seen, 1)
        app.commit()
    assert night(seen, 1).sets == 2
    assert right(seen, 1)


def test_a_failed_night_keeps_the_changes(seen: str) -> None:
    log(seen, 1, Typed(0, 100, 5))
    do(seen, "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$")
    do(seen, "CREATE TRIGGER refuse BEFORE INSERT ON engine_lift_days FOR EACH ROW EXECUTE FUNCTION refuse()")
    report = runs.run(seen, NIGHTLY, now=NOW, as_of=START + timedelta(days=1))
    assert [user for user, _, _ in report.failures] == [USERS[0]]
    do(seen, "DROP TRIGGER refuse ON engine_lift_days")
    assert night(seen, 1).sets == 1
    assert right(seen, 1)


def test_one_users_night_leaves_the_others_changes(seen: str) -> None:
    for user in USERS[:2]:
        log(seen, 1, Typed(0, 100, 5), user=user)
    assert night(seen, 1, user_id=USERS[0]).sets == 1
    assert one(seen, "SELECT array_agg(DISTINCT user_id) FROM engine_changes") == [USERS[1]]
    night(seen, 1)
    assert right(seen, 1)


def test_a_night_of_a_user_beside_a_night_of_all_is_repeated_or_first(seen: str) -> None:
    log(seen, 1, Typed(0, 100, 5))
    with connect(seen, autocommit=True) as connection:
        changes.resolve(connection)
    with columns.transaction(seen) as cursor:
        columns.stage_users(cursor, [USERS[0].bytes])
        assert changes.read(cursor).height == 1
        night(seen, 1)  # meanwhile
        with pytest.raises(Exception, match="serialize"):
            changes.consume(cursor, changes.nothing())
    assert right(seen, 1)


@pytest.mark.parametrize("table", state.SCHEMAS)
def test_a_table_of_the_state_has_the_columns_of_its_frame(seen: str, table: str) -> None:
    with psycopg.connect(seen) as connection:
        query = "SELECT column_name FROM information_schema.columns WHERE table_name = %s ORDER BY ordinal_position"
        stored = [name for (name,) in connection.execute(query, (f"engine_{table}",))]
    assert stored == list(state.SCHEMAS[table])
    with columns.transaction(seen) as cursor:
        columns.stage_users(cursor, [user.bytes for user in USERS])
        assert state.read(cursor)[table].schema == state.SCHEMAS[table]


def test_what_was_read_is_written_without_a_change(url: str) -> None:
    night(url, job=BACKFILL)
    before = everything(url)
    with columns.transaction(url) as cursor:
        columns.stage_users(cursor, [user.bytes for user in USERS])
        remembered = state.read(cursor)
        assert all(remembered[table].height for table in ("states", "lift_days", "user_days", "lift_bests"))
        assert state.write(cursor, remembered, remembered) == 0
        halved = {table: frame.head(frame.height // 2) for table, frame in remembered.items()}
        assert state.write(cursor, remembered, halved) > 0
        assert state.write(cursor, halved, remembered) > 0
        again = state.read(cursor)
        assert all(again[table].equals(remembered[table]) for table in remembered)
        cursor.execute("ROLLBACK")
        cursor.execute("BEGIN")
    assert everything(url) == before


def test_a_day_is_the_users_own(seen: str) -> None:
    with connect(seen, autocommit=True) as connection:
        machine.session(connection, USERS[2], START, [Typed(0, 140, 5)], hour=23)  # already tomorrow in Tokyo
    assert night(seen).sets == 0
    assert night(seen, 1).sets == 1
    newest = "SELECT max(measurement_date) FROM strength_progressions WHERE user_id = %s"
    assert one(seen, newest, USERS[2]) == date(2025, 6, 2)
    assert right(seen, 1)


@pytest.mark.parametrize(
    ("since", "found"),
    [
        (None, [-400, -200, -3, 1]),
        (-500, [-400, -200, -3, 1]),
        (-4, [-200, -3, 1]),
        (-3, [-3, 1]),
        (0, [-3, 1]),
        (9, [1]),
    ],
)
def test_of_the_body_weights_a_night_reads_those_that_are_known_from_a_day_on(
    seen: str, since: int | None, found: list[int]
) -> None:
    for days in (-400, -3, 1):  # and the seed's of 200 days ago
        day = START + timedelta(days=days)
        do(seen, "INSERT INTO user_body_weights (user_id, measured_on, weight_kg) VALUES (%s, %s, 81)", USERS[0], day)
    with columns.transaction(seen) as cursor:
        columns.stage_users(cursor, [USERS[0].bytes])
        weights = extract.read_body_weights(cursor, None if since is None else START + timedelta(days=since))
    assert sorted(weights["measured_on"]) == [START + timedelta(days=days) for days in found]
