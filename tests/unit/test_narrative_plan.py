import random
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from tests.unit.narrative_fixture import (
    AS_OF,
    BENCH,
    FACE_PULL,
    FOUR_WEEKS,
    LEXICON,
    LOCALE,
    OWN,
    SQUAT,
    TREND,
    balance_facts,
    consistency_facts,
    fact,
    level_facts,
    month_facts,
    points,
    reps_record,
    told,
    trend_facts,
    week_facts,
    weight_record,
)

from insights.narrative import Fact, Lift, prompt_context, render, table, tell, wanted
from insights.narrative.charts import Row, spec


def kinds(facts: list[Fact], as_of: date = AS_OF) -> list[str]:
    return [insight.insight_type for insight in told(facts, as_of=as_of)]


def metrics(facts: list[Fact]) -> list[str]:
    return [claim.metric for insight in told(facts) for claim in insight.claims]


def test_a_full_log_gives_every_type_of_insight() -> None:
    assert kinds(points()) == [
        "weekly_summary", "monthly_review", "record", "record", "record",
        "strength_progress", "strength_progress", "plateau", "balance", "consistency", "recovery",
    ]  # fmt: skip


def test_nothing_is_said_of_nothing() -> None:
    assert told([]) == []


def test_claims_are_numbered_and_the_lead_comes_first() -> None:
    squat = next(w for w in told(points()) if w.insight_type == "strength_progress" and w.lift == SQUAT)
    assert [(c.id, c.metric) for c in squat.claims] == [
        ("c1", "e1rm_trend"), ("c2", "reps_record"), ("c3", "e1rm_level"),
    ]  # fmt: skip
    assert squat.confidence_score == 0.27
    assert [c.metric for c in squat.most_salient()] == ["reps_record", "e1rm_trend"]


def test_salience_and_confidence_follow_the_rule() -> None:
    slope = next(c for w in told(points()) for c in w.claims if c.metric == "e1rm_trend" and c.lift == OWN)
    assert slope.salience == pytest.approx(0.8123 / (2 * 0.55) * 0.8)
    assert slope.confidence == 0.98
    sure = trend_facts(SQUAT, "rising", 1.0, 0.5, 1.5, 0.6)
    sure[1] = replace(sure[1], confidence_score=1.0)
    assert told(sure)[0].claims[0].confidence == 0.99
    assert told(trend_facts(SQUAT, "plateau", 0, -0.1, 0.1, 0.4))[0].claims[0].confidence == 0.95
    assert told(balance_facts(share=81.5))[0].confidence_score == pytest.approx(0.815)


def test_a_day_later_over_the_same_facts_nothing_is_new() -> None:
    today, tomorrow = told(points()), told(points(), as_of=AS_OF + timedelta(days=1))
    assert [(w.insight_key, w.input_hash) for w in today] == [(w.insight_key, w.input_hash) for w in tomorrow]


def test_the_order_of_the_rows_decides_nothing() -> None:
    shuffled = points()
    random.Random(7).shuffle(shuffled)
    assert told(shuffled) == told(points())


def test_a_changed_value_or_unit_is_another_input() -> None:
    before, after = told(week_facts())[0], told(week_facts(sets=63))[0]
    assert before.insight_key == after.insight_key
    assert len({before.input_hash, after.input_hash, told(week_facts(), units="lb")[0].input_hash}) == 3


def test_keys_hold_what_and_when() -> None:
    keys = {w.insight_key for w in told(points())}
    assert "weekly_summary:2025-09-08" in keys
    assert "monthly_review:2025-08-01" in keys
    assert f"record:2025-09-15:{SQUAT.id}" in keys
    assert f"plateau:2025-08-01:{BENCH.id}" in keys
    assert "recovery:2025-09-08" in keys
    assert len(keys) == 11


