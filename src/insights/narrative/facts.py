"""The immutable table of one user's facts: the live rows of insight_data_points, and the lifts that they name.

Fail-closed: a row that is not in `data_types.CATALOGUE`, has another unit than the catalogue says, rests on fewer
observations than it asks for, or holds no finite value, is no fact and cannot be told.
"""

import math
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from insights.data_types import BODY_WEIGHT, CATALOGUE

# A muscle or movement is a word of the catalogue, never free text with figures or syntax in it
_ENTITY: Final = re.compile(r"[a-z][a-z_ -]{0,39}")


@dataclass(frozen=True, slots=True)
class Fact:
    """One data point. Weights are kilograms, days are the user's own; the id is the row's id."""

    id: UUID
    data_type: str
    unit: str
    window_start: date
    window_end: date
    measurement_date: date
    n: int
    numeric_value: float | None = None
    text_value: str | None = None
    entity_id: UUID | None = None
    entity: str | None = None
    confidence_score: float | None = None
    calculation_method: str = ""

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> "Fact":
        """A fact from a row as psycopg or Polars gives it: ids as UUID or 16 bytes, numbers as Decimal or float.

        The keys are the columns of `frames.DataPoints`; others are passed over. Raises KeyError where one is missing.
        """
        entity_id = row["entity_id"]
        return cls(
            id=_uuid(row["id"]),
            data_type=row["data_type"],
            unit=row["unit"],
            window_start=row["window_start"],
            window_end=row["window_end"],
            measurement_date=row["measurement_date"],
            n=int(row["n"]),
            numeric_value=_float(row["numeric_value"]),
            text_value=row["text_value"],
            entity_id=None if entity_id is None else _uuid(entity_id),
            entity=row["entity"],
            confidence_score=_float(row["confidence_score"]),
            calculation_method=row["calculation_method"],
        )

    @property
    def with_body_weight(self) -> bool:
        """Whether the load in the value includes the lifter's body weight: the method of the point says so."""
        return self.calculation_method.endswith(BODY_WEIGHT)

    @property
    def value(self) -> float:
        """The numeric value. Raises ValueError for a text fact."""
        if self.numeric_value is None:
            raise ValueError(f"{self.data_type} holds no number")
        return self.numeric_value


@dataclass(frozen=True, slots=True)
class Lift:
    """An exercise as the catalogue knows it. `name` may be the user's own text and never reaches a prompt."""

    id: UUID
    name: str
    movement: str | None = None
    muscle: str | None = None
    custom: bool = False


@dataclass(frozen=True)
class FactTable:
    """The facts of one user, looked up by what they are about. Where a type has several windows the newest wins."""

    facts: tuple[Fact, ...]
    lifts: Mapping[UUID, Lift]
    _by_type: dict[str, list[Fact]] = field(default_factory=dict, repr=False, compare=False)

    def __post_init__(self) -> None:
        for fact in sorted(self.facts, key=_age):
            self._by_type.setdefault(fact.data_type, []).append(fact)

    def all(self, data_type: str) -> list[Fact]:
        """Every fact of a type, oldest window first."""
        return list(self._by_type.get(data_type, ()))

    def newest(self, data_type: str, *, lift: UUID | None = None, entity: str | None = None) -> Fact | None:
        """The fact of a type about this lift, this muscle or movement, or (neither given) the user."""
        for fact in reversed(self._by_type.get(data_type, ())):
            if fact.entity_id == lift and (entity is None or fact.entity == entity):
                return fact
        return None

    def on_day(self, data_type: str, lift: UUID, day: date) -> Fact | None:
        """The fact of a type that was measured for a lift on a day."""
        for fact in reversed(self._by_type.get(data_type, ())):
            if fact.entity_id == lift and fact.measurement_date == day:
                return fact
        return None

    def lifts_with(self, *data_types: str) -> list[Lift]:
        """The lifts that have a fact of one of the types, in the order of their ids."""
        ids = {f.entity_id for t in data_types for f in self._by_type.get(t, ()) if f.entity_id is not None}
        return [self.lifts[i] for i in sorted(ids)]


def table(points: Iterable[Fact], exercises: Iterable[Lift]) -> FactTable:
    """The table of one user's live data points. Facts about a lift that `exercises` does not hold are left out."""
    lifts = {lift.id: _clean(lift) for lift in exercises}
    facts = tuple(f for f in points if _tellable(f) and (f.entity_id is None or f.entity_id in lifts))
    return FactTable(facts, lifts)


def _tellable(fact: Fact) -> bool:
    kind = CATALOGUE.get(fact.data_type)
    if kind is None or fact.unit != kind.unit or fact.n < kind.minimum_n:
        return False
    if (fact.entity_id is not None) != (kind.about == "lift") or fact.window_start > fact.window_end:
        return False
    if fact.entity is not None and not _ENTITY.fullmatch(fact.entity):
        return False
    if fact.numeric_value is None:
        return fact.text_value is not None
    return math.isfinite(fact.numeric_value)


def _clean(lift: Lift) -> Lift:
    """The lift with a name that fits on one line: control, format and line-breaking characters become spaces."""
    bare = "".join(" " if unicodedata.category(c) in {"Cc", "Cf", "Cs", "Zl", "Zp"} else c for c in lift.name)
    return Lift(lift.id, " ".join(bare.split()) or "?", lift.movement, lift.muscle, lift.custom)


def _age(fact: Fact) -> tuple[date, date, date, UUID]:
    return fact.window_end, fact.measurement_date, fact.window_start, fact.id


def _uuid(value: UUID | bytes | str) -> UUID:
    if isinstance(value, UUID):
        return value
    return UUID(bytes=value) if isinstance(value, bytes) else UUID(value)


def _float(value: Decimal | float | None) -> float | None:
    return None if value is None else float(value)
