import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from tests.conftest import create, drop, named
from tests.migration import old_app

from insights import assets
from insights.db import migrate
from insights.db.migrate.dump import dump, dump_of_all
from insights.errors import BadInput, Busy, InsightsError

FolderOf = Callable[..., Path]

KILLED_AT = """
import os, signal, sys
from insights.db import migrate
url, number, step, kind = sys.argv[1:5]
def stop(event):
    if (event.id, str(event.step), event.kind) == (number, step, kind):
        os.kill(os.getpid(), signal.SIGKILL)
migrate.up(url, on_step=stop)
"""
UP = """
import sys
from pathlib import Path
from insights.db import migrate
print(len(migrate.up(sys.argv[1], folder=Path(sys.argv[2]) if sys.argv[2:] else None)))
"""


def python(code: str, *arguments: object) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def scalar(url: str, query: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute(query.encode()).fetchone()
    return row[0] if row else None


def wait_for(url: str, query: str) -> None:
    deadline = time.monotonic() + 30
    while not scalar(url, query):
        assert time.monotonic() < deadline, query
        time.sleep(0.05)


def test_an_edited_file_is_refused_with_what_to_do(empty_database: str, folder_of: FolderOf) -> None:
    folder = folder_of(one="CREATE TABLE one ();", two="CREATE TABLE two ();")
    migrate.up(empty_database, folder=folder)
    (folder / "01.01_one.up.sql").write_text("CREATE TABLE one (a int);")
    for act in (migrate.up, migrate.plan):
        with pytest.raises(migrate.EditedMigration, match=r"(?s)01\.01 one has changed.*Put the file back"):
            act(empty_database, folder=folder)
    with pytest.raises(migrate.EditedMigration):
        migrate.down(empty_database, migrate.BASE, folder=folder)
    assert [s.state for s in migrate.status(empty_database, folder=folder)] == ["edited", "applied"]


def test_a_step_that_has_not_run_may_be_mended(empty_database: str, folder_of: FolderOf) -> None:
    folder = folder_of(one="-- step: a\nCREATE TABLE one ();\n-- step: b\nSELECT 1 / 0;")
    with pytest.raises(migrate.MigrationFailed, match=r"01\.01 one, up, step 2 of 2 \(b\): division by zero"):
        migrate.up(empty_database, folder=folder)
    assert [p.steps for p in migrate.plan(empty_database, folder=folder)] == [("b",)]
    assert [s.state for s in migrate.status(empty_database, folder=folder)] == ["going_up"]
    with pytest.raises(BadInput, match="stopped half way"):
        migrate.down(empty_database, migrate.BASE, folder=folder)
    (folder / "01.01_one.up.sql").write_text("-- step: a\nCREATE TABLE one ();\n-- step: b\nSELECT 1;")
    assert [done.steps for done in migrate.up(empty_database, folder=folder)] == [1]


def test_a_down_that_failed_goes_on_where_it_stopped(empty_database: str, folder_of: FolderOf) -> None:
    folder = folder_of(one="CREATE TABLE one ();")
    migrate.up(empty_database, folder=folder)
    (folder / "01.01_one.down.sql").write_text("-- step: a\nDROP TABLE one;\n-- step: b\nSELECT 1 / 0;")
    with pytest.raises(migrate.MigrationFailed):
        migrate.down(empty_database, migrate.BASE, folder=folder)
    with pytest.raises(BadInput, match="stopped half way"):
        migrate.up(empty_database, folder=folder)
    (folder / "01.01_one.down.sql").write_text("-- step: a\nDROP TABLE one;\n-- step: b\nSELECT 1;")
    assert [done.steps for done in migrate.down(empty_database, migrate.BASE, folder=folder)] == [1]
    assert [s.state for s in migrate.status(empty_database, folder=folder)] == ["pending"]


def test_a_migration_without_a_file_is_refused(empty_database: str, folder_of: FolderOf) -> None:
    folder = folder_of(one="CREATE TABLE one ();", two="CREATE TABLE two ();")
    migrate.up(empty_database, folder=folder)
    for path in folder.glob("01.02*"):
        path.unlink()
    with pytest.raises(migrate.EditedMigration, match="no file for it"):
        migrate.up(empty_database, folder=folder)
    assert [s.state for s in migrate.status(empty_database, folder=folder)] == ["applied", "unknown"]


def test_a_migration_before_the_last_one_is_refused(empty_database: str, folder_of: FolderOf) -> None:
    folder = folder_of(one="CREATE TABLE one ();", two="CREATE TABLE two ();", three="CREATE TABLE three ();")
    late = {path: path.read_text() for path in folder.glob("01.02*")}
    for path in late:
        path.unlink()
    migrate.up(empty_database, folder=folder)
    for path, text in late.items():
        path.write_text(text)
    with pytest.raises(migrate.EditedMigration, match=r"01\.02 is new, but 01\.03"):
        migrate.up(empty_database, folder=folder)


def test_two_runners_at_once_apply_each_migration_once(empty_database: str) -> None:
    runners = [python(UP, empty_database) for _ in range(2)]
    told = [runner.communicate(timeout=60) for runner in runners]
    assert [runner.returncode for runner in runners] == [0, 0], told
    assert sum(int(out) for out, _ in told) == len(migrate.discover())
    assert migrate.plan(empty_database) == []


def test_a_runner_that_waits_too_long_names_the_other(empty_database: str, folder_of: FolderOf) -> None:
    folder = folder_of(slow="CREATE TABLE slow (); SELECT pg_sleep(3);")
    other = threading.Thread(target=migrate.up, args=(empty_database,), kwargs={"folder": folder})
    other.start()
    wait_for(empty_database, "SELECT count(*) > 0 FROM pg_locks WHERE locktype = 'advisory'")
    with pytest.raises(Busy, match="server process"):
        migrate.up(empty_database, folder=folder, patience_s=0.3)
    other.join()


@pytest.fixture(scope="module")
def whole_schema(server_url: str) -> str:
    return dump_of_all(server_url)


@pytest.mark.parametrize(
    ("number", "step", "kind"),
    [("00.00", 1, "done"), ("01.02", 5, "start"), ("04.03", 1, "done"), ("06.02", 1, "start"), ("07.03", 4, "done")],
)
def test_a_runner_killed_between_steps_is_resumed(
    empty_database: str, whole_schema: str, number: str, step: int, kind: str
) -> None:
    runner = python(KILLED_AT, empty_database, number, step, kind)
    runner.communicate(timeout=60)
    assert runner.returncode == -signal.SIGKILL
    assert migrate.plan(empty_database)[0].id == number
    migrate.up(empty_database)
    assert dump(empty_database) == whole_schema


def test_a_runner_killed_in_the_middle_of_a_step_is_resumed(empty_database: str, folder_of: FolderOf) -> None:
    with psycopg.connect(empty_database) as connection:
        connection.execute("CREATE TABLE pace (seconds float); INSERT INTO pace VALUES (60)")
    folder = folder_of(
        one="-- step: a\nCREATE TABLE one (a int);\n"
        "-- step: b\nINSERT INTO one VALUES (1); SELECT pg_sleep(seconds) FROM pace; INSERT INTO one VALUES (2);"
    )
    runner = python(UP, empty_database, folder)
    wait_for(empty_database, "SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event = 'PgSleep'")
    os.kill(runner.pid, signal.SIGKILL)
    runner.communicate()
    with psycopg.connect(empty_database) as connection:
        connection.execute("UPDATE pace SET seconds = 0")
    started = time.monotonic()
    migrate.up(empty_database, folder=folder)
    assert time.monotonic() - started < 10  # the server notices the dead client long before its 60 s are over
    assert scalar(empty_database, "SELECT array_agg(a ORDER BY a) FROM one") == [1, 2]


def test_a_step_waits_for_its_lock_in_short_turns(empty_database: str, folder_of: FolderOf) -> None:
    with psycopg.connect(empty_database) as connection:
        connection.execute("CREATE TABLE busy (a int)")
    folder = folder_of(one="ALTER TABLE busy ADD COLUMN b int;")
    with psycopg.connect(empty_database) as holder:
        holder.execute("SELECT * FROM busy")
        events: list[str] = []

        def hear(event: migrate.Event) -> None:
            events.append(event.kind)
            if events.count("retry") == 2:
                holder.rollback()

        migrate.up(empty_database, folder=folder, on_step=hear)
    assert events == ["start", "retry", "retry", "done"]


def test_a_step_that_never_gets_its_lock_gives_up_and_stays_pending(empty_database: str, folder_of: FolderOf) -> None:
    with psycopg.connect(empty_database) as connection:
        connection.execute("CREATE TABLE busy (a int)")
    folder = folder_of(one="ALTER TABLE busy ADD COLUMN b int;")
    with psycopg.connect(empty_database) as holder:
        holder.execute("SELECT * FROM busy")
        with pytest.raises(Busy, match="held its locks"):
            migrate.up(empty_database, folder=folder, patience_s=0.5)
    assert [p.id for p in migrate.plan(empty_database, folder=folder)] == ["01.01"]


def test_an_index_left_invalid_is_built_again(empty_database: str, folder_of: FolderOf) -> None:
    folder = folder_of(
        one="-- step: table\nCREATE TABLE one (a int);\n-- step: index (no transaction)\n"
        "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS one_a ON one (a);"
    )
    with psycopg.connect(empty_database) as connection:
        connection.execute("CREATE TABLE one (a int); INSERT INTO one VALUES (1), (1)")
    text = (folder / "01.01_one.up.sql").read_text()
    (folder / "01.01_one.up.sql").write_text(text.replace("CREATE TABLE one", "CREATE TABLE IF NOT EXISTS one"))
    with pytest.raises(migrate.MigrationFailed, match="could not create unique index"):
        migrate.up(empty_database, folder=folder)
    invalid = "SELECT NOT indisvalid FROM pg_index WHERE indexrelid = 'one_a'::regclass"
    assert scalar(empty_database, invalid) is True
    with psycopg.connect(empty_database) as connection:
        connection.execute("DELETE FROM one")
    migrate.up(empty_database, folder=folder)
    assert scalar(empty_database, invalid) is False


def test_down_counts_what_would_be_lost_and_changes_nothing(database: str) -> None:
    with psycopg.connect(database) as connection:
        connection.execute("INSERT INTO users (id, email, username) VALUES (gen_random_uuid(), 'a@b.c', 'a')")
        connection.execute(
            "INSERT INTO feature_usage (user_id, feature_name, usage_date) SELECT id, 'x', now() FROM users"
        )
    with pytest.raises(migrate.WouldLoseData, match=r"01\.03: 1 rows of feature_usage") as refused:
        migrate.down(database, "01.02")
    assert refused.value.exit_code == 1
    assert migrate.plan(database) == []
    migrate.down(database, "01.02", discard_new_data=True)
    assert migrate.plan(database)[0].id == "01.03"


ENGINES_MEMORY = ("07.06", "07.07")  # what has changed and what was derived: the next backfill makes both anew


def test_every_down_that_drops_rows_counts_them_first() -> None:
    for migration in migrate.discover():
        if migration.id in ENGINES_MEMORY:
            continue
        drops = any("DROP TABLE" in step.sql or "DROP COLUMN" in step.sql for step in migration.down)
        assert drops == (migration.loses is not None or migration.archive is not None), migration.id


def test_a_schema_that_was_there_before_is_never_dropped(database: str) -> None:
    with psycopg.connect(database) as connection:
        connection.execute("UPDATE insights_migrations SET made_here = false WHERE id = '00.00'")
    with pytest.raises(BadInput, match="before this runner"):
        migrate.down(database, migrate.BASE, discard_new_data=True)
    assert migrate.plan(database) == []
    migrate.down(database, "00.00")
    assert scalar(database, "SELECT to_regclass('users') IS NOT NULL") is True


def test_a_database_with_tables_of_its_own_is_refused(empty_database: str) -> None:
    with psycopg.connect(empty_database) as connection:
        connection.execute("CREATE TABLE users (id int)")
    with pytest.raises(migrate.MigrationFailed, match=r"(?s)tables of its own.*Name an empty database"):
        migrate.up(empty_database)
    assert scalar(empty_database, "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'") == 2


def test_the_session_is_in_utc_whatever_the_database_says(empty_database: str, folder_of: FolderOf) -> None:
    name = empty_database.rsplit("/", 1)[1]
    with psycopg.connect(empty_database, autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE {name} SET timezone = 'Asia/Kolkata'".encode())
        connection.execute(f"ALTER DATABASE {name} SET search_path = 'elsewhere'".encode())
        connection.execute("CREATE TABLE public.naive AS SELECT timestamp '2026-01-05 12:00' AS at")
    folder = folder_of(one="ALTER TABLE naive ALTER COLUMN at TYPE timestamptz;")
    migrate.up(empty_database, folder=folder)
    assert scalar(empty_database, "SELECT at = '2026-01-05 12:00Z' FROM public.naive") is True


def test_plan_and_status_change_nothing(empty_database: str) -> None:
    assert len(migrate.plan(empty_database)) == len(migrate.status(empty_database)) == len(migrate.discover())
    assert scalar(empty_database, "SELECT to_regclass('public.insights_migrations')") is None


def test_an_unknown_number_is_refused(empty_database: str) -> None:
    for act in (migrate.up, migrate.down, migrate.plan):
        with pytest.raises(BadInput, match=r"no migration '9\.9'"):
            act(empty_database, "9.9")


@pytest.mark.parametrize(
    ("name", "text", "complaint"),
    [
        ("1.1_x.up.sql", "SELECT 1;", "not named like a migration"),
        ("01.01_x.up.sql", "SELECT 1;", "has no down"),
        ("01.01_x.up.sql", "SELECT 1;\n-- step: a\nSELECT 2;", "before its first"),
        ("01.01_x.up.sql", "-- step: a (no transaction)\nVACUUM; VACUUM;", "one statement"),
        ("01.01_x.up.sql", "-- step: a (no transaction)\nCREATE INDEX CONCURRENTLY i ON t (a);", "cannot be repeated"),
    ],
)
def test_files_that_are_built_wrong_are_refused(tmp_path: Path, name: str, text: str, complaint: str) -> None:
    (tmp_path / name).write_text(text)
    if "no down" not in complaint:
        (tmp_path / "01.01_x.down.sql").write_text("SELECT 1;")
    with pytest.raises(InsightsError, match=complaint):
        migrate.discover(tmp_path)


def test_two_files_of_one_number_are_refused(tmp_path: Path) -> None:
    for name in ("a", "b"):
        for kind in ("up", "down"):
            (tmp_path / f"01.01_{name}.{kind}.sql").write_text("SELECT 1;")
    with pytest.raises(InsightsError, match="two migrations of one number"):
        migrate.discover(tmp_path)


def test_it_works_on_the_oldest_server(oldest_server: str) -> None:
    url = oldest_server.rsplit("/", 1)[0] + "/oldest"
    with psycopg.connect(oldest_server, autocommit=True) as connection:
        connection.execute("CREATE DATABASE oldest")
    assert len(migrate.up(url)) == len(migrate.discover())
    assert migrate.verify(url) == []
    first = dump(url)
    migrate.down(url, "00.00")
    migrate.up(url)
    assert dump(url) == first


def test_squawk_finds_nothing() -> None:
    squawk = shutil.which("squawk", path=str(Path(sys.executable).parent))
    if squawk is None:
        pytest.skip("squawk is not installed")
    folder = assets.path("sql", "migrations")
    files = sorted([*folder.glob("*.sql"), *folder.glob("opt_in/*.sql")])
    told = subprocess.run([squawk, *files], capture_output=True, text=True, check=False, cwd=assets.root())
    assert told.returncode == 0, told.stdout


KILLED_EVERYWHERE = """
import os, signal, sys
from insights.db import migrate
url, kind, nth = sys.argv[1], sys.argv[2], int(sys.argv[3])
seen = kills = 0
def stop(event):
    global seen
    if event.kind == kind:
        seen += 1
        if seen == nth:
            os.kill(os.getpid(), signal.SIGKILL)
while True:
    child = os.fork()
    if child == 0:
        migrate.up(url, on_step=stop, first_batch=40)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if not os.WIFSIGNALED(status):
        break
    assert os.WTERMSIG(status) == signal.SIGKILL
    kills += 1
print(kills)
sys.exit(os.waitstatus_to_exitcode(status))
"""
CONTENT = (
    "user_preferences", "workout_blocks", "workout_block_exercises", "set_protocols", "session_context",
    "exercise_performances", "set_executions",
)  # fmt: skip


def content(url: str) -> dict[str, list[str]]:
    """Every row but for the clock's columns of preferences and contexts."""
    with psycopg.connect(url) as connection:
        return {
            table: [
                row
                for (row,) in connection.execute(
                    f"SELECT (to_jsonb(t) - ARRAY['updated_at']"
                    f" - CASE WHEN '{table}' IN ('user_preferences', 'session_context')"
                    f" THEN 'created_at' ELSE '' END)::text FROM {table} AS t ORDER BY 1".encode()
                )
            ]
            for table in CONTENT
        }


STEPS = sum(len(migration.up) for migration in migrate.discover()[1:])


@pytest.mark.parametrize(("kind", "nth", "kills"), [("done", 1, STEPS), ("start", 2, STEPS - 1), ("batch", 3, 6)])
def test_a_runner_killed_at_every_step_and_every_few_batches_ends_in_the_same_state(
    empty_database: str, server_url: str, fresh_names: Iterator[str], kind: str, nth: int, kills: int
) -> None:
    migrate.up(empty_database, "00.00")
    old_app.seed(empty_database, users=8, workouts=10, sessions=40, sets=400)
    calm = next(fresh_names)
    create(server_url, calm, template=empty_database.rsplit("/", 1)[1])
    migrate.up(named(server_url, calm))
    out, told = (runner := python(KILLED_EVERYWHERE, empty_database, kind, nth)).communicate(timeout=120)
    assert runner.returncode == 0, told
    assert int(out) >= kills
    assert content(empty_database) == content(named(server_url, calm))
    assert dump(empty_database) == dump(named(server_url, calm))
    assert migrate.verify(empty_database) == migrate.verify(named(server_url, calm)) == []
    drop(server_url, calm)
