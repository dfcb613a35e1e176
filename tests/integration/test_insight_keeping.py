from datetime import timedelta

import pytest
from tests.integration.insight_fixture import AS_OF, NOW, execute, honest, job_of, rows, told, users

from insights.llm.endpoint import Endpoint
from insights.llm.fake import FakeEndpoint


def test_prompts_and_answers_go_after_their_time_and_what_was_paid_stays(facts: str) -> None:
    with FakeEndpoint(honest) as fake:
        told(facts, Endpoint(fake.url, "fake"))
        execute(facts, "UPDATE insight_ledger SET updated_at = %s", NOW - timedelta(days=91))
        execute(facts, "UPDATE insight_calls SET ended_at = %s", NOW - timedelta(days=91))
        execute(
            facts,
            "UPDATE insight_ledger SET state = 'rendered' WHERE id = (SELECT max(id::text)::uuid FROM insight_ledger)",
        )
        told(facts, None, job=job_of(types=()))
        asked = len(fake.requests)
        kept = rows(facts, "SELECT state, prompt, raw_answer FROM insight_ledger")
        assert {(row["prompt"], row["raw_answer"]) for row in kept} == {(None, None)}
        assert sorted({row["state"] for row in kept}) == ["dead", "written"]
        calls = rows(facts, "SELECT raw_answer, cost_nano_usd, prompt_tokens, outcome, model FROM insight_calls")
        assert {(row["raw_answer"], row["prompt_tokens"], row["model"]) for row in calls} == {(None, 100, "fake")}
        again = told(facts, Endpoint(fake.url, "fake"))
        assert (again.told.unchanged, len(fake.requests)) == (again.told.wanted, asked)


def test_everything_about_a_user_goes_with_the_user_but_the_money(facts: str) -> None:
    with FakeEndpoint(honest) as fake:
        told(facts, Endpoint(fake.url, "fake"))
    before = rows(facts, "SELECT * FROM insight_budgets")
    for table in ("subscriptions", "workout_sessions", "workouts"):
        execute(facts, f"DELETE FROM {table}")
    execute(facts, "UPDATE exercise_catalog SET created_by_id = NULL")
    for user in users(facts):
        execute(facts, "DELETE FROM users WHERE id = %s", user)
    for table in ("insight_ledger", "insight_calls", "insight_requests", "user_insights"):
        assert rows(facts, f"SELECT 1 FROM {table}") == []
    assert rows(facts, "SELECT * FROM insight_budgets") == before


@pytest.mark.parametrize(("days", "silent"), [(89, True), (91, False)])
def test_a_dismissed_claim_is_not_told_again_for_ninety_days(facts: str, days: int, silent: bool) -> None:
    told(facts)
    execute(facts, "UPDATE user_insights SET is_dismissed = true WHERE insight_type = 'strength_progress'")
    dismissed = rows(facts, "SELECT user_id, insight_key, dismissed_at FROM user_insights WHERE is_dismissed")
    assert dismissed
    assert all(row["dismissed_at"] for row in dismissed)
    execute(facts, "UPDATE user_insights SET dismissed_at = %s WHERE is_dismissed", AS_OF - timedelta(days=days))
    execute(facts, "UPDATE user_insights SET stale = true WHERE is_dismissed")
    report = told(facts)
    keys = {(row["user_id"], row["insight_key"]) for row in dismissed}
    again = rows(facts, "SELECT user_id, insight_key FROM user_insights WHERE NOT stale AND superseded_at IS NULL")
    assert bool(keys & {(row["user_id"], row["insight_key"]) for row in again}) is not silent
    assert (report.told.by_rules == 0) is silent


def test_a_dismissal_that_is_taken_back_is_forgotten(facts: str) -> None:
    told(facts)
    execute(facts, "UPDATE user_insights SET is_dismissed = true")
    assert told(facts).told.wanted == 0
    execute(facts, "UPDATE user_insights SET is_dismissed = false")
    assert told(facts).told.wanted > 0
    assert rows(facts, "SELECT 1 FROM user_insights WHERE dismissed_at IS NOT NULL") == []
