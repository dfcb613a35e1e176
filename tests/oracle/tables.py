"""The three tables as the oracle would store them, and the stored rows in the same shape, to be compared."""

import json
from collections.abc import Iterator
from datetime import date
from typing import Any, LiteralString
from uuid import UUID

import psycopg
from psycopg.rows import dict_row
from psycopg.sql import SQL, Identifier

from insights.db import columns
from insights.db.extract import extract
from tests.oracle import points, strength, verdicts, volume

Row = dict[str, Any]
Table = dict[tuple[Any, ...], Row]  # natural key: the other columns
Tables = dict[str, Table]

TABLES: tuple[LiteralString, ...] = ("volume_analytics", "strength_progressions", "insight_data_points")
PERIOD, DAY = ("period_type", "calculation_date"), ("exercise_id", "measurement_date")
_PROGRESSIONS = {"estimated_1rm_kg": 2, "confidence_score": 2, "base_weight_kg": 2, "base_rpe": 1}  # places
_POINT_KEY = ("data_type", "entity_id", "entity", "window_start", "window_end")


def derived(url: str, user: bytes, as_of: date) -> Tables:
    """What the oracle makes of the stored sets of one user, days after `as_of` left out."""
    with columns.transaction(url) as cursor:
        data = extract(cursor, [user])
    users = data.users.to_dicts()
    known = until(data.sets.to_dicts(), users, as_of)
    judged = verdicts.judge(known, users, data.exercises.to_dicts(), data.body_weights.to_dicts())
    days = strength.lift_days(judged)
    muscles, movements = data.muscles.to_dicts(), data.movements.to_dicts()
    volumes = volume.volumes(judged, days, muscles, movements, as_of)
    facts = points.points(users[0], judged, days, muscles, movements, data.contexts.to_dicts(), as_of)
    return {
        "volume_analytics": {(period, start): row for (_, period, start), row in volumes.items()},
        "strength_progressions": {(row["exercise_id"], row["day"]): progression(row) for row in days},
        "insight_data_points": keyed(facts),
    }


def oracle_lift_days(url: str, user: bytes, as_of: date) -> list[Row]:
    """The lift days of one user, up to `as_of`."""
    with columns.transaction(url) as cursor:
        data = extract(cursor, [user])
    users = data.users.to_dicts()
    known = until(data.sets.to_dicts(), users, as_of)
    return strength.lift_days(verdicts.judge(known, users, data.exercises.to_dicts(), data.body_weights.to_dicts()))


def until(sets: list[Row], users: list[Row], as_of: date) -> list[Row]:
    days = verdicts.days(sets, users)
    return [row for row, day in zip(sets, days, strict=True) if day <= as_of]


def progression(day: Row) -> Row:
    names = ("estimation_method", "base_reps", "volume_pr", "weight_pr", "reps_pr")
    decimals = {name: day[name] for name in _PROGRESSIONS}
    stored = {n: None if v is None else volume.rounded(v, _PROGRESSIONS[n]) for n, v in decimals.items()}
    return {name: day[name] for name in names} | stored


def keyed(facts: list[Row]) -> Table:
    table: Table = {}
    for row in facts:
        key = tuple(row[name] for name in _POINT_KEY)
        assert key not in table, key
        table[key] = {n: v for n, v in row.items() if n not in (*_POINT_KEY, "user_id")}
    return table


def stored(url: str, user: bytes) -> Tables:
    """What is stored of one user, data points only while they are live."""
    with psycopg.connect(url, row_factory=dict_row) as connection:
        return _stored(connection, user)


def _stored(connection: psycopg.Connection[Row], user: bytes) -> Tables:
    volumes, progressions, facts = (_rows(connection, table, user) for table in TABLES)
    sources: dict[Any, Any] = {row["id"]: ("volume_analytics", *_period(row)) for row in volumes}
    sources |= {row["id"]: ("strength_progressions", *_day(row)) for row in progressions}
    sources |= {user: "users", None: None}
    live = [row | {"source": sources.get(row["source_id"], "nothing")} for row in facts if not row["superseded_at"]]
    unneeded = ("id", "user_id", "created_at")
    catalogued = ("unit", "source_table", "source_id", "superseded_at", "json_value")
    return {
        "volume_analytics": {_period(row): without(row, *unneeded, *PERIOD) for row in volumes},
        "strength_progressions": {_day(row): without(row, *unneeded, *DAY) for row in progressions},
        "insight_data_points": keyed([without(row, *unneeded, *catalogued) for row in live]),
    }


def _rows(connection: psycopg.Connection[Row], table: LiteralString, user: bytes) -> list[Row]:
    query = SQL("SELECT * FROM {} WHERE user_id = %s").format(Identifier(table))
    return [plain(row) for row in connection.execute(query, [UUID(bytes=user)])]


def _period(row: Row) -> tuple[Any, ...]:
    return tuple(row[name] for name in PERIOD)


def _day(row: Row) -> tuple[Any, ...]:
    return tuple(row[name] for name in DAY)


def plain(row: Row) -> Row:
    """The row with floats for decimals and bytes for ids."""
    return dict(_plain(row))


def _plain(row: Row) -> Iterator[tuple[str, Any]]:
    for name, value in row.items():
        kind = type(value).__name__
        yield name, float(value) if kind == "Decimal" else value.bytes if kind == "UUID" else value


def without(row: Row, *names: str) -> Row:
    return {name: value for name, value in row.items() if name not in names}


def differences(ours: Tables, theirs: Tables) -> list[str]:
    """What differs, a line a row, missing and extra rows too."""
    found = []
    for table in ours:
        for key in sorted(set(ours[table]) | set(theirs[table]), key=repr):
            one, other = ours[table].get(key), theirs[table].get(key)
            if one == other:
                continue
            told = (json.dumps(row, default=repr, sort_keys=True) for row in (one, other))
            found.append("{} {}: stored {}, oracle {}".format(table, key, *told))
    return found
