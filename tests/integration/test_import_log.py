import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from typing import Any
from uuid import UUID

import dataframely as dy
import polars as pl
import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from insights.db.catalogue import ensure_custom_exercise
from insights.db.connection import connect
from insights.db.log_writer import FileFacts, SetAside, Written, ensure_user, write_log
from insights.errors import BadInput
from insights.frames import ImportedSets

START = datetime(2025, 3, 3, 18, 30)  # noqa: DTZ001 - a log's own local time
NAMES = count()
Sets = dy.DataFrame[ImportedSets]

LOG_TABLES = (
    "workouts", "workout_blocks", "workout_block_exercises", "workout_sessions", "exercise_performances",
    "set_executions", "imported_sets",
)  # fmt: skip
TABLES = (
    "users", "user_preferences", "plans", "subscriptions", "engine_users", "exercise_catalog", "exercise_traits",
    "import_files", "import_quarantine", *LOG_TABLES,
)  # fmt: skip


@pytest.fixture
def connection(database: str) -> Iterator[psycopg.Connection[Any]]:
    with connect(database) as connection:
        yield connection


def one_set(**changes: Any) -> dict[str, Any]:
    row: dict[str, Any] = {
        "session_start": START, "session_end": START + timedelta(hours=1), "workout_title": "Push",
        "exercise_title": "My Press", "set_label": "1", "set_type": "working", "weight_kg": 80.0, "reps": 5, "rpe": 8.0,
        **changes,
    }  # fmt: skip
    told = {name: str(row.get(name)) for name in ("weight_kg", "reps", "rpe", "set_notes")}
    return {**row, "raw": json.dumps(told)}


def log_of(*rows: dict[str, Any]) -> Sets:
    names = ImportedSets.columns()
    places: dict[tuple[Any, ...], int] = {}
    full = []
    for line, row in enumerate(rows, start=2):
        key = (row["session_start"], row["exercise_title"])
        places[key] = places.get(key, -1) + 1
        full.append({**dict.fromkeys(names), "line": line, "set_order": places[key], **row})
    schema = {name: column.dtype for name, column in names.items()}
    return ImportedSets.validate(pl.DataFrame(full, schema=schema))


def new_user(connection: psycopg.Connection[Any]) -> UUID:
    return ensure_user(
        connection, email=f"lifter{next(NAMES)}@example.org", time_zone="UTC", units="kg", made_by="import"
    )


def write(connection: psycopg.Connection[Any], user: UUID, sets: Sets, **options: Any) -> Written:
    given_options = {"source": "hevy", "time_zone": "UTC", "resolve": partial(ensure_custom_exercise, connection, user)}
    return write_log(connection, user_id=user, sets=sets, **{**given_options, **options})


def numbers(written: Written) -> tuple[int, int, int, int]:
    return written.added, written.updated, written.unchanged, len(written.vanished)


def everything(connection: psycopg.Connection[Any]) -> dict[str, list[Any]]:
    connection.commit()
    rows = {}
    for table in TABLES:
        # xmin and ctid tell a rewritten row from an untouched one
        query = f"SELECT xmin::text, ctid::text, t::text FROM {table} AS t ORDER BY 3"
        rows[table] = connection.execute(query).fetchall()  # type: ignore[call-overload]
    return rows


def stored_sets(connection: psycopg.Connection[Any], user: UUID) -> list[Any]:
    return connection.execute(
        """
        SELECT w.start_time, x.name, s.set_type::text, s.weight_kg, s.reps_completed, s.rpe_value, s.set_notes
        FROM set_executions AS s
        JOIN exercise_performances AS p ON p.id = s.exercise_performance_id
        JOIN workout_block_exercises AS b ON b.id = p.workout_block_exercise_id
        JOIN exercise_catalog AS x ON x.id = b.exercise_id
        JOIN workout_sessions AS w ON w.id = p.workout_session_id
        WHERE w.user_id = %s
        """,
        (user,),
    ).fetchall()


