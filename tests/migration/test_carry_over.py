import json
import math
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from uuid import UUID

import psycopg
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from psycopg import sql
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from insights.db import migrate

Row = dict[str, Any]
LEGACY = ("users", "plans", "workouts", "workout_exercises", "workout_sessions", "exercise_sets")
KEPT_BY_LEGACY = "00.00"


@pytest.fixture(scope="module")
def legacy_database(server_url: str) -> Iterator[str]:
    url = f"{server_url.rsplit('/', 1)[0]}/carry_over"
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE carry_over")
        connection.execute("ALTER DATABASE carry_over SET timezone = 'Asia/Kolkata'")
        migrate.up(url, KEPT_BY_LEGACY)
        yield url
        connection.execute("DROP DATABASE carry_over WITH (FORCE)")


def key(kind: int, number: int) -> UUID:
    return UUID(int=(kind << 64) + number)


ODD_WEIGHTS = (61.23496995, 10_000.0, 0.333333, 86.625, 1.005, math.nan, math.inf, -math.inf, 999_999.996, 1e300, -0.0)
ODD_SCHEMES: tuple[Any, ...] = (
    [],
    [12, 10],
    "12,10",
    12,
    {"a": 1},
    {"01": 5},
    {"1": "12"},
    {"1": None},
    {"1": 1e9},
    {"0": 1},
    {},
)
weights = st.one_of(st.none(), st.floats(-100, 1_000_000), st.sampled_from(ODD_WEIGHTS))
rep_schemes = st.one_of(
    st.none(),
    st.dictionaries(st.integers(1, 5).map(str), st.integers(0, 50), max_size=4),
    st.sampled_from(ODD_SCHEMES),
)
integers = st.one_of(st.none(), st.integers(-5, 400), st.just(2**31 - 1))
users = st.fixed_dictionaries(
    {
        "email": st.sampled_from(["a@b.c", "no address", "", "@", "x@y.z\nw"]),
        "units": st.sampled_from([None, "metric", " KG", "lbs", "imperial", "stone", ""]),
        "fitness_goal": st.sampled_from([None, "strength", "lose weight", "x" * 300]),
    }
)
exercises = st.fixed_dictionaries(
    {
        "workout": st.integers(0, 1),
        "order": st.sampled_from([None, 1, 1, 2, -3]),
        "sets": integers,
        "reps": integers,
        "duration": integers,
        "rest_duration": integers,
        "notes": st.sampled_from([None, "", "slow %s 'down'"]),
        "rep_scheme": rep_schemes,
    }
)
sets = st.fixed_dictionaries(
    {
        "session": st.integers(0, 2),
        "exercise": st.integers(0, 3),
        "set_number": st.integers(0, 4),
        "reps": integers,
        "weight": weights,
        "duration": integers,
        "rpe": st.one_of(st.none(), st.integers(-2, 25), st.just(100)),
        "notes": st.sampled_from([None, "easy"]),
    }
)


EVERY_ODDITY = {
    "people": [
        {"email": email, "units": units, "fitness_goal": "strength"}
        for email, units in (("a@b.c", "stone"), ("no address", "lbs"), ("", None))
    ],
    "planned": [
        {"workout": 0, "order": 1, "sets": 3, "reps": None, "duration": None, "rest_duration": 90, "notes": None}
        | {"rep_scheme": scheme}
        for scheme in ODD_SCHEMES
    ],
    "done": [
        {"session": 1, "exercise": 0, "set_number": 1, "reps": 5, "weight": weight, "duration": None, "rpe": rpe}
        | {"notes": None}
        for weight in ODD_WEIGHTS
        for rpe in (None, -1, 0, 10, 11, 20, 21, 100)
    ],
}


