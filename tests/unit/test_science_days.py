from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.conftest import examples
from tests.oracle import logs, verdicts
from tests.oracle.volume import period_starts

from insights.frames import Movements, Muscles
from insights.science import days, periods, sets, strength, volume
from insights.science.windows import windows

Row = dict[str, Any]
AUCKLAND, NEW_YORK = "Pacific/Auckland", "America/New_York"
# around the clock changes of both zones, the turn of the year, a leap day, and any moment between 2019 and 2030
EDGES = [
    datetime(2025, 3, 9, 7, tzinfo=UTC), datetime(2025, 11, 2, 6, tzinfo=UTC), datetime(2025, 4, 5, 14, tzinfo=UTC),
    datetime(2025, 9, 27, 14, tzinfo=UTC), datetime(2025, 1, 1, tzinfo=UTC), datetime(2021, 1, 1, tzinfo=UTC),
    datetime(2024, 2, 29, tzinfo=UTC), datetime(2024, 3, 1, tzinfo=UTC), datetime(2026, 12, 31, tzinfo=UTC),
]  # fmt: skip
NEAR = st.builds(
    lambda edge, minutes: edge + timedelta(minutes=minutes), st.sampled_from(EDGES), st.integers(-2000, 2000)
)
MOMENTS = NEAR | st.datetimes(datetime(2019, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
ZONES = st.sampled_from(["UTC", AUCKLAND, NEW_YORK, "Asia/Kathmandu", "Pacific/Kiritimati", "Pacific/Marquesas"])


def log(moments: list[datetime], zone: str) -> tuple[list[Row], list[Row], list[Row], list[Row]]:
    rows = [
        logs.a_set(n, session_id=b"%016d" % n, session_start=moment, start_time=moment + timedelta(hours=3))
        for n, moment in enumerate(moments)
    ]
    return rows, [logs.a_user(time_zone=zone)], [logs.a_lift()], []


@given(st.lists(MOMENTS, min_size=1, max_size=12), ZONES)
@examples(15)
def test_days_weeks_and_months_are_the_oracles_in_every_zone(moments: list[datetime], zone: str) -> None:
    known = log(moments, zone)
    frames = logs.frames(*known)
    found = sets.verdicts(*frames)
    expected = verdicts.days(known[0], known[1])
    assert found.rows["day"].to_list() == expected
    assert expected == [moment.astimezone(ZoneInfo(zone)).date() for moment in moments]
    facts = logs.facts(known)
    lift_days = strength.known_days(facts.lift_days)
    table = volume.volumes(lift_days, facts.user_days, Muscles.create_empty(), Movements.create_empty())
    wanted: dict[tuple[str, date], int] = {}
    for day in expected:
        for period, start in period_starts(day).items():
            wanted[period, start] = wanted.get((period, start), 0) + 1
    assert dict(zip(table.select("period_type", "calculation_date").rows(), table["total_sets"], strict=True)) == wanted


@given(st.dates(date(2019, 1, 1), date(2030, 12, 31)), st.integers(1, 9), st.integers(0, 3))
def test_closed_periods_end_on_or_before_the_day(as_of: date, count: int, skip: int) -> None:
    weeks = periods.closed_weeks(as_of, count, skip=skip)
    assert (weeks.start.isoweekday(), weeks.end.isoweekday(), weeks.days) == (1, 7, 7 * count)
    assert 7 * skip <= (as_of - weeks.end).days < 7 * (skip + 1)
    month = periods.closed_month(as_of, skip=skip)
    assert (month.start.day, (month.end + timedelta(days=1)).day) == (1, 1)
    after = month.end + timedelta(days=1)
    assert (as_of + timedelta(days=1)).month == (after.month - 1 + skip) % 12 + 1


@given(st.dates(date(2019, 1, 1), date(2030, 12, 31)))
def test_the_windows_of_a_day_are_those_of_the_day_that_last_closed_one(as_of: date) -> None:
    closed = periods.closed_through(as_of)
    assert windows(as_of) == windows(closed)
    yesterday = as_of - timedelta(days=1)
    assert (closed == as_of) == (windows(yesterday) != windows(as_of))
    assert closed in (as_of, periods.closed_through(yesterday))


@pytest.mark.parametrize(
    ("as_of", "left"), [(date(2025, 3, 8), 1), (date(2025, 3, 9), 2), (date(2025, 3, 7), 0), (date(2025, 3, 10), 3)]
)
def test_a_night_holds_the_users_own_days_across_the_clock_change(as_of: date, left: int) -> None:
    evenings = [datetime(2025, 3, day, hour, 30, tzinfo=UTC) for day, hour in ((9, 4), (10, 3), (11, 3))]  # 23:30 there
    known = logs.frames(*log(evenings, NEW_YORK))
    assert days.until(known[0], known[1], as_of).height == left
