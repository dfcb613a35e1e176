from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from tests.migration import legacy_app

from insights.db import migrate
from insights.db.connection import connect
from insights.db.migrate import fingerprint, rehearse, scratch
from insights.errors import BadInput

FolderOf = Callable[..., Path]
SCRATCHES = "SELECT count(*) FROM pg_database WHERE datname LIKE 'insights_rehearsal_%'"


def test_the_rehearsal_goes_up_and_down_and_up_and_leaves_only_its_record(legacy: str) -> None:
    before = legacy_app.content(legacy, "users", "exercise_sets", "insights_migrations")
    told = rehearse.rehearse(legacy, rows=10)
    assert told.passed, told.stages
    assert [stage.name for stage in told.stages] == ["copy", "up", "verify", "down", "up again"]
    assert 0 < told.sample_rows <= 10 * 9
    assert legacy_app.content(legacy, *before) == before
    assert legacy_app.scalar(legacy, SCRATCHES) == 0
    with connect(legacy) as connection:
        assert told.fingerprint == fingerprint.of_schema(connection)
        last = rehearse.last(connection, told.fingerprint, told.migrations)
        assert last is not None
        assert (last.id, last.passed, last.up_ok, last.down_ok) == (told.id, True, True, True)
        assert rehearse.last(connection, told.fingerprint, "other files") is None


def test_every_sampled_row_finds_its_parents_and_the_ledger_comes_whole(legacy: str) -> None:
    with scratch.copy_of(legacy, rows=4) as (copy, copied):
        counts = {
            t: len(rows)
            for t, rows in legacy_app.content(copy, "users", "exercise_sets", "insights_migrations").items()
        }
        assert counts["users"] == 4
        assert counts["insights_migrations"] == 1
        assert copied >= counts["users"] + counts["exercise_sets"] > 4
        orphans = "SELECT count(*) FROM subscriptions AS s LEFT JOIN users AS u ON u.id = s.user_id WHERE u.id IS NULL"
        assert legacy_app.scalar(copy, orphans) == 0


def test_the_copy_has_the_same_schema_and_no_trigger_has_fired(carried: str) -> None:
    tables = ("migration_quarantine", "rollout_flags")
    with scratch.copy_of(carried, rows=1000) as (copy, _), connect(copy) as there, connect(carried) as here:
        assert fingerprint.lines(there) == fingerprint.lines(here)
        assert legacy_app.content(copy, *tables) == legacy_app.content(carried, *tables)
        counts = {t: len(rows) for t, rows in legacy_app.content(copy, "set_executions", "user_preferences").items()}
    assert counts == {"set_executions": 60, "user_preferences": 20}


def test_an_app_that_no_runner_knows_is_adopted_in_the_copy_only(legacy: str) -> None:
    legacy_app.forget(legacy)
    assert rehearse.rehearse(legacy, rows=5).passed
    assert {standing.state for standing in migrate.status(legacy)} == {"pending"}


def test_an_empty_database_can_be_rehearsed_too(empty_database: str) -> None:
    assert rehearse.rehearse(empty_database).passed


def test_addresses_that_break_the_check_are_announced_and_do_not_fail_it(legacy: str) -> None:
    legacy_app.run(legacy, "INSERT INTO users (id, email, username) VALUES (gen_random_uuid(), 'none', 'x')")
    told = rehearse.rehearse(legacy)
    assert told.passed
    assert len(told.pending) == 1


@pytest.mark.parametrize(
    ("up", "down", "act", "problem"),
    [
        ("CREATE TABLE one (); SELECT 1 / 0;", "DROP TABLE one;", "up", "division by zero"),
        ("CREATE TABLE one ();", "SELECT 1;", "down", "down leaves another schema: too much: relation public.one"),
        ("CREATE TABLE one ();", "DROP TABLE one; DELETE FROM kept;", "down", "down leaves other rows"),
        ("CREATE TABLE one ();", "DROP TABLE two;", "down", 'table "two" does not exist'),
    ],
)
def test_what_goes_wrong_is_told_and_recorded(
    empty_database: str, folder_of: FolderOf, up: str, down: str, act: str, problem: str
) -> None:
    legacy_app.run(empty_database, "CREATE TABLE kept (a int)", "INSERT INTO kept VALUES (1)")
    folder = folder_of(one=up)
    (folder / "01.01_one.down.sql").write_text(down)
    told = rehearse.rehearse(empty_database, folder=folder)
    assert not told.passed
    problems = {stage.name: " ".join(stage.problems) for stage in told.stages if stage.problems}
    assert problem in problems[act]
    with connect(empty_database) as connection:
        last = rehearse.last(connection, told.fingerprint, told.migrations)
    assert last is not None
    assert (last.passed, last.up_ok, last.down_ok) == (False, act != "up", False)
    assert legacy_app.scalar(empty_database, SCRATCHES) == 0


def test_a_role_that_may_not_make_databases_is_told_so(legacy: str) -> None:
    host = legacy.split("@", 1)[1]
    try:
        legacy_app.run(
            legacy, "CREATE ROLE rehearse_only LOGIN PASSWORD 'x'", "GRANT pg_read_all_data TO rehearse_only"
        )
        with pytest.raises(BadInput, match=r"(?s)may not make the scratch.*--scratch"):
            rehearse.rehearse(f"postgresql://rehearse_only:x@{host}")
    finally:
        legacy_app.run(legacy, "DROP ROLE rehearse_only")


def test_the_fingerprint_is_of_the_schema_alone(legacy: str) -> None:

    def now() -> str:
        with connect(legacy) as connection:
            return fingerprint.of_schema(connection)

    first = now()
    legacy_app.run(legacy, "DELETE FROM exercise_sets", "CREATE TABLE insights_own ()")
    assert now() == first
    changes = (
        "ALTER TABLE users ADD COLUMN extra int",
        "ALTER TABLE users ALTER COLUMN extra SET DEFAULT 1",
        "CREATE INDEX extra ON users (extra)",
        "CREATE VIEW viewed AS SELECT id FROM users",
        "ALTER TYPE exercise_difficulty ADD VALUE 'odd'",
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql RETURN 1",
    )
    seen = {first}
    for change in changes:
        legacy_app.run(legacy, change)
        assert now() not in seen, change
        seen.add(now())


def test_a_column_that_comes_back_in_another_place_is_the_same_schema(empty_database: str) -> None:
    legacy_app.run(empty_database, "CREATE TABLE t (a int, b int)")
    with connect(empty_database) as connection:
        first = fingerprint.lines(connection)
    legacy_app.run(empty_database, "ALTER TABLE t DROP COLUMN a", "ALTER TABLE t ADD COLUMN a int")
    with connect(empty_database) as connection:
        assert fingerprint.lines(connection) == first


def test_it_works_on_the_oldest_server(oldest_server: str) -> None:
    url = oldest_server.rsplit("/", 1)[0] + "/rehearsed"
    with psycopg.connect(oldest_server, autocommit=True) as connection:
        connection.execute("CREATE DATABASE rehearsed")
    legacy_app.make(url)
    assert rehearse.rehearse(url, rows=5).passed
