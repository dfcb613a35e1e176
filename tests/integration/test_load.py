from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import adbc_driver_postgresql.dbapi as adbc
import polars as pl
import psycopg
import pytest

from insights import frames, ids
from insights.db import columns
from insights.db.load import Derived, Scope, Written, load

MONDAY = date(2025, 3, 3)  # the first Monday of its month
TABLES = ("volume_analytics", "strength_progressions", "insight_data_points")
NOTHING = dict.fromkeys(TABLES, Written(0))


@pytest.fixture
def people(database: str) -> tuple[str, list[UUID], list[UUID]]:
    users, lifts, category = sorted(uuid4() for _ in range(2)), sorted(uuid4() for _ in range(2)), uuid4()
    with psycopg.connect(database) as connection:
        for user in users:
            values = (user, f"{user}@example.org", str(user))
            connection.execute("INSERT INTO users (id, email, username) VALUES (%s, %s, %s)", values)
        connection.execute("INSERT INTO exercise_categories (id, name) VALUES (%s, 'Strength')", (category,))
        for lift in lifts:
            exercise = (lift, str(lift), category)
            connection.execute("INSERT INTO exercise_catalog (id, name, category_id) VALUES (%s, %s, %s)", exercise)
    return database, users, lifts


def ids_of(users: Sequence[UUID]) -> pl.Series:
    return pl.Series([user.bytes for user in users], dtype=pl.Binary)


def days_of(first: date, count: int) -> list[date]:
    return [first + timedelta(days=n) for n in range(count)]


def derived(users: Sequence[UUID], lifts: Sequence[UUID], days: Sequence[date], **values: Any) -> Derived:
    keys = [(user.bytes, lift.bytes, day) for user in users for lift in lifts for day in days]
    base = {
        "estimated_1rm_kg": 100.125, "estimation_method": "rpe", "confidence_score": 0.345, "base_weight_kg": 86.625,
        "base_reps": 5, "base_rpe": None, "volume_pr": False, "weight_pr": True, "reps_pr": False,
    } | values  # fmt: skip
    lift_rows = pl.DataFrame(
        keys, schema={"user_id": pl.Binary, "exercise_id": pl.Binary, "measurement_date": pl.Date}, orient="row"
    )
    progressions = ids.with_ids(
        lift_rows.with_columns(pl.lit(value).alias(name) for name, value in base.items()),
        "strength_progressions",
        user="user_id",
        day="measurement_date",
        key=ids.uuid_words("exercise_id"),
    )
    return Derived(
        frames.Volumes.validate(volumes(users, days), cast=True),
        frames.Progressions.validate(progressions, cast=True),
        frames.DataPoints.validate(points(users, days), cast=True),
    )


def volumes(users: Sequence[UUID], days: Sequence[date]) -> pl.DataFrame:
    first = {"daily": "1d", "weekly": "1w", "monthly": "1mo"}
    rows = [
        pl.DataFrame({"user_id": [user.bytes] * len(days), "calculation_date": days})
        .with_columns(pl.col("calculation_date").dt.truncate(first[period]), period_type=pl.lit(period))
        .unique()
        for user in users
        for period in frames.PERIODS
    ]
    frame = pl.concat(rows).with_columns(
        total_volume_kg=pl.lit(1000.005), total_sets=pl.lit(3), total_reps=pl.lit(15), average_intensity=pl.lit(None),
        intensity_reps=pl.lit(0), volume_by_muscle_group=pl.lit('{"chest": {"direct": 3}}'),
        volume_by_movement=pl.lit("{}"), volume_per_hour=pl.lit(-0.0), sets_per_hour=pl.lit(12.345),
    )  # fmt: skip
    key = [ids.text_words("period_type")]
    return ids.with_ids(frame, "volume_analytics", user="user_id", day="calculation_date", key=key)


def points(users: Sequence[UUID], days: Sequence[date]) -> pl.DataFrame:
    frame = pl.DataFrame({"user_id": [user.bytes for user in users]}).with_columns(
        data_type=pl.lit("weekly_hard_sets"), measurement_date=pl.lit(days[-1]),
        entity_id=pl.lit(None, dtype=pl.Binary), entity=pl.lit(None, dtype=pl.String),
        window_start=pl.lit(days[0]), window_end=pl.lit(days[-1]), numeric_value=pl.lit(float(len(days))),
        text_value=pl.lit(None, dtype=pl.String), unit=pl.lit("sets"), n=pl.lit(len(days)),
        source_table=pl.lit("volume_analytics"), source_id=pl.lit(None, dtype=pl.Binary),
        confidence_score=pl.lit(1.0), calculation_method=pl.lit("week/1"),
    )  # fmt: skip
    return ids.with_ids(
        frame, "insight_data_points", user="user_id", day="measurement_date", key=[ids.integer_word("n")]
    )


@contextmanager
def shard(url: str, users: Sequence[UUID]) -> Iterator[adbc.Cursor]:
    with columns.transaction(url) as cursor:
        columns.stage_users(cursor, [user.bytes for user in users])
        yield cursor


