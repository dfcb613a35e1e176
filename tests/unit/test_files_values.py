from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.files import values
from insights.files.dates import Clock, day_first
from insights.files.units import found_unit, on_steps
from insights.files.values import KG_PER_LB

MORNING = datetime(2025, 9, 15, 7, 48)  # noqa: DTZ001
EVENING = MORNING.replace(hour=19)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("15 Sep 2025, 07:48", MORNING),
        ("2025-09-15 07:48:00", MORNING),
        ("2025-09-15T07:48:00+02:00", MORNING),
        ("2025/09/15 07:48", MORNING),
        ("Sep 15, 2025, 7:48 AM", MORNING),
        ("Sep 15, 2025, 7:48\u202fPM", EVENING),
        ("2025-09-15 7:48:00 p.m.", EVENING),
        ("15. Sept. 2025 um 07:48", MORNING),
        ("15 sept. 2025 à 07:48", MORNING),
        ("15 sep 2025, 07:48", MORNING),
        ("15 set 2025, 07:48", MORNING),
        ("15 de set. de 2025, 07:48", MORNING),
        ("15 wrz 2025, 07:48", MORNING),
        ("15 сент. 2025 г., 07:48", MORNING),
        ("15 Eyl 2025 07:48", MORNING),
        ("2025年9月15日 下午7:48", EVENING),
        ("2025-09-15", MORNING.replace(hour=12, minute=0)),
        ("1 août 2025, 07:48", MORNING.replace(month=8, day=1)),
        ("31 März 2025, 07:48", MORNING.replace(month=3, day=31)),
        ("31 déc. 2025, 07:48", MORNING.replace(month=12, day=31)),
        ("Sep 15, 2025, 12:05 AM", MORNING.replace(hour=0, minute=5)),
    ],
)
def test_dates_of_many_languages(text: str, expected: datetime) -> None:
    assert Clock().read(text) == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("2025-13-05 10:00", "no month 13"),
        ("2025-02-30 10:00", "day is out of range"),
        ("2025-02-20 25:00", "hour must be"),
        ("0025-02-20 10:00", "year 25"),
        ("15 Foo 2025, 07:48", "not a date"),
        ("4/5/2025 10:00", "cannot be told apart"),
        ("78", "not a date"),
    ],
)
def test_dates_that_are_none(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        Clock().read(text)


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        (["04/05/2025", "13/05/2025"], True),
        (["04/05/2025", "05/13/2025"], False),
        (["04.05.2025"], True),
        (["4/5/2025"], None),
    ],
)
def test_the_file_shows_the_order_of_numeric_dates(dates: list[str], expected: bool | None) -> None:
    assert day_first(dates) is expected


@given(st.datetimes(datetime(1950, 1, 1), datetime(2150, 1, 1)))  # noqa: DTZ001
def test_a_written_date_is_read_again(moment: datetime) -> None:
    moment = moment.replace(second=0, microsecond=0)
    clock = Clock()
    assert clock.read(f"{moment:%d %b %Y, %H:%M}") == clock.read(f"{moment:%Y-%m-%d %H:%M:%S}") == moment


@pytest.mark.parametrize(
    ("text", "expected"),
    [("12.5", 12.5), ("12,5", 12.5), (" 12 ", 12.0), ("", None), ("-5", -5.0), ("1,234.5", 1234.5), ("1.0E-4", 0.0001)],
)
def test_numbers(text: str, expected: float | None) -> None:
    assert values.number(text) == expected


@pytest.mark.parametrize("text", ["12,5kg", "abc", "NaN", "inf", "-Infinity", "1e999", "1,234", "1_000", "--3", "."])
def test_no_numbers(text: str) -> None:
    with pytest.raises(ValueError):
        values.number(text)


def test_a_decimal_comma_is_known_by_the_delimiter() -> None:
    assert values.number("1,234", decimal_comma=True) == 1.234


@pytest.mark.parametrize(("text", "expected"), [("10.0", 10), ("0", 0), ("", None)])
def test_counts(text: str, expected: int | None) -> None:
    assert values.count(text) == expected


@pytest.mark.parametrize("text", ["3.5", "-1", "3000000000"])
def test_no_counts(text: str) -> None:
    with pytest.raises(ValueError):
        values.count(text)


@pytest.mark.parametrize(("text", "expected"), [("8.5", 8.5), ("10", 10.0), ("0", None), ("", None)])
def test_rpe(text: str, expected: float | None) -> None:
    assert values.rpe(text) == expected


@pytest.mark.parametrize("text", ["15", "10.5", "-1", "RPE 8"])
def test_no_rpe(text: str) -> None:
    with pytest.raises(ValueError):
        values.rpe(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1h 13m", 4380), ("1小时29分钟", 5340), ("5m", 300), ("4380", 4380), ("45s", 45), ("1 Std. 13 Min.", 4380),
        ("0:01:30", 90), ("02:05", 125), ("120.0", 120), ("0", None), ("0.0", None), ("", None), ("2h", 7200),
    ],
)  # fmt: skip
def test_lengths_of_time(text: str, expected: int | None) -> None:
    assert values.seconds(text) == expected


@pytest.mark.parametrize("text", ["abc", "-3", "5 parsecs", "m5", "9999999999"])
def test_no_lengths_of_time(text: str) -> None:
    with pytest.raises(ValueError):
        values.seconds(text)


@given(st.lists(st.integers(1, 600), min_size=5))
def test_kilograms_that_were_printed_as_pounds_are_found(halves: list[int]) -> None:
    typed = [half / 2 / KG_PER_LB for half in halves]
    verdict = found_unit(typed)
    assert on_steps(typed, KG_PER_LB) == 1.0
    assert verdict == ("lb" if on_steps(typed, 1.0) < 0.2 else "kg" if on_steps(typed, 1.0) >= 0.5 else "unclear")


@given(st.lists(st.integers(1, 600), min_size=1))
def test_kilograms_as_typed_are_kilograms(halves: list[int]) -> None:
    assert found_unit([half / 2 for half in halves]) == "kg"


def test_pound_plates_on_a_pound_bar_make_it_unclear() -> None:
    bench = [45.0, 95.0, 135.0, 155.0, 185.0, 205.0, 225.0] * 5
    assert found_unit(bench) == "kg"
    assert found_unit(bench, bench) == "unclear"


@pytest.mark.parametrize("kilograms", [[60.0, 62.5, 65.0, 80.0, 100.0] * 5, [20.0, 60.0, 70.0, 100.0, 140.0] * 5])
def test_kilogram_plates_are_clear(kilograms: list[float]) -> None:
    assert found_unit(kilograms, kilograms) == "kg"
