import ast
import json
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from math import erf
from pathlib import Path
from typing import Any, LiteralString
from uuid import UUID

import duckdb
import polars as pl
import psycopg
import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st
from psycopg import sql
from tests.conftest import examples
from tests.oracle import nights
from tests.oracle.logs import START, Row, contexts, contexts_of, frames, long_logs, ugly_logs
from typer.testing import CliRunner, Result

from insights import audit, ids
from insights.audit.compare import compare
from insights.audit.recompute import MACROS, recompute
from insights.audit.run import stored_rows
from insights.cli.audit import command
from insights.data_types import CATALOGUE
from insights.db import columns
from insights.db.extract import Extract, extract
from insights.errors import BadInput, CheckFailed
from insights.frames import Movements, Muscles
from insights.pipeline import job as jobs
from insights.pipeline import run as runs
from insights.pipeline.analytics import compute
from insights.science.rounding import stored
from insights.simulate.store import Cohort

AS_OF = date(2025, 6, 1)  # a Sunday
COHORT = Cohort(lifters=2, weeks=30, seed=11, until=AS_OF, ugliness=1.0)
SCALES = {
    "volume_analytics": {"total_volume_kg": 2, "average_intensity": 2, "volume_per_hour": 2, "sets_per_hour": 2},
    "strength_progressions": {"estimated_1rm_kg": 2, "confidence_score": 2, "base_weight_kg": 2, "base_rpe": 1},
    "insight_data_points": {"numeric_value": 4, "confidence_score": 2},
}
TABLES = tuple(SCALES)
# All columns but created_at; the first test holds them against the database.
COLUMNS = {
    "volume_analytics": (
        "id user_id calculation_date period_type total_volume_kg total_sets total_reps average_intensity "
        "intensity_reps volume_by_muscle_group volume_by_movement volume_per_hour sets_per_hour"
    ),
    "strength_progressions": (
        "id user_id exercise_id measurement_date estimated_1rm_kg estimation_method confidence_score base_weight_kg "
        "base_reps base_rpe volume_pr weight_pr reps_pr"
    ),
    "insight_data_points": (
        "id user_id data_type measurement_date numeric_value text_value json_value source_table source_id "
        "confidence_score calculation_method entity_id entity window_start window_end unit n superseded_at"
    ),
}
CELLS = [(table, column) for table, names in COLUMNS.items() for column in names.split()]
NOT_NULL = {
    ("volume_analytics", "intensity_reps"),
    ("volume_analytics", "calculation_date"),
    ("volume_analytics", "period_type"),
    ("strength_progressions", "measurement_date"),
    ("strength_progressions", "exercise_id"),
    ("insight_data_points", "data_type"),
    ("insight_data_points", "measurement_date"),
}


NOT_TOLD = {"e1rm_sleep_quality_rho", "e1rm_stress_level_rho"}  # what the two lifters' log has no ground for

# one shard, recomputed once; what a test alters is rolled back --------------------------------------------------------


@pytest.fixture(scope="module")
def night_url(server_url: str, migrated_template: str) -> Iterator[str]:
    name, template = sql.Identifier("audited"), sql.Identifier(migrated_template)
    url = f"{server_url.rsplit('/', 1)[0]}/audited"
    with psycopg.connect(server_url, autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(name, template))
        nights.described(url, nights.simulated(url, COHORT), AS_OF)
        nights.night(url, AS_OF)
        yield url
        server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