@settings(max_examples=10)
@example(**EVERY_ODDITY)
@given(
    people=st.lists(users, min_size=1, max_size=3),
    planned=st.lists(exercises, min_size=4, max_size=4),
    done=st.lists(sets, max_size=12),
)
def test_every_legacy_row_arrives_or_is_kept_aside(
    legacy_database: str, people: list[Row], planned: list[Row], done: list[Row]
) -> None:
    with psycopg.connect(legacy_database) as connection:
        fill(connection, people, planned, done)
        before = {table: rows(connection, table) for table in LEGACY}
    migrate.up(legacy_database)
    with psycopg.connect(legacy_database) as connection:
        after = {table: rows(connection, table) for table in LEGACY}
        new = {
            table: {row["id"]: row for row in rows(connection, table)}
            for table in ("workout_blocks", "workout_block_exercises", "exercise_performances", "set_executions")
        }
        protocols = rows(connection, "set_protocols")
        preferences = rows(connection, "user_preferences")
        aside = {
            (row["source_table"], row["source_id"]): row["raw"] for row in rows(connection, "migration_quarantine")
        }

    for table in set(LEGACY) - {"plans"}:
        assert [
            {name: row[name] for name in old} for old, row in zip(before[table], after[table], strict=True)
        ] == before[table]
    assert after["plans"][0]["created_at"].isoformat() == "2026-01-05T17:30:00+05:30"  # 12:00 naive is 12:00Z
    problems = {(found.problem.split(":")[0], found.subject) for found in migrate.verify(legacy_database)}
    assert {subject for _, subject in problems} == {
        str(u["id"]) for u in before["users"] if not good_address(u["email"])
    }

    check_people(after["users"], preferences, aside)
    check_exercises(before["workout_exercises"], new, protocols, aside)
    check_sets(before["exercise_sets"], new, protocols, aside)

    grown = grow(legacy_database)
    with pytest.raises(migrate.WouldLoseData):
        migrate.down(legacy_database, KEPT_BY_LEGACY)
    migrate.down(legacy_database, KEPT_BY_LEGACY, archive_new_data=True)
    with psycopg.connect(legacy_database) as connection:
        assert {table: rows(connection, table) for table in LEGACY} == before
    migrate.up(legacy_database)
    assert contents(legacy_database) == grown
    assert archived(legacy_database) is False

    migrate.down(legacy_database, KEPT_BY_LEGACY, discard_new_data=True)
    with psycopg.connect(legacy_database) as connection:
        assert {table: rows(connection, table) for table in LEGACY} == before


@pytest.mark.usefixtures("legacy_database")
def test_a_down_is_not_refused_while_the_legacy_tables_hold_everything(legacy_database: str) -> None:
    with psycopg.connect(legacy_database) as connection:
        fill(connection, **EVERY_ODDITY)
    migrate.up(legacy_database)
    migrate.down(legacy_database, KEPT_BY_LEGACY)
    assert archived(legacy_database) is False


GROWTH = (  # what only the new tables can hold
    "UPDATE users SET training_experience = 'advanced' WHERE email ~ '.@.+[.].'",
    "UPDATE users SET primary_goals = primary_goals || '{health}' WHERE primary_goals IS NOT NULL",
    "UPDATE user_preferences SET default_rest_seconds = 90, llm_processing = true",
    "INSERT INTO workout_blocks (id, workout_id, block_order, block_type)"
    " SELECT md5('b' || id)::uuid, id, 2, 'superset' FROM workouts",
    "INSERT INTO workout_block_exercises (id, workout_block_id, exercise_id, exercise_order, target_rpe)"
    " SELECT md5('e' || b.id)::uuid, b.id, c.id, 1, 8.5 FROM workout_blocks AS b, exercise_catalog AS c"
    " WHERE b.block_order = 2",
    "UPDATE workout_block_exercises SET target_weight_kg = 80.25, target_reps_max = 99 WHERE exercise_order = 1",
    "INSERT INTO set_protocols (id, workout_block_exercise_id, protocol_type, set_order, protocol_data)"
    " SELECT md5('p' || id)::uuid, id, 'cluster', 1, '{\"reps\": 3}' FROM workout_block_exercises",
    "INSERT INTO session_context (workout_session_id, sleep_hours) SELECT id, 7.5 FROM workout_sessions"
    " ON CONFLICT (workout_session_id) DO UPDATE SET sleep_hours = 7.5",
    "INSERT INTO exercise_performances (id, workout_session_id, workout_block_exercise_id, performance_order)"
    " SELECT md5('x' || s.id || e.id)::uuid, s.id, e.id, 9 FROM workout_sessions AS s"
    " JOIN workout_blocks AS b ON b.workout_id = s.workout_id AND b.block_order = 2"
    " JOIN workout_block_exercises AS e ON e.workout_block_id = b.id",
    "UPDATE exercise_performances SET technique_quality = 4",
    "UPDATE set_executions SET rest_after_seconds = 61, rom_quality = 'half', pain_level = 2",
    "INSERT INTO set_executions (id, exercise_performance_id, set_number, set_type, weight_kg, rpe_value, start_time)"
    " SELECT md5('y' || id)::uuid, id, 1, 'dropset', 'NaN', 9.5, now() FROM exercise_performances",
    "INSERT INTO user_body_weights SELECT id, '2026-01-05', 80.5 FROM users",
    "INSERT INTO import_files (user_id, source) SELECT id, 'hevy' FROM users",
    "INSERT INTO import_quarantine (user_id, source, reason, raw) SELECT id, 'hevy', 'bad', '{}' FROM users",
    "INSERT INTO user_insights (user_id, insight_type, title, description, confidence_score, supporting_data_ids,"
    " generator, stale) SELECT id, 'x', 't', 'd', 1, ARRAY[id], 'rules', true FROM users",
)
NEW = (
    "users", "user_preferences", "workout_blocks", "workout_block_exercises", "set_protocols", "session_context",
    "exercise_performances", "set_executions", "user_body_weights", "import_files", "import_quarantine",
    "user_insights",
)  # fmt: skip
BY_THE_CLOCK = {"user_preferences": ["created_at", "updated_at"], "session_context": ["id", "created_at"]}


