import json
import subprocess
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pyarrow.parquet as pq
import pytest
from tests.migration import legacy_app

from insights.db import migrate
from insights.db.connection import connect
from insights.db.migrate import checklist, contract, contracted, flags, moves, quarantine, raw_tables, rehearse
from insights.errors import BadInput, Busy

STANDS = "SELECT count(*) FROM pg_class WHERE relname IN ('exercise_sets', 'workout_exercises') AND relkind = 'r'"
UGLY = (
    "UPDATE exercise_sets SET weight = '-Infinity', created_at = 'infinity', notes = E'tab\\tand \\'quote\\''"
    " WHERE set_number = 1",
    "UPDATE workout_exercises SET rep_scheme = NULL, reps = -5",
)


@pytest.fixture
def ready(carried: str) -> str:
    legacy_app.set_flags(carried, 100)
    return carried


def rows_of(path: Path) -> list[tuple[object, ...]]:
    return sorted((tuple(row.values()) for row in pq.read_table(path).to_pylist()), key=repr)


def stored(url: str, table: str, columns: dict[str, str]) -> list[tuple[object, ...]]:
    values = [name if kind in raw_tables.NATIVE else f'"{name}"::text' for name, kind in columns.items()]
    values = [f'"{value}"' if value in columns else value for value in values]
    with connect(url) as connection:
        found = connection.execute(f"SELECT {', '.join(values)} FROM {table}".encode()).fetchall()
    return sorted(found, key=repr)


def test_the_tables_are_written_then_dropped_and_it_is_recorded(ready: str, tmp_path: Path) -> None:
    with connect(ready) as connection:
        columns = {table: raw_tables._columns(connection, table) for table in contracted.TABLES}
    before = {table: stored(ready, table, columns[table]) for table in contracted.TABLES}
    done = contract.contract(ready, tmp_path / "out", backup="backup 17")
    assert legacy_app.scalar(ready, STANDS) == 0
    assert legacy_app.scalar(ready, "SELECT count(*) FROM set_executions") == 60
    for file in done.files:
        assert repr(rows_of(done.folder / file.name)) == repr(before[file.table])
    manifest = json.loads((done.folder / "manifest.json").read_text())
    assert manifest["backup"] == "backup 17"
    assert [f["rows"] for f in manifest["files"]] == [60, 20]
    told = subprocess.run(["sha256sum", "--check", "SHA256SUMS"], cwd=done.folder, capture_output=True, check=False)
    assert told.returncode == 0
    with connect(ready) as connection:
        gone = contracted.when(connection)
    assert gone is not None
    assert gone[1] == str(done.folder)
    assert migrate.plan(ready) == []


NEED_THE_LEGACY_TABLES: dict[str, Callable[[str], object]] = {
    "contract": lambda url: contract.contract(url, Path("nowhere"), backup="b"),
    "down": lambda url: migrate.down(url, "00.00"),
    "verify": migrate.verify,
    "carried_over": migrate.carried_over,
    "checklist": lambda url: checklist.post(url, now=datetime(2026, 1, 5, tzinfo=UTC)),
    "rehearse": rehearse.rehearse,
    "set_flag": lambda url: flags.set_flag(url, "write_new", 0),
    "move preferences": moves.migrate_user_profiles_to_preferences,
    "move blocks": moves.migrate_workout_exercises_to_blocks,
    "move sets": moves.migrate_exercise_sets_to_executions,
}


def test_whatever_needs_the_tables_refuses_after_that(ready: str, tmp_path: Path) -> None:
    contract.contract(ready, tmp_path / "out", backup="b")
    for name, act in NEED_THE_LEGACY_TABLES.items():
        with pytest.raises(BadInput, match="legacy tables were dropped on"):
            pytest.fail(f"{name} gave {act(ready)}")


def test_what_was_kept_aside_of_the_tables_stays_as_it_was(ready: str, tmp_path: Path) -> None:
    legacy_app.run(
        ready,
        "UPDATE exercise_sets SET weight = 1e9 WHERE set_number = 1",
        "UPDATE users SET units = 'stone' WHERE username = 'lifter1'",
    )
    contract.contract(ready, tmp_path / "out", backup="b")
    aside = quarantine.entries(ready, "exercise_sets")
    assert len(aside) == 20
    legacy_app.run(ready, "UPDATE migration_quarantine SET reason = 'x' WHERE source_table = 'users'")
    assert quarantine.retry(ready) == quarantine.Retried(tried=1, left=1)
    assert quarantine.entries(ready, "exercise_sets") == aside


