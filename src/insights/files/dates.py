"""Dates and times as logs write them, in the log's own local time.

Read are ISO dates, day or month first with names of months in the main European languages, East Asian dates, and
numeric dates whose order the file itself shows.
"""

import re
import unicodedata
from collections.abc import Iterable
from datetime import datetime

# The names of the months and their usual short forms, without accents: English, German, French, Spanish, Italian,
# Portuguese, Dutch, Scandinavian, Polish, Czech, Finnish, Turkish, Russian.
_MONTH_NAMES = (
    "jan january januar janvier janv enero ene gennaio gen janeiro januari styczen stycznia sty leden ledna led "
    "tammikuu tammikuuta tammi ocak oca январь января янв",
    "feb february februar februari fevrier fevr febrero febbraio fevereiro fev luty lutego lut unor unora "
    "helmikuu helmikuuta helmi subat sub февраль февраля февр фев",
    "mar march marz marzo mars maerz mrz marco maart mrt marzec marca brezen brezna bre "
    "maaliskuu maaliskuuta maalis mart март марта мар",
    "apr april avril avr abril abr aprile kwiecien kwietnia kwi duben dubna dub huhtikuu huhtikuuta huhti "
    "nisan nis апрель апреля апр",
    "may mai mayo maggio mag maio mei maj maja kveten kvetna kve toukokuu toukokuuta touko mayis май мая",
    "jun june juni juin junio giugno giu junho czerwiec czerwca cze cerven cervna cvn kesakuu kesakuuta kesa "
    "haziran haz июнь июня июн",
    "jul july juli juillet juil julio luglio lug julho lipiec lipca lip cervenec cervence cvc "
    "heinakuu heinakuuta heina temmuz tem июль июля июл",
    "aug august augusti aout ago agosto augustus sierpien sierpnia sie srpen srpna srp elokuu elokuuta elo "
    "agustos agu август августа авг",
    "sep sept september septembre septiembre settembre set setembro wrzesien wrzesnia wrz zari zar "
    "syyskuu syyskuuta syys eylul eyl сентябрь сентября сент сен",
    "oct october oktober okt octobre octubre ottobre ott outubro out pazdziernik pazdziernika paz rijen rijna rij "
    "lokakuu lokakuuta loka ekim eki октябрь октября окт",
    "nov november novembre noviembre novembro listopad listopada lis marraskuu marraskuuta marras "
    "kasim kas ноябрь ноября нояб ноя",
    "dec december dezember dez decembre diciembre dic dicembre dezembro desember des grudzien grudnia gru "
    "prosinec prosince pro joulukuu joulukuuta joulu aralik ara декабрь декабря дек",
)
# A day without a time of day is taken at noon: no time zone moves that to another day.
NOON = (12, 0, 0, 0)
_AFTERNOON = {"pm", "下午", "午後", "오후"}
_MORNING = {"am", "上午", "午前", "오전"}

_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ,]+(.+))?")  # 2025-09-15, 2025/09/15 07:48
_NUMERIC = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})(?:[T ,]+(.+))?")  # 15/09/2025, 15.09.2025 07:48
_EAST_ASIAN = re.compile(r"(\d{4})\s*[年년]\s*(\d{1,2})\s*[月월]\s*(\d{1,2})\s*[日일]\s*(.*)")
_TIME = re.compile(
    r"(上午|下午|午前|午後|오전|오후)?\s*"
    r"(\d{1,2})[:.h](\d{2})(?:[:.](\d{2}(?:[.,]\d+)?))?"
    r"\s*([ap]\.?\s?m\.?)?"
    r"\s*(?:z|[+-]\d{2}:?\d{2})?",  # an offset says nothing about the wall clock that was written beside it
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]+")
_INTEGER = re.compile(r"\d+")


def has_time(text: str) -> bool:
    """Whether a date says a time of day."""
    return _TIME.search(text) is not None and ":" in text


