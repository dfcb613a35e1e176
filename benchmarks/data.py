"""Years of training of simulated lifters, as the rows of the app's own tables. Pure but for the catalogue's ids.

The lifters are those of `insights.simulate`, with all that makes real logs ugly. What an app stores and an exported log
lacks is added here: a start and an end of each set (every second lifter's app keeps them), reps in reserve by the reps
attempted, partial and assisted reps, ranges of motion, abandoned sessions and planned ones that never began.

The ids are random (version 4), as an app makes them: nothing lies in the order in which it is read. The same seed gives
the same rows, ids included.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pyarrow as pa

from insights.science import rounding
from insights.simulate import Lifter, email_of, simulate_lifter

LAST_DAY = date(2025, 6, 1)  # a Sunday: week and month before it are closed
YEARS = 5
WEEKS_A_YEAR = 52
SETS_A_LIFTER = 16_000  # about what a lifter logs in five years; only the first guess
UGLINESS = 0.3
SET_S, REST_S = 40, 110  # of a set of a lifter whose app keeps the times
SYSTEMS = {"kg": "metric", "lb": "imperial"}

# The share of the sets (or sessions) that have it, and what it is.
ATTEMPTED, PARTIAL, ASSISTED, HALF_RANGE = 0.02, 0.01, 0.01, 0.01
ABANDONED, NEVER_STARTED = 0.02, 0.01

Rows = Mapping[str, pl.DataFrame]  # table -> rows, in the order in which they can be written
Resolve = Callable[[UUID, str], UUID]  # the exercise of a user's title


@dataclass(frozen=True, slots=True)
class Plan:
    """Which lifters, and which part of their time."""

    sets: int  # at least so many
    seed: int = 1
    years: int = YEARS
    until: date = LAST_DAY


def lifters(plan: Plan) -> Iterator[Lifter]:
    """Whole lifters until there are enough sets."""
    made = index = 0
    while made < plan.sets:
        lifter = simulate_lifter(
            index, weeks=plan.years * WEEKS_A_YEAR, seed=plan.seed, until=plan.until, ugliness=UGLINESS
        )
        yield lifter
        made += lifter.sets.height
        index += 1


def user_rows(lifter: Lifter, user_id: UUID) -> Rows:
    """The rows that a lifter has before the first session."""
    email = email_of(lifter.index, lifter.seed)
    key = {"user_id": [str(user_id)]}
    user = {
        "id": [str(user_id)],
        "email": [email],
        "username": [email],
        "full_name": [f"Simulated lifter {lifter.index + 1}"],
        "tz": [lifter.time_zone],
        "units": [SYSTEMS[lifter.units]],
        "training_experience": [lifter.training_experience],
        "training_frequency": [lifter.training_frequency],
    }
    return {
        "users": pl.DataFrame(user),
        "user_preferences": pl.DataFrame({**key, "preferred_units": [SYSTEMS[lifter.units]]}),
        "user_body_weights": lifter.body_weights.select(pl.lit(str(user_id)).alias("user_id"), pl.all()),
    }


def user_id_of(lifter: Lifter) -> UUID:
    """The id of a lifter: random, and the same for a seed."""
    return UUID(bytes=np.random.default_rng([lifter.seed, lifter.index, 1]).bytes(16), version=4)


def history(lifter: Lifter, user_id: UUID, resolve: Resolve) -> Rows:
    """Every workout of a lifter: workouts, blocks, sessions, performances, sets."""
    return next(histories(lifter, user_id, resolve, [None]))


def histories(lifter: Lifter, user_id: UUID, resolve: Resolve, starts: Sequence[date | None]) -> Iterator[Rows]:
    """The `history` once for each of the `starts`, from that day on; None: all of it.

    The whole time is made and then cut, so that a lifter of one year has the very last year of the one of five.
    """
    rng = np.random.default_rng([lifter.seed, lifter.index, 2])
    sets = _as_an_app_logs(rng, lifter)
    sessions = _sessions(rng, sets, user_id)
    titles = sets["exercise_title"].unique(maintain_order=True).to_list()
    exercises = pl.DataFrame(
        {"exercise_title": titles, "exercise_id": [str(resolve(user_id, title)) for title in titles]}
    )
    performances = _performances(rng, sets, sessions, exercises)
    executions = _executions(rng, sets, performances)
    for since in starts:
        then = datetime.combine(since or date.min, time.min)  # the lifter's own clock
        of_time = (rows.filter(pl.col("session_start") >= then) for rows in (sessions, performances, executions))
        yield _tables(user_id, *of_time)


def _as_an_app_logs(rng: np.random.Generator, lifter: Lifter) -> pl.DataFrame:
    """The lifter's log in UTC, with what an app knows besides."""
    rows = lifter.sets.drop("raw", "line")
    drawn = pl.DataFrame(rng.random((rows.height, 4)), schema=["attempted", "partial", "assisted", "range"])
    number = pl.int_range(pl.len()).over("session_start")
    start = _utc("session_start", lifter.time_zone) + pl.duration(seconds=number * (SET_S + REST_S))
    timed = pl.lit(lifter.index % 2 == 0)
    nothing = pl.lit(None, dtype=pl.Datetime("us", "UTC"))
    reps = pl.col("reps")
    return rows.hstack(drawn).with_columns(
        started_at=_utc("session_start", lifter.time_zone),
        ended_at=_utc("session_end", lifter.time_zone),
        start_time=pl.when(timed).then(start).otherwise(nothing),
        end_time=pl.when(timed).then(start + pl.duration(seconds=SET_S)).otherwise(nothing),
        weight_kg=rounding.stored("weight_kg", 2),
        reps_attempted=pl.when(pl.col("attempted") < ATTEMPTED).then(reps + 1).otherwise(reps),
        partial_reps=pl.when(pl.col("partial") < PARTIAL).then(2).otherwise(0),
        assisted_reps=pl.when((pl.col("assisted") < ASSISTED) & (reps > 2)).then(1).otherwise(0),
        rom_quality=pl.when(pl.col("range") < HALF_RANGE).then(pl.lit("half")).otherwise(pl.lit("full")),
    )


