from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import polars as pl
import psycopg
import pytest

from insights.db import columns, ledger
from insights.db.connection import connect
from insights.db.extract import extract
from insights.errors import BadInput
from insights.files.parquet import opened
from insights.pipeline import run as runs
from insights.pipeline.analytics import run_shard
from insights.pipeline.job import Job
from insights.simulate.store import Cohort

AS_OF = date(2025, 6, 1)
COHORT = Cohort(lifters=2, weeks=12, seed=5, until=AS_OF, ugliness=0.3)
RESULTS = ("volume_analytics", "strength_progressions", "insight_data_points")
IDS = ("user_id", "exercise_id", "session_id", "set_id")


@pytest.fixture
def lifters(lifters_of: Callable[..., tuple[str, list[UUID]]]) -> tuple[str, list[UUID]]:
    return lifters_of(COHORT)


def stored_sets(url: str, users: list[UUID]) -> pl.DataFrame:
    with columns.transaction(url) as cursor:
        return extract(cursor, [user.bytes for user in users]).sets.sort("set_id")


def as_text(sets: pl.DataFrame) -> pl.DataFrame:
    return sets.with_columns(
        *(pl.col(name).map_elements(lambda raw: str(UUID(bytes=raw)), return_dtype=pl.String) for name in IDS),
        pl.col(pl.Enum).cast(pl.String),
        pl.col(pl.Datetime).dt.strftime("%Y-%m-%d %H:%M:%S%.6f+00"),
    )


def in_one_parquet(sets: pl.DataFrame, folder: Path) -> list[Path]:
    as_text(sets).sample(fraction=1, shuffle=True, seed=1).write_parquet(folder / "sets.parquet", row_group_size=500)
    return [folder / "sets.parquet"]


def in_binary_parquets(sets: pl.DataFrame, folder: Path) -> list[Path]:
    plain = sets.with_columns(pl.col(pl.Enum).cast(pl.String)).select(sorted(sets.columns))
    plain.head(300).write_parquet(folder / "a.parquet")
    plain.slice(300).write_parquet(folder / "b's.parquet")
    return [folder / "a.parquet", folder / "b's.parquet"]


def in_csv(sets: pl.DataFrame, folder: Path) -> list[Path]:
    as_text(sets).write_csv(folder / "sets.csv")
    return [folder / "sets.csv"]


def results(url: str) -> dict[str, list[tuple[Any, ...]]]:
    with psycopg.connect(url) as connection:
        query = "SELECT to_jsonb(t) - 'created_at' FROM {} AS t ORDER BY id"
        return {table: connection.execute(query.format(table)).fetchall() for table in RESULTS}


def shard_of(url: str, users: list[UUID], number: int, **how: Any) -> None:
    with connect(url, autocommit=True) as connection:
        run = ledger.start(connection, "backfill", AS_OF, {"user_id": None})
        connection.execute(
            "INSERT INTO analytics_shards (run_id, shard, as_of, user_ids, users, status)"
            " VALUES (%s, %s, %s, %s, %s, 'running')",
            (run.id, number, AS_OF, users, len(users)),
        )
    run_shard(url, run, number, users, as_of=AS_OF, **how)


@pytest.mark.parametrize("written", [in_one_parquet, in_binary_parquets, in_csv])
def test_files_give_the_same_sets_and_the_same_results_as_the_database(
    lifters: tuple[str, list[UUID]], tmp_path: Path, written: Callable[[pl.DataFrame, Path], list[Path]]
) -> None:
    url, users = lifters
    sets = stored_sets(url, users)
    shard_of(url, users, 1)
    from_database = results(url)
    assert all(from_database.values())
    with psycopg.connect(url) as connection:
        connection.execute(f"TRUNCATE {', '.join(RESULTS)}")
        connection.execute("TRUNCATE set_executions CASCADE")
    with opened(written(sets, tmp_path)) as files:
        assert files.sets([user.bytes for user in users]).sort("set_id").equals(sets)
        counted = sets.group_by("user_id").len().sort("user_id")
        assert [(user.bytes, count) for user, count in files.users()] == counted.rows()
        for number, user in enumerate(users):
            shard_of(url, [user], number, files=files)
    assert results(url) == from_database