def content(connection: psycopg.Connection[Any], user: UUID) -> list[str]:
    totals = connection.execute(
        """
        SELECT w.start_time, w.end_time, x.name, p.completed_sets, p.total_volume_kg, p.total_reps, p.average_rpe
        FROM exercise_performances AS p
        JOIN workout_block_exercises AS b ON b.id = p.workout_block_exercise_id
        JOIN exercise_catalog AS x ON x.id = b.exercise_id
        JOIN workout_sessions AS w ON w.id = p.workout_session_id
        WHERE w.user_id = %s
        """,
        (user,),
    ).fetchall()
    return sorted(map(str, stored_sets(connection, user) + totals))


def test_a_log_goes_through_the_whole_schema(connection: psycopg.Connection[Any]) -> None:
    user = new_user(connection)
    sets = log_of(
        one_set(set_type="warmup", source_set_type="warmup", weight_kg=40.0, rpe=6.0),
        one_set(set_label="2", source_set_type="normal", set_notes="slow"),
        one_set(set_label="3", set_type="amrap", source_set_type="failure", reps=7, rpe=None),
    )
    written = write(connection, user, sets, time_zone="Europe/Berlin")
    assert numbers(written) == (3, 0, 0, 0)
    assert (written.sessions, written.custom_exercises, written.unmatched_sets) == (1, 1, 3)
    session = connection.execute("SELECT status::text, start_time, end_time, user_id FROM workout_sessions").fetchone()
    begin = datetime(2025, 3, 3, 17, 30, tzinfo=UTC)
    assert session == ("COMPLETED", begin, begin + timedelta(hours=1), user)
    performance = connection.execute(
        "SELECT completed_sets, total_volume_kg, total_reps, average_rpe, performance_order FROM exercise_performances"
    ).fetchone()
    assert performance == (2, 80 * 5 + 80 * 7, 12, 8, 1)
    rows = connection.execute("SELECT set_number, set_type::text, source_set_type FROM set_executions ORDER BY 1")
    assert rows.fetchall() == [(1, "warmup", "warmup"), (2, "working", "normal"), (3, "amrap", "failure")]
    key = connection.execute("SELECT source_key, source, raw ->> 'reps' FROM imported_sets ORDER BY 1").fetchone()
    assert key == ("2025-03-03T18:30:00|1|My Press|0", "hevy", "5")


def test_a_new_user_has_a_local_pro_subscription_without_end(connection: psycopg.Connection[Any]) -> None:
    user = ensure_user(connection, email="Ann@Example.org", time_zone="Asia/Tokyo", units="lb", made_by="import")
    again = ensure_user(connection, email="ann@example.ORG", time_zone="UTC", units="kg", made_by="demo")
    assert again == user
    facts = connection.execute(
        """
        SELECT u.email, u.tz, u.units, f.preferred_units, p.type, p.name, s.is_active, s.current_period_end, e.made_by
        FROM users AS u
        JOIN user_preferences AS f ON f.user_id = u.id
        JOIN subscriptions AS s ON s.user_id = u.id
        JOIN plans AS p ON p.id = s.plan_id
        JOIN engine_users AS e ON e.user_id = u.id
        """
    ).fetchall()
    tokyo = ("ann@example.org", "Asia/Tokyo", "imperial", "imperial", "pro", "Local", True, None, "import")
    assert facts == [tokyo]


def test_an_apps_own_user_is_left_alone(connection: psycopg.Connection[Any]) -> None:
    theirs = UUID(int=7)
    connection.execute("INSERT INTO users (id, email, username) VALUES (%s, 'bo@x.org', 'bo')", (theirs,))
    assert ensure_user(connection, email="bo@x.org", time_zone="UTC", units="kg", made_by="import") == theirs
    assert connection.execute("SELECT count(*) FROM subscriptions").fetchone() == (0,)
    assert connection.execute("SELECT count(*) FROM engine_users").fetchone() == (0,)