def _utc(column: str, zone: str) -> pl.Expr:
    """A local time as an instant: the first where the clocks show it twice, an hour on where they skip it."""
    local = pl.col(column)
    there = local.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
    later = (local + pl.duration(hours=1)).dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
    return pl.coalesce(there, later).dt.convert_time_zone("UTC")


def _sessions(rng: np.random.Generator, sets: pl.DataFrame, user_id: UUID) -> pl.DataFrame:
    rows = sets.group_by("session_start", maintain_order=True).agg(
        pl.col("started_at", "ended_at", "workout_title", "session_notes").first()
    )
    fate = pl.Series("fate", rng.random(rows.height))
    status = (
        pl.when(fate < NEVER_STARTED)
        .then(pl.lit("NOT_STARTED"))
        .when(fate < NEVER_STARTED + ABANDONED)
        .then(pl.lit("ABANDONED"))
        .otherwise(pl.lit("COMPLETED"))
    )
    return rows.with_columns(
        _ids(rng, rows.height, "session_id"),
        _ids(rng, rows.height, "workout_id"),
        status=status,
        user_id=pl.lit(str(user_id)),
    )


def _performances(
    rng: np.random.Generator, sets: pl.DataFrame, sessions: pl.DataFrame, exercises: pl.DataFrame
) -> pl.DataFrame:
    """One row a session and lift, with the totals that the app keeps (`performance_totals` is their definition)."""
    work = pl.col("set_type") != "warmup"
    kg = (pl.col("weight_kg") * pl.col("reps")).filter(work)
    rows = (
        sets.group_by("session_start", "exercise_title", maintain_order=True)
        .agg(
            pl.col("exercise_notes").first(),
            completed_sets=work.sum(),
            total_volume_kg=pl.when(kg.is_not_null().any()).then(kg.sum()),
            total_reps=pl.when(pl.col("reps").filter(work).is_not_null().any()).then(pl.col("reps").filter(work).sum()),
            average_rpe=pl.col("rpe").filter(work).mean(),
            start_time=pl.col("start_time").min(),
            end_time=pl.col("end_time").max(),
            total_rest_seconds=pl.when(pl.col("start_time").is_not_null().all() & (pl.len() > 1)).then(
                (pl.len() - 1).cast(pl.Int64) * REST_S
            ),
        )
        .join(sessions.select("session_start", "session_id", "workout_id"), on="session_start", maintain_order="left")
        .join(exercises, on="exercise_title", maintain_order="left")
        .with_columns(
            total_volume_kg=rounding.stored("total_volume_kg", 2),
            average_rpe=rounding.stored("average_rpe", 1),
            place=pl.int_range(1, pl.len() + 1).over("session_start"),
        )
    )
    return rows.with_columns(_ids(rng, rows.height, name) for name in ("performance_id", "block_id", "block_exercise"))


