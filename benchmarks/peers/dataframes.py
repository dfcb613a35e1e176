"""The extracted sets as pandas frames without Python objects, and rows back as Arrow."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import polars as pl
import pyarrow as pa

from insights.db.extract import Extract
from insights.ids import word

Array = npt.NDArray[Any]

MULTIPLY_1, MULTIPLY_2 = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xD6E8FEB86659FD93)
SEED_HIGH, SEED_LOW = np.uint64(0x243F6A8885A308D3), np.uint64(0x13198A2E03707344)
HALF = np.uint64(32)


@dataclass(frozen=True, slots=True)
class Frames:
    """What pandas works on. `user`, `exercise`, `session` are codes; `users` and `exercises` their two id halves."""

    sets: pd.DataFrame
    users: Array  # (n, 2) unsigned 64-bit halves
    exercises: Array
    zones: pd.Series  # by user code
    body_weights: pd.DataFrame  # user, day, body_weight_kg
    traits: pd.DataFrame  # by exercise code
    muscles: pd.DataFrame  # exercise, muscle, role, activation
    movements: pd.DataFrame  # exercise, pattern


def read(data: Extract) -> Frames:
    """From the extracted frames."""
    sets = data.sets.to_arrow()
    user, users = _codes(sets["user_id"])
    exercise, exercises = _codes(sets["exercise_id"])
    session, _ = _codes(sets["session_id"])
    rest = ("user_id", "exercise_id", "session_id", "performance_id", "set_id")
    frame = sets.drop_columns([name for name in rest if name in sets.column_names]).to_pandas()
    halves = _halves(sets["set_id"])
    frame = frame.assign(user=user, exercise=exercise, session=session, set_high=halves[:, 0], set_low=halves[:, 1])
    for name in ("set_type", "source_set_type", "session_status", "rpe_scale", "rom_quality"):
        frame[name] = frame[name].astype("category")
    code_of_user = _lookup(users)
    code_of_exercise = _lookup(exercises)
    people = data.users.to_pandas()
    lifts = data.exercises.to_pandas()
    weights = data.body_weights.to_pandas()
    return Frames(
        sets=frame,
        users=users,
        exercises=exercises,
        zones=pd.Series(people["time_zone"].to_numpy(), index=people["user_id"].map(code_of_user)),
        body_weights=pd.DataFrame(
            {
                "user": weights["user_id"].map(code_of_user).astype("int32"),
                "day": _day_numbers(weights["measured_on"]),
                "body_weight_kg": weights["weight_kg"].astype("float64"),
            }
        ),
        traits=lifts.set_index(lifts["exercise_id"].map(code_of_exercise)).sort_index(),
        muscles=_of_exercises(data.muscles, code_of_exercise),
        movements=_of_exercises(data.movements, code_of_exercise),
    )


def _of_exercises(frame: pl.DataFrame, code_of: dict[bytes, int]) -> pd.DataFrame:
    table = frame.to_pandas()
    return table.assign(exercise=table["exercise_id"].map(code_of)).drop(columns="exercise_id")


def _day_numbers(days: pd.Series) -> Array:
    numbers: Array = pd.to_datetime(days).to_numpy().astype("datetime64[D]").astype(np.int64)
    return numbers


def _codes(ids: pa.ChunkedArray) -> tuple[Array, Array]:
    """Integer codes of 16-byte ids, and the two halves of each id that occurs."""
    encoded = ids.cast(pa.binary(16)).combine_chunks().dictionary_encode()
    return encoded.indices.to_numpy(), _halves(encoded.dictionary)


def _halves(ids: pa.Array | pa.ChunkedArray) -> Array:
    whole = ids.combine_chunks() if isinstance(ids, pa.ChunkedArray) else ids
    fixed = whole.cast(pa.binary(16))
    raw = np.frombuffer(fixed.buffers()[1], dtype=">u8", count=2 * len(fixed), offset=16 * fixed.offset)
    return raw.reshape(-1, 2).astype(np.uint64)


def _lookup(halves: Array) -> dict[bytes, int]:
    return {row.astype(">u8").tobytes(): code for code, row in enumerate(halves)}


def row_ids(kind: str, users: Array, days: Array, key: Sequence[Array]) -> Array:
    """The ids of `insights.ids` in numpy: (n, 2) halves. `users` are (n, 2) halves, `days` day numbers."""
    words = [np.full(len(days), word(kind), dtype=np.uint64), users[:, 0], users[:, 1], days.astype(np.uint64), *key]
    seeds = {seed: np.full(len(days), seed, dtype=np.uint64) for seed in (SEED_HIGH, SEED_LOW)}
    user_hash = reduce(_mixed, words[1:3], seeds[SEED_HIGH]) >> HALF
    high = reduce(_mixed, words, seeds[SEED_HIGH]) >> np.uint64(52)
    low = reduce(_mixed, words, seeds[SEED_LOW]) >> np.uint64(2)
    day = np.clip(days, 0, 0xFFFF).astype(np.uint64)
    first = (user_hash << HALF) | (day << np.uint64(16)) | np.uint64(0x8000) | high
    return np.stack([first, low | np.uint64(1 << 63)], axis=1)


def _mixed(state: Array, value: Array) -> Array:
    state = (state ^ value) * MULTIPLY_1
    state ^= state >> HALF
    state = state * MULTIPLY_2
    mixed: Array = state ^ (state >> HALF)
    return mixed


def id_texts(halves: Array) -> pa.Array:
    """Ids as the text of their 32 hexadecimal digits."""
    raw = np.ascontiguousarray(halves.astype(">u8")).tobytes().hex()
    offsets = np.arange(0, len(raw) + 1, 32, dtype=np.int32)
    return pa.StringArray.from_buffers(len(halves), pa.py_buffer(offsets), pa.py_buffer(raw.encode()))


def decimals(values: Array) -> pa.Array:
    """Doubles as 15-digit decimals, as PostgreSQL reads them on the way to numeric; NaN is null."""
    distinct, places = np.unique(values, return_inverse=True)
    texts = pa.array([None if np.isnan(value) else f"{value:.15g}" for value in distinct.tolist()], pa.string())
    return texts.take(pa.array(places.reshape(-1)))


def dates(days: Array) -> pa.Array:
    """Day numbers as dates."""
    return pa.array(days.astype("int32")).cast(pa.date32())