@pytest.mark.parametrize(
    "wrong",
    [{"email": "nobody"}, {"email": "a@b"}, {"time_zone": "Mars/Olympus"}, {"time_zone": ""}, {"units": "stone"}],
)
def test_a_user_that_cannot_be_made(connection: psycopg.Connection[Any], wrong: dict[str, str]) -> None:
    with pytest.raises(BadInput):
        ensure_user(connection, **{"email": "a@b.cd", "time_zone": "UTC", "units": "kg", "made_by": "import", **wrong})


def test_the_same_log_twice_touches_no_row(connection: psycopg.Connection[Any]) -> None:
    user = new_user(connection)
    sets = log_of(*(one_set(set_label=str(i), exercise_title=lift) for lift in ("A", "B") for i in range(3)))
    facts = FileFacts("a.csv", "0" * 64, "kg", 6)
    aside = [SetAside(9, "reps", "is not a number", "x,y")]
    write(connection, user, sets, file=facts, rejected=aside)
    before = everything(connection)
    again = write(connection, user, sets, file=facts, rejected=aside)
    assert numbers(again) == (0, 0, 6, 0)
    assert again.quarantined == 0
    assert everything(connection) == before


labels = st.sampled_from(["", "1", "2", "W"])
rows = st.lists(
    st.builds(
        lambda day, lift, label, weight, reps: one_set(
            session_start=START + timedelta(days=day), exercise_title=lift, set_label=label, weight_kg=weight, reps=reps
        ),
        st.integers(0, 2), st.sampled_from(["A", "B"]), labels, st.sampled_from([None, 20.0, 60.0, 62.5]),
        st.integers(1, 3),
    ),
    min_size=1,
    max_size=14,
)  # fmt: skip
few = settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


@few
@given(data=st.data(), drawn=rows)
def test_the_order_of_rows_changes_nothing(
    connection: psycopg.Connection[Any], data: st.DataObject, drawn: list[dict[str, Any]]
) -> None:
    user = new_user(connection)
    write(connection, user, log_of(*drawn), file=FileFacts("a.csv", "0" * 64, "kg", len(drawn)))
    before = everything(connection)
    for other in (list(reversed(drawn)), data.draw(st.permutations(drawn))):
        facts = FileFacts("b.csv", "1" * 64, "kg", len(drawn))
        assert numbers(write(connection, user, log_of(*other), file=facts)) == (0, 0, len(drawn), 0)
        assert everything(connection)["set_executions"] == before["set_executions"]
    assert {table: len(rows) for table, rows in everything(connection).items()} == {
        table: len(rows) for table, rows in before.items()
    }
    assert everything(connection)["import_files"] == before["import_files"]
    assert everything(connection)["exercise_performances"] == before["exercise_performances"]


@few
@given(drawn=rows, cuts=st.tuples(st.integers(0, 14), st.integers(0, 14)))
def test_two_overlapping_exports_are_their_union(
    connection: psycopg.Connection[Any], drawn: list[dict[str, Any]], cuts: tuple[int, int]
) -> None:
    numbered = [{**row, "set_label": str(index)} for index, row in enumerate(drawn)]
    low, high = sorted(cuts)
    parts, whole = new_user(connection), new_user(connection)
    for export in (numbered[:high], numbered[low:]):
        if export:
            write(connection, parts, log_of(*export))
    write(connection, whole, log_of(*numbered))
    assert content(connection, parts) == content(connection, whole)
    assert numbers(write(connection, parts, log_of(*numbered)))[0] == 0


@few
@given(drawn=rows)
def test_exports_that_overlap_by_whole_sessions_are_their_union(
    connection: psycopg.Connection[Any], drawn: list[dict[str, Any]]
) -> None:
    def days(low: int, high: int) -> list[dict[str, Any]]:
        return [row for row in drawn if low <= (row["session_start"] - START).days <= high]

    halves, whole = new_user(connection), new_user(connection)
    for part in (days(0, 1), days(1, 2)):
        if part:
            write(connection, halves, log_of(*part))
    write(connection, whole, log_of(*drawn))
    assert content(connection, halves) == content(connection, whole)
    assert numbers(write(connection, halves, log_of(*drawn))) == (0, 0, len(drawn), 0)