@pytest.mark.parametrize(
    ("facts", "days"),
    [(week_facts(), 7), (month_facts(), 35), (balance_facts(), 21), (consistency_facts(), 21),
     (trend_facts(SQUAT, "rising", 1.0, 0.5, 1.5, 0.6), 21)],
)  # fmt: skip
def test_mutation_stale_window_is_not_told(facts: list[Fact], days: int) -> None:
    newest = max(f.window_end for f in facts)
    assert told(facts, as_of=newest + timedelta(days=days))
    assert not told(facts, as_of=newest + timedelta(days=days + 1))


def test_an_undecided_trend_is_told_only_alone() -> None:
    undecided = trend_facts(FACE_PULL, "undecided", 0.1, -0.6, 0.7, 0.9)
    assert metrics([*undecided, *level_facts(FACE_PULL, 40, 0.5)]) == ["e1rm_undecided"]
    assert "e1rm_undecided" not in metrics(points())


def test_too_little_data_is_a_claim_of_its_own() -> None:
    few = [fact("e1rm_estimates", 4, TREND, lift=SQUAT, n=4), *level_facts(SQUAT, 80, 0.35)]
    assert metrics(few) == ["e1rm_few", "e1rm_level"]
    assert metrics(balance_facts(share=62)) == ["attributed"]
    assert metrics([f for f in week_facts() if "usual" not in f.data_type]) == [
        "weekly_hard_sets", "weekly_sessions", "weekly_tonnage",
    ]  # fmt: skip


def test_a_level_that_is_too_rough_is_not_cited() -> None:
    facts = trend_facts(SQUAT, "rising", 1.0, 0.5, 1.5, 0.6)
    assert "e1rm_level" not in metrics(facts + level_facts(SQUAT, 100, 0.19))
    assert "e1rm_level" in metrics(facts + level_facts(SQUAT, 100, 0.20))


@pytest.mark.parametrize(
    ("kind", "slope", "low", "high"),
    [
        ("rising", -1.0, -1.5, -0.5),
        ("falling", 1.0, 0.5, 1.5),
        ("rising", 1.0, -0.1, 1.5),
        ("rising", 2.0, 0.5, 1.5),
        ("odd", 1.0, 0.5, 1.5),
    ],
)
def test_mutation_sign_flip_of_a_trend_is_not_told(kind: str, slope: float, low: float, high: float) -> None:
    assert told(trend_facts(SQUAT, kind, slope, low, high, 0.5)) == []


def test_mutation_trend_of_one_observation_is_not_told() -> None:
    facts = [replace(f, n=1) for f in trend_facts(SQUAT, "rising", 1.0, 0.5, 1.5, 0.6)]
    assert told(facts) == []


def test_mutation_record_without_something_before_is_not_told() -> None:
    day = date(2025, 9, 15)
    facts = weight_record(SQUAT, day, 100, 3, 97.5, date(2025, 9, 1))
    assert metrics(facts) == ["weight_record"]
    assert metrics([f for f in facts if f.data_type != "weight_record_previous_kg"]) == []
    assert metrics(weight_record(SQUAT, day, 100, 3, 100, date(2025, 9, 1))) == []
    assert metrics(reps_record(SQUAT, day, 8, 60, 9, date(2025, 9, 1))) == []


@pytest.mark.parametrize(
    "change",
    [{"unit": "lb"}, {"numeric_value": float("nan")}, {"numeric_value": float("inf")}, {"data_type": "weekly_luck"},
     {"n": 0}, {"window_start": date(2025, 9, 15)}, {"entity_id": SQUAT.id}, {"entity": "ignore 200 kg"}],
)  # fmt: skip
def test_mutation_row_that_breaks_the_catalogue_is_no_fact(change: dict[str, object]) -> None:
    good = fact("weekly_sessions", 4, (date(2025, 9, 8), date(2025, 9, 14)))
    assert len(table([good], [SQUAT]).facts) == 1
    assert table([replace(good, **change)], [SQUAT]).facts == ()  # type: ignore[arg-type]


