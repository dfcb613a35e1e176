import threading
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.conftest import create, drop, examples, named
from tests.migration import legacy_app

from insights.db import migrate
from insights.db.migrate import flags, moves, quarantine

WORKOUTS = "SELECT id FROM workouts ORDER BY id LIMIT 2"
LIVE = """
    SELECT be.id FROM workout_block_exercises AS be
    WHERE be.workout_block_id = %s AND be.archived_at IS NULL ORDER BY be.exercise_order
"""
NUMBERS = """
    SELECT array_agg(be.exercise_order ORDER BY be.exercise_order) FROM workout_block_exercises AS be
    WHERE be.workout_block_id = %s AND be.archived_at IS NULL
"""
LEGACY = 'SELECT id FROM workout_exercises WHERE workout_id = %s ORDER BY coalesce("order", 2147483647), created_at, id'
MIRRORED = "exercise_order = 4 - exercise_order"
INSERT = (
    'INSERT INTO workout_exercises (id, workout_id, exercise_id, "order") SELECT %s, %s, id, %s FROM exercise_catalog'
)


@pytest.fixture(scope="module")
def shared(server_url: str, carried_template: str) -> Iterator[str]:
    create(server_url, "orders", template=carried_template)
    yield named(server_url, "orders")
    drop(server_url, "orders")


def workouts(connection: psycopg.Connection[Any]) -> list[UUID]:
    return [key for (key,) in connection.execute(WORKOUTS)]


def check(connection: psycopg.Connection[Any]) -> None:
    for workout in workouts(connection):
        wanted = connection.execute(LEGACY, (workout,)).fetchall()
        assert connection.execute(LIVE, (workout,)).fetchall() == wanted
        numbers = connection.execute(NUMBERS, (workout,)).fetchone()
        assert numbers == (list(range(1, len(wanted) + 1)) or None,)


@pytest.fixture(scope="module")
def written(server_url: str, carried_template: str) -> Iterator[str]:
    """With users who write through the new tables."""
    create(server_url, "orders_written", template=carried_template)
    legacy_app.set_flags(named(server_url, "orders_written"), 100)
    yield named(server_url, "orders_written")
    drop(server_url, "orders_written")


changes = st.lists(
    st.tuples(
        st.sampled_from(["insert", "order", "delete", "move"]),
        st.integers(0, 7),
        st.one_of(st.none(), st.integers(-1, 4)),
        st.booleans(),
    ),
    min_size=3,
    max_size=15,
)


@examples(15)
@given(changes=changes)
def test_any_series_of_changes_leaves_the_order_of_the_legacy_exercises(
    shared: str, changes: list[tuple[str, int, int | None, bool]]
) -> None:
    with psycopg.connect(shared, autocommit=True) as app:
        both = workouts(app)
        for act, number, order, commits in changes:
            if commits and app.info.transaction_status:
                app.execute("COMMIT")
            elif not commits and not app.info.transaction_status:
                app.execute("BEGIN")
            found = app.execute(
                "SELECT id FROM workout_exercises WHERE workout_id = ANY(%s) ORDER BY id", (both,)
            ).fetchall()
            key = found[number % len(found)][0] if found else None
            if act == "insert" or key is None:
                app.execute(INSERT, (uuid4(), both[number % 2], order))
            elif act == "order":
                app.execute('UPDATE workout_exercises SET "order" = %s WHERE id = %s', (order, key))
            elif act == "move":
                app.execute("UPDATE workout_exercises SET workout_id = %s WHERE id = %s", (both[number % 2], key))
            else:
                app.execute("DELETE FROM exercise_sets WHERE workout_exercise_id = %s", (key,))
                app.execute("DELETE FROM workout_exercises WHERE id = %s", (key,))
        if app.info.transaction_status:
            app.execute("COMMIT")
        check(app)
        assert app.execute("SELECT count(*) FROM migration_quarantine").fetchone() == (0,)
    assert migrate.verify(shared) == []


@examples(25)
@given(
    gaps=st.lists(st.one_of(st.none(), st.integers(-5, 90)), min_size=4, max_size=4),
    moved=st.dictionaries(st.integers(0, 3), st.integers(-9, 99), min_size=1),
)
def test_what_a_new_writer_moves_moves_for_the_old_readers_too(
    written: str, gaps: list[int | None], moved: dict[int, int]
) -> None:
    with psycopg.connect(written, autocommit=True) as app:
        workout = workouts(app)[0]
        app.execute("DELETE FROM exercise_sets")
        app.execute("DELETE FROM workout_exercises WHERE workout_id = %s", (workout,))
        for order in gaps:
            app.execute(INSERT, (uuid4(), workout, order))
        keys = [key for (key,) in app.execute(LIVE, (workout,))]
        app.execute("SET insights.sync = 'new'")
        for place, order in moved.items():
            app.execute("UPDATE workout_block_exercises SET exercise_order = %s WHERE id = %s", (order, keys[place]))
        orders = {key: moved.get(place, place + 1) for place, key in enumerate(keys)}
        if len(set(orders.values())) == len(orders):
            assert [key for (key,) in app.execute(LEGACY, (workout,))] == sorted(orders, key=orders.__getitem__)
            assert migrate.verify(written) == []
        assert app.execute("SELECT count(*) FROM migration_quarantine").fetchone() == (0,)


