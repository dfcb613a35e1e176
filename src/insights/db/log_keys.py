"""Identity of what a log holds, and the rows that an import stages. Pure: no database.

Identity never rests on a row's place in the file. A session is known by the log's own local start; an exercise in it by
its title as the log spells it; a set by these, the log's mark of it, and its rank among sets of equal marks. The rank
goes by the row as it was read, so that the order of the file, the time zone, the unit and the mapping change nothing.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

import dataframely as dy
import polars as pl

from insights.frames import ImportedSets

DEFAULT_TITLE = "Workout"


def base_keys(sets: dy.DataFrame[ImportedSets]) -> list[str]:
    """For each set its session, mark and exercise: its key but for the rank among equals."""
    rows = zip(sets["session_start"], sets["set_label"], sets["exercise_title"], strict=True)
    return [f"{start.isoformat()}|{label}|{title}" for start, label, title in rows]


def repeated(keys: Iterable[str]) -> list[str]:
    """The keys that more than one set has."""
    return [key for key, count in Counter(keys).items() if count > 1]


def source_keys(bases: Sequence[str], raws: Sequence[str], stored: Mapping[str, Any]) -> list[str]:
    """The key of each set: its base key and its rank among the sets that share it.

    `stored` holds the rows as read of the stored sets whose base key is shared, by their keys. An equal row is the
    same set; of the others, each in order of their rows takes the place of a stored one; the rest get free ranks.
    """
    known: defaultdict[str, dict[int, str]] = defaultdict(dict)
    for key, raw in stored.items():
        base, _, of_stored = key.rpartition("|")
        known[base][int(of_stored)] = _content(raw)
    shared = set(repeated(bases)) | known.keys()
    members: defaultdict[str, list[int]] = defaultdict(list)
    for index, base in enumerate(bases):
        if base in shared:
            members[base].append(index)
    ranks = [0] * len(bases)
    for base, indices in members.items():
        contents = sorted((_content(json.loads(raws[i])), i) for i in indices)
        for index, rank in _ranked(contents, known[base]):
            ranks[index] = rank
    return [f"{base}|{rank}" for base, rank in zip(bases, ranks, strict=True)]


def _ranked(rows: Sequence[tuple[str, int]], known: Mapping[int, str]) -> list[tuple[int, int]]:
    """The rank of each row, which come in order of content: that of an equal stored one, else of another, else free."""
    free: defaultdict[str, list[int]] = defaultdict(list)
    for rank in sorted(known, reverse=True):
        free[known[rank]].append(rank)
    found, others = [], []
    for content, index in rows:
        if free[content]:
            found.append((index, free[content].pop()))
        else:
            others.append(index)
    left = sorted(rank for ranks in free.values() for rank in ranks)
    unused = (rank for rank in range(len(rows) + len(known)) if rank not in known)
    return found + list(zip(others, [*left, *(next(unused) for _ in others[len(left) :])], strict=False))


def _content(raw: Any) -> str:
    """A row as read in one form, whichever way its JSON was written."""
    return json.dumps(raw, ensure_ascii=False, sort_keys=True)


class Ids:
    """Ids of the rows of one user's log from one source: the same key always gives the same id."""

    def __init__(self, user_id: UUID, source: str) -> None:
        self._root = uuid5(user_id, source)

    def of(self, kind: str, *key: object) -> str:
        """The id of one row."""
        return str(uuid5(self._root, "|".join((kind, *map(str, key)))))

    def column(self, kind: str, keys: Iterable[str]) -> pl.Series:
        """The ids of a column of keys."""
        return pl.Series([self.of(kind, key) for key in keys], dtype=pl.String)


def session_rows(sets: pl.DataFrame, ids: Ids, zone: ZoneInfo) -> pl.DataFrame:
    """The sessions to stage: one row a local start. Where rows differ the greatest text stands, in whatever order."""
    sessions = sets.group_by("session_start").agg(
        title=pl.col("workout_title").max(), end=pl.col("session_end").max(), notes=pl.col("session_notes").max()
    )
    starts = [start.isoformat() for start in sessions["session_start"]]
    return sessions.select(
        session_id=ids.column("session", starts),
        workout_id=ids.column("workout", starts),
        title=pl.when(pl.col("title") == "").then(pl.lit(DEFAULT_TITLE)).otherwise(pl.col("title")),
        start_time=pl.Series([instant(start, zone) for start in sessions["session_start"]], dtype=pl.String),
        end_time=pl.Series([end and instant(end, zone) for end in sessions["end"]], dtype=pl.String),
        notes="notes",
    )


def instant(local: datetime, zone: ZoneInfo) -> str:
    """The UTC instant of a local time: forward where the clocks skip it, the first where it comes twice."""
    return local.replace(tzinfo=zone, fold=0).astimezone(UTC).isoformat()


def performance_rows(sets: pl.DataFrame, ids: Ids, exercises: Mapping[str, UUID]) -> pl.DataFrame:
    """The exercises to stage: one row a session and title, placed in its block, in the order of the file."""
    done = (
        sets.group_by("session_start", "exercise_title")
        .agg(
            superset=pl.col("superset").max(),
            first=pl.col("line").min(),
            notes=pl.col("exercise_notes").drop_nulls().unique().sort().str.join("\n"),
        )
        .sort("session_start", "first", "exercise_title")
    )
    starts = [start.isoformat() for start in done["session_start"]]
    keys = [f"{start}|{title}" for start, title in zip(starts, done["exercise_title"], strict=True)]
    blocks = [
        ids.of("block", key) if superset is None else ids.of("superset", start, superset)
        for start, key, superset in zip(starts, keys, done["superset"], strict=True)
    ]
    return done.select(
        performance_id=ids.column("performance", keys),
        session_id=ids.column("session", starts),
        workout_id=ids.column("workout", starts),
        block_id=pl.Series(blocks, dtype=pl.String),
        block_exercise_id=ids.column("exercise", keys),
        exercise_id=pl.Series([str(exercises[title]) for title in done["exercise_title"]], dtype=pl.String),
        position=pl.int_range(1, pl.len() + 1).over("session_start"),
        notes=pl.when(pl.col("notes") == "").then(None).otherwise(pl.col("notes")),
    )


def set_rows(sets: pl.DataFrame, ids: Ids, keys: Sequence[str]) -> pl.DataFrame:
    """The sets to stage, one row each, numbered from 1 within exercise and session."""
    performances = zip(sets["session_start"], sets["exercise_title"], strict=True)
    return sets.select(
        set_id=ids.column("set", keys),
        performance_id=ids.column("performance", (f"{start.isoformat()}|{title}" for start, title in performances)),
        source_key=pl.Series(keys, dtype=pl.String),
        set_number=pl.col("set_order") + 1,
        set_type=pl.col("set_type").cast(pl.String),
        source_set_type="source_set_type",
        weight_kg="weight_kg",
        reps="reps",
        duration_s="duration_s",
        rpe="rpe",
        notes="set_notes",
        raw="raw",
    )