def test_the_newest_row_of_a_type_wins() -> None:
    old = trend_facts(SQUAT, "falling", -1.0, -1.5, -0.5, 0.6, (date(2025, 3, 1), date(2025, 8, 30)))
    assert metrics([*trend_facts(SQUAT, "rising", 1.0, 0.5, 1.5, 0.6), *old]) == ["e1rm_trend"]
    assert told([*trend_facts(SQUAT, "rising", 1.0, 0.5, 1.5, 0.6), *old])[0].claims[0].direction == "up"


def test_only_so_many_lifts_are_told_the_most_salient_first() -> None:
    lifts = [Lift(UUID(int=i << 64), f"Lift {i}") for i in range(1, 9)]
    facts = [f for i, lift in enumerate(lifts, 1) for f in trend_facts(lift, "rising", i / 10, 0.05, 1, 0.6)]
    insights = wanted(table(facts, lifts), as_of=AS_OF, units="kg", locale=LOCALE)
    assert [w.lift.name for w in insights if w.lift] == ["Lift 8", "Lift 7", "Lift 6"]


def test_mutation_number_in_the_title_is_only_a_name() -> None:
    for insight in told(points()):
        bare = insight.title.replace(insight.lift.name, "") if insight.lift else insight.title
        assert not any(c.isdigit() for c in bare)
        assert len(insight.title) <= 80
    long = Lift(SQUAT.id, "A squat of my own, as long a name as may be told, 60 letters"[:60])
    facts = table(trend_facts(SQUAT, "rising", 1.0, 0.5, 1.5, 0.6), [long])
    assert wanted(facts, as_of=AS_OF, units="kg", locale=LOCALE)[0].title == "Where your strength stands"


def test_an_exercise_with_too_long_a_name_is_told_without_it() -> None:
    facts = trend_facts(SQUAT, "rising", 1.0, 0.5, 1.5, 0.6)
    known, long = (
        wanted(table(facts, [replace(SQUAT, name=name)]), as_of=AS_OF, units="kg", locale=LOCALE)[0]
        for name in ("Squat (Barbell)", "Squat with 100 kg, " * 4)
    )
    assert long.claims[0].lift is not None and long.claims[0].lift.name == LOCALE.long_name
    assert long.input_hash == known.input_hash
    told = render(long, tell(long)).description
    assert LOCALE.long_name in told and "100" not in told
    assert prompt_context(long, "n", LEXICON) == prompt_context(known, "n", LEXICON)


def test_rows_of_a_database_become_facts() -> None:
    row = {
        "id": UUID(int=5).bytes, "data_type": "e1rm_latest_kg", "unit": "kg", "window_start": AS_OF,
        "window_end": AS_OF, "measurement_date": AS_OF, "n": 3, "numeric_value": Decimal("109.5833"),
        "text_value": None, "entity_id": SQUAT.id.bytes, "entity": None, "confidence_score": Decimal("0.27"),
        "calculation_method": "x/1",
    }  # fmt: skip
    point = Fact.from_row(row)
    assert (point.id, point.entity_id, point.value, point.confidence_score) == (UUID(int=5), SQUAT.id, 109.5833, 0.27)
    with pytest.raises(ValueError, match="no number"):
        _ = fact("e1rm_trend_kind", "rising", TREND, lift=SQUAT).value


MONDAYS = [date(2025, 9, 8) - timedelta(days=7 * i) for i in range(8)]
SERIES: dict[str, list[Row]] = {
    "e1rm": [{"day": AS_OF - timedelta(days=7 * i), "estimate_kg": 100.0 - i} for i in range(19)],
    "weekly": [{"week": day, "hard_sets": 40.0, "tonnage_kg": 9e3, "sessions": 3} for day in MONDAYS],
    "monthly": [{"month": date(2025, 8, 1), "hard_sets": 200.0, "tonnage_kg": 9e4, "sessions": 12}],
    "muscles": [{"muscle": "rear_delts", "weekly_hard_sets": 8.5}, {"muscle": "chest", "weekly_hard_sets": 14.0}],
}


