from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from tests.unit.narrative_fixture import (
    ADVICE,
    AS_OF,
    BENCH,
    LEXICON,
    LOCALE,
    PROMPTS,
    SQUAT,
    level_facts,
    points,
    reps_record,
    told,
    trend_facts,
    week_facts,
)

from insights.errors import BadInput
from insights.narrative import Answer, Counsel, Sentence, Wanted, render, tell, verify
from insights.narrative.memory import Past, remembered, told_again
from insights.narrative.rubric import QUESTIONS, Case, judge, shares
from insights.narrative.trial import HAND_WRITTEN, PASSES_FROM, Recorded, Trial, recorded, request_of, requests, trial

COUNSEL = Counsel(ADVICE, "pro", None, {BENCH.id: [SQUAT]})
INSIGHTS = told(points(), counsel=COUNSEL)
PROGRESS = next(w for w in INSIGHTS if w.insight_type == "strength_progress" and w.lift == SQUAT)
PLATEAU = next(w for w in INSIGHTS if w.insight_type == "plateau")


def case_of(wanted: Wanted = PROGRESS, answer: Answer | None = None, **changes: Any) -> Case:
    answer = answer or tell(wanted)
    verdict = verify(answer.model_dump_json(), wanted, LEXICON, answer.nonce)
    rendered = render(wanted, answer)
    return replace(Case(wanted, answer, rendered, LEXICON, verdict.ok, counsel=COUNSEL), **changes)


def worded(case: Case, old: str, new: str) -> Case:
    assert old in case.rendered.description
    return replace(case, rendered=replace(case.rendered, description=case.rendered.description.replace(old, new)))


def test_every_insight_of_a_full_log_passes_every_question() -> None:
    for insight in INSIGHTS:
        failed = [QUESTIONS[number] for number, ok in judge(case_of(insight)).items() if not ok]
        assert not failed, insight.insight_key


GOOD = case_of()
SAID = remembered(PROGRESS, GOOD.rendered)
YESTERDAY = AS_OF - timedelta(days=1)
LEAD = PROGRESS.claims[0]
OTHER = replace(PROGRESS, insight_key="of another user")
BARE = told(level_facts(SQUAT, 90, 0.5) + trend_facts(SQUAT, "rising", 1, 0.5, 1.5, 0.6))[0]
FEWER = tuple((role, replace(fact, n=3)) for role, fact in LEAD.facts)
STALE = tuple((role, replace(fact, window_end=AS_OF - timedelta(days=22))) for role, fact in LEAD.facts)
PRAISED = Answer(nonce="rules", sentences=[Sentence(text="Well done: {c1}.", cites=["c1"]),
                 Sentence(text="{c2}.", cites=["c2"])], recommendations=[])  # fmt: skip
RECOMMENDED = case_of(PLATEAU)


def with_lead(facts: Any) -> Wanted:
    return replace(PROGRESS, claims=(replace(LEAD, facts=facts), *PROGRESS.claims[1:]))


FAILING = [
    (1, worded(GOOD, "1.24", "1.34")),
    (1, worded(GOOD, "2 May", "3 May")),
    (2, worded(GOOD, "77.5 kg", "77.5 lb")),
    (2, replace(GOOD, wanted=with_lead(STALE))),
    (3, worded(GOOD, "rose", "fell") if "rose" in GOOD.rendered.description else worded(GOOD, "went up", "went down")),
    (3, worded(GOOD, "Squat (Barbell)", "Front Squat")),
    (3, case_of(replace(PROGRESS, claims=(replace(LEAD, direction="down"), *PROGRESS.claims[1:])))),
    (4, replace(GOOD, rendered=replace(GOOD.rendered, claim_ids=("c1", "c3")))),
    (4, replace(GOOD, wanted=replace(PROGRESS, claims=(replace(LEAD, decided=False), *PROGRESS.claims[1:])))),
    (5, replace(GOOD, wanted=with_lead(FEWER))),
    (5, replace(GOOD, rendered=replace(GOOD.rendered, confidence_score=0.9))),
    (6, replace(GOOD, past=[replace(SAID, insight_key="last month", day=YESTERDAY, skeleton="")])),
    (6, replace(GOOD, past=[replace(SAID, insight_key="another", day=YESTERDAY, lead=("other",))])),
    (7, case_of(replace(PROGRESS, claims=(replace(PROGRESS.claims[2], id="c1"),)),
                Answer(nonce="rules", sentences=[Sentence(text="{c1}.", cites=["c1"])], recommendations=[]))),
    (8, replace(RECOMMENDED, counsel=replace(COUNSEL, tier="plus"))),
    (8, replace(RECOMMENDED, counsel=None)),
    (9, replace(GOOD, verified=False)),
    (9, replace(GOOD, rendered=replace(GOOD.rendered, description=GOOD.rendered.description[:100]))),
    (10, replace(GOOD, others=[OTHER])),
    (11, case_of(PLATEAU, PRAISED)),
]  # fmt: skip


@pytest.mark.parametrize(("number", "case"), FAILING)
def test_each_question_can_be_failed(number: int, case: Case) -> None:
    assert judge(case)[number] is False


def test_every_question_has_a_case_that_fails_it() -> None:
    assert {number for number, _ in FAILING} == set(QUESTIONS) == set(judge(GOOD))


