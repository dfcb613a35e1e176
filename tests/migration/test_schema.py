import re
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from insights import assets
from insights.db import migrate
from insights.db.migrate.dump import MAJOR, dump, dump_of_all

NUMBERS = [migration.id for migration in migrate.discover()]
LEFT_OUT = {"idx_feature_usage_user_feature_date", "idx_strength_progressions_user_exercise"}  # repeat a UNIQUE

WANTED_IN_LEGACY = {  # by 03.03, 04.01 and 07.05
    ("workout_exercises workout_id",),
    ("workout_sessions user_id",),
    ("subscriptions user_id",),
}

FOREIGN_KEYS_WITHOUT_INDEX = """
    SELECT c.conrelid::regclass::text || ' ' || a.attname
    FROM pg_constraint AS c
    JOIN pg_attribute AS a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
    WHERE c.contype = 'f'
      AND NOT EXISTS (SELECT FROM pg_index AS i WHERE i.indrelid = c.conrelid AND i.indkey[0] = c.conkey[1])
"""
REPEATED_INDEXES = """
    SELECT a.indexrelid::regclass::text
    FROM pg_index AS a JOIN pg_index AS b USING (indrelid)
    WHERE a.indexrelid <> b.indexrelid AND a.indkey::text = b.indkey::text AND a.indexprs IS NULL
      AND b.indexprs IS NULL AND a.indpred IS NULL AND b.indpred IS NULL
"""


def test_every_prefix_goes_up_and_down_without_a_trace(empty_database: str) -> None:
    migrate.up(empty_database, NUMBERS[0])
    before = [dump(empty_database)]
    for number in NUMBERS[1:]:
        migrate.up(empty_database, number)
        before.append(dump(empty_database))
        assert before[-1] != before[-2], f"{number} changes nothing"
    for position in reversed(range(len(NUMBERS) - 1)):
        migrate.down(empty_database, NUMBERS[position])
        assert dump(empty_database) == before[position], f"the down of {NUMBERS[position + 1]} leaves a trace"
    assert [done.id for done in migrate.up(empty_database)] == NUMBERS[1:]
    assert dump(empty_database) == before[-1]
    migrate.down(empty_database, migrate.BASE)
    with psycopg.connect(empty_database) as connection:
        left = connection.execute("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace").fetchall()
    assert {name for (name,) in left} == {"insights_migrations", "insights_migrations_pkey"}


