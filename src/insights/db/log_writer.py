"""Writes a log of sets, imported or simulated, through the schema: workouts, sessions, performances, sets.

Everything is staged by COPY and written by set-based statements in the caller's transaction. Writing the same log again
changes nothing; a newer export adds what is new and updates what changed; nothing is deleted unasked.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

import dataframely as dy
import polars as pl
import psycopg
from psycopg import sql

from insights.db import queries
from insights.db.log_keys import Ids, base_keys, performance_rows, repeated, session_rows, set_rows, source_keys
from insights.db.log_users import NAMESPACE, MadeBy, ensure_user, find_user, made_by_engine, zone
from insights.frames import ImportedSets

__all__ = [
    "FileFacts",
    "MadeBy",
    "SetAside",
    "Vanished",
    "Written",
    "ensure_user",
    "find_user",
    "made_by_engine",
    "write_log",
]

Connection = psycopg.Connection[Any]


@dataclass(frozen=True, slots=True)
class FileFacts:
    """The file that a log was read from."""

    name: str
    sha256: str
    unit: str  # "kg", "lb"; anything else is kept as unknown
    rows_read: int


@dataclass(frozen=True, slots=True)
class SetAside:
    """A row of the file that could not be used."""

    line: int
    column: str
    reason: str
    raw: str


@dataclass(frozen=True, slots=True)
class Vanished:
    """A stored set that the log no longer has."""

    set_id: UUID
    start_time: datetime
    exercise: str
    set_number: int
    weight_kg: float | None
    reps: int | None


@dataclass(frozen=True, slots=True)
class Written:
    """What a log has changed. added + updated + unchanged are the log's sets."""

    added: int
    updated: int
    unchanged: int
    vanished: tuple[Vanished, ...]
    deleted: int  # of the vanished; 0 unless that was asked for
    sessions: int
    quarantined: int  # rows newly set aside
    unmatched: Mapping[str, int] = field(default_factory=dict)  # titles that became exercises of the lifter's own: sets

    @property
    def custom_exercises(self) -> int:
        """How many titles are exercises of the lifter's own."""
        return len(self.unmatched)

    @property
    def unmatched_sets(self) -> int:
        """How many sets are of those."""
        return sum(self.unmatched.values())


def write_log(
    connection: Connection,
    *,
    user_id: UUID,
    source: str,
    sets: dy.DataFrame[ImportedSets],
    time_zone: str,
    resolve: Callable[[str], UUID],
    file: FileFacts | None = None,
    rejected: Sequence[SetAside] = (),
    delete_vanished: bool = False,
) -> Written:
    """Write one user's log, in the connection's transaction.

    `source` tells logs of different origin apart: "hevy", "strong", "fitnotes", "simulated". `resolve` gives the
    exercise of a title as the log spells it. Rows in `rejected` go to quarantine. Stored sets of this user and source
    that the log lacks are listed; they are deleted only with `delete_vanished`.

    Raises:
        BadInput: no such time zone.
    """
    local = zone(time_zone)
    connection.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (f"import {user_id}",))
    exercises = {title: resolve(title) for title in sets["exercise_title"].unique(maintain_order=True)}
    _stage(connection, user_id, source, sets, Ids(user_id, source), local, exercises)
    file_id = _begin_file(connection, user_id, source, file, time_zone, sets.height, len(rejected))
    _write(connection, {"user_id": user_id, "source": source, "file_id": file_id})
    counts = queries.rows(connection, "import_counts")[0]
    vanished = [Vanished(**row) for row in queries.rows(connection, "import_vanished", _of(user_id, source))]
    deleted = _delete(connection, vanished) if delete_vanished and vanished else 0
    queries.run(connection, "import_totals")
    quarantined = _set_aside(connection, user_id, source, file_id, rejected)
    if file_id is not None:
        queries.run(connection, "import_forget_file", {"id": file_id})
    return Written(
        **counts,
        vanished=tuple(vanished),
        deleted=deleted,
        sessions=sets["session_start"].n_unique(),
        quarantined=quarantined,
        unmatched=_own_exercises(connection, user_id, sets, exercises),
    )


def _of(user_id: UUID, source: str) -> dict[str, Any]:
    return {"user_id": user_id, "source": source}