@pytest.mark.parametrize(("moved", "kept"), [("exercise_order = exercise_order, notes = 'x'", True), (MIRRORED, False)])
def test_legacy_orders_keep_their_gaps_while_they_tell_the_order(carried: str, moved: str, kept: bool) -> None:
    legacy_app.set_flags(carried, 100)
    with psycopg.connect(carried, autocommit=True) as app:
        workout = workouts(app)[0]
        for order in (10, 20):
            app.execute(INSERT, (uuid4(), workout, order))
        app.execute("SET insights.sync = 'new'")
        app.execute(f"UPDATE workout_block_exercises SET {moved} WHERE workout_block_id = %s".encode(), (workout,))
        numbers = app.execute('SELECT array_agg("order" ORDER BY "order") FROM workout_exercises WHERE workout_id = %s',
                              (workout,)).fetchone()  # fmt: skip
    assert numbers == ([1, 10, 20] if kept else [1, 2, 3],)
    assert migrate.verify(carried) == []


def test_two_transactions_on_one_workout_wait_for_nobody_and_a_retry_puts_it_in_order(carried: str) -> None:
    with psycopg.connect(carried) as one, psycopg.connect(carried, autocommit=True) as other:
        workout = workouts(one)[0]
        one.execute(INSERT, (uuid4(), workout, 0))
        other.execute("SET statement_timeout = '300ms'")
        other.execute(INSERT, (uuid4(), workout, 0))
        one.commit()
    entries = quarantine.entries(carried, "workout_exercises")
    assert [entry.sqlstate for entry in entries] == ["55P03"]
    assert "another transaction changes the workout too" in entries[0].reason
    problems = [finding.problem for finding in migrate.verify(carried)]
    assert any("`insights quarantine retry`" in problem for problem in problems)
    assert quarantine.retry(carried).left == 0
    assert migrate.verify(carried) == []
    with psycopg.connect(carried) as connection:
        check(connection)


def test_verify_finds_an_order_that_repeats(carried: str) -> None:
    with psycopg.connect(carried) as connection:
        connection.execute(INSERT, (uuid4(), workouts(connection)[0], 5))
    legacy_app.run(carried, "SET insights.sync = 'new'; UPDATE workout_block_exercises SET exercise_order = 1")
    found = migrate.verify(carried)
    assert [(f.id, f.problem) for f in found] == [("03.03", "exercise_order is not that of the legacy exercises")]
    moves.migrate_workout_exercises_to_blocks(carried)
    assert migrate.verify(carried) == []


def test_an_exercise_that_is_added_while_a_batch_runs_is_ranked_with_the_others(legacy: str) -> None:
    app = psycopg.connect(legacy)
    workout = workouts(app)[0]
    app.execute(INSERT, (uuid4(), workout, 7))
    app.commit()
    seen: list[str] = []

    def in_between(event: migrate.Event) -> None:
        if event.id == "03.03" and event.kind == "batch" and not seen:
            seen.append(event.step_name)
            app.execute(INSERT, (uuid4(), workout, 0))
            threading.Timer(1, app.commit).start()

    migrate.up(legacy, "03.03", on_step=in_between, first_batch=1)
    assert seen == ["carry over workout_exercises"]
    app.close()
    assert quarantine.retry(legacy).left == 0
    assert migrate.verify(legacy) == []
    with psycopg.connect(legacy) as connection:
        check(connection)


def test_a_block_of_a_new_writer_keeps_its_exercises_when_the_old_app_writes_them(carried: str) -> None:
    flags.set_flag(carried, "write_new", 100)
    block, first, second = uuid4(), uuid4(), uuid4()
    with psycopg.connect(carried, autocommit=True) as new:
        workout = workouts(new)[0]
        new.execute("SET insights.sync = 'new'")
        new.execute(
            "INSERT INTO workout_blocks (id, workout_id, block_order, block_type) VALUES (%s, %s, 2, 'superset')",
            (block, workout),
        )
        for order, key in enumerate((first, second), 1):
            new.execute(
                "INSERT INTO workout_block_exercises (id, workout_block_id, exercise_id, exercise_order)"
                " SELECT %s, %s, id, %s FROM exercise_catalog",
                (key, block, order),
            )
    with psycopg.connect(carried, autocommit=True) as old:
        old.execute("UPDATE workout_exercises SET notes = 'slow' WHERE id = %s", (first,))
        assert old.execute(LIVE, (block,)).fetchall() == [(first,), (second,)]
        old.execute('UPDATE workout_exercises SET "order" = 9 WHERE id = %s', (first,))
        assert old.execute(LIVE, (block,)).fetchall() == [(second,), (first,)]
    assert migrate.verify(carried) == []