def test_all_migrations_equal_the_committed_schema(server_url: str) -> None:
    with psycopg.connect(server_url) as connection:
        if (major := connection.info.server_version // 10000) != MAJOR:
            pytest.skip(f"PostgreSQL {major} words views otherwise than {MAJOR}, whose words sql/schema.sql has")
    assert dump_of_all(server_url) == assets.path("sql", "schema.sql").read_text()


def test_the_developers_command_says_how_it_is_called() -> None:
    command = [sys.executable, "-m", "insights.db.migrate.dump"]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    assert told.returncode == 1
    assert "usage" in told.stderr


def test_a_database_that_is_migrated_has_nothing_wrong(database: str) -> None:
    assert migrate.verify(database) == []
    assert migrate.plan(database) == []
    assert {standing.state for standing in migrate.status(database)} == {"applied"}


def test_every_new_foreign_key_has_an_index(empty_database: str) -> None:
    migrate.up(empty_database, NUMBERS[0])
    with psycopg.connect(empty_database) as connection:
        legacy = set(connection.execute(FOREIGN_KEYS_WITHOUT_INDEX).fetchall())
    migrate.up(empty_database)
    with psycopg.connect(empty_database) as connection:
        left = set(connection.execute(FOREIGN_KEYS_WITHOUT_INDEX).fetchall())
        assert left == legacy - WANTED_IN_LEGACY
        assert connection.execute(REPEATED_INDEXES).fetchall() == []
    assert len(legacy) == 14


@pytest.fixture
def plan_text(shared_data: Path) -> str:
    return (shared_data.parent / "seed" / "migration-plan.md").read_text()


def test_the_plans_tables_columns_enums_views_and_indexes_are_there(database: str, plan_text: str) -> None:
    columns = set()
    for table, body in re.findall(r"^CREATE TABLE (\w+) \((.*?)^\);", plan_text, re.MULTILINE | re.DOTALL):
        columns |= {(table, name) for name in re.findall(r"^ {4}([a-z]\w*) [A-Za-z]", body, re.MULTILINE)}
    columns |= set(re.findall(r"ALTER TABLE (\w+) ADD COLUMN (\w+)", plan_text))
    labels = {
        (name, label)
        for name, body in re.findall(r"CREATE TYPE (\w+) AS ENUM \((.*?)\);", plan_text, re.DOTALL)
        for label in re.findall(r"'(\w+)'", body)
    }
    relations = set(re.findall(r"CREATE (?:TABLE|VIEW|INDEX) (\w+)", plan_text)) - LEFT_OUT
    assert (len(columns), len(labels), len(relations)) == (186, 30, 20)
    with psycopg.connect(database) as connection:
        have_columns = connection.execute("SELECT table_name, column_name FROM information_schema.columns")
        assert columns <= set(have_columns.fetchall())
        have_labels = connection.execute(
            "SELECT t.typname, e.enumlabel FROM pg_enum e JOIN pg_type t ON t.oid = enumtypid"
        )
        assert labels <= set(have_labels.fetchall())
        have_relations = connection.execute("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace")
        assert relations <= {name for (name,) in have_relations}
        naive = connection.execute(
            "SELECT table_name FROM information_schema.columns WHERE data_type = 'timestamp without time zone'"
            " AND table_schema = 'public'"
        )
        assert naive.fetchall() == []


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        ("volume_analytics", "total_volume_kg", "NaN"),
        ("volume_analytics", "average_intensity", "NaN"),
        ("volume_analytics", "sets_per_hour", "Infinity"),
        ("insight_data_points", "numeric_value", "NaN"),
        ("insight_data_points", "numeric_value", "-Infinity"),
        ("insight_data_points", "confidence_score", "1.01"),
        ("insight_data_points", "confidence_score", "NaN"),
    ],
)
def test_analytics_refuse_what_no_engine_may_write(database: str, table: str, column: str, value: str) -> None:
    with pytest.raises((psycopg.errors.CheckViolation, psycopg.errors.NumericValueOutOfRange)):
        write_analytics(database, table, column, value)


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        ("volume_analytics", "sets_per_hour", "36000"),
        ("volume_analytics", "total_volume_kg", "1964741.75"),
        ("insight_data_points", "numeric_value", "19647417.5"),
        ("insight_data_points", "confidence_score", "1"),
    ],
)
def test_analytics_hold_what_an_engine_writes(database: str, table: str, column: str, value: str) -> None:
    write_analytics(database, table, column, value)


def write_analytics(url: str, table: str, column: str, value: str) -> None:
    day = "calculation_date, period_type" if table == "volume_analytics" else "measurement_date, data_type"
    with psycopg.connect(url) as connection:
        connection.execute("INSERT INTO users (id, email, username) VALUES (gen_random_uuid(), 'a@b.c', 'a')")
        statement = f"INSERT INTO {table} (user_id, {day}, {column}) SELECT id, '2026-01-05', 'daily', %s FROM users"
        connection.execute(statement.encode(), (value,))


def test_a_week_is_a_date_in_any_zone_and_weighs_intensity_by_repetitions(database: str) -> None:
    with psycopg.connect(database, options="-c timezone=Pacific/Auckland") as connection:
        connection.execute("INSERT INTO users (id, email, username) VALUES (gen_random_uuid(), 'a@b.c', 'a')")
        connection.execute(
            "INSERT INTO volume_analytics"
            " (user_id, calculation_date, period_type, total_volume_kg, total_sets, average_intensity, intensity_reps)"
            " SELECT id, v.* FROM users, (VALUES ('2026-01-05'::date, 'daily', 100, 1, 50, 10),"
            " ('2026-01-11', 'daily', 200, 2, 80, 20), ('2026-01-12', 'daily', 400, 4, NULL, 0)) AS v"
        )
        weeks = connection.execute(
            "SELECT week_start::text, weekly_volume, weekly_sets, avg_weekly_intensity"
            " FROM weekly_volume_summary ORDER BY 1"
        ).fetchall()
    assert weeks == [("2026-01-05", 300, 3, 70), ("2026-01-12", 400, 4, None)]
