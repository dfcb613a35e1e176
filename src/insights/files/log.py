"""What a log is after reading: its sets as a frame, what was rejected and why, and what was learned on the way."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime

import dataframely as dy
import polars as pl

from insights.frames import ImportedSets


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that cannot be used: where, why, and the row as it was read."""

    line: int
    column: str  # as the file spells it
    reason: str  # begins with a verb: "is not a number"
    raw: str

    def __str__(self) -> str:
        return f"line {self.line}, column {self.column!r} {self.reason}"


@dataclass(slots=True)
class SetRow:
    """One set as a log has it; the columns of ImportedSets but for `set_order`, which needs the sets beside it."""

    line: int
    session_start: datetime
    workout_title: str
    exercise_title: str
    set_label: str
    set_type: str
    raw: str
    session_end: datetime | None = None
    session_notes: str | None = None
    exercise_notes: str | None = None
    superset: str | None = None
    source_set_type: str | None = None
    weight_kg: float | None = None
    reps: int | None = None
    distance_m: float | None = None
    duration_s: int | None = None
    rpe: float | None = None
    set_notes: str | None = None


@dataclass(frozen=True, slots=True)
class Log:
    """An export as it was read. Every row is a set, a rest, a note or rejected: their numbers add up to `rows_read`."""

    source: str  # "hevy", "strong" or "fitnotes"
    file_name: str
    sha256: str
    unit: str  # of the weights in the file: "kg", "lb" or "mixed"
    sets: dy.DataFrame[ImportedSets]
    rows_read: int
    rejected: tuple[Rejected, ...] = ()
    rest_rows: int = 0
    note_rows: int = 0
    remarks: tuple[str, ...] = field(default=())  # what was assumed, for people


def sets_frame(rows: Sequence[SetRow]) -> dy.DataFrame[ImportedSets]:
    """The sets as a frame, one row each, with their order within exercise and session."""
    columns = {f.name: [getattr(row, f.name) for row in rows] for f in fields(SetRow)}
    columns["set_order"] = _orders(rows)
    schema = {name: column.dtype for name, column in ImportedSets.columns().items()}
    return ImportedSets.validate(pl.DataFrame({name: columns[name] for name in schema}, schema=schema))


def _orders(rows: Sequence[SetRow]) -> list[int]:
    """The order of each set within its exercise and session: by the log's numbers if all have one, else as written."""
    groups: dict[tuple[datetime, str], list[int]] = {}
    for index, row in enumerate(rows):
        groups.setdefault((row.session_start, row.exercise_title), []).append(index)
    orders = [0] * len(rows)
    for members in groups.values():
        if all(rows[i].set_label.isdecimal() for i in members):
            members.sort(key=lambda i: (int(rows[i].set_label), rows[i].raw))
        for order, index in enumerate(members):
            orders[index] = order
    return orders


def raw_row(header: Iterable[str], values: Iterable[str]) -> str:
    """A row as it was read, as a JSON object of its columns."""
    return json.dumps(dict(zip(header, values, strict=False)), ensure_ascii=False)