def plain(text: str) -> str:
    """Lower case without accents and with plain spaces: how words of different logs are compared."""
    decomposed = unicodedata.normalize("NFKD", text.casefold().replace("ı", "i").replace("ł", "l"))
    return "".join(c for c in decomposed if not unicodedata.combining(c))


MONTHS = {plain(name): index for index, names in enumerate(_MONTH_NAMES, start=1) for name in names.split()}


def day_first(values: Iterable[str]) -> bool | None:
    """Whether numeric dates such as 04/05/2025 begin with the day, as the file shows; None if it does not show it."""
    for value in values:
        match = _NUMERIC.fullmatch(value.strip())
        if match is None:
            continue
        if match[2] == "." or int(match[1]) > 12:
            return True
        if int(match[3]) > 12:
            return False
    return None


class Clock:
    """Reads the dates and times of one file; remembers what it has read, because every set repeats its session's."""

    def __init__(self, *, day_first: bool | None = None) -> None:
        self._day_first = day_first
        self._read: dict[str, datetime] = {}

    def read(self, text: str) -> datetime:
        """The naive local time; noon where there is only a day.

        Raises:
            ValueError: not a date, or one that does not exist.
        """
        if text not in self._read:
            self._read[text] = self._parse(" ".join(text.split()))
        return self._read[text]

    def _parse(self, text: str) -> datetime:
        if match := _ISO.fullmatch(text):
            return _moment(int(match[1]), int(match[2]), int(match[3]), match[4])
        if match := _EAST_ASIAN.fullmatch(text):
            return _moment(int(match[1]), int(match[2]), int(match[3]), match[4])
        if match := _NUMERIC.fullmatch(text):
            first, second, year = int(match[1]), int(match[3]), int(match[4])
            if self._day_first is None and first != second:
                raise ValueError("is a date whose day and month cannot be told apart")
            day, month = (first, second) if self._day_first else (second, first)
            return _moment(year, month, day, match[5])
        return _worded(text)


def _worded(text: str) -> datetime:
    """15 Sep 2025, 07:48; Sep 15, 2025, 7:48 PM; 15. sept. 2025 um 07:48; 15 de set. de 2025 07:48."""
    time = next((m for m in _TIME.finditer(text) if ":" in m[0] or m.end() == len(text)), None)
    rest = text if time is None else text[: time.start()] + " " + text[time.end() :]
    month = next((MONTHS[word] for word in map(plain, _WORD.findall(rest)) if word in MONTHS), None)
    numbers = _INTEGER.findall(rest)
    years = [int(n) for n in numbers if len(n) == 4]
    days = [int(n) for n in numbers if len(n) <= 2]
    if month is None or len(years) != 1 or len(days) != 1:
        raise ValueError("is not a date")
    return _moment(years[0], month, days[0], time[0] if time else None)


def _moment(year: int, month: int, day: int, time: str | None) -> datetime:
    hour, minute, second, microsecond = _time(time) if time and time.strip() else NOON
    if not 1 <= month <= 12:
        raise ValueError(f"is not a date: there is no month {month}")
    if not 1900 <= year <= 2199:
        raise ValueError(f"is not a date of a training log: year {year}")
    try:
        return datetime(year, month, day, hour, minute, second, microsecond)  # noqa: DTZ001 - the log's local time
    except ValueError as error:
        raise ValueError(f"is not a date: {error}") from None


def _time(text: str) -> tuple[int, int, int, int]:
    match = _TIME.fullmatch(text.strip())
    if match is None:
        raise ValueError("holds a time of day that cannot be read")
    hour, minute = int(match[2]), int(match[3])
    whole, _, fraction = (match[4] or "0").replace(",", ".").partition(".")
    half = plain(re.sub(r"[.\s]", "", match[5] or "")) or match[1] or ""
    if half in _AFTERNOON and hour < 12:
        hour += 12
    elif half in _MORNING and hour == 12:
        hour = 0
    return hour, minute, int(whole), int((fraction + "000000")[:6])