def test_a_newer_export_adds_updates_and_lists(connection: psycopg.Connection[Any]) -> None:
    user = new_user(connection)
    write(connection, user, log_of(*(one_set(set_label=str(i)) for i in range(3))))
    newer = log_of(one_set(set_label="0"), one_set(set_label="1", weight_kg=82.5), one_set(set_label="7"))
    written = write(connection, user, newer)
    assert numbers(written) == (1, 1, 1, 1)
    (gone,) = written.vanished
    assert (gone.exercise, gone.weight_kg, gone.reps) == ("My Press", 80, 5)
    assert len(stored_sets(connection, user)) == 4
    deleted = write(connection, user, newer, delete_vanished=True)
    assert (deleted.deleted, len(stored_sets(connection, user))) == (1, 3)
    volume = connection.execute("SELECT total_volume_kg, completed_sets FROM exercise_performances").fetchone()
    assert volume == (80 * 5 + 82.5 * 5 + 80 * 5, 3)
    assert numbers(write(connection, user, newer)) == (0, 0, 3, 0)


def test_an_edited_set_without_a_number_takes_its_own_place(connection: psycopg.Connection[Any]) -> None:
    user = new_user(connection)
    sixty, seventy, eighty = (one_set(set_label="", weight_kg=float(kg)) for kg in (60, 70, 80))
    write(connection, user, log_of(sixty, seventy, eighty))
    written = write(connection, user, log_of(seventy, eighty))
    assert numbers(written) == (0, 0, 2, 1)
    assert written.vanished[0].weight_kg == 60
    edited = log_of(one_set(set_label="", weight_kg=62.5), seventy, eighty)
    assert numbers(write(connection, user, edited)) == (0, 1, 2, 0)
    assert sorted(row[3] for row in stored_sets(connection, user)) == [62.5, 70, 80]


def test_deleting_a_whole_session_leaves_nothing_behind(connection: psycopg.Connection[Any]) -> None:
    user = new_user(connection)
    later = one_set(session_start=START + timedelta(days=1))
    write(connection, user, log_of(one_set(), one_set(exercise_title="B", superset="0"), later))
    written = write(connection, user, log_of(later), delete_vanished=True)
    assert written.deleted == 2
    for table in LOG_TABLES:
        assert connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (1,), table  # type: ignore[call-overload]


def test_a_time_zone_moves_times_and_never_identity(connection: psycopg.Connection[Any]) -> None:
    user = new_user(connection)
    sets = log_of(one_set(), one_set(set_label="2"))
    write(connection, user, sets, time_zone="Europe/Berlin")
    assert numbers(write(connection, user, sets, time_zone="America/New_York")) == (0, 2, 0, 0)
    assert {row[0] for row in stored_sets(connection, user)} == {datetime(2025, 3, 3, 23, 30, tzinfo=UTC)}


def test_a_unit_moves_weights_and_never_identity(connection: psycopg.Connection[Any]) -> None:
    user = new_user(connection)
    in_kg = log_of(*(one_set(set_label="", weight_kg=kg) for kg in (100.0, 60.0, 5.0)))
    in_lb = ImportedSets.validate(in_kg.with_columns((pl.col("weight_kg") * 0.45359237).round(9)))
    write(connection, user, in_kg)
    assert numbers(write(connection, user, in_lb)) == (0, 3, 0, 0)
    assert sorted(float(row[3]) for row in stored_sets(connection, user)) == [2.27, 27.22, 45.36]


def test_a_mapping_moves_the_exercise_and_never_identity(connection: psycopg.Connection[Any]) -> None:
    user = new_user(connection)
    sets = log_of(one_set(), one_set(set_label="2"))
    write(connection, user, sets)
    mapped = write(connection, user, sets, resolve=lambda _: ensure_custom_exercise(connection, user, "Other"))
    assert numbers(mapped) == (0, 2, 0, 0)
    assert {row[1] for row in stored_sets(connection, user)} == {"Other"}