def _stage(
    connection: Connection,
    user_id: UUID,
    source: str,
    sets: dy.DataFrame[ImportedSets],
    ids: Ids,
    zone: Any,
    exercises: Mapping[str, UUID],
) -> None:
    """Copy the log into temporary tables, every row with its id."""
    bases = base_keys(sets)
    copies = {**_of(user_id, source), "base_keys": repeated(bases)}
    stored = {row["source_key"]: row["raw"] for row in queries.rows(connection, "import_known_copies", copies)}
    keys = source_keys(bases, sets["raw"].to_list(), stored)
    queries.run(connection, "import_stage")
    _copy(connection, "import_sessions", session_rows(sets, ids, zone))
    _copy(connection, "import_performances", performance_rows(sets, ids, exercises))
    _copy(connection, "import_sets", set_rows(sets, ids, keys))
    queries.run(connection, "import_keep_positions")
    queries.run(connection, "import_keep_numbers")


def _copy(connection: Connection, table: str, rows: pl.DataFrame) -> None:
    """COPY a frame into a temporary table; quoted text is text, an empty unquoted field is null."""
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT csv)").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, rows.columns))
    )
    with connection.cursor() as cursor:
        with cursor.copy(statement) as copy:
            copy.write(rows.write_csv(include_header=False, quote_style="non_numeric"))
        cursor.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(table)))


_STEPS = (
    "import_workouts", "import_sessions", "import_blocks", "import_block_exercises", "import_performances",
    "import_sets", "import_keys", "import_clear_blocks", "import_arrange_blocks", "import_arrange_exercises",
)  # fmt: skip


def _write(connection: Connection, parameters: Mapping[str, Any]) -> None:
    for step in _STEPS:
        queries.run(connection, step, parameters)


def _begin_file(
    connection: Connection,
    user_id: UUID,
    source: str,
    file: FileFacts | None,
    time_zone: str,
    kept: int,
    quarantined: int,
) -> UUID | None:
    if file is None:
        return None
    file_id = uuid5(NAMESPACE, f"file|{user_id}|{source}|{file.sha256}")
    facts = {
        "id": file_id,
        "file_name": file.name,
        "sha256": file.sha256,
        "unit": file.unit if file.unit in {"kg", "lb"} else None,
        "time_zone": time_zone,
        "rows_read": file.rows_read,
        "rows_kept": kept,
        "rows_quarantined": quarantined,
    }
    queries.run(connection, "import_file", {**_of(user_id, source), **facts})
    return file_id


def _delete(connection: Connection, vanished: Sequence[Vanished]) -> int:
    """Delete the sets that the log no longer has, and the exercises and sessions that this leaves empty."""
    queries.run(connection, "import_delete_sets", {"set_ids": [row.set_id for row in vanished]})
    for step in ("import_clear_performances", "import_clear_blocks", "import_clear_sessions"):
        queries.run(connection, step)
    for step in ("import_arrange_blocks", "import_arrange_exercises"):
        queries.run(connection, step)
    return len(vanished)


def _set_aside(
    connection: Connection, user_id: UUID, source: str, file_id: UUID | None, rejected: Sequence[SetAside]
) -> int:
    rows = [
        {
            **_of(user_id, source),
            "file_id": file_id,
            "line": row.line,
            "column": row.column,
            "reason": row.reason,
            "raw": row.raw,
        }
        for row in rejected
    ]
    return sum(queries.run(connection, "import_quarantine", row) for row in rows)


def _own_exercises(
    connection: Connection, user_id: UUID, sets: pl.DataFrame, exercises: Mapping[str, UUID]
) -> dict[str, int]:
    """The titles that are no lift of the catalogue, most sets first; what kind of work they are is stored."""
    asked = {"user_id": user_id, "exercise_ids": list(set(exercises.values()))}
    own = {row["id"] for row in queries.rows(connection, "import_custom_exercises", asked)}
    moved = {exercises[title] for title in sets.filter(pl.col("distance_m") > 0)["exercise_title"].unique()}
    traits = {"exercise_ids": list(own), "moved_ids": list(own & moved)}
    queries.run(connection, "import_custom_traits", traits)
    counts = Counter(sets["exercise_title"])
    return {title: count for title, count in counts.most_common() if exercises[title] in own}
