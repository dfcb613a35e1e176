"""Extract: what the science needs of a shard of users, read under one snapshot."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import adbc_driver_postgresql.dbapi as adbc
import dataframely as dy
import polars as pl

from insights import assets, frames, zones
from insights.db import columns, packed

AROUND = timedelta(days=1)  # no clock is more than 14 hours from UTC
POUND_WORDS = ("lb", "lbs", "pound", "pounds", "imperial")


@dataclass(frozen=True, slots=True)
class Extract:
    """The frames of one shard."""

    users: dy.DataFrame[frames.Users]
    sets: dy.DataFrame[frames.Sets]
    body_weights: dy.DataFrame[frames.BodyWeights]
    exercises: dy.DataFrame[frames.Exercises]
    muscles: dy.DataFrame[frames.Muscles]
    movements: dy.DataFrame[frames.Movements]
    contexts: dy.DataFrame[frames.SessionContexts]


def extract(cursor: adbc.Cursor, user_ids: list[bytes], sets: dy.DataFrame[frames.Sets] | None = None) -> Extract:
    """Read the shard whose users are given; with `sets`, those of them that come from elsewhere than this database.

    Leaves the temporary table `shard_users` behind for the load.
    """
    columns.stage_users(cursor, user_ids)
    read = packed.fetch_sets(cursor, "performances_of_users") if sets is None else sets
    sets = frames.validated(frames.Sets, _with_confirmations(read, cursor), cast=True)
    lifts = read_lifts(cursor, sets["exercise_id"].unique().sort())
    return Extract(
        users=read_users(cursor),
        sets=sets,
        body_weights=read_body_weights(cursor),
        exercises=lifts.exercises,
        muscles=lifts.muscles,
        movements=lifts.movements,
        contexts=frames.validated(frames.SessionContexts, _read(cursor, "extract_session_contexts"), cast=True),
    )


@dataclass(frozen=True, slots=True)
class Lifts:
    """What the catalogue says of some lifts."""

    exercises: dy.DataFrame[frames.Exercises]
    muscles: dy.DataFrame[frames.Muscles]
    movements: dy.DataFrame[frames.Movements]


def read_lifts(cursor: adbc.Cursor, exercise_ids: pl.Series) -> Lifts:
    """The lifts with these ids."""
    columns.stage(cursor, "shard_exercises", exercise_ids.to_frame("exercise_id"), ids=["exercise_id"])
    return Lifts(
        exercises=frames.validated(frames.Exercises, _read(cursor, "extract_exercises"), cast=True),
        muscles=frames.validated(frames.Muscles, _read(cursor, "extract_muscles"), cast=True),
        movements=frames.validated(frames.Movements, _read(cursor, "extract_movements"), cast=True),
    )


def read_users(cursor: adbc.Cursor) -> dy.DataFrame[frames.Users]:
    """The users in `shard_users`; a zone that is no place is UTC."""
    users = _read(cursor, "extract_users").with_columns_seq(
        time_zone=pl.when(pl.col("time_zone").is_in(sorted(zones.known()))).then("time_zone").otherwise(pl.lit("UTC")),
        units=pl.when(pl.col("units").is_in(POUND_WORDS)).then(pl.lit("lb")).otherwise(pl.lit("kg")),
    )
    return frames.validated(frames.Users, users, cast=True)


def read_body_weights(cursor: adbc.Cursor, since: date | None = None) -> dy.DataFrame[frames.BodyWeights]:
    """The dated body weights of the users in `shard_users`; with `since` those that are known on that day or later."""
    first = "-infinity" if since is None else since.isoformat()
    found = _read(cursor, "extract_body_weights", [first])
    return frames.validated(frames.BodyWeights, found, cast=True)


def sets_between(cursor: adbc.Cursor, spans: pl.DataFrame) -> dy.DataFrame[frames.Sets]:
    """The sets of all sessions that may lie within the spans: user_id, first_day, last_day of the user's own calendar.

    Sets of some days around come along, not all of them complete, and those of sessions that nobody dated.
    """
    bounds = spans.select_seq(
        "user_id",
        first_instant=_midnight(pl.col("first_day") - AROUND),
        last_instant=_midnight(pl.col("last_day") + AROUND + timedelta(days=1)),
    )
    columns.stage(cursor, "shard_spans", bounds, ids=["user_id"])
    cursor.execute("ANALYZE pg_temp.shard_spans")
    found = packed.fetch_sets(cursor, "performances_of_spans")
    return frames.validated(frames.Sets, _with_confirmations(found, cursor), cast=True)


def contexts_of(cursor: adbc.Cursor, session_ids: pl.Series) -> dy.DataFrame[frames.SessionContexts]:
    """What was logged of the sleep, stress and energy of these sessions."""
    columns.stage(cursor, "shard_sessions", session_ids.to_frame("session_id"), ids=["session_id"])
    cursor.execute("ANALYZE pg_temp.shard_sessions")
    return frames.validated(frames.SessionContexts, _read(cursor, "night_extract_session_contexts"), cast=True)


def _with_confirmations(sets: pl.DataFrame, cursor: adbc.Cursor) -> pl.DataFrame:
    """The sets of the users in `shard_users`, those marked whose weight someone has confirmed as it is."""
    if "weight_confirmed" not in sets.columns:
        sets = sets.with_columns_seq(weight_confirmed=pl.lit(False))
    confirmed = _read(cursor, "extract_confirmations").with_columns_seq(here=True)
    if confirmed.is_empty():
        return sets
    marked = sets.join(confirmed, on=["user_id", "set_id", "weight_kg"], how="left", maintain_order="left")
    return marked.with_columns_seq(pl.col("weight_confirmed") | pl.col("here").fill_null(False)).drop("here")


def _midnight(day: pl.Expr) -> pl.Expr:
    return day.cast(pl.Datetime("us")).dt.replace_time_zone("UTC")


def _read(cursor: adbc.Cursor, name: str, parameters: Sequence[str] = ()) -> pl.DataFrame:
    return columns.fetch(cursor, assets.text("sql", "queries", f"{name}.sql"), parameters)
