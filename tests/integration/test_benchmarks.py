import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import psycopg
import pytest
from benchmarks import results
from benchmarks.data import Plan, history, lifters, newest_session, on_another_day, user_id_of
from benchmarks.stages import stolen_s
from benchmarks.store import Made, add_day, make
from polars.testing import assert_frame_equal
from tests.conftest import NO_PANDAS

from insights.db.derived import derive
from insights.lifts import NAMESPACE

ROOT = Path(__file__).parents[2]
SETS = 3_000
SMALL_SERVER = ("shared_buffers=64MB", "min_wal_size=80MB", "max_wal_size=1GB", "fsync=off")


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    file = tmp_path_factory.mktemp("bench") / "bench.json"
    settings = [part for setting in SMALL_SERVER for part in ("--set", setting)]
    command = [sys.executable, "-m", "benchmarks", "--sets", str(SETS), "--years", "2", "--nights", "1"]
    command += ["--peers", "floor,floor_of_two,sql,duckdb,pandas,numpy"]
    paths = os.environ["PYTHONPATH"].split(os.pathsep)
    with_pandas = {"PYTHONPATH": os.pathsep.join(path for path in paths if path != str(NO_PANDAS))}  # it is a peer
    done = subprocess.run(
        [*command, *settings, "--json", str(file)],
        cwd=ROOT, env=os.environ | with_pandas, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    yield {**json.loads(file.read_text()), "printed": done.stdout}


@pytest.mark.slow
def test_every_row_of_every_peer_is_the_engines(bench: dict[str, Any]) -> None:
    assert set(bench["compared"]) == {"engine", "floor", "sql", "duckdb", "pandas", "numpy"}
    for name, tables in bench["compared"].items():
        for table, one in tables.items():
            assert (one["only_engine"], one["only_peer"]) == (0, 0), (name, table, one["examples"])
            assert one["rows"] == bench["rows"][table] > 0, (name, table)
    assert bench["equal"]


@pytest.mark.slow
def test_the_figures_that_the_requirements_name_are_there(bench: dict[str, Any]) -> None:
    for name in (
        "engine_over_floor", "sql_over_engine", "pandas_compute_over_engine", "pandas_over_engine", "peak_rss_mb",
        "numpy_compute_over_engine", "numpy_over_engine", "pandas_compute_over_engine_all",
        "night_5y_over_1y", "night_over_floor",
    ):  # fmt: skip
        assert bench[name] > 0, name
        assert name in bench["printed"]
    assert bench["sets"] >= SETS
    assert bench["server"]["settings"]["synchronous_commit"] == "on"


def test_what_the_host_took_is_the_eighth_number_of_the_systems_statistics(tmp_path: Path) -> None:
    statistics = tmp_path / "stat"
    assert stolen_s(statistics) == 0
    statistics.write_text("cpu  10 20 30 40 50 60 70 250 90 100\ncpu0 1 2 3 4 5 6 7 8 9 10\n")
    assert stolen_s(statistics) == 250 / os.sysconf("SC_CLK_TCK")


@pytest.mark.slow
def test_contestants_tell_their_stages(bench: dict[str, Any]) -> None:
    stages = {name: set(runs[0]["stages"]) for name, runs in bench["contestants"].items()}
    assert all(run["stolen_s"] >= 0 for runs in bench["contestants"].values() for run in runs)
    assert len(bench["nights"]["five_years"]["stolen_s"]) == 1
    assert stages["floor"] == {"extract", "load"}
    assert stages["sql"] == {"compute", "load"}
    assert stages["engine_by_stages"] == {"extract", "compute", "load", "two_tables"}
    (alone,) = bench["contestants"]["engine_by_stages"]
    two = ("strength_progressions", "volume_analytics")
    assert alone["told"]["rows"] == {table: bench["rows"][table] for table in two}
    for name in ("pandas", "numpy", "duckdb"):
        assert stages[name] == {"extract", "compute", "load"}, name


def made(url: str, **options: Any) -> Made:
    return make(url, Plan(sets=1_500, years=2), **options)


def test_the_data_maker_stores_what_the_app_would_have_derived(database: str) -> None:
    data = made(database)
    with psycopg.connect(database) as connection:
        assert derive(connection, data.users) == 0
        counted = connection.execute(
            "SELECT count(*), count(DISTINCT se.set_type), count(DISTINCT ws.status) FROM set_executions AS se"
            " JOIN exercise_performances AS ep ON ep.id = se.exercise_performance_id"
            " JOIN workout_sessions AS ws ON ws.id = ep.workout_session_id"
            " JOIN workout_block_exercises AS be ON be.id = ep.workout_block_exercise_id"
            " JOIN workout_blocks AS b ON b.id = be.workout_block_id AND b.workout_id = ws.workout_id"
        ).fetchone()
        kinds = connection.execute("SELECT count(DISTINCT set_type) FROM set_executions").fetchone()
        indexed = connection.execute("SELECT to_regclass('idx_set_executions_performance') IS NOT NULL").fetchone()
    assert counted is not None and counted[0] == data.sets >= 1_500
    assert counted[2] == 3
    assert kinds is not None and kinds[0] >= 12
    assert indexed == (True,)


def test_one_year_is_the_last_year_of_the_same_lifters(database: str) -> None:
    data = made(database, last_days=364)
    lifter = next(lifters(data.plan))
    whole = history(lifter, user_id_of(lifter), lambda *_: NAMESPACE)["set_executions"]
    with psycopg.connect(database) as connection:
        stored = connection.execute("SELECT id::text FROM set_executions ORDER BY id").fetchall()
    last = whole.with_columns(pl.col("id").str.replace(r"(.{8})(.{4})(.{4})(.{4})(.{12})", "$1-$2-$3-$4-$5"))
    ids = [name for (name,) in stored]
    assert 0 < len(ids) < whole.height
    assert set(ids) <= set(last["id"])


def test_a_day_more_is_one_session_for_each_lifter(database: str) -> None:
    data = made(database)
    day, sets = add_day(database, data, 2)
    with psycopg.connect(database) as connection:
        new = connection.execute(
            "SELECT count(DISTINCT ws.user_id), count(*) FROM workout_sessions AS ws"
            " JOIN exercise_performances AS ep ON ep.workout_session_id = ws.id"
            " JOIN set_executions AS se ON se.exercise_performance_id = ep.id"
            " JOIN users AS u ON u.id = ws.user_id WHERE (ws.start_time AT TIME ZONE u.tz)::date = %s",
            (day,),
        ).fetchone()
    assert new == (len(data.users), sets)


def test_a_row_that_differs_is_found_on_both_sides(database: str, tmp_path: Path) -> None:
    add = (
        "INSERT INTO muscle_groups (id, name) SELECT md5(n::text)::uuid, 'muscle ' || n FROM generate_series(1, 4) AS n"
    )
    with psycopg.connect(database) as connection:
        connection.execute("DELETE FROM muscle_groups")
        connection.execute(add)
    results.keep(database, ["muscle_groups"], tmp_path)
    assert results.compare(database, "muscle_groups") == results.Comparison(4, 0, 0, (), ())
    with psycopg.connect(database) as connection:
        connection.execute("UPDATE muscle_groups SET name = 'another' WHERE name = 'muscle 2'")
        connection.execute("DELETE FROM muscle_groups WHERE name = 'muscle 4'")
    found = results.compare(database, "muscle_groups")
    assert (found.rows, found.only_engine, found.only_peer, found.equal) == (3, 2, 1, False)
    assert len(found.examples) == 3
    assert results.compare(database, "muscle_groups", without=["name"]).only_peer == 0


def test_the_data_are_the_same_for_a_seed() -> None:
    lifter = next(lifters(Plan(sets=1, years=1)))
    first, second = (history(lifter, user_id_of(lifter), lambda *_: NAMESPACE) for _ in range(2))
    for name, table in first.items():
        assert_frame_equal(table, second[name])
    session = newest_session(first)
    assert session["set_executions"].height > 0
    moved = on_another_day(session, lifter.time_zone, Plan(sets=1).until, seed=1)
    assert not set(moved["set_executions"]["id"]) & set(session["set_executions"]["id"])
    other = next(lifters(Plan(sets=1, years=1, seed=2)))
    assert user_id_of(other) != user_id_of(lifter)