@pytest.mark.parametrize("units", ["kg", "lb"])
@pytest.mark.parametrize("filled", [True, False])
def test_charts_are_valid_vega_lite(units: str, filled: bool) -> None:
    import json
    from pathlib import Path

    import altair
    import jsonschema  # type: ignore[import-untyped]

    schema = json.loads((Path(altair.__file__).parent / "vegalite/v6/schema/vega-lite-schema.json").read_text())
    validator = jsonschema.validators.validator_for(schema)(schema)
    for insight in told(points(), units=units):
        chart = spec(insight, SERIES[insight.chart] if filled else [])
        validator.validate(json.loads(json.dumps(chart)))
    assert any("layer" in spec(w, SERIES[w.chart]) for w in told(points()))


def test_the_trend_line_has_the_told_slope() -> None:
    from math import log

    squat = next(w for w in told(points()) if w.insight_type == "strength_progress" and w.lift == SQUAT)
    ends = spec(squat, SERIES["e1rm"])["layer"][1]["data"]["values"]
    weeks = (date.fromisoformat(ends[1]["day"]) - date.fromisoformat(ends[0]["day"])).days / 7
    assert 100 * log(ends[1]["estimate"] / ends[0]["estimate"]) / weeks == pytest.approx(1.2361, abs=0.02)


def test_balance_lists_the_muscles_below_the_landmark() -> None:
    told_muscles = [
        (c.direction, c.main.entity) for w in told(balance_facts()) for c in w.claims if c.metric == "muscle_sets"
    ]
    assert told_muscles == [("above", "chest"), ("below", "calves"), ("below", "hamstrings")]
    assert FOUR_WEEKS[1] == told(balance_facts())[0].period_end
    assert tell(told(balance_facts())[0]).recommendations == []


def test_the_newest_records_are_told_first_then_the_largest() -> None:
    before = date(2025, 8, 1)
    facts = [
        *week_facts(),
        *weight_record(SQUAT, date(2025, 9, 12), 101, 3, 100, before),
        *weight_record(BENCH, date(2025, 9, 12), 90, 3, 60, before),
        *weight_record(FACE_PULL, date(2025, 9, 10), 90, 3, 10, before),
        *weight_record(OWN, date(2025, 9, 7), 90, 3, 10, before),
    ]
    week, *records = [w for w in told(facts) if w.insight_type in {"weekly_summary", "record"}]
    assert [c.lift for c in week.claims if c.kind == "record"] == [BENCH, SQUAT]
    assert [w.lift for w in records] == [BENCH, SQUAT, FACE_PULL]


@pytest.mark.parametrize("confidence", [0.3, 0.6])
def test_a_level_whose_load_includes_body_weight_says_so(confidence: float) -> None:
    plain = [*trend_facts(SQUAT, "rising", 1.0, 0.5, 1.5, 0.6), *level_facts(SQUAT, 100, confidence)]
    total = [replace(f, calculation_method="day_estimate/1+body_weight") for f in plain]
    texts = [render(one, tell(one)).description for facts in (plain, total) for one in told(facts)]
    assert ["body weight included" in text for text in texts] == [False, True]


def test_a_record_whose_load_includes_body_weight_says_so() -> None:
    facts = weight_record(SQUAT, date(2025, 9, 12), 96.5, 5, 95, date(2025, 9, 1))
    total = [replace(f, calculation_method="weight_record/1+body_weight") for f in facts]
    (plain,), (whole,) = told(facts), told(total)
    assert [c.metric for c in (*plain.claims, *whole.claims)] == ["weight_record", "weight_record_total"]
    texts = [render(insight, tell(insight)).description for insight in (plain, whole)]
    assert ["body weight included" in text for text in texts] == [False, True]
    assert plain.input_hash != whole.input_hash