@pytest.mark.parametrize(
    ("local", "utc"),
    [
        (datetime(2025, 3, 30, 2, 30), datetime(2025, 3, 30, 1, 30, tzinfo=UTC)),  # noqa: DTZ001 - skipped: 03:30
        (datetime(2025, 10, 26, 2, 30), datetime(2025, 10, 26, 0, 30, tzinfo=UTC)),  # noqa: DTZ001 - twice: the first
    ],
)
def test_times_that_the_clocks_skip_or_repeat(
    connection: psycopg.Connection[Any], local: datetime, utc: datetime
) -> None:
    write(connection, new_user(connection), log_of(one_set(session_start=local)), time_zone="Europe/Berlin")
    assert connection.execute("SELECT start_time FROM workout_sessions").fetchone() == (utc,)


def test_a_superset_is_a_block(connection: psycopg.Connection[Any]) -> None:
    user = new_user(connection)
    lifts = [("A", None), ("B", "0"), ("C", "0"), ("D", "1"), ("E", "1"), ("F", "1"), ("G", "2")]
    sets = log_of(*(one_set(exercise_title=lift, superset=group) for lift, group in lifts))
    write(connection, user, sets)
    query = """
        SELECT b.block_order, b.block_type::text, array_agg(x.name ORDER BY e.exercise_order)
        FROM workout_blocks AS b
        JOIN workout_block_exercises AS e ON e.workout_block_id = b.id
        JOIN exercise_catalog AS x ON x.id = e.exercise_id
        GROUP BY b.id ORDER BY 1
        """
    assert connection.execute(query).fetchall() == [
        (1, "straight_sets", ["A"]),
        (2, "superset", ["B", "C"]),
        (4, "giant_set", ["D", "E", "F"]),
        (7, "straight_sets", ["G"]),
    ]
    apart = ImportedSets.validate(sets.with_columns(superset=pl.lit(None, dtype=pl.String)))
    write(connection, user, apart)
    assert [row[1] for row in connection.execute(query).fetchall()] == ["straight_sets"] * 7


@pytest.mark.parametrize(
    ("sets", "modality"),
    [
        ([{"weight_kg": None, "reps": None, "duration_s": 60}], "timed"),
        ([{"weight_kg": 0.0, "reps": 0, "duration_s": 60, "distance_m": 500.0}], "cardio"),
        ([{"weight_kg": None, "reps": None, "duration_s": 60}, {"weight_kg": None, "reps": 8}], "strength"),
        ([{"weight_kg": None, "reps": None}], "strength"),
    ],
)
def test_what_kind_of_work_an_own_exercise_is(
    connection: psycopg.Connection[Any], sets: list[dict[str, Any]], modality: str
) -> None:
    user = new_user(connection)
    for index, changes in enumerate(sets):  # one export after the other
        so_far = [one_set(set_label=str(i), **other) for i, other in enumerate([*sets[:index], changes])]
        write(connection, user, log_of(*so_far))
    assert connection.execute("SELECT modality FROM exercise_traits").fetchall() == [(modality,)]


def test_absurd_values_are_stored(connection: psycopg.Connection[Any]) -> None:
    most = 2**31 - 1
    sets = log_of(one_set(weight_kg=999_999.0, reps=most), one_set(set_label="2", reps=most))
    write(connection, new_user(connection), sets)
    totals = connection.execute("SELECT total_volume_kg, total_reps, completed_sets FROM exercise_performances")
    assert totals.fetchall() == [(None, None, 2)]


def test_two_users_and_two_sources_do_not_meet(connection: psycopg.Connection[Any]) -> None:
    ann, bo = new_user(connection), new_user(connection)
    sets = log_of(one_set())
    assert [numbers(write(connection, user, sets)) for user in (ann, bo)] == [(1, 0, 0, 0)] * 2
    assert numbers(write(connection, ann, sets, source="strong")) == (1, 0, 0, 0)
    assert connection.execute("SELECT count(*) FROM set_executions").fetchone() == (3,)