def test_the_app_goes_on_without_the_tables(ready: str, tmp_path: Path) -> None:
    contract.contract(ready, tmp_path / "out", backup="b")
    assert migrate.up(ready) == []
    legacy_app.run(
        ready,
        "INSERT INTO workouts (id, name, created_by_id) SELECT gen_random_uuid(), 'New', id FROM users LIMIT 1",
        "INSERT INTO workout_block_exercises (workout_block_id, exercise_id, exercise_order)"
        " SELECT b.id, e.id, 1 FROM workout_blocks AS b JOIN workouts AS w ON w.id = b.workout_id AND w.name = 'New',"
        " exercise_catalog AS e",
        "INSERT INTO workout_sessions (id, user_id, workout_id, status)"
        " SELECT gen_random_uuid(), created_by_id, id, 'IN_PROGRESS' FROM workouts WHERE name = 'New'",
        "INSERT INTO set_executions (exercise_performance_id, set_number, weight_kg)"
        " SELECT p.id, 1, 100 FROM exercise_performances AS p"
        " JOIN workout_sessions AS s ON s.id = p.workout_session_id AND s.status = 'IN_PROGRESS'",
        "UPDATE set_executions SET reps_completed = 5 WHERE weight_kg = 100",
        "UPDATE users SET units = 'kg'",
        "UPDATE user_preferences SET preferred_units = 'imperial'",
    )
    assert legacy_app.scalar(ready, "SELECT count(*) FROM set_executions WHERE reps_completed = 5") == 1
    assert legacy_app.content(ready, "migration_quarantine") == {"migration_quarantine": []}


def test_ugly_values_survive_in_the_files(ready: str, tmp_path: Path) -> None:
    legacy_app.run(ready, *UGLY)
    export = raw_tables.export(ready, contracted.TABLES, tmp_path / "out")
    for file in export.files:
        assert repr(rows_of(export.folder / file.name)) == repr(stored(ready, file.table, dict(file.columns)))


def test_it_is_no_part_of_up(ready: str) -> None:
    assert "06.03" not in {migration.id for migration in migrate.discover()}
    assert legacy_app.scalar(ready, STANDS) == 2


@pytest.mark.parametrize(
    ("change", "backup", "reason"),
    [
        ("SELECT 1", None, "no backup is named"),
        ("SELECT 1", "  ", "no backup is named"),
        ("UPDATE rollout_flags SET percent = 99 WHERE name = 'read_new'", "b", "read_new is at 99 %"),
        ("DELETE FROM rollout_flags", "b", "flag: there are none"),
        (
            "SET insights.sync = 'forward'; DELETE FROM set_executions WHERE set_number = 1",
            "b",
            "set is not carried over",
        ),
        ("CREATE VIEW mine AS SELECT * FROM exercise_sets", "b", "view mine depends on exercise_sets"),
        (
            "CREATE TABLE mine (we uuid REFERENCES workout_exercises (id))",
            "b",
            "foreign key mine_we_fkey of mine depends on workout_exercises",
        ),
        (
            "CREATE FUNCTION mine() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT count(*) FROM exercise_sets; END",
            "b",
            "function mine() depends on exercise_sets",
        ),
        (
            "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS"
            " $$BEGIN DELETE FROM exercise_sets; RETURN NULL; END$$;"
            "CREATE TRIGGER mine AFTER DELETE ON users EXECUTE FUNCTION f()",
            "b",
            "function f() depends on exercise_sets",
        ),
    ],
)
def test_it_refuses_and_names_the_reason(
    ready: str, tmp_path: Path, change: str, backup: str | None, reason: str
) -> None:
    legacy_app.run(ready, change)
    with pytest.raises(contract.NotYet) as refused:
        contract.contract(ready, tmp_path / "out", backup=backup)
    assert len(refused.value.reasons) >= 1
    assert reason in refused.value.message
    assert legacy_app.scalar(ready, STANDS) == 2
    assert not (tmp_path / "out").exists()


def test_pending_migrations_come_first(legacy: str, tmp_path: Path) -> None:
    with pytest.raises(contract.NotYet, match=r"pending: 00\.01"):
        contract.contract(legacy, tmp_path / "out", backup="b")


def test_an_archive_is_never_written_over(ready: str, tmp_path: Path) -> None:
    (tmp_path / "exercise_sets.parquet").write_text("precious")
    with pytest.raises(BadInput, match="is not empty"):
        contract.contract(ready, tmp_path, backup="b")
    assert (tmp_path / "exercise_sets.parquet").read_text() == "precious"
    assert legacy_app.scalar(ready, STANDS) == 2


def test_rows_that_are_written_meanwhile_go_to_files_of_their_own(ready: str, tmp_path: Path) -> None:
    holds = threading.Event()
    let_go = threading.Event()

    def write() -> None:
        with psycopg.connect(ready) as connection:
            connection.execute("UPDATE exercise_sets SET reps = 11 WHERE set_number = 2")
            holds.set()
            let_go.wait(30)

    writer = threading.Thread(target=write)
    writer.start()
    holds.wait(30)
    threading.Timer(1.5, let_go.set).start()
    started = time.monotonic()
    done = contract.contract(ready, tmp_path / "out", backup="b")
    writer.join()
    assert time.monotonic() - started > 1
    assert {file.name: (file.rows, file.late) for file in done.files} == {
        "exercise_sets.parquet": (60, False),
        "workout_exercises.parquet": (20, False),
        "exercise_sets.late.parquet": (20, True),
    }
    assert set(pq.read_table(done.folder / "exercise_sets.late.parquet")["reps"].to_pylist()) == {11}


def test_it_does_not_wait_for_ever(ready: str, tmp_path: Path) -> None:
    with psycopg.connect(ready) as reader:
        reader.execute("SELECT count(*) FROM exercise_sets")
        with pytest.raises(Busy, match="others held its locks"):
            contract.contract(ready, tmp_path / "out", backup="b", patience_s=0.5)
    assert legacy_app.scalar(ready, STANDS) == 2
