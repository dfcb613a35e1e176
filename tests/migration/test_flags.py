import json
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from tests.migration import old_app
from typer.testing import CliRunner

from insights.cli.flags import app
from insights.db import migrate
from insights.db.migrate import flags
from insights.errors import BadInput


@pytest.fixture
def live(empty_database: str) -> str:
    migrate.up(empty_database, "00.00")
    old_app.seed(empty_database, users=4, workouts=4, sessions=8, sets=40)
    migrate.up(empty_database)
    return empty_database


def rows(url: str, query: str, *values: Any) -> list[Any]:
    with psycopg.connect(url) as connection:
        return connection.execute(query.encode(), values).fetchall()


def let_through(url: str, flag: str) -> set[Any]:
    users = [f"md5('{number}')::uuid" for number in range(2000)]
    found = rows(url, f"SELECT u FROM unnest(ARRAY[{', '.join(users)}]) AS u WHERE rollout_enabled(%s, u)", flag)
    return {user for (user,) in found}


def test_a_higher_share_lets_more_users_through_and_keeps_the_others(live: str) -> None:
    seen: set[Any] = set()
    for percent in (0, 1, 10, 50, 99, 100):
        flags.set_flag(live, "read_new", percent)
        now = let_through(live, "read_new")
        assert seen <= now
        assert abs(len(now) - 20 * percent) <= 100 * (0 < percent < 100)
        seen = now
    assert let_through(live, "no such flag") == set()


def test_the_app_may_ask_without_a_right_on_the_table(live: str) -> None:
    flags.set_flag(live, "read_new", 100)
    assert rows(old_app.login(live), "SELECT rollout_enabled('read_new', %s)", uuid4()) == [(True,)]
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        rows(old_app.login(live), "SELECT percent FROM rollout_flags")


def test_the_commands(live: str) -> None:
    result = CliRunner().invoke(app, ["set", "write_new", "25", "--database", live, "--json"], catch_exceptions=False)
    assert json.loads(result.stdout)["flags"][0]["percent"] == 25
    result = CliRunner().invoke(app, ["list", "--database", live], catch_exceptions=False)
    assert "write_new 25 %" in result.stdout


@pytest.mark.parametrize(("name", "percent"), [("read_new", 101), ("read_new", -1), ("rad_new", 5)])
def test_what_cannot_be_set(live: str, name: str, percent: int) -> None:
    with pytest.raises(BadInput):
        flags.set_flag(live, name, percent)


def test_flags_need_their_table(empty_database: str) -> None:
    with pytest.raises(BadInput, match="migrate up"):
        flags.flags(empty_database)


def test_what_a_new_writer_writes_reaches_the_old_readers(live: str) -> None:
    flags.set_flag(live, "write_new", 10)
    workout, block, exercise, session, performance, done = (uuid4() for _ in range(6))
    with psycopg.connect(live, autocommit=True) as new:
        new.execute("SET insights.sync = 'new'")
        (user,) = new.execute("SELECT id FROM users WHERE units = 'metric' LIMIT 1").fetchone() or ()
        (lift,) = new.execute("SELECT id FROM exercise_catalog LIMIT 1").fetchone() or ()
        new.execute("INSERT INTO workouts (id, name, created_by_id) VALUES (%s, 'New', %s)", (workout, user))
        new.execute(
            "INSERT INTO workout_blocks (id, workout_id, block_order, block_type) VALUES (%s, %s, 1, 'superset')",
            (block, workout),
        )
        new.execute(
            "INSERT INTO workout_block_exercises (id, workout_block_id, exercise_id, exercise_order, target_sets,"
            " target_reps_min, target_reps_max) VALUES (%s, %s, %s, 1, 3, 8, 12)",
            (exercise, block, lift),
        )
        new.execute(
            "INSERT INTO set_protocols (workout_block_exercise_id, protocol_type, set_order, protocol_data)"
            " VALUES (%s, 'working', 1, '{\"reps\": 8}')",
            (exercise,),
        )
        new.execute(
            "INSERT INTO workout_sessions (id, user_id, workout_id, status, start_time)"
            " VALUES (%s, %s, %s, 'COMPLETED', now())",
            (session, user, workout),
        )
        new.execute(
            "INSERT INTO exercise_performances (id, workout_session_id, workout_block_exercise_id, performance_order)"
            " VALUES (%s, %s, %s, 1)",
            (performance, session, exercise),
        )
        new.execute(
            "INSERT INTO set_executions (id, exercise_performance_id, set_number, weight_kg, reps_completed, rpe_value)"
            " VALUES (%s, %s, 1, 82.5, 8, 8.5)",
            (done, performance),
        )
        new.execute("UPDATE user_preferences SET preferred_units = 'imperial' WHERE user_id = %s", (user,))
    assert rows(live, "SELECT workout_id, sets, reps, rep_scheme FROM workout_exercises WHERE id = %s", exercise) == [
        (workout, 3, 8, {"1": 8})
    ]
    legacy = "SELECT workout_session_id, workout_exercise_id, reps, weight, rpe FROM exercise_sets WHERE id = %s"
    assert rows(live, legacy, done) == [(session, exercise, 8, 82.5, 9)]
    assert rows(live, "SELECT units FROM users WHERE id = %s", user) == [("imperial",)]
    with psycopg.connect(live, autocommit=True) as old:
        old.execute("UPDATE exercise_sets SET reps = 7 WHERE id = %s", (done,))
    kept = "SELECT reps_completed, rpe_value::text FROM set_executions WHERE id = %s"
    assert rows(live, kept, done) == [(7, "8.5")]  # the finer RPE stays
    with psycopg.connect(live, autocommit=True) as new:
        new.execute("SET insights.sync = 'new'")
        new.execute("DELETE FROM set_executions WHERE id = %s", (done,))
    assert rows(live, legacy, done) == []
    assert rows(
        live, "SELECT count(*) FROM migration_quarantine WHERE sqlstate <> '22003' AND sqlstate <> '22023'"
    ) == [(0,)]
    assert migrate.verify(live) == []


@pytest.mark.parametrize("flag", ["read_new", "write_new"])
@pytest.mark.parametrize("archive", [True, False])
def test_a_down_takes_nothing_away_from_users_who_work_on_it(live: str, flag: str, archive: bool) -> None:
    flags.set_flag(live, flag, 25)
    migrate.down(live, "04.04", discard_new_data=True)  # what the flags speak of stays
    with pytest.raises(migrate.StillRolledOut, match=f"{flag} is at 25 %") as refused:
        migrate.down(live, "04.03", archive_new_data=archive, discard_new_data=not archive)
    assert refused.value.exit_code == 1
    assert f"insights flags set {flag} 0" in refused.value.hint
    assert {s.state for s in migrate.status(live) if s.id <= "04.04"} == {"applied"}
    flags.set_flag(live, flag, 0)
    migrate.down(live, "00.00", archive_new_data=archive, discard_new_data=not archive)
    assert {s.state for s in migrate.status(live) if s.id > "00.00"} == {"pending"}


def test_nothing_goes_back_before_the_first_new_writer(live: str) -> None:
    before = rows(live, "SELECT count(*) FROM exercise_sets")
    with psycopg.connect(live, autocommit=True) as new:
        new.execute(
            "INSERT INTO set_executions (exercise_performance_id, set_number)"
            " SELECT id, 1 FROM exercise_performances LIMIT 1"
        )
    assert rows(live, "SELECT count(*) FROM exercise_sets") == before
