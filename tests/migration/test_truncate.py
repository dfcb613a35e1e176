from typing import Any

import psycopg
import pytest
from psycopg import sql
from tests.migration import legacy_app, old_app

from insights.db import migrate
from insights.db.migrate import adapter, baseline, moves, planning, quarantine

MINE = "SELECT count(*) FROM set_executions WHERE set_notes = 'mine'"  # what only a new writer has written
CHILDREN = {"workout_exercises": ("exercise_sets",)}
COUNTS = """
    SELECT (SELECT count(*) FROM set_executions),
        (SELECT count(*) FROM workout_block_exercises WHERE archived_at IS NULL),
        (SELECT count(*) FROM workout_block_exercises WHERE archived_at IS NOT NULL),
        (SELECT count(*) FROM set_protocols), (SELECT count(*) FROM migration_quarantine)
"""
NEW_SET = """
    INSERT INTO set_executions (exercise_performance_id, set_number, set_notes)
    SELECT id, 9, 'mine' FROM exercise_performances ORDER BY id LIMIT 1
"""


def counts(url: str) -> Any:
    with psycopg.connect(url) as connection:
        return connection.execute(COUNTS.encode()).fetchone()


def app_that_truncates(url: str) -> str:
    app = old_app.login(url)
    tables = sql.SQL(", ").join(map(sql.Identifier, old_app.LEGACY))
    with psycopg.connect(url) as connection:
        connection.execute(sql.SQL("GRANT TRUNCATE ON {} TO old_app").format(tables))
    return app


@pytest.mark.parametrize(
    ("statements", "left"),
    [
        (("TRUNCATE exercise_sets",), (0, 20, 0, 40)),
        (("DELETE FROM exercise_sets",), (0, 20, 0, 40)),
        (("TRUNCATE exercise_sets, workout_exercises",), (0, 0, 0, 0)),
        (("TRUNCATE workout_exercises, exercise_sets",), (0, 0, 0, 0)),
        (("TRUNCATE workout_exercises CASCADE",), (0, 0, 0, 0)),
        (("DELETE FROM exercise_sets", "DELETE FROM workout_exercises"), (0, 0, 0, 0)),
        (("TRUNCATE workout_exercises CASCADE", "TRUNCATE exercise_sets"), (0, 0, 0, 0)),
    ],
)
def test_the_old_apps_truncate_is_carried_over_as_its_deletes_are(
    carried: str, statements: tuple[str, ...], left: tuple[int, ...]
) -> None:
    legacy_app.run(carried, "UPDATE exercise_sets SET weight = 1e9 WHERE set_number = 2")
    assert counts(carried) == (40, 20, 0, 40, 20)
    legacy_app.run(app_that_truncates(carried), "BEGIN", *statements, "COMMIT")
    assert counts(carried) == (*left, 0)
    assert migrate.verify(carried) == []


def test_what_a_new_writer_has_written_outlives_a_truncate(carried: str) -> None:
    with psycopg.connect(carried) as new:
        new.execute("SET insights.sync = 'new'")
        new.execute(NEW_SET)
    legacy_app.run(app_that_truncates(carried), "TRUNCATE workout_exercises CASCADE")
    assert counts(carried) == (1, 0, 1, 2, 0)  # its exercise is archived
    assert legacy_app.scalar(carried, MINE) == 1


def test_a_truncate_that_is_rolled_back_changes_nothing(carried: str) -> None:
    before = legacy_app.content(carried, "set_executions", "workout_block_exercises", "exercise_performances")
    legacy_app.run(app_that_truncates(carried), "BEGIN", "TRUNCATE workout_exercises CASCADE", "ROLLBACK")
    assert legacy_app.content(carried, *before) == before