def grow(url: str) -> dict[str, list[str]]:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET insights.sync = 'new'")
        for statement in GROWTH:
            connection.execute(statement.encode())
    return contents(url)


def contents(url: str) -> dict[str, list[str]]:
    with psycopg.connect(url) as connection:
        return {
            table: [
                row
                for (row,) in connection.execute(
                    f"SELECT (to_jsonb(t) - %s::text[])::text FROM {table} AS t ORDER BY 1".encode(),
                    (BY_THE_CLOCK.get(table, []),),
                )
            ]
            for table in NEW
        }


def archived(url: str) -> bool:
    with psycopg.connect(url) as connection:
        return connection.execute("SELECT to_regclass('insights_archive.kept') IS NOT NULL").fetchone() == (True,)


def check_people(people: list[Row], preferences: list[Row], aside: dict[tuple[str, UUID], Row]) -> None:
    units = {row["user_id"]: row["preferred_units"] for row in preferences}
    assert len(units) == len(preferences) == len(people)
    for person in people:
        kept = aside.get(("users", person["id"]), {})
        imperial = (person["units"] or "").strip().lower() in {"lbs", "imperial"}
        assert units[person["id"]] == ("imperial" if imperial else "metric")
        if person["fitness_goal"] is not None:
            carried = person["primary_goals"] == [person["fitness_goal"]]
            assert carried == good_address(person["email"])
            assert carried or kept


def check_exercises(
    old: list[Row], new: dict[str, dict[UUID, Row]], protocols: list[Row], aside: dict[tuple[str, UUID], Row]
) -> None:
    blocks, exercises_now = new["workout_blocks"], new["workout_block_exercises"]
    assert len(blocks) == 2
    assert exercises_now.keys() == {row["id"] for row in old}
    for workout in blocks:
        orders = [row["exercise_order"] for row in exercises_now.values() if row["workout_block_id"] == workout]
        assert sorted(orders) == list(range(1, len(orders) + 1))
    for row in old:
        now = exercises_now[row["id"]]
        assert (now["target_sets"], now["target_reps_min"], now["target_reps_max"]) == (
            row["sets"],
            row["reps"],
            row["reps"],
        )
        assert (now["target_duration_seconds"], now["rest_after_seconds"]) == (row["duration"], row["rest_duration"])
        assert (now["notes"], now["created_at"]) == (row["notes"], row["created_at"])
        mine = {
            str(p["set_order"]): p["protocol_data"]["reps"]
            for p in protocols
            if p["workout_block_exercise_id"] == row["id"]
        }
        if ("workout_exercises", row["id"]) in aside:
            assert mine == {}
            assert json.dumps(aside["workout_exercises", row["id"]]["rep_scheme"]) == json.dumps(row["rep_scheme"])
        else:
            assert mine == (row["rep_scheme"] or {})