def _executions(rng: np.random.Generator, sets: pl.DataFrame, performances: pl.DataFrame) -> pl.DataFrame:
    key = ["session_start", "exercise_title"]
    rows = sets.join(performances.select(*key, "performance_id"), on=key, maintain_order="left")
    return rows.with_columns(_ids(rng, rows.height, "set_id"), set_number=pl.int_range(1, pl.len() + 1).over(key))


def _tables(user_id: UUID, sessions: pl.DataFrame, performances: pl.DataFrame, executions: pl.DataFrame) -> Rows:
    return {
        "workouts": sessions.select(id="workout_id", name="workout_title", created_by_id=pl.lit(str(user_id))),
        "workout_blocks": performances.select(id="block_id", workout_id="workout_id", block_order="place"),
        "workout_block_exercises": performances.select(
            "exercise_id", id="block_exercise", workout_block_id="block_id", exercise_order=pl.lit(1)
        ),
        "workout_sessions": sessions.select(
            "user_id", "workout_id", "status", id="session_id", start_time="started_at", end_time="ended_at",
            notes="session_notes", created_at="started_at",
        ),
        "exercise_performances": performances.select(
            "completed_sets", "total_volume_kg", "total_reps", "average_rpe", "start_time", "end_time",
            "total_rest_seconds", id="performance_id", workout_session_id="session_id",
            workout_block_exercise_id="block_exercise", performance_order="place", performance_notes="exercise_notes",
        ),
        "set_executions": executions.select(
            "set_number", "set_type", "source_set_type", "weight_kg", "reps_attempted", "partial_reps",
            "assisted_reps", "rom_quality", "start_time", "end_time", "set_notes", id="set_id",
            exercise_performance_id="performance_id", reps_completed="reps", rpe_value="rpe",
            duration_seconds="duration_s", created_at="started_at",
        ),
    }  # fmt: skip


def newest_session(rows: Rows) -> Rows:
    """The newest session that was completed, of the rows of `history`."""
    sessions = rows["workout_sessions"].filter(pl.col("status") == "COMPLETED").sort("start_time").tail(1)
    performances = _of(rows["exercise_performances"], "workout_session_id", sessions["id"])
    block_exercises = _of(rows["workout_block_exercises"], "id", performances["workout_block_exercise_id"])
    return {
        "workouts": _of(rows["workouts"], "id", sessions["workout_id"]),
        "workout_blocks": _of(rows["workout_blocks"], "id", block_exercises["workout_block_id"]),
        "workout_block_exercises": block_exercises,
        "workout_sessions": sessions,
        "exercise_performances": performances,
        "set_executions": _of(rows["set_executions"], "exercise_performance_id", performances["id"]),
    }


def _of(table: pl.DataFrame, column: str, keys: pl.Series) -> pl.DataFrame:
    return table.filter(pl.col(column).is_in(keys.implode()))


def on_another_day(session: Rows, zone: str, day: date, seed: int) -> Rows:
    """A session of `newest_session` once more on another day, with new ids: what one more day of training adds.

    The day is the lifter's own, in `zone`; the hour stays but where the clocks have changed between the two days.
    """
    rng = np.random.default_rng([seed, day.toordinal()])
    was_on = session["workout_sessions"]["start_time"][0].astimezone(ZoneInfo(zone)).date()
    shift = timedelta(days=(day - was_on).days)
    times = ("start_time", "end_time", "created_at")
    return {
        name: table.with_columns((pl.col(column) + shift).alias(column) for column in times if column in table.columns)
        for name, table in _new_ids(rng, session).items()
    }


def _new_ids(rng: np.random.Generator, rows: Rows) -> Rows:
    old = [key for table in rows.values() for key in table["id"].to_list()]
    names = dict(zip(old, _ids(rng, len(old), "id").to_list(), strict=True))
    keys = ("id", "workout_id", "workout_block_id", "workout_session_id", "workout_block_exercise_id",
            "exercise_performance_id")  # fmt: skip
    return {
        name: table.with_columns(pl.col(key).replace_strict(names) for key in keys if key in table.columns)
        for name, table in rows.items()
    }


def _ids(rng: np.random.Generator, count: int, name: str) -> pl.Series:
    """Random UUIDs of version 4 as text, drawn at once."""
    raw = np.frombuffer(rng.bytes(16 * count), dtype=np.uint8).reshape(count, 16).copy()
    raw[:, 6] = raw[:, 6] & 0x0F | 0x40
    raw[:, 8] = raw[:, 8] & 0x3F | 0x80
    values = pa.FixedSizeBinaryArray.from_buffers(pa.binary(16), count, [None, pa.py_buffer(raw.tobytes())])
    column = pl.Series(name, values.cast(pa.binary()), dtype=pl.Binary)
    return column.bin.encode("hex")