@pytest.mark.parametrize(
    ("taken", "table", "rows"),
    [
        ("UPDATE set_executions SET pain_level = 1", "exercise_sets", 60),
        ("UPDATE workout_block_exercises SET notes = ''", "workout_exercises", 20),
    ],
)
def test_a_truncate_that_finds_a_lock_taken_keeps_every_row_aside_until_a_retry(
    carried: str, taken: str, table: str, rows: int
) -> None:
    app = app_that_truncates(carried)
    with psycopg.connect(carried) as holder:
        holder.execute("SET insights.sync = 'new'")
        holder.execute(taken.encode())
        legacy_app.run(app, "TRUNCATE workout_exercises CASCADE")
    assert legacy_app.scalar(carried, "SELECT count(*) FROM exercise_sets") == 0
    entries = quarantine.entries(carried)
    assert {(entry.source_table, entry.sqlstate) for entry in entries} == {(table, "55P03")}
    assert len(entries) == rows
    told = {finding.problem for finding in migrate.verify(carried)}
    assert told == {
        "kept aside because a lock was taken; `insights quarantine retry` carries it over",
        "deleted, and still carried over; `insights quarantine retry` ends that",
    }
    assert quarantine.retry(carried).left == 0
    assert counts(carried)[:2] == (0, 0)
    assert migrate.verify(carried) == []


def test_the_engines_own_truncate_is_its_own_affair(carried: str) -> None:
    legacy_app.run(carried, "SET insights.sync = 'new'; TRUNCATE exercise_sets")
    assert counts(carried)[0] == 60


@pytest.mark.parametrize("table", ["workout_blocks", "workout_block_exercises", "exercise_performances"])
def test_a_truncate_of_a_new_table_spares_the_legacy_rows_which_can_be_carried_over_again(
    carried: str, table: str
) -> None:
    legacy_app.set_flags(carried, 100)
    before = legacy_app.content(carried, "workouts", "workout_exercises", "exercise_sets")
    whole = counts(carried)
    legacy_app.run(carried, f"SET insights.sync = 'new'; TRUNCATE {table} CASCADE")
    assert counts(carried)[0] == 0
    assert legacy_app.content(carried, *before) == before
    assert len(migrate.verify(carried)) >= whole[0]
    moves.migrate_workout_exercises_to_blocks(carried)
    moves.migrate_exercise_sets_to_executions(carried)
    assert counts(carried) == whole
    assert migrate.verify(carried) == []
    assert legacy_app.content(carried, *before) == before


@pytest.mark.parametrize("number", ["03.03", "03.04", "04.01", "04.02"])
def test_a_truncate_half_way_up_is_carried_over_too(legacy: str, number: str) -> None:
    migrate.up(legacy, number)
    legacy_app.run(app_that_truncates(legacy), "TRUNCATE workout_exercises CASCADE")
    assert legacy_app.scalar(legacy, "SELECT count(*) FROM workout_block_exercises WHERE archived_at IS NULL") == 0
    migrate.up(legacy)
    assert counts(legacy)[0] == 0
    assert migrate.verify(legacy) == []


def test_plan_announces_which_tables_a_truncate_needs_cascade_for(legacy: str) -> None:
    told = set(planning.forecast(legacy).referenced)
    assert told >= {"users", "workouts", "workout_sessions", "exercise_catalog"}
    assert not told & {"exercise_sets", "workout_exercises", "plans", "subscriptions"}
    migrate.up(legacy)
    free, refused = set(), set()
    for table in old_app.LEGACY:
        try:
            legacy_app.run(legacy, "BEGIN", f"TRUNCATE {', '.join({table, *CHILDREN.get(table, ())})}")
            free.add(table)
        except psycopg.errors.FeatureNotSupported:
            refused.add(table)
    assert told <= refused
    assert {"exercise_sets", "workout_exercises"} <= free
    assert planning.forecast(legacy).referenced == ()


def test_a_truncate_under_the_apps_own_names_is_carried_over(legacy: str) -> None:
    legacy_app.forget(legacy)
    legacy_app.run(legacy, "ALTER TABLE exercise_sets RENAME TO sets", "ALTER TABLE sets RENAME reps TO count")
    baseline.adopt(legacy, "[exercise_sets]\ntable = 'sets'\ncolumns = { reps = 'count' }\n")
    with adapter.migrations_of(legacy) as folder:
        migrate.up(legacy, folder=folder)
        assert counts(legacy)[0] == 60
        legacy_app.run(legacy, "TRUNCATE sets")
        assert counts(legacy)[0] == 0
        assert migrate.verify(legacy, folder=folder) == []