def check_sets(
    old: list[Row], new: dict[str, dict[UUID, Row]], protocols: list[Row], aside: dict[tuple[str, UUID], Row]
) -> None:
    executions, performances = new["set_executions"], new["exercise_performances"]
    orders = {row["id"]: (row["workout_block_exercise_id"], row["set_order"]) for row in protocols}
    kept = {source_id for table, source_id in aside if table == "exercise_sets"}
    assert executions.keys() | kept == {row["id"] for row in old}
    assert not executions.keys() & kept
    pairs = {(p["workout_session_id"], p["workout_block_exercise_id"]) for p in performances.values()}
    assert pairs == {(row["workout_session_id"], row["workout_exercise_id"]) for row in old}
    assert len(pairs) == len(performances)
    for row in old:
        weight, rpe = stored(row["weight"]), row["rpe"]
        fits = (weight is None or weight.is_nan() or abs(weight) < 1_000_000) and (rpe is None or 0 <= rpe <= 20)
        assert fits == (row["id"] in executions)
        if not fits:
            continue
        now = executions[row["id"]]
        home = performances[now["exercise_performance_id"]]
        assert (home["workout_session_id"], home["workout_block_exercise_id"]) == (
            row["workout_session_id"],
            row["workout_exercise_id"],
        )
        assert str(now["weight_kg"]) == str(weight)
        assert (now["rpe_value"], now["rpe_scale"]) == (rpe, "rpe_20" if rpe is not None and rpe > 10 else "rpe_10")
        assert (now["set_number"], now["reps_completed"], now["duration_seconds"], now["set_notes"]) == (
            row["set_number"],
            row["reps"],
            row["duration"],
            row["notes"],
        )
        planned = (row["workout_exercise_id"], row["set_number"])
        assert orders.get(now["set_protocol_id"]) == (planned if planned in orders.values() else None)


def good_address(email: str) -> bool:
    name, at, host = email.partition("@")
    return bool(name and at and "." in host.strip("."))


def stored(weight: float | None) -> Decimal | None:
    if weight is None or math.isnan(weight):
        return None if weight is None else Decimal("NaN")
    if math.isinf(weight) or abs(weight) > 1e12:
        return Decimal(weight)
    rounded = Decimal(f"{weight:.15g}").quantize(Decimal("0.01"), ROUND_HALF_UP)
    return abs(rounded) if rounded == 0 else rounded  # NUMERIC knows no negative zero


def rows(connection: psycopg.Connection[Any], table: str) -> list[Row]:
    statement = sql.SQL("SELECT * FROM {} ORDER BY id").format(sql.Identifier(table))
    with connection.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(statement).fetchall()
    for row in found:  # NaN equals nothing, itself included
        if isinstance(row.get("weight"), float) and math.isnan(row["weight"]):
            row["weight"] = NAN
    return found


NAN = math.nan  # one object: lists and dictionaries compare by identity first


def fill(connection: psycopg.Connection[Any], people: list[Row], planned: list[Row], done: list[Row]) -> None:
    names = ", ".join((*LEGACY, "exercise_catalog", "exercise_categories", "subscriptions"))
    connection.execute(f"TRUNCATE {names} CASCADE".encode())
    owner, category, exercise = key(1, 0), key(2, 0), key(3, 0)
    for number, person in enumerate(people):
        email = person["email"] if number == 0 else f"{number}{person['email']}"
        insert(connection, "users", {**person, "id": key(1, number), "email": email, "username": str(number)})
    insert(connection, "plans", {"id": key(9, 0), "name": "Pro", "type": "pro", "created_at": "2026-01-05 12:00"})
    insert(connection, "exercise_categories", {"id": category, "name": "Strength"})
    insert(connection, "exercise_catalog", {"id": exercise, "name": "Squat", "category_id": category})
    for number in range(2):
        insert(connection, "workouts", {"id": key(4, number), "name": f"Day {number}", "created_by_id": owner})
    for number in range(3):
        session = {"id": key(6, number), "user_id": owner, "workout_id": key(4, number % 2), "status": "COMPLETED"}
        insert(connection, "workout_sessions", session)
    for number, row in enumerate(planned):
        scheme = None if row["rep_scheme"] is None else Jsonb(row["rep_scheme"])
        own = {
            "id": key(5, number),
            "workout_id": key(4, row["workout"]),
            "exercise_id": exercise,
            "rep_scheme": scheme,
        }
        insert(connection, "workout_exercises", {**without(row, "workout"), **own})
    for number, row in enumerate(done):
        parents = {"workout_session_id": key(6, row["session"]), "workout_exercise_id": key(5, row["exercise"])}
        insert(connection, "exercise_sets", {**without(row, "session", "exercise"), **parents, "id": key(7, number)})


def without(row: Row, *names: str) -> Row:
    return {name: value for name, value in row.items() if name not in names}


def insert(connection: psycopg.Connection[Any], table: str, row: Row) -> None:
    statement = sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
        sql.Identifier(table),
        sql.SQL(", ").join(map(sql.Identifier, row)),
        sql.SQL(", ").join(map(sql.Placeholder, row)),
    )
    connection.execute(statement, row)
