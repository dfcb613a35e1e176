"""The time zones that the engine knows: one answer for every reader of users.tz."""

from datetime import date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

UTC = "UTC"
# Names that a time zone database may hold but that are no place: this machine's own zone, and "not set".
NO_PLACE = frozenset({"localtime", "Factory"})


@cache
def known() -> frozenset[str]:
    """The IANA names that stand for themselves; every other name is read as UTC."""
    return frozenset(available_timezones()) - NO_PLACE


def zone(name: str | None) -> ZoneInfo:
    """The zone of a name as an app stores it."""
    return ZoneInfo(name if name in known() else UTC)


def yesterday(now: datetime, name: str | None) -> date:
    """The day before the local day of an instant."""
    return now.astimezone(zone(name)).date() - timedelta(days=1)
