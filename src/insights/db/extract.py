"""Extract: what the science needs of a shard of users, read under one snapshot."""

from dataclasses import dataclass

import adbc_driver_postgresql.dbapi as adbc
import dataframely as dy
import polars as pl

from insights import assets, frames, zones
from insights.db import columns

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


def extract(cursor: adbc.Cursor, user_ids: list[bytes]) -> Extract:
    """Read the shard whose users are given. Leaves the temporary table `shard_users` behind for the load."""
    columns.stage(
        cursor, "shard_users", pl.DataFrame({"user_id": user_ids}, schema={"user_id": pl.Binary}), ids=["user_id"]
    )
    sets = frames.Sets.validate(_read(cursor, "extract_sets"), cast=True)
    exercise_ids = sets.select(pl.col("exercise_id").unique().sort())
    columns.stage(cursor, "shard_exercises", exercise_ids, ids=["exercise_id"])
    users = _read(cursor, "extract_users").with_columns(
        time_zone=pl.when(pl.col("time_zone").is_in(sorted(zones.known()))).then("time_zone").otherwise(pl.lit("UTC")),
        units=pl.when(pl.col("units").is_in(POUND_WORDS)).then(pl.lit("lb")).otherwise(pl.lit("kg")),
    )
    return Extract(
        users=frames.Users.validate(users, cast=True),
        sets=sets,
        body_weights=frames.BodyWeights.validate(_read(cursor, "extract_body_weights"), cast=True),
        exercises=frames.Exercises.validate(_read(cursor, "extract_exercises"), cast=True),
        muscles=frames.Muscles.validate(_read(cursor, "extract_muscles"), cast=True),
        movements=frames.Movements.validate(_read(cursor, "extract_movements"), cast=True),
    )


def _read(cursor: adbc.Cursor, name: str) -> pl.DataFrame:
    return columns.fetch(cursor, assets.text("sql", "queries", f"{name}.sql"))
