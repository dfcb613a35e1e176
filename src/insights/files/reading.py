"""Reading a training log that an app has exported: the one way in for Hevy, Strong and FitNotes files."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal

from insights.errors import BadInput
from insights.files import fitnotes, hevy, strong
from insights.files.dates import Clock, day_first, has_time
from insights.files.detection import SOURCES, Layout, detect
from insights.files.fields import BadFieldError, Reading, Row
from insights.files.log import Log, Rejected, SetRow, sets_frame
from insights.files.table import Table, read_table
from insights.files.units import found_unit
from insights.files.values import WEIGHT_UNITS

Format = Literal["auto", "hevy", "strong", "fitnotes"]
Unit = Literal["auto", "kg", "lb"]

SHOWN = 5  # rejected rows that an error lists
_SET_OF: dict[str, Callable[[Row], SetRow | Literal["rest", "note"]]] = {
    "hevy": hevy.set_of,
    "strong": strong.set_of,
    "fitnotes": fitnotes.set_of,
}


def read_log(path: Path, *, format: Format = "auto", unit: Unit = "auto", quarantine: bool = False) -> Log:
    """Read an export: its sets in kilograms and in the log's own local time, and the rows that cannot be used.

    `format` and `unit` are found from the file unless given; a unit that is given stands above what the file says.

    Raises:
        BadInput: not an export, or the unit of its weights must be asked for; without `quarantine` also any row that
            cannot be used, by line and column.
    """
    if format not in ("auto", *SOURCES):
        raise BadInput(f"no such format: {format!r}", hint=f"One of auto, {', '.join(SOURCES)}.")
    if unit not in ("auto", "kg", "lb"):
        raise BadInput(f"no such unit: {unit!r}", hint="One of auto, kg, lb.")
    table = read_table(path)
    layout = detect(table, source=format)
    remarks: list[str] = []
    reading = _reading(table, layout, unit, remarks)
    rows = _Rows(reading)
    for record in table.records:
        if record.problem:
            rows.rejected.append(Rejected(record.line, record.column, record.problem, record.text))
        else:
            rows.take(Row(reading, record.line, record.fields), record.text)
    if rows.rejected and not quarantine:
        raise _unusable(table, rows.rejected)
    if not rows.sets and not rows.rejected:
        raise BadInput(f"{table.file_name} holds no sets: nothing follows the column names in line 1")
    units = rows.units or {reading.unit}
    rows.attach_notes()
    return Log(
        source=layout.source,
        file_name=table.file_name,
        sha256=table.sha256,
        unit=units.pop() if len(units) == 1 else "mixed",
        sets=sets_frame(rows.sets),
        rows_read=len(table.records),
        rejected=tuple(rows.rejected),
        rest_rows=rows.rests,
        note_rows=rows.notes_read,
        remarks=tuple(remarks),
    )


@dataclass(slots=True)
class _Rows:
    """The rows of a file, sorted into what they are."""

    reading: Reading
    sets: list[SetRow] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    rests: int = 0
    notes_read: int = 0
    notes: dict[tuple[datetime, str], list[str]] = field(default_factory=dict)
    units: set[str] = field(default_factory=set)

    def take(self, row: Row, text: str) -> None:
        """Read one row; a field that cannot be used rejects it."""
        try:
            made = _SET_OF[self.reading.layout.source](row)
            if isinstance(made, SetRow):
                self.sets.append(made)
                weight = row.typed_weight()
                if weight and weight[1]:
                    self.units.add(row.weight_unit(weight[0]))
            elif made == "rest":
                self.rests += 1
            else:
                exercise, note = strong.note_of(row)
                self.notes_read += 1
                self.notes.setdefault((row.start(), exercise), []).append(note)
        except BadFieldError as error:
            self.rejected.append(Rejected(row.line, error.column, error.reason, text))

    def attach_notes(self) -> None:
        """Give the notes that stand in rows of their own to the sets of their exercise that have none."""
        for made in self.sets if self.notes else ():
            found = self.notes.get((made.session_start, made.exercise_title), [])
            made.exercise_notes = made.exercise_notes or "\n".join(sorted(set(found))) or None


def _reading(table: Table, layout: Layout, unit: Unit, remarks: list[str]) -> Reading:
    good = [record.fields for record in table.records if not record.problem]
    start = layout.columns["start"][0]
    dates = [fields[start] for fields in good]
    clock = Clock(day_first=day_first(dates))
    if dates and not any(has_time(text) for text in dates[:100]):
        remarks.append("The log has days without a time: a day is one session, at 12:00.")
    if not layout.by_words:
        remarks.append("The column names are in an unknown language: columns were found by position and type.")
    comma = table.delimiter == ";"
    draft = Reading(table.header, layout, clock, comma, "kg", forced=False)
    known = unit if unit != "auto" else _unit_of(draft, table, remarks)
    said = _said_units(draft, good)
    if unit != "auto" and said - {unit}:
        remarks.append(f"The file says {' and '.join(sorted(said))}; --unit {unit} stands above it.")
    return Reading(table.header, layout, clock, comma, known, forced=unit != "auto")


def _said_units(draft: Reading, records: list[tuple[str, ...]]) -> set[str]:
    """The units of weights that a single weight column and the rows name."""
    weights, by_row = draft.layout.columns.get("weight", ()), draft.layout.first("weight_unit")
    if len(weights) != 1:
        return set()
    words = {fields[by_row].strip().casefold() for fields in records} if by_row is not None else set()
    of_rows = {WEIGHT_UNITS[word] for word in words if word in WEIGHT_UNITS}
    return of_rows | {draft.layout.units[i] for i in weights if i in draft.layout.units}


def _unit_of(draft: Reading, table: Table, remarks: list[str]) -> str:
    """The unit of the weights that name none, by the weights themselves."""
    layout = draft.layout
    unnamed, barbell = [], []
    by_row = layout.first("weight_unit")
    for record in table.records:
        if record.problem or (by_row is not None and record.fields[by_row].strip()):
            continue
        row = Row(draft, record.line, record.fields)
        try:
            weight = row.typed_weight()
        except BadFieldError:
            continue  # rejected with its reason when the rows are read
        if weight and weight[0] not in layout.units:
            unnamed.append(weight[1])
            if "barbell" in row.text("exercise").casefold():
                barbell.append(weight[1])
    named = {layout.units[i] for i in layout.columns.get("weight", ()) if i in layout.units}
    if not any(unnamed):
        return min(named, default="kg")
    found = found_unit(unnamed, barbell)
    if found == "lb":
        raise BadInput(
            f"{table.file_name}: the weights are found to be in pounds, but no column says so; nothing was written",
            hint="Give the unit: --unit lb (or --unit kg, if they are kilograms after all).",
        )
    if found == "unclear":
        raise BadInput(
            f"{table.file_name}: no column says whether the weights are kilograms or pounds; nothing was written",
            hint="Give the unit: --unit kg or --unit lb.",
        )
    remarks.append("No column names the unit of the weights: their values are taken as kilograms.")
    return found


def _unusable(table: Table, rejected: list[Rejected]) -> BadInput:
    shown = "\n".join(f"  {row}" for row in rejected[:SHOWN])
    more = f"\n  and {len(rejected) - SHOWN} more" if len(rejected) > SHOWN else ""
    rows = "1 row" if len(rejected) == 1 else f"{len(rejected)} rows"
    return BadInput(
        f"{table.file_name}: {rows} of {len(table.records)} cannot be used; nothing was written\n{shown}{more}",
        hint="Mend the file, or take the good rows and set the others aside with --quarantine.",
    )
