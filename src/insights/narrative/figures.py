"""Figures as readers see them, and back: every number and date that is shown can be read again to what is stored.

Weights are stored in kilograms. Pounds are converted once, from the unrounded kilograms; a number is rounded once, half
away from zero, from the shortest decimal that is the double.
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Final, Literal

from insights.narrative.facts import Fact
from insights.narrative.locale import Locale

Units = Literal["kg", "lb"]

POUND_KG: Final = 0.45359237

# Decimals by unit, and where a type needs others. A logged weight is shown as it was typed (plates of 1.25 kg).
_DECIMALS: Final = {
    "kg": 1,
    "sets": 1,
    "sessions": 1,
    "sessions/week": 1,
    "%/week": 2,
    "ratio": 2,
    "score": 2,
    "rho": 2,
}
_TYPED_WEIGHTS: Final = frozenset({"weight_record_kg", "weight_record_previous_kg", "reps_record_weight_kg"})
_WHOLE: Final = frozenset(
    {
        "weekly_tonnage_kg",
        "weekly_tonnage_usual_kg",
        "monthly_tonnage_kg",
        "volume_record_kg",
        "volume_record_previous_kg",
        "weekly_strain_kg",
    }
)
_KEEP_ZEROS: Final = frozenset({"%/week", "ratio", "score", "rho"})


@dataclass(frozen=True, slots=True)
class Voice:
    """How one user is spoken to: the language, the unit of weights, and the day on which it is said."""

    locale: Locale
    units: Units
    as_of: date


def shown_value(fact: Fact, units: Units) -> float:
    """The fact's value in the user's unit, unrounded."""
    return fact.value / POUND_KG if fact.unit == "kg" and units == "lb" else fact.value


def decimals(fact: Fact, units: Units) -> int:
    """How many decimals the fact is shown with at most."""
    if fact.data_type in _WHOLE:
        return 0
    if fact.data_type in _TYPED_WEIGHTS and units == "kg":
        return 2
    return _DECIMALS.get(fact.unit, 0)


def number(fact: Fact, voice: Voice, *, size: bool = False) -> str:
    """The fact's number without its unit, for example "1,240.5"; `size` leaves the sign to the words around it."""
    places = decimals(fact, voice.units)
    value = Decimal(repr(shown_value(fact, voice.units)))
    value = (abs(value) if size else value).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    text = f"{value + 0:,f}"
    if "." in text and fact.unit not in _KEEP_ZEROS:
        text = text.rstrip("0").rstrip(".")
    if not value:
        text = text.lstrip("-")
    return text.translate({ord("."): voice.locale.decimal, ord(","): voice.locale.group})


def quantity(fact: Fact, voice: Voice, *, size: bool = False) -> str:
    """The fact's number with its unit, for example "77.5 kg", "1 rep", "1.24 % a week"."""
    text = number(fact, voice, size=size)
    one, other = voice.locale.units[voice.units if fact.unit == "kg" else fact.unit]
    return f"{text} {one if text == '1' else other}".rstrip()


def parse_quantity(text: str, fact: Fact, voice: Voice) -> float:
    """The number that a reader takes from a shown quantity, its unit checked. Raises ValueError where it is none."""
    unit = voice.units if fact.unit == "kg" else fact.unit
    bare, _, word = text.partition(" ")
    if word and word not in voice.locale.units[unit]:
        raise ValueError(f"{word!r} is not the unit {unit}")
    plain = bare.replace(voice.locale.group, "").replace(voice.locale.decimal, ".")
    if not re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", plain):
        raise ValueError(f"{bare!r} is no number")
    return float(plain)


def same_value(text: str, fact: Fact, voice: Voice, *, size: bool = False) -> bool:
    """Whether a shown quantity reads back to the stored value within half a display step."""
    try:
        read = parse_quantity(text, fact, voice)
    except ValueError:
        return False
    stored = shown_value(fact, voice.units)
    step = 10.0 ** -decimals(fact, voice.units)
    return abs(read - (abs(stored) if size else stored)) <= step / 2 * (1 + 1e-9)


def day_text(day: date, voice: Voice) -> str:
    """ "15 September", with the year where it is not the year of as_of."""
    text = f"{day.day} {voice.locale.months[day.month - 1]}"
    return text if day.year == voice.as_of.year else f"{text} {day.year}"


def month_text(day: date, voice: Voice) -> str:
    """ "September", with the year where it is not the year of as_of."""
    text = voice.locale.months[day.month - 1]
    return text if day.year == voice.as_of.year else f"{text} {day.year}"


def window_text(start: date, end: date, voice: Voice) -> str:
    """ "2 May to 15 September", "8 to 14 September"; a single day is a day."""
    last = day_text(end, voice)
    if start == end:
        return last
    if start.year != end.year:
        first = f"{start.day} {voice.locale.months[start.month - 1]} {start.year}"
    elif start.month != end.month:
        first = f"{start.day} {voice.locale.months[start.month - 1]}"
    else:
        first = str(start.day)
    return f"{first} {voice.locale.range_word} {last}"


def parse_window(text: str, voice: Voice) -> tuple[date, date]:
    """The first and last day that a reader takes from a shown date, month or window. Raises ValueError at others."""
    first, separator, last = text.partition(f" {voice.locale.range_word} ")
    if not separator:
        first, last = "", first
    day, month, year = _parts(last, voice)
    if month is None:
        raise ValueError(f"{text!r} names no month")
    year = voice.as_of.year if year is None else year
    if day is None:
        if first:
            raise ValueError(f"{text!r} is no window")
        following = date(year + month // 12, month % 12 + 1, 1)
        return date(year, month, 1), following - timedelta(days=1)
    end = date(year, month, day)
    if not first:
        return end, end
    first_day, first_month, first_year = _parts(first, voice)
    if first_day is None:
        raise ValueError(f"{text!r} does not say its first day")
    return date(first_year or year, first_month or month, first_day), end


def _parts(text: str, voice: Voice) -> tuple[int | None, int | None, int | None]:
    """Day, month and year of a date, each where it is said."""
    match = re.fullmatch(r"(?:([0-9]{1,2})\s?)?(?:(\D+?))?(?:\s([0-9]{4}))?", text)
    if match is None:
        raise ValueError(f"{text!r} is no date")
    day, month, year = match.groups()
    if month is not None and month not in voice.locale.months:
        raise ValueError(f"{month!r} is no month")
    return (
        int(day) if day else None,
        voice.locale.months.index(month) + 1 if month else None,
        int(year) if year else None,
    )
