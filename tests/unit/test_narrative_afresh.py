from dataclasses import replace
from datetime import timedelta

import pytest
from tests.unit.narrative_fixture import AS_OF, LEXICON, LIFTS, LOCALE, points, told

from insights.narrative import (
    RULES_NONCE,
    Answer,
    Dismissed,
    Past,
    Verdict,
    Wanted,
    afresh,
    render,
    skeleton,
    table,
    tell,
    verify,
    wanted,
)
from insights.narrative.afresh import TURNS
from insights.narrative.memory import remembered

WANTED = told(points())


def by_rules(insight: Wanted) -> Verdict:
    return verify(tell(insight).model_dump_json(), insight, LEXICON, RULES_NONCE)


def always(insight: Wanted, answer: Answer) -> Verdict:
    return verify(answer.model_dump_json(), insight, LEXICON, RULES_NONCE)


@pytest.mark.parametrize("insight", WANTED, ids=lambda insight: insight.insight_key)
def test_sentences_that_were_read_are_told_in_other_words(insight: Wanted) -> None:
    used: set[str] = set()
    for _ in range(3):
        turned, verdict = afresh(insight, by_rules, used)
        assert verdict.rendered is not None
        assert skeleton(verdict.rendered) not in used
        assert replace(turned, turn=insight.turn) == insight
        used.add(skeleton(verdict.rendered))


def test_the_words_of_a_model_stay_and_the_clauses_move_on() -> None:
    insight = next(one for one in WANTED if one.insight_type == "weekly_summary")
    answer = tell(insight)
    first = always(insight, answer).rendered
    assert first is not None
    turned, verdict = afresh(insight, lambda one: always(one, answer), {skeleton(first)})
    assert verdict.answer == answer
    assert verdict.rendered is not None and verdict.rendered.description != first.description
    assert turned.turn != insight.turn
    assert verdict.rendered.supporting_data_ids == first.supporting_data_ids


def test_where_everything_was_read_it_is_told_as_it_is_and_a_refusal_stays_one() -> None:
    insight = WANTED[0]
    used = {
        skeleton(render(turned, tell(turned)))
        for turned in (replace(insight, turn=insight.turn + shift) for shift in range(TURNS))
    }
    turned, verdict = afresh(insight, by_rules, used)
    assert turned == insight and verdict == by_rules(insight)
    refused = Verdict(False, ("no",))
    assert afresh(insight, lambda _: refused, used) == (insight, refused)


def test_a_stored_row_has_the_skeleton_of_its_text() -> None:
    for insight in WANTED:
        rendered = render(insight, tell(insight))
        row = {
            "insight_key": insight.insight_key,
            "insight_type": insight.insight_type,
            "period_start": insight.period_start,
            "day": AS_OF,
            "claims": [{"identity": claim.identity()} for claim in insight.claims],
            "description": rendered.description,
            "spans": [{"start": span.start, "end": span.end} for span in rendered.spans],
        }
        past = Past.from_row(row)
        assert past.skeleton == skeleton(rendered) == remembered(insight, rendered).skeleton
        assert not any(character.isdigit() for character in past.skeleton)


def without(*dismissed: Dismissed) -> list[Wanted]:
    return wanted(table(points(), LIFTS), as_of=AS_OF, units="kg", locale=LOCALE, dismissed=dismissed)


def of_lead(insight: Wanted) -> Dismissed:
    identity = insight.claims[0].identity()
    row = {"insight_type": insight.insight_type, "period_start": insight.period_start, "identity": identity}
    return Dismissed.from_row(row)


@pytest.mark.parametrize("insight", WANTED, ids=lambda insight: insight.insight_key)
def test_a_dismissed_claim_is_told_nowhere(insight: Wanted) -> None:
    lead = tuple(insight.claims[0].identity()[:4])
    left = without(of_lead(insight))
    assert insight.insight_key not in {one.insight_key for one in left}
    told_of = [tuple(claim.identity()[:4]) for one in left for claim in one.claims]
    assert lead not in told_of
    for one in left:
        assert [claim.id for claim in one.claims] == [f"c{i}" for i in range(1, len(one.claims) + 1)]


def test_a_dismissed_week_says_nothing_of_the_next() -> None:
    week = next(one for one in WANTED if one.insight_type == "weekly_summary")
    before = replace(of_lead(week), period=week.period_start - timedelta(weeks=1))
    assert week.insight_key in {one.insight_key for one in without(before)}
    assert week.insight_key not in {one.insight_key for one in without(of_lead(week))}