def write(url: str, users: Sequence[UUID], rows: Derived, **how: Any) -> dict[str, Written]:
    with shard(url, users) as cursor:
        return dict(load(cursor, rows, **how))


def stored(url: str, table: str, order: str = "id") -> list[tuple[Any, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(f"SELECT t.*, t.ctid, t.xmin FROM {table} AS t ORDER BY {order}").fetchall()


def contents(url: str) -> dict[str, list[tuple[Any, ...]]]:
    return {table: stored(url, table) for table in TABLES}


def dates(url: str, query: str) -> list[Any]:
    with psycopg.connect(url) as connection:
        return [row[0] if len(row) == 1 else row for row in connection.execute(query).fetchall()]


def test_a_first_load_and_a_staged_one_store_the_same_values(people: tuple[str, list[UUID], list[UUID]]) -> None:
    url, users, lifts = people
    rows = derived(users, lifts, days_of(MONDAY, 3))
    first = write(url, users, rows)
    assert {table: counts.added for table, counts in first.items()} == {
        "volume_analytics": 2 * (3 + 1 + 1),
        "strength_progressions": 12,
        "insight_data_points": 2,
    }
    values = "total_volume_kg::text, sets_per_hour::text, volume_per_hour::text, volume_by_muscle_group"
    by_copy = dates(url, f"SELECT {values} FROM volume_analytics ORDER BY id")
    assert by_copy[0] == ("1000.01", "12.35", "0.00", {"chest": {"direct": 3}})
    kept = "estimated_1rm_kg::text, confidence_score::text, base_weight_kg::text, base_rpe"
    assert set(dates(url, f"SELECT {kept} FROM strength_progressions")) == {("100.13", "0.35", "86.63", None)}
    with psycopg.connect(url) as connection:
        connection.execute("DELETE FROM volume_analytics WHERE period_type <> 'daily'")
        connection.execute("UPDATE volume_analytics SET total_volume_kg = 1, volume_by_muscle_group = NULL")
    again = write(url, users, rows)
    assert again["volume_analytics"] == Written(added=4, changed=6)
    assert dates(url, f"SELECT {values} FROM volume_analytics ORDER BY id") == by_copy


def test_an_equal_load_touches_no_row(people: tuple[str, list[UUID], list[UUID]]) -> None:
    url, users, lifts = people
    rows = derived(users, lifts, days_of(MONDAY, 40))
    write(url, users, rows)
    before = contents(url)
    assert write(url, users, rows) == NOTHING
    assert contents(url) == before


def test_a_changed_row_is_the_only_one_that_is_written(people: tuple[str, list[UUID], list[UUID]]) -> None:
    url, users, lifts = people
    rows = derived(users, lifts, days_of(MONDAY, 5))
    write(url, users, rows)
    before = stored(url, "strength_progressions")
    at = pl.int_range(pl.len()) == 7
    changed = rows.progressions.with_columns(base_reps=pl.when(at).then(6).otherwise("base_reps").cast(pl.Int32))
    written = write(url, users, replace(rows, progressions=frames.Progressions.cast(changed)))
    assert written == NOTHING | {"strength_progressions": Written(0, changed=1)}
    assert len(set(stored(url, "strength_progressions")) - set(before)) == 1


def test_what_is_no_longer_derived_goes_and_a_users_first_rows_come_beside_it(
    people: tuple[str, list[UUID], list[UUID]],
) -> None:
    url, users, lifts = people
    write(url, users[:1], derived(users[:1], lifts, days_of(MONDAY, 4)))
    written = write(url, users, derived(users, lifts, days_of(MONDAY, 2)))
    assert written["strength_progressions"] == Written(added=4, removed=4)
    assert written["volume_analytics"] == Written(added=4, removed=2)
    assert written["insight_data_points"] == Written(added=2, removed=1)


def test_a_load_of_nobody_writes_nothing(people: tuple[str, list[UUID], list[UUID]]) -> None:
    url, users, lifts = people
    write(url, users, derived(users, lifts, days_of(MONDAY, 2)))
    before = contents(url)
    rows = derived(users, lifts, days_of(MONDAY, 1))
    nothing = Derived(rows.volumes.clear(), rows.progressions.clear(), rows.data_points.clear())
    assert write(url, [], nothing) == NOTHING
    assert contents(url) == before


def test_a_scope_guards_what_lies_outside(people: tuple[str, list[UUID], list[UUID]]) -> None:
    url, users, lifts = people
    days = days_of(MONDAY - timedelta(days=14), 28)  # from 17 February to 16 March
    write(url, users, derived(users, lifts, days))
    changes = pl.DataFrame(
        {"user_id": [users[0].bytes] * 2, "exercise_id": [lifts[1].bytes, None], "day": [days[20], days[16]]},
        schema={"user_id": pl.Binary, "exercise_id": pl.Binary, "day": pl.Date},
    )
    rows = derived(users, lifts, days)
    kept = replace(rows, volumes=rows.volumes.clear(), progressions=rows.progressions.clear())
    written = write(url, users, kept, scope=Scope.since(changes, ids_of(users)))
    assert written["strength_progressions"] == Written(0, removed=8)
    left = "SELECT measurement_date FROM strength_progressions WHERE user_id = '{}' AND exercise_id = '{}' ORDER BY 1"
    assert dates(url, left.format(users[0], lifts[1])) == days[:20]
    assert dates(url, left.format(users[0], lifts[0])) == days
    assert dates(url, left.format(users[1], lifts[1])) == days
    # the day is Wednesday, 5 March: its week began on the 3rd and its month on the 1st
    volumes_left = "SELECT period_type, max(calculation_date) FROM volume_analytics WHERE user_id = '{}' GROUP BY 1"
    assert dict(dates(url, volumes_left.format(users[0]))) == {
        "daily": date(2025, 3, 4),
        "weekly": date(2025, 2, 24),
        "monthly": date(2025, 2, 1),
    }
    assert dict(dates(url, volumes_left.format(users[1])))["daily"] == days[-1]
    assert written["insight_data_points"] == Written(0)


def test_rows_before_a_scope_may_still_change(people: tuple[str, list[UUID], list[UUID]]) -> None:
    url, users, lifts = people
    days = days_of(MONDAY, 6)
    write(url, users, derived(users, lifts, days))
    changes = pl.DataFrame({"user_id": [users[0].bytes], "exercise_id": [lifts[0].bytes], "day": [days[4]]})
    rows = derived(users[:1], lifts[:1], days[3:], base_reps=8)
    rows = replace(rows, data_points=derived(users, lifts, days).data_points)
    written = write(url, users, rows, scope=Scope.since(changes, ids_of(users)))
    assert written["strength_progressions"] == Written(0, changed=3)


def test_points_on_closed_periods_go_only_of_users_who_are_due(people: tuple[str, list[UUID], list[UUID]]) -> None:
    url, users, lifts = people
    rows = derived(users, lifts, days_of(MONDAY, 6))
    on_lifts = points(users, days_of(MONDAY, 5)).with_columns(data_type=pl.lit("e1rm_known_kg"))
    both = frames.DataPoints.validate(pl.concat([rows.data_points, on_lifts], how="vertical_relaxed"), cast=True)
    write(url, users, replace(rows, data_points=both))
    nothing = Derived(rows.volumes.clear(), rows.progressions.clear(), rows.data_points.clear())
    no_change = pl.DataFrame(schema={"user_id": pl.Binary, "exercise_id": pl.Binary, "day": pl.Date})
    written = write(url, users, nothing, scope=Scope.since(no_change, ids_of(users[:1])))
    assert written == NOTHING | {"insight_data_points": Written(0, removed=3)}
    assert dates(url, "SELECT data_type, user_id FROM insight_data_points") == [("weekly_hard_sets", users[1])]


@pytest.mark.parametrize("periods", [("daily",), ("weekly", "monthly")])
def test_other_period_types_are_left_alone(
    people: tuple[str, list[UUID], list[UUID]], periods: tuple[str, ...]
) -> None:
    url, users, lifts = people
    write(url, users, derived(users, lifts, days_of(MONDAY, 8)))
    rows = derived(users, lifts, days_of(MONDAY, 1))
    counted = "SELECT period_type, count(*) FROM volume_analytics GROUP BY 1"
    before = dict(dates(url, counted))
    write(url, users, replace(rows, volumes=rows.volumes.clear()), periods=periods)
    assert dict(dates(url, counted)) == {period: n for period, n in before.items() if period not in periods}


@pytest.mark.parametrize("weight", [float("inf"), 1e30])
def test_a_number_that_no_row_can_hold_is_refused_and_nothing_is_kept(
    people: tuple[str, list[UUID], list[UUID]], weight: float
) -> None:
    url, users, lifts = people
    rows = derived(users, lifts, days_of(MONDAY, 1))
    bad = rows.progressions.with_columns(base_weight_kg=pl.lit(weight))
    with pytest.raises(OverflowError, match="base_weight_kg"):
        write(url, users, replace(rows, progressions=frames.Progressions.cast(bad)))
    assert not any(contents(url).values())


def test_a_cited_point_is_superseded_and_comes_back_to_life(people: tuple[str, list[UUID], list[UUID]]) -> None:
    url, users, lifts = people
    rows = derived(users[:1], lifts, days_of(MONDAY, 3))
    write(url, users[:1], rows)
    point = rows.data_points["id"][0]
    with psycopg.connect(url) as connection:
        connection.execute(
            "INSERT INTO user_insights (user_id, insight_type, title, description, confidence_score,"
            " supporting_data_ids) VALUES (%s, 'a', 'b', 'c', 1, ARRAY[%s]::uuid[])",
            (users[0], UUID(bytes=point)),
        )
    live = "SELECT id FROM insight_data_points WHERE superseded_at IS NULL"
    other = derived(users[:1], lifts, days_of(MONDAY, 4))
    write(url, users[:1], replace(rows, data_points=other.data_points))
    assert dates(url, live) == [UUID(bytes=other.data_points["id"][0])]
    assert write(url, users[:1], rows)["insight_data_points"] == Written(0, changed=1, removed=1)
    assert dates(url, live) == [UUID(bytes=point)]
