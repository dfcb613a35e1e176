"""One row of a log by the roles of its columns: text, numbers, weights in kilograms, distances in metres."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TypeVar

from insights.files import values
from insights.files.dates import Clock
from insights.files.detection import Layout
from insights.files.log import SetRow, raw_row

T = TypeVar("T")


class BadFieldError(ValueError):
    """A field that cannot be used: the column as the file spells it, and why."""

    def __init__(self, column: str, reason: str) -> None:
        super().__init__(f"{column}: {reason}")
        self.column = column
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Reading:
    """How one file is read: its columns, its clock, its decimal comma, and the unit of weights that name none."""

    header: tuple[str, ...]
    layout: Layout
    clock: Clock
    decimal_comma: bool
    unit: str  # of weights whose column and row name none
    forced: bool  # `unit` was asked for: it stands above what the file says


class Row:
    """The fields of one record, read on demand; a field that cannot be used raises BadFieldError."""

    __slots__ = ("line", "reading", "values")

    def __init__(self, reading: Reading, line: int, fields: tuple[str, ...]) -> None:
        self.reading = reading
        self.line = line
        self.values = fields

    def text(self, role: str) -> str:
        """The text of a column without the space around it; "" where the log has no such column."""
        index = self.reading.layout.first(role)
        return self.values[index].strip() if index is not None else ""

    def optional(self, role: str) -> str | None:
        """The text of a column, None where it is blank."""
        return self.text(role) or None

    def required(self, role: str) -> str:
        """The text of a column that must not be blank."""
        text = self.text(role)
        if not text:
            raise self.bad(role, "is blank")
        return text

    def moment(self, role: str) -> datetime | None:
        """The local time of a column; None where it is blank."""
        return self._read(role, self.reading.clock.read) if self.text(role) else None

    def start(self) -> datetime:
        """The session's local start."""
        self.required("start")
        return self._read("start", self.reading.clock.read)

    def count(self, role: str) -> int | None:
        """A whole number from 0 on."""
        return self._read(role, partial(values.count, decimal_comma=self.reading.decimal_comma))

    def seconds(self, role: str) -> int | None:
        """A length of time in seconds; blank and zero are None."""
        return self._read(role, partial(values.seconds, decimal_comma=self.reading.decimal_comma))

    def session_length(self) -> int | None:
        """The length of the session in seconds; None too where its words are of a language that is not known."""
        try:
            return values.seconds(self.text("duration"), decimal_comma=self.reading.decimal_comma)
        except values.UnknownUnitError:
            return None
        except ValueError as error:
            raise self.bad("duration", f"{error}: {self.text('duration')!r}") from error

    def rpe(self) -> float | None:
        """The effort of the set."""
        return self._read("rpe", partial(values.rpe, decimal_comma=self.reading.decimal_comma))

    def weight_kg(self) -> float | None:
        """The weight as typed, in kilograms; nanograms of conversion noise are rounded off."""
        filled = self._filled("weight")
        if filled is None:
            return None
        index, typed = filled
        factor = values.KG_PER_LB if self.weight_unit(index) == "lb" else 1.0
        weight = round(typed * factor, 9)
        if abs(weight) >= values.WEIGHT_LIMIT_KG:
            raise self._bad_at(index, f"is more than a weight can be: {self.values[index]!r}")
        return weight

    def weight_unit(self, index: int) -> str:
        """The unit of the weight in a column of this row."""
        reading = self.reading
        of_column = reading.layout.units.get(index)
        if of_column is not None and len(reading.layout.columns["weight"]) > 1:
            return of_column
        if reading.forced:
            return reading.unit
        return of_column or self._read("weight_unit", values.weight_unit) or reading.unit

    def typed_weight(self) -> tuple[int, float] | None:
        """The column and number of the weight as typed; None where there is none."""
        return self._filled("weight")

    def distance_m(self) -> float | None:
        """The distance in metres; zero, which apps write where there is none, is None."""
        filled = self._filled("distance")
        if filled is None or filled[1] == 0:
            return None
        index, typed = filled
        if typed < 0:
            raise self._bad_at(index, f"is negative: {self.values[index]!r}")
        unit = self.reading.layout.units.get(index) or self._read("distance_unit", values.distance_unit)
        usual = "mi" if self.reading.unit == "lb" else "km"
        return round(typed * values.METRES[unit or usual], 3)

    def set_row(self, *, start: datetime, label: str, set_type: str, source_set_type: str | None) -> SetRow:
        """The set of this row: what every app's log says in the same way."""
        return SetRow(
            line=self.line,
            session_start=start,
            workout_title=self.text("workout"),
            exercise_title=self.required("exercise"),
            set_label=label,
            set_type=set_type,
            source_set_type=source_set_type,
            raw=raw_row(self.reading.header, self.values),
            session_notes=self.optional("workout_notes"),
            exercise_notes=self.optional("notes"),
            superset=self.optional("superset"),
            set_notes=self.optional("comment"),
            weight_kg=self.weight_kg(),
            reps=self.count("reps"),
            distance_m=self.distance_m(),
            duration_s=self.seconds("seconds"),
            rpe=self.rpe(),
        )

    def bad(self, role: str, reason: str) -> BadFieldError:
        """The error of a column, to raise."""
        index = self.reading.layout.first(role)
        assert index is not None
        return self._bad_at(index, reason)

    def _bad_at(self, index: int, reason: str) -> BadFieldError:
        return BadFieldError(self.reading.header[index], reason)

    def _filled(self, role: str) -> tuple[int, float] | None:
        """The first column of a role that is not blank, with its number."""
        for index in self.reading.layout.columns.get(role, ()):
            try:
                value = values.number(self.values[index], decimal_comma=self.reading.decimal_comma)
            except ValueError as error:
                raise self._bad_at(index, f"{error}: {self.values[index]!r}") from error
            if value is not None:
                return index, value
        return None

    def _read(self, role: str, read: Callable[[str], T]) -> T:
        text = self.text(role)
        try:
            return read(text)
        except ValueError as error:
            raise self.bad(role, f"{error}: {text!r}") from error
