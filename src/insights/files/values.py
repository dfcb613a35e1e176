"""The values of a log's fields: numbers, counts, lengths of time, units. What cannot be read raises ValueError."""

import re
from functools import lru_cache
from typing import Final

INT32_MAX = 2**31 - 1
# set_executions.weight_kg keeps no more; what is only absurd is kept, and the science judges it
WEIGHT_LIMIT_KG = 999_999.0
KG_PER_LB = 0.45359237  # the international pound, exactly
METRES: Final = {"m": 1.0, "km": 1000.0, "mi": 1609.344, "ft": 0.3048, "yd": 0.9144, "cm": 0.01, "in": 0.0254}


class UnknownUnitError(ValueError):
    """A length of time in words that are not known, such as those of another language."""


_NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?")  # 12, 12.5, 12,5, .5, 1.0E-4
_GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+\.\d+|[+-]?\d{1,3}(\.\d{3})+,\d+")  # 1,234.5 and 1.234,5
_CLOCK = re.compile(r"(?:(\d+):)?(\d{1,2}):(\d{2})(?:[.,]\d+)?")  # 1:02:03, 02:03
_PART = re.compile(r"(\d+(?:[.,]\d+)?)\s*([^\W\d_]+)?\.?")  # 1h, 13 min., 29分钟

_WEIGHT_UNITS = {
    "kg": "kg kgs kilo kilos kilogram kilograms kilogramm kilogramme kilogrammes кг 公斤 千克 キロ 킬로그램",
    "lb": "lb lbs pound pounds pfund livre livres libra libras libbre фунт 磅 ポンド 파운드",
}
_DISTANCE_UNITS = {
    "m": "m meter meters metre metres metros metri м 米 メートル 미터",
    "km": "km kms kilometer kilometers kilometre kilometres км 公里 千米 キロメートル 킬로미터",
    "mi": "mi mile miles meile meilen 英里 マイル 마일",
    "ft": "ft foot feet 英尺",
    "yd": "yd yds yard yards 码",
    "cm": "cm centimeter centimeters centimetre centimetres 厘米",
    "in": "in inch inches 英寸",
}
_TIME_UNITS = {
    3600: "h hr hrs hour hours hora horas ora ore heure heures std stunde stunden uur t tim timme godz ч час "
    "小时 小時 時間 시간",
    60: "m min mins minute minutes minuto minutos minuti minuten minuter мин 分钟 分鐘 分 분",
    1: "s sec secs second seconds segundo segundos secondi sekunde sekunden seconde seconden sek с сек 秒 秒钟 초",
}


def _by_word(table: dict[str, str]) -> dict[str, str]:
    return {word: unit for unit, words in table.items() for word in words.split()}


WEIGHT_UNITS = _by_word(_WEIGHT_UNITS)
DISTANCE_UNITS = _by_word(_DISTANCE_UNITS)
TIME_UNITS = {word: seconds for seconds, words in _TIME_UNITS.items() for word in words.split()}


@lru_cache(maxsize=65536)
def number(text: str, *, decimal_comma: bool = False) -> float | None:
    """A finite number; blank is None. `decimal_comma`: the file's delimiter shows that a comma is its decimal point.

    Raises:
        ValueError: not a number, NaN, infinite, or a comma that may stand for thousands as well.
    """
    text = text.strip()
    if not text:
        return None
    if _GROUPED.fullmatch(text):
        thousands = "," if text.rfind(".") > text.rfind(",") else "."
        text = text.replace(thousands, "")
    elif not _NUMBER.fullmatch(text):
        raise ValueError("is not a number")
    elif not decimal_comma and re.fullmatch(r"[+-]?[1-9]\d{0,2},\d{3}", text):
        raise ValueError("may be thousands or a decimal comma")
    value = float(text.replace(",", "."))
    if value in (float("inf"), float("-inf")):
        raise ValueError("is too large")
    return value


def count(text: str, *, decimal_comma: bool = False) -> int | None:
    """A whole number from 0 on, also written as 10.0; blank is None."""
    value = number(text, decimal_comma=decimal_comma)
    if value is None:
        return None
    if value != int(value):
        raise ValueError("is not a whole number")
    if value < 0:
        raise ValueError("is negative")
    if value > INT32_MAX:
        raise ValueError("is too large")
    return int(value)


def rpe(text: str, *, decimal_comma: bool = False) -> float | None:
    """A rating of perceived exertion on the scale to 10; blank and 0 mean that none was given."""
    value = number(text, decimal_comma=decimal_comma)
    if value is None or value == 0:
        return None
    if not 0 < value <= 10:
        raise ValueError("is not between 0 and 10")
    return value


@lru_cache(maxsize=16384)
def seconds(text: str, *, decimal_comma: bool = False) -> int | None:
    """A length of time in whole seconds: 4380, 1:13:00, 1h 13m, 1小时29分钟. Blank and zero are None."""
    text = text.strip()
    if not text:
        return None
    value = _clock(text) if _CLOCK.fullmatch(text) else None
    if value is None and _NUMBER.fullmatch(text):
        value = number(text, decimal_comma=decimal_comma)
    if value is None:
        value = _parts(text)
    if value < 0:
        raise ValueError("is negative")
    if value > INT32_MAX:
        raise ValueError("is too large")
    return int(value + 0.5) or None


def _clock(text: str) -> float:
    match = _CLOCK.fullmatch(text)
    assert match is not None
    hours, minutes, rest = (int(part or 0) for part in match.groups())
    return hours * 3600 + minutes * 60 + rest


def _parts(text: str) -> float:
    total, position = 0.0, 0
    for match in _PART.finditer(text):
        if text[position : match.start()].strip(" ,.") or not match[2]:
            raise ValueError("is not a length of time")
        unit = TIME_UNITS.get(match[2].casefold())
        if unit is None:
            raise UnknownUnitError(f"is not a length of time: {match[2]!r} is no known unit")
        total += float(match[1].replace(",", ".")) * unit
        position = match.end()
    if position == 0 or text[position:].strip(" ,."):
        raise ValueError("is not a length of time")
    return total


def weight_unit(text: str) -> str | None:
    """ "kg" or "lb" for a unit as logs write it; blank is None."""
    return _unit(text, WEIGHT_UNITS, "weight")


def distance_unit(text: str) -> str | None:
    """The key of METRES for a unit as logs write it; blank is None."""
    return _unit(text, DISTANCE_UNITS, "distance")


def _unit(text: str, units: dict[str, str], kind: str) -> str | None:
    word = text.strip().casefold().rstrip(".")
    if not word:
        return None
    if word not in units:
        raise ValueError(f"is no known unit of {kind}")
    return units[word]
