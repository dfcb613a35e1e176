import json
from typing import Any
from uuid import UUID

import psycopg
import pytest
from tests.migration import old_app
from typer.testing import CliRunner

from insights.cli.quarantine import app
from insights.db import migrate
from insights.db.migrate import quarantine

ANY_SET = "(SELECT id FROM exercise_sets ORDER BY id LIMIT 1)"


@pytest.fixture
def live(empty_database: str) -> str:
    migrate.up(empty_database, "00.00")
    old_app.seed(empty_database, users=4, workouts=4, sessions=8, sets=40)
    migrate.up(empty_database)
    return empty_database


def rows(url: str, query: str) -> list[Any]:
    with psycopg.connect(url) as connection:
        return connection.execute(query.encode()).fetchall()


def act(url: str, *statements: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def told(*arguments: str) -> tuple[int, Any]:
    result = CliRunner().invoke(app, [*arguments, "--json"])
    return result.exit_code, json.loads(result.stdout)


def test_a_value_that_does_not_fit_is_kept_aside_and_comes_back_when_it_is_mended(live: str) -> None:
    before = {entry.source_id for entry in quarantine.entries(live, "exercise_sets")}
    act(live, f"UPDATE exercise_sets SET weight = 'Infinity' WHERE id = {ANY_SET}")
    (entry,) = [e for e in quarantine.entries(live, "exercise_sets") if e.source_id not in before]
    assert (entry.sqlstate, entry.reason) == ("22003", "weight does not fit numeric(8,2)")
    assert entry.raw["weight"] == "Infinity"
    assert rows(live, f"SELECT id FROM set_executions WHERE id = '{entry.source_id}'") == []
    act(live, f"UPDATE exercise_sets SET weight = 61.23496995 WHERE id = '{entry.source_id}'")
    assert {e.source_id for e in quarantine.entries(live, "exercise_sets")} == before
    kept = rows(live, f"SELECT weight_kg::text FROM set_executions WHERE id = '{entry.source_id}'")
    assert kept == [("61.23",)]


def test_any_error_of_a_trigger_is_kept_aside_but_a_cancel_reaches_the_app(live: str) -> None:
    act(live, "ALTER TABLE set_executions ADD CONSTRAINT no_threes CHECK (reps_completed <> 3)")
    act(live, f"UPDATE exercise_sets SET reps = 3 WHERE id = {ANY_SET}")
    assert {e.sqlstate for e in quarantine.entries(live)} >= {"23514"}
    assert rows(live, f"SELECT reps FROM exercise_sets WHERE id = {ANY_SET}") == [(3,)]
    act(live, "ALTER TABLE set_executions DROP CONSTRAINT no_threes")
    left = len({e.source_id for e in quarantine.entries(live) if e.sqlstate != "23514"})
    assert quarantine.retry(live).left == left
    assert rows(live, f"SELECT reps_completed FROM set_executions WHERE id = {ANY_SET}") == [(3,)]

    act(live, "CREATE FUNCTION nap() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(5); RETURN NEW; END'")
    act(live, "CREATE TRIGGER nap BEFORE UPDATE ON set_executions FOR EACH ROW EXECUTE FUNCTION nap()")
    with psycopg.connect(live, autocommit=True) as connection:
        connection.execute("SET statement_timeout = '300ms'")
        with pytest.raises(psycopg.errors.QueryCanceled):
            connection.execute(f"UPDATE exercise_sets SET reps = 4 WHERE id = {ANY_SET}".encode())
    assert rows(live, f"SELECT reps FROM exercise_sets WHERE id = {ANY_SET}") == [(3,)]


def test_a_row_whose_lock_another_holds_is_carried_over_later(live: str) -> None:
    with psycopg.connect(live) as holder:
        holder.execute(f"SELECT FROM set_executions WHERE id = {ANY_SET} FOR UPDATE".encode())
        act(live, f"UPDATE exercise_sets SET reps = 77 WHERE id = {ANY_SET}")
    assert {e.sqlstate for e in quarantine.entries(live)} >= {"55P03"}
    code, left = told("retry", "--database", live)
    assert rows(live, f"SELECT reps_completed FROM set_executions WHERE id = {ANY_SET}") == [(77,)]
    assert (code, left["left"]) == (1, len({e.source_id for e in quarantine.entries(live)}))


def test_verify_names_what_waits_for_a_retry_and_the_list_says_so_too(live: str) -> None:
    key = rows(live, f"SELECT {ANY_SET}")[0][0]
    with psycopg.connect(live) as holder:
        holder.execute("SELECT FROM set_executions WHERE id = %s FOR UPDATE", (key,))
        act(live, f"DELETE FROM exercise_sets WHERE id = '{key}'")
    assert rows(live, f"SELECT id FROM set_executions WHERE id = '{key}'") == [(key,)]
    found = {(finding.id, finding.problem, finding.subject) for finding in migrate.verify(live)}
    assert found == {
        (
            "00.01",
            "kept aside because a lock was taken; `insights quarantine retry` carries it over",
            f"exercise_sets {key}",
        ),
        ("04.03", "deleted, and still carried over; `insights quarantine retry` ends that", str(key)),
    }
    listed = CliRunner().invoke(app, ["list", "--database", live], catch_exceptions=False).stdout
    assert "1 rows only found a lock taken: `insights quarantine retry`" in " ".join(listed.split())
    quarantine.retry(live)
    assert rows(live, f"SELECT id FROM set_executions WHERE id = '{key}'") == []
    assert migrate.verify(live) == []


def test_a_deleted_row_that_stays_for_any_error_is_named(live: str) -> None:
    key = rows(live, f"SELECT {ANY_SET}")[0][0]
    act(
        live,
        "CREATE FUNCTION stay() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''no''; END'",
        "CREATE TRIGGER stay BEFORE DELETE ON set_executions FOR EACH ROW EXECUTE FUNCTION stay()",
        f"DELETE FROM exercise_sets WHERE id = '{key}'",
    )
    assert [(f.id, f.subject) for f in migrate.verify(live)] == [("04.03", str(key))]
    act(live, "DROP TRIGGER stay ON set_executions")
    quarantine.retry(live)
    assert migrate.verify(live) == []


def test_deleted_templates_keep_their_history(live: str) -> None:
    session, exercise = rows(live, "SELECT workout_session_id, workout_exercise_id FROM exercise_sets LIMIT 1")[0]
    act(
        live,
        "SET insights.sync = 'new'",
        "INSERT INTO set_executions (exercise_performance_id, set_number, weight_kg) SELECT id, 1, 50"
        f" FROM exercise_performances WHERE workout_session_id = '{session}'"
        f" AND workout_block_exercise_id = '{exercise}'",
        "RESET insights.sync",
        f"DELETE FROM exercise_sets WHERE workout_exercise_id = '{exercise}'",
        f"DELETE FROM workout_exercises WHERE id = '{exercise}'",
    )
    archived = rows(live, f"SELECT archived_at IS NOT NULL FROM workout_block_exercises WHERE id = '{exercise}'")
    assert archived == [(True,)]
    history = rows(live, "SELECT count(*) FROM set_executions WHERE weight_kg = 50 AND set_number = 1")
    assert history == [(1,)]


def test_a_workout_that_is_deleted_takes_its_empty_blocks_along(live: str) -> None:
    workout, owner = UUID(int=1), rows(live, "SELECT id FROM users LIMIT 1")[0][0]
    act(live, f"INSERT INTO workouts (id, name, created_by_id) VALUES ('{workout}', 'x', '{owner}')")
    assert rows(live, f"SELECT workout_id FROM workout_blocks WHERE id = '{workout}'") == [(workout,)]
    act(live, f"DELETE FROM workouts WHERE id = '{workout}'")
    assert rows(live, f"SELECT workout_id FROM workout_blocks WHERE id = '{workout}'") == []


def test_the_list_speaks_to_people_and_programs(live: str) -> None:
    code, found = told("list", "--table", "users", "--database", live)
    assert code == 0
    assert {entry["source_table"] for entry in found["quarantine"]} == {"users"}
    result = CliRunner().invoke(app, ["list", "--database", live], catch_exceptions=False)
    assert "22023" in result.stdout


def test_the_plans_moves_can_be_made_again(live: str) -> None:
    from insights.db.migrate import moves

    act(live, "SET session_replication_role = replica", "DELETE FROM set_executions", "DELETE FROM set_protocols")
    act(live, "DELETE FROM user_preferences")
    assert {f.id for f in migrate.verify(live)} == {"01.02", "03.04", "04.03"}
    assert moves.migrate_user_profiles_to_preferences(live).problems == ()
    assert moves.migrate_workout_exercises_to_blocks(live).problems == ()
    assert moves.migrate_exercise_sets_to_executions(live).problems == ()
    assert migrate.verify(live) == []
