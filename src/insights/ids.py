"""Deterministic ids of analytics rows: the same row has the same id in every run, on every machine.

An id is a UUID version 8 (RFC 9562, 5.8) that is local in its index: rows of one user lie together, and
within the user rows of one day.

    bits   0- 31   hash of the user's id
    bits  32- 47   the day, counted from 1970-01-01 (0 before that, 65535 from 2149-06-06 on)
    bits  48- 51   8, the version
    bits  52- 63   hash of the natural key, high part
    bits  64- 65   binary 10, the variant
    bits  66-127   hash of the natural key, low part

The hash runs over 64-bit words with wrapping multiplication (the multipliers of SplitMix64 and of rrmxmx), so
that Polars computes it as an expression and anyone can repeat it in a few lines; `id_of` is that plain form.
Two lanes with different seeds give 74 bits: among the rows of one user and day, collisions need about 2^37 rows.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from functools import reduce
from hashlib import blake2b
from uuid import UUID

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

_MASK = (1 << 64) - 1
_MULTIPLY_1 = 0x9E3779B97F4A7C15
_MULTIPLY_2 = 0xD6E8FEB86659FD93
_SEED_HIGH = 0x243F6A8885A308D3  # pi, so that nobody has to ask
_SEED_LOW = 0x13198A2E03707344
_EPOCH = date(1970, 1, 1)

Word = int | pl.Expr
Words = npt.NDArray[np.uint64]


def word(text: str) -> int:
    """A 64-bit word for a text, the same on every machine (BLAKE2b, 8 bytes)."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big")


def text_words(column: str | pl.Expr) -> pl.Expr:
    """`word` over a text column: hashed once for each distinct text; null becomes 0."""
    values = pl.col(column) if isinstance(column, str) else column
    return values.map_batches(_word_series, return_dtype=pl.UInt64)


def _word_series(texts: pl.Series) -> pl.Series:
    distinct = texts.unique().drop_nulls()
    words = pl.Series([word(text) for text in distinct], dtype=pl.UInt64)
    return texts.replace_strict(distinct, words, default=0, return_dtype=pl.UInt64)


def uuid_words(column: str) -> tuple[pl.Expr, pl.Expr]:
    """The two 64-bit halves of a 16-byte id column; null becomes 0, 0."""
    value = pl.col(column)
    high = value.bin.slice(0, 8).bin.reinterpret(dtype=pl.UInt64, endianness="big").fill_null(0)
    low = value.bin.slice(8, 8).bin.reinterpret(dtype=pl.UInt64, endianness="big").fill_null(0)
    return high, low


def integer_word(column: str | pl.Expr) -> pl.Expr:
    """A 64-bit word for an integer or boolean column in two's complement; null becomes 0x8000000000000000."""
    values = pl.col(column) if isinstance(column, str) else column
    return values.cast(pl.Int64).fill_null(-(1 << 63)).reinterpret(signed=False)


def day_word(column: str) -> pl.Expr:
    """A 64-bit word for a date column: days since 1970-01-01 in two's complement."""
    return integer_word(pl.col(column).to_physical())


def _mix_words(state: Words, value: Words | np.uint64) -> Words:
    state = state ^ value
    state *= np.uint64(_MULTIPLY_1)
    state ^= state >> np.uint64(32)
    state *= np.uint64(_MULTIPLY_2)
    state ^= state >> np.uint64(32)
    return state


def _mix(state: int, value: int) -> int:
    state = ((state ^ value) * _MULTIPLY_1) & _MASK
    state ^= state >> 32
    state = (state * _MULTIPLY_2) & _MASK
    return state ^ (state >> 32)


def _day_bits(day: pl.Expr) -> pl.Expr:
    return day.to_physical().cast(pl.Int64).clip(0, 0xFFFF).cast(pl.UInt64)


def with_ids(frame: pl.DataFrame, kind: str, *, user: str, day: str, key: Iterable[Word]) -> pl.DataFrame:
    """The frame with a column `id` (Binary, 16 bytes) in front.

    `kind` is the table's name, `user` and `day` are columns (Binary 16 bytes; Date), and `key` the words of the natural
    key beyond those two, made by `uuid_words`, `text_words`, `integer_word`, `day_word` or `word`.
    """
    words = _words(frame, [word(kind), *uuid_words(user), day_word(day), *key])
    seeds = [np.full(frame.height, seed, dtype=np.uint64) for seed in (_SEED_HIGH, _SEED_LOW)]
    user_hash = reduce(_mix_words, words[1:3], seeds[0]) >> np.uint64(32)
    day_bits = frame.select_seq(_day_bits(pl.col(day))).to_series().to_numpy()
    high, low = (reduce(_mix_words, words, seed) for seed in seeds)
    table = np.empty((frame.height, 2), dtype=">u8")
    table[:, 0] = (
        (user_hash << np.uint64(32)) | (day_bits << np.uint64(16)) | (high >> np.uint64(52)) | np.uint64(0x8000)
    )
    table[:, 1] = (low >> np.uint64(2)) | np.uint64(1 << 63)
    return frame.select_seq(_binaries(table).alias("id"), *frame.columns)


def _binaries(table: np.ndarray[tuple[int, int], np.dtype[np.uint64]]) -> pl.Series:
    """The rows of two words as 16-byte binaries, without a Python object for each."""
    fixed = pa.FixedSizeBinaryArray.from_buffers(pa.binary(16), len(table), [None, pa.py_buffer(table)])
    return pl.Series(fixed.cast(pa.binary()))


def _words(frame: pl.DataFrame, words: Sequence[Word]) -> list[Words | np.uint64]:
    of_rows = frame.select_seq(w.alias(str(place)) for place, w in enumerate(words) if not isinstance(w, int))
    return [np.uint64(w) if isinstance(w, int) else of_rows[str(place)].to_numpy() for place, w in enumerate(words)]


def id_of(kind: str, *, user: UUID, day: date, key: Iterable[int]) -> UUID:
    """One id in plain integers: the definition that `with_ids` must equal."""
    halves = [user.int >> 64, user.int & _MASK]
    days = (day - _EPOCH).days
    words = [word(kind), *halves, days & _MASK, *key]
    user_hash = reduce(_mix, halves, _SEED_HIGH) >> 32
    high = (user_hash << 32) | (min(max(days, 0), 0xFFFF) << 16) | 0x8000 | (reduce(_mix, words, _SEED_HIGH) >> 52)
    low = (1 << 63) | (reduce(_mix, words, _SEED_LOW) >> 2)
    return UUID(int=(high << 64) | low)