class Shard:
    """The two lifters, and DuckDB's opinion of them."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.users = [row[0].bytes for row in self.select("SELECT id FROM users ORDER BY id")]
        with columns.transaction(url) as cursor:
            self.second = recompute(extract(cursor, self.users), dict.fromkeys(self.users, AS_OF))

    def select(self, query: LiteralString) -> list[Any]:
        with psycopg.connect(self.url) as connection:
            return connection.execute(query).fetchall()

    def differences(self, statement: str, rows: int = 1) -> list[audit.Difference]:
        """What the audit says after the statement, which touches so many rows and is undone."""
        found: list[audit.Difference] = []
        with pytest.raises(Undone), columns.transaction(self.url) as cursor:
            columns.stage(cursor, "shard_users", pl.DataFrame({"user_id": self.users}), ids=["user_id"])
            cursor.execute(statement)
            assert cursor.rowcount == rows
            for table, stored_now in stored_rows(cursor).items():
                found += compare(self.second, table, stored_now)[1]
            raise Undone
        return found


class Undone(Exception):
    pass


@pytest.fixture(scope="module")
def shard(night_url: str) -> Iterator[Shard]:
    made = Shard(night_url)
    yield made
    made.second.close()


def test_the_columns_are_all_there_are(shard: Shard) -> None:
    query = "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"
    of_tables = {(table, column) for table, column in shard.select(query) if table in TABLES}
    assert of_tables == {*CELLS, *((table, "created_at") for table in TABLES)}


CHANGES = {
    "user_id": "(SELECT u.id FROM users AS u WHERE u.id <> t.user_id LIMIT 1)",
    "exercise_id": "(SELECT id FROM exercise_catalog WHERE id NOT IN (SELECT exercise_id FROM {table}) LIMIT 1)",
    "period_type": "'monthly'",  # of a day that is not the first of its month
    "superseded_at": "now()",
    **dict.fromkeys(("id", "entity_id", "source_id"), "gen_random_uuid()"),
    **dict.fromkeys(("calculation_date", "measurement_date", "window_start", "window_end"), "{column} + 10000"),
    **dict.fromkeys(("volume_pr", "weight_pr", "reps_pr"), "NOT {column}"),
    **dict.fromkeys(("total_sets", "total_reps", "intensity_reps", "base_reps", "n"), "coalesce({column}, 0) + 1"),
    **dict.fromkeys(("volume_by_muscle_group", "volume_by_movement"), "{column} || '{{\"x\": 1}}'"),
    "json_value": "'1'",
    "base_rpe": "coalesce({column} - 0.1, 8)",
    "numeric_value": "coalesce({column}, 0) + 0.0001",
    **dict.fromkeys(
        (
            "total_volume_kg",
            "average_intensity",
            "volume_per_hour",
            "sets_per_hour",
            "estimated_1rm_kg",
            "base_weight_kg",
        ),
        "coalesce({column}, 0) + 0.01",
    ),
    "confidence_score": "CASE WHEN {column} > 0.5 THEN {column} - 0.01 ELSE coalesce({column}, 0) + 0.01 END",
    **dict.fromkeys(
        ("estimation_method", "data_type", "text_value", "source_table", "calculation_method", "entity", "unit"),
        "coalesce({column}, '') || 'x'",
    ),
}

# Rows whose change meets no other row.
FREE = {
    ("volume_analytics", "period_type"): "period_type = 'daily' AND extract(day FROM calculation_date) > 1",
    ("volume_analytics", "user_id"): (
        "calculation_date IN (SELECT calculation_date FROM volume_analytics GROUP BY 1 HAVING count(*) = 1)"
    ),
    ("strength_progressions", "user_id"): (
        "exercise_id IN (SELECT exercise_id FROM strength_progressions GROUP BY 1 HAVING count(DISTINCT user_id) = 1)"
    ),
}


def altered(table: str, column: str, value: str, where: str = "true") -> str:
    """One row, of those with a value in the column if there is one."""
    row = f"SELECT id FROM {table} WHERE {where} ORDER BY {column} IS NULL, id LIMIT 1"
    return f"UPDATE {table} AS t SET {column} = {value.format(table=table, column=column)} WHERE id = ({row})"


@pytest.mark.parametrize(("table", "column"), CELLS)
def test_one_altered_cell_is_one_difference(shard: Shard, table: str, column: str) -> None:
    (found,) = shard.differences(altered(table, column, CHANGES[column], FREE.get((table, column), "true")))
    assert found.table == table
    if column == "superseded_at":
        assert (found.kind, found.column, found.stored) == ("missing", None, None)
    else:
        assert (found.kind, found.column) == ("changed", column)
        assert found.stored != found.recomputed


@pytest.mark.parametrize(
    ("table", "column"),
    [
        (table, column)
        for table, column in CELLS
        if (table, column) not in NOT_NULL and column not in ("id", "user_id", "json_value", "superseded_at")
    ],
)
def test_one_emptied_cell_is_one_difference(shard: Shard, table: str, column: str) -> None:
    (found,) = shard.differences(altered(table, column, "NULL", f"{column} IS NOT NULL"))
    assert (found.kind, found.table, found.column, found.stored) == ("changed", table, column, None)
    assert found.recomputed is not None


def test_one_altered_point_of_every_kind_is_one_difference_each(shard: Shard) -> None:
    told = set(CATALOGUE) - NOT_TOLD
    found = shard.differences(
        """UPDATE insight_data_points SET numeric_value = numeric_value + 0.0001, text_value = text_value || 'x'
           WHERE id IN (SELECT DISTINCT ON (data_type) id FROM insight_data_points ORDER BY data_type, id)""",
        rows=len(told),
    )
    assert sorted(one.key["data_type"] for one in found) == sorted(told)
    assert {(one.kind, one.column) for one in found} == {("changed", "numeric_value"), ("changed", "text_value")}


@pytest.mark.parametrize("table", TABLES)
def test_a_removed_row_is_missing(shard: Shard, table: str) -> None:
    (found,) = shard.differences(f"DELETE FROM {table} WHERE id = (SELECT id FROM {table} ORDER BY id LIMIT 1)")
    assert (found.kind, found.table, found.column, found.stored) == ("missing", table, None, None)
    assert found.recomputed["id"] not in (None, "")
    assert all(found.recomputed[name] == value for name, value in found.key.items())


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("volume_analytics", "calculation_date = calculation_date + 10000"),
        ("strength_progressions", "measurement_date = measurement_date + 10000"),
        ("insight_data_points", "numeric_value = 1"),
        ("insight_data_points", "user_id = user_id"),  # a second copy of a row
    ],
)
def test_an_added_row_is_extra(shard: Shard, table: str, change: str) -> None:
    names = [name for one, name in CELLS if one == table and name != "id"]
    column, _, value = change.partition(" = ")
    copied = {name: name for name in names} | {column: value}
    (found,) = shard.differences(
        f"INSERT INTO {table} (id, {', '.join(copied)})"
        f" SELECT gen_random_uuid(), {', '.join(copied.values())} FROM {table}"
        f" WHERE id = (SELECT id FROM {table} ORDER BY id LIMIT 1)"
    )
    assert (found.kind, found.table, found.column, found.recomputed) == ("extra", table, None, None)


def test_superseded_points_are_no_difference(shard: Shard) -> None:
    statement = """INSERT INTO insight_data_points (user_id, data_type, measurement_date, numeric_value, superseded_at)
                   SELECT user_id, data_type, measurement_date, 1, now() FROM insight_data_points LIMIT 1"""
    assert shard.differences(statement) == []


# whole audits --------------------------------------------------------------------------------------------------------


def counts(url: str) -> dict[str, int]:
    with psycopg.connect(url) as connection:
        return {
            table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # type: ignore[index]
            for table in TABLES
        }


def test_ugly_lifters_agree_on_every_row(night_url: str) -> None:
    report = audit.audit(night_url, shard_users=1)
    assert report.differences == []
    assert report.ok
    assert dict(report.rows) == counts(night_url)
    assert all(report.rows[table] > 200 for table in TABLES)
    assert {user.as_of for user in report.users} == {AS_OF}
    assert len(report.users) == COHORT.lifters


@pytest.mark.parametrize("zone", ["America/New_York", "Pacific/Auckland"])
def test_the_hevy_log_agrees_on_every_row(database: str, shared_data: Path, zone: str) -> None:
    nights.imported(database, shared_data / "hevy" / "strong-statistics.csv", "auto", zone)
    nights.night(database, date(2025, 9, 16))
    report = audit.audit(database)
    assert report.differences == []
    assert dict(report.rows) == counts(database)
    assert all(report.rows[table] > 300 for table in TABLES)


@st.composite
def described(draw: st.DrawFn, lifts: list[Row]) -> tuple[list[Row], list[Row]]:
    """Muscles and movements of the lifts, some of them unknown."""
    muscle = st.sampled_from(["quadriceps", "hamstrings", "chest", "unattributed"])
    pattern = st.sampled_from(["horizontal_push", "vertical_pull", "squat", "push", "unattributed"])
    role, activation = st.sampled_from(["primary", "secondary", "stabilizer"]), st.sampled_from([20.0, 50.0])
    muscles = [
        {"exercise_id": lift["exercise_id"], "muscle": name, "role": draw(role), "activation": draw(activation)}
        for lift in lifts
        for name in draw(st.lists(muscle, max_size=3))
    ]
    movements = [
        {"exercise_id": lift["exercise_id"], "pattern": name}
        for lift in lifts
        for name in draw(st.lists(pattern, max_size=4, unique=True))
    ]
    return muscles, movements


@examples(4)
@given(data=st.data())
def test_agrees_with_the_engine_on_any_log(data: st.DataObject) -> None:
    log = data.draw(st.one_of(ugly_logs(), long_logs()))
    sets, users, exercises, body_weights = frames(*log)
    muscles, movements = data.draw(described(log[2]))
    extracted = Extract(
        users,
        sets,
        body_weights,
        exercises,
        Muscles.validate(pl.DataFrame(muscles, schema=Muscles.create_empty().schema)),
        Movements.validate(pl.DataFrame(movements, schema=Movements.create_empty().schema)),
        contexts(data.draw(contexts_of(log[0]))),
    )
    last = max((row["session_start"] or START for row in log[0]), default=START).date()
    as_of = last + timedelta(days=data.draw(st.sampled_from([-40, 0, 0, 3, 20])))
    derived = compute(extracted, as_of).derived
    computed = dict(zip(TABLES, (derived.volumes, derived.progressions, derived.data_points), strict=True))
    with recompute(extracted, {row["user_id"]: as_of for row in log[1]}) as second:
        for table, rows in computed.items():
            texts = pl.col(pl.Enum).cast(pl.String)
            rounded = rows.with_columns(texts, *(stored(name, scale) for name, scale in SCALES[table].items()))
            assert compare(second, table, rounded) == (rows.height, [])


# which day ------------------------------------------------------------------------------------------------------------


def execute(url: str, statement: str, *parameters: Any) -> None:
    with psycopg.connect(url) as connection:
        connection.execute(statement, parameters)


@pytest.fixture
def lifters(lifters_of: Callable[..., tuple[str, list[UUID]]]) -> tuple[str, list[UUID]]:
    return lifters_of(Cohort(lifters=2, weeks=8, seed=4, until=AS_OF, ugliness=0.5))


def night(url: str, **options: Any) -> runs.Report:
    job = jobs.read("backfill")
    return runs.run(url, job, **({"now": datetime.now(tz=UTC)} | options))


def test_each_user_is_judged_as_of_the_newest_run_that_covered_them(lifters: tuple[str, list[UUID]]) -> None:
    url, (one, other) = lifters
    every = night(url, as_of=AS_OF)
    alone = night(url, as_of=AS_OF + timedelta(days=2), user_id=one)
    night(url, as_of=AS_OF - timedelta(days=9), dry_run=True)
    report = audit.audit(url)
    assert report.ok
    assert {(user.user_id, user.as_of, user.run_id) for user in report.users} == {
        (one, AS_OF + timedelta(days=2), alone.run_id),
        (other, AS_OF, every.run_id),
    }


def test_a_night_without_a_day_ends_with_each_users_yesterday(lifters: tuple[str, list[UUID]]) -> None:
    url, (one, other) = lifters
    execute(url, "UPDATE users SET tz = 'Pacific/Auckland' WHERE id = %s", one)
    execute(url, "UPDATE users SET tz = 'nowhere' WHERE id = %s", other)
    night(url, now=datetime(2025, 5, 28, 13, tzinfo=UTC))
    report = audit.audit(url)
    assert report.ok
    assert {user.user_id: user.as_of for user in report.users} == {one: date(2025, 5, 28), other: date(2025, 5, 27)}


def test_a_run_with_a_later_day_is_taken_at_its_word(lifters: tuple[str, list[UUID]]) -> None:
    url, users = lifters
    night(url, as_of=AS_OF, now=datetime(2025, 5, 20, 12, tzinfo=UTC))
    report = audit.audit(url)
    assert report.ok
    assert {user.as_of for user in report.users} == {AS_OF}
    assert len(report.users) == len(users)


def test_volumes_of_periods_that_the_runs_job_leaves_alone_are_not_compared(lifters: tuple[str, list[UUID]]) -> None:
    url, _ = lifters
    weekly = jobs.read("backfill").model_copy(update={"period_types": ("weekly",)})
    runs.run(url, weekly, now=datetime.now(tz=UTC), as_of=AS_OF)
    report = audit.audit(url)
    assert report.ok
    execute(url, "DELETE FROM volume_analytics WHERE period_type = 'weekly'")
    missing = audit.audit(url).differences
    assert {(one.kind, one.table, one.key["period_type"]) for one in missing} == {
        ("missing", "volume_analytics", "weekly")
    }


def test_a_user_whom_a_run_failed_keeps_the_run_before(lifters: tuple[str, list[UUID]]) -> None:
    url, (one, other) = lifters
    night(url, as_of=AS_OF)
    failing = night(url, as_of=AS_OF, user_id=one)
    insert = "INSERT INTO analytics_failures (run_id, user_id, stage) VALUES (%s, %s, %s)"
    execute(url, insert, failing.run_id, one, "analytics")
    later = night(url, as_of=AS_OF + timedelta(days=1))
    execute(url, insert, later.run_id, one, "analytics")
    execute(url, insert, later.run_id, other, "insights")
    days = {user.user_id: user.as_of for user in audit.audit(url).users}
    assert days == {one: AS_OF, other: AS_OF + timedelta(days=1)}


def test_before_any_run_nothing_should_be_stored(lifters: tuple[str, list[UUID]]) -> None:
    url, (one, _) = lifters
    assert audit.audit(url).ok
    assert {user.as_of for user in audit.audit(url).users} == {None}
    execute(
        url,
        "INSERT INTO volume_analytics (user_id, calculation_date, period_type) VALUES (%s, '2025-05-26', 'weekly')",
        one,
    )
    (found,) = audit.audit(url).differences
    assert (found.kind, found.table, found.key["user_id"]) == ("extra", "volume_analytics", one)


def test_a_day_of_ones_own_choice_finds_what_came_after(night_url: str) -> None:
    report = audit.audit(night_url, as_of=AS_OF - timedelta(days=7))
    kinds = Counter((difference.table, difference.kind) for difference in report.differences)
    assert kinds["strength_progressions", "extra"] > 0
    assert {user.run_id for user in report.users} == {None}


def test_inactive_users_are_passed_over_unless_a_day_is_named(lifters: tuple[str, list[UUID]]) -> None:
    url, (one, other) = lifters
    night(url, as_of=AS_OF)
    execute(url, "UPDATE users SET is_active = false WHERE id = %s", one)
    report = audit.audit(url)
    assert ([user.user_id for user in report.users], report.inactive, report.ok) == ([other], 1, True)
    named = audit.audit(url, as_of=AS_OF)
    assert ({user.user_id for user in named.users}, named.inactive, named.ok) == ({one, other}, 0, True)


def test_a_set_that_changed_after_the_run_is_found(lifters: tuple[str, list[UUID]]) -> None:
    url, _ = lifters
    night(url, as_of=AS_OF)
    execute(
        url,
        """UPDATE set_executions SET weight_kg = weight_kg + 2.5 WHERE id = (
               SELECT s.id FROM set_executions AS s WHERE s.set_type = 'working' AND s.weight_kg > 30
               AND s.reps_completed = 8 ORDER BY s.created_at, s.id LIMIT 1)""",
    )
    changed = {(difference.table, difference.column) for difference in audit.audit(url).differences}
    assert ("volume_analytics", "total_volume_kg") in changed
    night(url, as_of=AS_OF)
    assert audit.audit(url).ok


# the command ---------------------------------------------------------------------------------------------------------


def run(*arguments: str) -> Result:
    app = typer.Typer()
    app.command()(command)
    return CliRunner().invoke(app, arguments)


def test_the_command_says_what_it_has_compared(night_url: str) -> None:
    told = run("--database", night_url)
    assert told.exit_code == 0
    assert f"as of {AS_OF}: 2 users" in told.stdout
    payload = json.loads(run("--database", night_url, "--json").stdout)
    assert payload["ok"] is True
    assert payload["rows"] == counts(night_url)
    assert [(row["as_of"], row["users"]) for row in payload["as_of"]] == [(AS_OF.isoformat(), 2)]
    assert payload["differences"] == []


def test_the_command_looks_at_one_user_by_address(lifters: tuple[str, list[UUID]]) -> None:
    url, users = lifters
    night(url, as_of=AS_OF)
    execute(url, "UPDATE users SET email = 'me@example.org' WHERE id = %s", users[0])
    execute(url, "UPDATE strength_progressions SET weight_pr = NOT weight_pr WHERE user_id = %s", users[1])
    told = run("--database", url, "--user", "me@example.org", "--json")
    assert told.exit_code == 0
    assert json.loads(told.stdout)["users"] == 1
    assert isinstance(run("--database", url, "--user", "nobody@example.org").exception, BadInput)


def test_the_command_ends_with_1_and_names_each_cell(lifters: tuple[str, list[UUID]]) -> None:
    url, _ = lifters
    night(url, as_of=AS_OF)
    execute(url, "UPDATE volume_analytics SET total_sets = total_sets + 100")
    execute(url, "DELETE FROM strength_progressions WHERE id = (SELECT id FROM strength_progressions LIMIT 1)")
    told = run("--database", url)
    assert isinstance(told.exception, CheckFailed)
    assert told.exception.exit_code == 1
    assert told.stdout.count("): total_sets is ") == 20
    assert "more differences" in told.stderr
    differences = json.loads(run("--database", url, "--json").stdout)["differences"]
    assert Counter((row["table"], row["kind"], row["column"]) for row in differences) == {
        ("volume_analytics", "changed", "total_sets"): counts(url)["volume_analytics"],
        ("strength_progressions", "missing", None): 1,
    }
    changed = differences[0]
    assert int(changed["stored"]) == int(changed["recomputed"]) + 100
    assert set(changed["key"]) == {"user_id", "period_type", "calculation_date"}


# the parts ------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def plain() -> Iterator[duckdb.DuckDBPyConnection]:
    sets, users, exercises, body_weights = frames([], [], [], [])
    described = Muscles.create_empty(), Movements.create_empty(), contexts([])
    nothing = Extract(users, sets, body_weights, exercises, *described)
    with recompute(nothing, {}) as connection:
        yield connection


@pytest.mark.parametrize(
    "statement",
    ["LOAD httpfs", "INSTALL icu", "FROM read_csv('/etc/hosts')", "ATTACH 'other.duckdb'", "COPY (SELECT 1) TO 'x'"],
)
def test_no_extension_is_loaded_and_no_file_is_touched(plain: duckdb.DuckDBPyConnection, statement: str) -> None:
    with pytest.raises(duckdb.PermissionException):
        plain.execute(statement)


@given(x=st.floats(0, 30))
def test_the_error_function_is_that_of_c(plain: duckdb.DuckDBPyConnection, x: float) -> None:
    assert abs(plain.execute("SELECT erf(?::DOUBLE)", [x]).fetchone()[0] - erf(x)) < 1e-13  # type: ignore[index]


@pytest.mark.parametrize(
    ("number", "text"), [(86.625, "86.63"), (1.005, "1.01"), (-1.005, "-1.01"), (0.125, "0.13"), (2e-7, "0.00")]
)
def test_ties_go_away_from_zero(plain: duckdb.DuckDBPyConnection, number: float, text: str) -> None:
    row = plain.execute("SELECT CAST(CAST(digits(?::DOUBLE) AS DECIMAL(8, 2)) AS VARCHAR)", [number]).fetchone()
    assert row == (text,)


@given(user=st.uuids(), lift=st.none() | st.uuids(), day=st.dates(), n=st.none() | st.integers(-(2**62), 2**62))
def test_ids_are_those_of_the_definition(
    plain: duckdb.DuckDBPyConnection, user: UUID, lift: UUID | None, day: date, n: int | None
) -> None:
    number = lift.int if lift else 0
    key = [ids.word("weekly"), 0, number >> 64, number & (2**64 - 1), (1 << 63) if n is None else n % 2**64]
    query = """SELECT row_id('volume_analytics', $user::UUID, $day::DATE, [
                   text_word('weekly'), text_word(NULL), high_word($lift::UUID), low_word($lift::UUID),
                   whole_word($n::BIGINT)])"""
    row = plain.execute(query, {"user": user, "day": day, "lift": lift, "n": n}).fetchone()
    assert row == (ids.id_of("volume_analytics", user=user, day=day, key=key),)


def test_no_formula_is_shared_with_the_engine() -> None:
    folder = Path(audit.__file__).parent
    sources = sorted(folder.glob("*.py"))
    imported = {
        node.module
        for path in sources
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module
    }
    assert len(sources) >= 4
    assert not {module for module in imported if module.startswith(("insights.science", "insights.pipeline"))}
    assert len(MACROS) > 10
