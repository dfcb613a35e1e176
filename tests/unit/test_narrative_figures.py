from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.narrative_fixture import AS_OF, LOCALE, SQUAT, fact

from insights.narrative import figures
from insights.narrative.figures import Voice

KG, LB = Voice(LOCALE, "kg", AS_OF), Voice(LOCALE, "lb", AS_OF)
DAY = (AS_OF, AS_OF)


@pytest.mark.parametrize(
    ("data_type", "value", "kg", "lb"),
    [
        ("weight_record_kg", 100.0, "100 kg", "220.5 lb"),
        ("weight_record_kg", 61.25, "61.25 kg", "135 lb"),
        ("weight_record_kg", 60 * 0.45359237, "27.22 kg", "60 lb"),
        ("weekly_tonnage_kg", 15240.5, "15,241 kg", "33,600 lb"),
        ("weekly_tonnage_kg", 10000.0, "10,000 kg", "22,046 lb"),
        ("e1rm_latest_kg", 109.5833, "109.6 kg", "241.6 lb"),
        ("weight_record_reps", 1, "1 rep", "1 rep"),
        ("weight_record_reps", 12, "12 reps", "12 reps"),
        ("weekly_hard_sets_usual", 48.25, "48.3 hard sets", "48.3 hard sets"),
        ("e1rm_trend_pct_week", -0.8, "-0.80 % a week", "-0.80 % a week"),
        ("e1rm_trend_pct_week", -0.001, "0.00 % a week", "0.00 % a week"),
        ("push_pull_ratio", 1.6153, "1.62", "1.62"),
        ("sessions_per_week", 3.125, "3.1 training days a week", "3.1 training days a week"),
        ("monthly_tonnage_change_pct", -54.5789, "-55 %", "-55 %"),
    ],
)
def test_a_figure_is_shown_in_the_readers_unit(data_type: str, value: float, kg: str, lb: str) -> None:
    lift = SQUAT if data_type.startswith(("weight", "e1rm")) else None
    point = fact(data_type, value, DAY, lift=lift)
    assert figures.quantity(point, KG) == kg
    assert figures.quantity(point, LB) == lb


@pytest.mark.parametrize("data_type", ["weight_record_kg", "e1rm_latest_kg", "volume_record_kg", "e1rm_trend_pct_week"])
@pytest.mark.parametrize("voice", [KG, LB])
@settings(max_examples=60)
@given(value=st.floats(-9999, 99999, allow_nan=False))
def test_every_figure_reads_back_within_half_a_step(data_type: str, voice: Voice, value: float) -> None:
    point = fact(data_type, value, DAY, lift=SQUAT)
    assert figures.same_value(figures.quantity(point, voice), point, voice)
    assert figures.same_value(figures.number(point, voice, size=True), point, voice, size=True)


@pytest.mark.parametrize(
    "shown",
    ["109.7 kg", "109.5 kg", "109.6 lb", "-109.6 kg", "109.6 %", "109,6 kg", "kg", "", "１０９.６ kg", "109.6kg"],
)
def test_another_figure_does_not_read_back(shown: str) -> None:
    assert not figures.same_value(shown, fact("e1rm_latest_kg", 109.5833, DAY, lift=SQUAT), KG)


@pytest.mark.parametrize(
    ("start", "end", "text"),
    [
        (date(2025, 5, 2), date(2025, 9, 15), "2 May to 15 September"),
        (date(2025, 9, 8), date(2025, 9, 14), "8 to 14 September"),
        (date(2025, 9, 15), date(2025, 9, 15), "15 September"),
        (date(2024, 12, 20), date(2024, 12, 20), "20 December 2024"),
        (date(2024, 12, 20), date(2025, 1, 5), "20 December 2024 to 5 January"),
        (date(2024, 3, 2), date(2024, 5, 9), "2 March to 9 May 2024"),
        (date(2024, 3, 2), date(2024, 3, 9), "2 to 9 March 2024"),
    ],
)
def test_windows_in_words(start: date, end: date, text: str) -> None:
    assert figures.window_text(start, end, KG) == text


@settings(max_examples=200)
@given(start=st.dates(date(2015, 1, 1), AS_OF), days=st.integers(0, 800))
def test_windows_read_back(start: date, days: int) -> None:
    end = min(start + timedelta(days=days), AS_OF)
    assert figures.parse_window(figures.window_text(start, end, KG), KG) == (start, end)


def test_a_month_reads_back_to_its_days() -> None:
    assert figures.month_text(date(2024, 12, 1), KG) == "December 2024"
    assert figures.parse_window("December 2024", KG) == (date(2024, 12, 1), date(2024, 12, 31))
    assert figures.parse_window("February", KG) == (date(2025, 2, 1), date(2025, 2, 28))


@pytest.mark.parametrize(
    "text", ["", "15", "Smarch", "15 Smarch", "31 February", "2 to September", "to 15 September", "1 2 May"]
)
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        figures.parse_window(text, KG)
