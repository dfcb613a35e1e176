import json
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.narrative_fixture import (
    AS_OF,
    BENCH,
    FACE_PULL,
    LEXICON,
    LIFTS,
    LOCALE,
    SQUAT,
    TREND,
    balance_facts,
    consistency_facts,
    fact,
    level_facts,
    month_facts,
    points,
    recovery_facts,
    reps_record,
    told,
    trend_facts,
    week_facts,
    weight_record,
)

from insights.narrative import RULES_NONCE, Fact, Lift, Wanted, table, tell, verify, wanted

DAY = AS_OF - timedelta(days=2)
SPARSE = {
    "week alone": [f for f in week_facts() if "usual" not in f.data_type],
    "quiet week": week_facts(sets=20, sessions=1, tonnage=4000),
    "usual week": week_facts(sets=49, sessions=3, tonnage=15000),
    "month alone": [f for f in month_facts() if f.window_end.month == 8 and "change" not in f.data_type],
    "few": [fact("e1rm_estimates", 1, TREND, lift=SQUAT, n=1)],
    "undecided": trend_facts(FACE_PULL, "undecided", 0.1, -0.6, 0.7, 0.9),
    "plateau": trend_facts(BENCH, "plateau", 0.0, -0.1, 0.1, 0.3),
    "falling": trend_facts(BENCH, "falling", -1.0, -1.5, -0.1, 0.3) + level_facts(BENCH, 70, 0.2),
    "body weight": reps_record(SQUAT, DAY, 12, 0.0, 11, DAY - timedelta(days=7)),
    "assisted": reps_record(SQUAT, DAY, 12, -20.0, 11, DAY - timedelta(days=7)),
    "unattributed": balance_facts(share=40),
    "regular week": recovery_facts("regular", baseline=70.0),
    "light days": recovery_facts("deload", baseline=64.5, share=66.7),
    "load alone": [f for f in recovery_facts() if f.data_type.startswith("weekly_") and "sets" not in f.data_type],
    "load with a correlation": [f for f in recovery_facts(rho=-0.7) if f.data_type != "deload_week"],
    "no plan": consistency_facts()[:3],
    "every week": [replace(f, numeric_value=8.0) if f.data_type == "trained_weeks" else f for f in consistency_facts()],
}


def prove(insight: Wanted) -> str:
    verdict = verify(tell(insight).model_dump_json(), insight, LEXICON, RULES_NONCE)
    assert verdict.reasons == ()
    assert verdict.rendered is not None
    return verdict.rendered.description


@pytest.mark.parametrize("units", ["kg", "lb"])
def test_every_insight_of_a_full_log_is_told_and_proved(units: str) -> None:
    for insight in told(points(), units=units):
        text = prove(insight)
        print(f"\n{insight.title}\n{text}")
        assert 120 <= len(text) <= 600
        assert 2 <= len(tell(insight).sentences) <= 5


@pytest.mark.parametrize("facts", SPARSE.values(), ids=SPARSE.keys())
def test_little_data_is_told_and_proved(facts: list[Fact]) -> None:
    insights = told(facts)
    assert insights
    for insight in insights:
        print(f"\n{insight.title}\n{prove(insight)}")


def test_the_same_is_told_the_same() -> None:
    assert [tell(w) for w in told(points())] == [tell(w) for w in told(points())]


def moved(facts: list[Fact], days: int) -> list[Fact]:
    by = timedelta(days=days)
    return [
        replace(
            f, window_start=f.window_start + by, window_end=f.window_end + by, measurement_date=f.measurement_date + by
        )
        for f in facts
        if not f.data_type.startswith("monthly")
    ]


def test_six_weeks_are_told_in_six_ways() -> None:
    facts = [*week_facts(), *weight_record(BENCH, DAY, 82.5, 5, 80, DAY - timedelta(days=30))]
    weeks = [told(moved(facts, 7 * i), as_of=AS_OF + timedelta(days=7 * i))[0] for i in range(6)]
    skeletons = [json.dumps([s.text for s in tell(w).sentences]) for w in weeks]
    assert all(skeletons[i] not in skeletons[max(0, i - 4) : i] for i in range(6))
    assert len({re.sub(r"\d+", "", prove(w)) for w in weeks}) == 6


def test_no_opener_stands_twice_in_an_insight() -> None:
    for shift in range(0, 120, 5):
        for insight in told(moved(points(), shift), as_of=AS_OF + timedelta(days=shift)):
            openers = [s.text.partition("{")[0] for s in tell(insight).sentences if s.cites and s.text[0] != "{"]
            assert len(openers) == len(set(openers))
            prove(insight)


@pytest.mark.parametrize("length", [1, 60, 255])
def test_long_names_fit(length: int) -> None:
    lifts = [Lift(lift.id, (lift.name * 20)[:length].strip(), custom=True) for lift in LIFTS]
    insights = wanted(table(points(), lifts), as_of=AS_OF, units="kg", locale=LOCALE)
    assert len(insights) == 11
    for insight in insights:
        prove(insight)


@settings(max_examples=80)
@given(
    sets=st.floats(0.5, 400),
    tonnage=st.floats(1, 500_000),
    sessions=st.integers(1, 14),
    slope=st.floats(0.01, 9),
    kg=st.floats(1, 700),
    reps=st.integers(2, 200),
    confidence=st.floats(0.2, 0.9),
    units=st.sampled_from(["kg", "lb"]),
)
def test_any_figures_are_told_and_proved(
    sets: float, tonnage: float, sessions: int, slope: float, kg: float, reps: int, confidence: float, units: str
) -> None:
    before = DAY - timedelta(days=400)
    facts = [
        *week_facts(sets=sets, sessions=sessions, tonnage=tonnage),
        *trend_facts(SQUAT, "rising", slope, slope / 2, slope * 2, 0.7),
        *trend_facts(BENCH, "falling", -slope, -slope * 2, -slope / 2, 0.7),
        *level_facts(SQUAT, kg, confidence),
        *weight_record(SQUAT, DAY, kg, reps, kg * 0.9, before),
        *reps_record(BENCH, DAY, reps, kg, reps - 1, before),
    ]
    for insight in told(facts, units=units):
        prove(insight)
