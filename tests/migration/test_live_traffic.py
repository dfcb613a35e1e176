from collections.abc import Iterator

import psycopg
import pytest
from tests.conftest import create, drop, named
from tests.migration import old_app

from insights.db import migrate
from insights.db.migrate import quarantine
from insights.db.migrate.dump import dump

COUNTS = """
    SELECT count(*), count(e.id), count(DISTINCT q.source_id),
        count(*) FILTER (WHERE e.id IS NOT NULL AND q.id IS NOT NULL)
    FROM exercise_sets AS s
    LEFT JOIN set_executions AS e ON e.id = s.id
    LEFT JOIN migration_quarantine AS q ON q.source_table = 'exercise_sets' AND q.source_id = s.id
"""
GHOSTS = "SELECT count(*) FROM set_executions AS e WHERE NOT EXISTS (SELECT FROM exercise_sets AS s WHERE s.id = e.id)"


@pytest.fixture
def busy_app(server_url: str, fresh_names: Iterator[str]) -> Iterator[str]:
    name = next(fresh_names)
    create(server_url, name)
    url = named(server_url, name)
    migrate.up(url, "00.00")
    old_app.seed(url, users=40, workouts=60, sessions=1500, sets=20_000)
    yield url
    drop(server_url, name)


def test_the_old_app_notices_nothing_of_up_and_down(busy_app: str) -> None:
    with psycopg.connect(busy_app) as connection:
        before = {table: columns(connection, table) for table in old_app.LEGACY}
    shape = dump(busy_app)
    with old_app.at_work(busy_app, open_s=4) as told:
        migrate.up(busy_app, first_batch=500)
    assert told.errors == []
    assert told.transactions > 50
    quarantine.retry(busy_app)
    assert migrate.verify(busy_app) == []
    with psycopg.connect(busy_app) as connection:
        source, carried, aside, both = connection.execute(COUNTS.encode()).fetchone() or ()
        assert (carried + aside, both) == (source, 0)
        assert connection.execute(GHOSTS.encode()).fetchone() == (0,)
        busy = connection.execute(
            "SELECT count(*) FROM migration_quarantine WHERE sqlstate NOT IN ('22003', '22023')"
        ).fetchone()
        assert busy == (0,)
    with old_app.at_work(busy_app, open_s=4) as told:
        migrate.down(busy_app, "00.00")
    assert told.errors == []
    assert told.transactions > 20
    assert dump(busy_app) == shape
    with psycopg.connect(busy_app) as connection:
        assert {table: columns(connection, table) for table in old_app.LEGACY} == before


def columns(connection: psycopg.Connection[tuple[object, ...]], table: str) -> list[tuple[object, ...]]:
    query = "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = %s ORDER BY 1"
    return connection.execute(query, (table,)).fetchall()