def test_an_injury_fails_only_advice_that_loads() -> None:
    hurt = replace(COUNSEL, injuries={"areas": ["shoulder"]})
    for ids, allowed in ((["rep_range"], False), (["rest"], True)):
        answer = tell(PLATEAU).model_copy(update={"recommendations": ids})
        assert judge(case_of(PLATEAU, answer, counsel=hurt))[8] is allowed


def test_the_same_under_another_key_is_new_again_after_a_month_or_when_it_has_moved() -> None:
    past = replace(SAID, insight_key="strength_progress:last")
    assert told_again(PROGRESS, [past])
    assert not told_again(PROGRESS, [SAID])
    assert not told_again(PROGRESS, [replace(past, day=AS_OF - timedelta(days=30))])
    assert told_again(PROGRESS, [replace(past, value=(past.value or 0) + 0.6)])
    assert not told_again(PROGRESS, [replace(past, value=(past.value or 0) + 0.62)])


def test_the_past_comes_back_from_a_stored_row() -> None:
    week = next(w for w in INSIGHTS if w.insight_type == "weekly_summary")
    for insight in (PROGRESS, week):
        row = {
            "insight_key": insight.insight_key, "day": AS_OF, "insight_type": insight.insight_type,
            "period_start": insight.period_start, "claims": [{"identity": insight.claims[0].identity()}],
        }  # fmt: skip
        past = Past.from_row(row)
        expected = remembered(insight, render(insight, tell(insight)))
        assert (past.insight_key, past.lead) == (expected.insight_key, expected.lead)
        assert past.value == pytest.approx(expected.value)
    with pytest.raises(KeyError):
        Past.from_row({"claims": []} | {"claims": [{}]})


def test_a_week_of_its_own_is_never_told_again() -> None:
    first = told(week_facts())[0]
    later = replace(first, insight_key="weekly_summary:2025-09-15", period_start=date(2025, 9, 15))
    assert not told_again(later, [remembered(first, render(first, tell(first)))])


def test_shares_of_no_case_are_none() -> None:
    assert shares([]) == {}
    assert shares([dict.fromkeys(QUESTIONS, True), {n: n != 6 for n in QUESTIONS}])[6] == 0.5


ANSWERS = recorded((PROMPTS / "cohort" / "answers.jsonl").read_text())


@pytest.fixture(scope="module")
def made() -> Trial:
    return trial(12, locale=LOCALE, lexicon=LEXICON, advice=ADVICE)


def test_rules_and_recorded_answers_pass_the_rubric_over_the_cohort(made: Trial) -> None:
    for outcome in (made.by_rules(), made.by_record(ANSWERS)):
        assert outcome.judged > 200
        assert set(outcome.shares) == set(QUESTIONS)
        assert outcome.weakest >= PASSES_FROM, outcome
        assert outcome.unanswered == 0


def test_every_recorded_answer_says_where_it_comes_from(made: Trial) -> None:
    assert {answer.origin for answer in ANSWERS} == {HAND_WRITTEN}
    assert set(made.by_record(ANSWERS).origins) == {HAND_WRITTEN}
    kinds = {answer.request for answer in ANSWERS}
    asked = [request_of(insight) for insight in requests(made)]
    assert sum(kind in kinds for kind in asked) / len(asked) > 0.95


def test_a_bad_recorded_answer_fails_the_gate(made: Trial) -> None:
    bad = [Recorded(answer.request, ("Crushing it: {c1}.", "{c2}."), "a model") for answer in ANSWERS]
    outcome = made.by_record(bad)
    assert outcome.weakest == 0.0
    assert outcome.refused and "opener" in outcome.refused[0]
    assert set(outcome.origins) == {"a model"}


def test_the_same_skeletons_week_after_week_fail_the_gate(made: Trial) -> None:
    first = {answer.request: answer for answer in reversed(ANSWERS)}
    assert made.by_record(first.values()).shares[6] < PASSES_FROM


def test_a_request_without_a_recorded_answer_is_counted(made: Trial) -> None:
    outcome = made.by_record([])
    assert (outcome.judged, outcome.shares, outcome.weakest) == (0, {}, 0.0)
    assert outcome.unanswered > 200


def test_the_cohort_is_the_same_every_time_and_every_category_is_reached(made: Trial) -> None:
    again = trial(12, locale=LOCALE, lexicon=LEXICON, advice=ADVICE)
    assert list(requests(again)) == list(requests(made))
    assert {w.category for w in requests(made)} == {"progress", "plateau", "form", "recovery"}
    assert {w.voice.units for w in requests(made)} == {"kg", "lb"}


@pytest.mark.parametrize("line", ["{", "{}", "[]", '{"insight_type": "record", "claims": null}'])
def test_a_line_that_is_no_recorded_answer_is_named(line: str) -> None:
    with pytest.raises(BadInput, match="line 2"):
        recorded("\n" + line)


def test_a_record_of_two_lifts_is_new_for_each() -> None:
    day = AS_OF - timedelta(days=1)
    facts = [f for lift in (SQUAT, BENCH) for f in reps_record(lift, day, 9, 80, 8, day - timedelta(days=9))]
    one, other = (w for w in told(facts) if w.insight_type == "record")
    assert not told_again(other, [remembered(one, render(one, tell(one)))])