def test_a_run_over_files_is_a_run_over_their_users(lifters: tuple[str, list[UUID]], tmp_path: Path) -> None:
    url, users = lifters
    backfill = Job(name="backfill", steps=("analytics",), shard_users=1)
    how: dict[str, Any] = {"now": datetime(2031, 6, 2, tzinfo=UTC), "as_of": AS_OF}
    of_all = runs.run(url, backfill, **how)
    expected = results(url)
    (path,) = in_csv(stored_sets(url, users), tmp_path)
    with psycopg.connect(url) as connection:
        connection.execute(f"TRUNCATE {', '.join(RESULTS)}")
        connection.execute("TRUNCATE workout_sessions CASCADE")
    report = runs.run(url, backfill, **how, files=[path])
    assert not report.failures
    assert (report.users, report.shards, report.sets) == (len(users), len(users), of_all.sets)
    assert results(url) == expected


def test_files_of_users_whom_nobody_knows_are_refused(database: str, csv: Callable[..., list[Path]]) -> None:
    backfill = Job(name="backfill", steps=("analytics",))
    with pytest.raises(BadInput, match="1 users whom this database does not have"):
        runs.run(database, backfill, now=datetime(2031, 6, 2, tzinfo=UTC), files=csv())
    with psycopg.connect(database) as connection:
        assert connection.execute("SELECT count(*) FROM analytics_runs").fetchone() == (0,)


def one_set(**values: str) -> pl.DataFrame:
    identity = {name: f"00000000-0000-0000-0000-00000000000{n}" for n, name in enumerate(IDS)}
    base = identity | {"set_number": "1", "weight_kg": "60", "reps_completed": "5", "session_start": "2025-05-01 10:00"}
    return pl.DataFrame({name: [value] for name, value in (base | values).items() if value != "(none)"})


@pytest.fixture
def csv(tmp_path: Path) -> Iterator[Callable[..., list[Path]]]:
    def make(**values: str) -> list[Path]:
        one_set(**values).write_csv(tmp_path / "one.csv")
        return [tmp_path / "one.csv"]

    yield make


def test_a_column_that_is_missing_has_the_tables_default(csv: Callable[..., list[Path]]) -> None:
    with opened(csv()) as files:
        found = files.sets([UUID(int=0).bytes]).row(0, named=True)
    assert found["session_status"] == "COMPLETED"
    assert (found["set_type"], found["rpe_scale"], found["rom_quality"]) == ("working", "rpe_10", "full")
    assert found["created_at"] == found["session_start"] == datetime(2025, 5, 1, 10, tzinfo=UTC)
    assert found["rpe_value"] is None


@pytest.mark.parametrize("moment", ["infinity", "-infinity", "10000-01-01 00:00:00+00"])
def test_a_moment_out_of_every_calendar_is_none(csv: Callable[..., list[Path]], moment: str) -> None:
    with opened(csv(session_start=moment, created_at="2025-05-01 10:00+02")) as files:
        found = files.sets([UUID(int=0).bytes]).row(0, named=True)
    assert found["session_start"] is None
    assert found["created_at"] == datetime(2025, 5, 1, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"set_id": "(none)"}, "lack the columns set_id"),
        ({"set_type": "heavy"}, "heavy"),
        ({"weight_kg": "sixty"}, "sixty"),
        ({"user_id": "me"}, "me"),
        ({"set_number": ""}, "set_number"),
        ({"session_start": ""}, "created_at"),
    ],
)
def test_what_cannot_be_used_is_told(csv: Callable[..., list[Path]], values: dict[str, str], told: str) -> None:
    with pytest.raises(BadInput, match=told), opened(csv(**values)):
        pass


def test_a_set_that_stands_twice_is_told(tmp_path: Path) -> None:
    pl.concat([one_set(), one_set(weight_kg="70")]).write_csv(tmp_path / "two.csv")
    with pytest.raises(BadInput, match="1 sets more than once"), opened([tmp_path / "two.csv"]):
        pass


@pytest.mark.parametrize("names", [[], ["a.csv", "b.parquet"], ["a.xlsx"], ["none.csv"]])
def test_files_of_no_kind_or_of_two_are_told(tmp_path: Path, names: list[str]) -> None:
    with pytest.raises(BadInput), opened([tmp_path / name for name in names]):
        pass
