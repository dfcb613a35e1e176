from collections.abc import Callable
from typing import Any

import pytest
from tests.integration.insight_fixture import asked, cheap, execute, honest, job_of, rows, told

from insights.errors import BadSettings
from insights.llm.endpoint import Endpoint
from insights.llm.fake import FakeEndpoint
from insights.llm.fake_batches import FakeBatches
from insights.pipeline import run as runs

BATCH = job_of(mode="batch", price=cheap())


def night(url: str, fake: FakeEndpoint) -> runs.Report:
    return told(url, Endpoint(fake.url, "fake"), job=BATCH)


def written_once(url: str, wanted: int) -> None:
    """Every insight is there once, verified against its own question, and no money is left reserved."""
    found = rows(
        url,
        "SELECT i.user_id, i.generator, l.state, l.user_id AS asked_for FROM user_insights AS i"
        " JOIN insight_ledger AS l USING (user_id, insight_key, input_hash, prompt_hash, model)",
    )
    assert len(found) == wanted == len(rows(url, "SELECT 1 FROM user_insights"))
    assert {(row["generator"], row["state"]) for row in found} <= {("llm", "written"), ("rules", "fallback")}
    assert rows(url, "SELECT 1 FROM insight_budgets WHERE reserved_nano_usd <> 0") == []
    cited = rows(
        url,
        "SELECT 1 FROM user_insights AS i JOIN insight_data_points AS d ON d.id = ANY (i.supporting_data_ids)"
        " WHERE d.user_id <> i.user_id",
    )
    assert cited == []


def states(url: str) -> set[str]:
    return {row["state"] for row in rows(url, "SELECT state FROM insight_ledger")}


def test_a_batch_is_sent_by_one_run_and_collected_by_the_next(facts: str) -> None:
    with FakeEndpoint(honest, batches=FakeBatches(looks=1)) as fake:
        first = night(facts, fake)
        assert (first.told.waiting, first.told.by_model) == (first.told.wanted, 0)
        assert states(facts) == {"submitted"}
        second = night(facts, fake)  # it is still in progress
        assert (second.told.waiting, second.told.by_model) == (first.told.wanted, 0)
        third = night(facts, fake)
        assert third.told.by_model == first.told.wanted
        assert fake.batches is not None
        assert (len(fake.batches.made), fake.batches.files) == (1, {})
        assert set(asked(fake.requests).values()) == {1}
        fourth = night(facts, fake)
        assert (fourth.told.unchanged, len(fake.batches.made)) == (first.told.wanted, 1)
    written_once(facts, first.told.wanted)
    calls = rows(facts, "SELECT sum(cost_nano_usd) AS cost, count(*) AS n FROM insight_calls")[0]
    assert calls["cost"] == calls["n"] * (100 * 500 + 20 * 1000)  # half of 1 and 2 USD for a million


FAULTS: dict[str, tuple[Callable[[], FakeBatches], int]] = {  # and how many lines may be sent a second time
    "expiry": (lambda: FakeBatches(status="expired", expires_at=3), 100),
    "missing lines": (lambda: FakeBatches(missing={0, 2}), 2),
    "status 0": (lambda: FakeBatches(status_0={1, 4}), 2),
    "duplicate ids": (lambda: FakeBatches(twice={0, 1, 5}), 0),
    "empty file ids": (lambda: FakeBatches(empty_ids=True), 0),
    "no output at all": (lambda: FakeBatches(no_output=True), 100),
    "a failed batch": (lambda: FakeBatches(status="failed"), 100),
    "a create whose answer was lost": (lambda: FakeBatches(lost_creates=1), 0),
    "a create that was not heard": (lambda: FakeBatches(unheard_creates=1), 100),
    "lines swapped between users": (lambda: FakeBatches(swapped=True), 100),
    "a cancelled batch": (lambda: FakeBatches(status="cancelled", missing={1}), 1),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_whatever_goes_wrong_every_insight_is_written_once_in_its_own_users_row(facts: str, fault: str) -> None:
    faulty, second_time = FAULTS[fault]
    with FakeEndpoint(honest, batches=faulty()) as fake:
        first = night(facts, fake)
        sound = FakeBatches(files=fake.batches.files, made=fake.batches.made, ask=fake.line) if fake.batches else None
        fake.batches = sound
        for _ in range(4):
            night(facts, fake)
        questions = asked(fake.requests)
        assert sound is not None
        assert len(sound.made) <= (1 if second_time == 0 else 2)
    assert states(facts) == {"written"}
    assert max(questions.values()) <= 2
    assert sum(count - 1 for count in questions.values()) <= second_time
    written_once(facts, first.told.wanted)


def test_lines_that_are_never_answered_are_told_by_the_rules(facts: str) -> None:
    with FakeEndpoint(honest, batches=FakeBatches(missing=range(1000))) as fake:
        first = night(facts, fake)
        for _ in range(3):
            night(facts, fake)
    assert states(facts) == {"fallback"}
    assert {row["outcome"] for row in rows(facts, "SELECT outcome FROM insight_ledger")} == {"missing"}
    written_once(facts, first.told.wanted)


def test_a_file_that_the_server_refuses_is_told_by_the_rules_at_once(facts: str) -> None:
    with FakeEndpoint(honest, batches=FakeBatches(refuses=413)) as fake:
        first = night(facts, fake)
    assert first.told.fallbacks == first.told.wanted > 0
    written_once(facts, first.told.wanted)


def test_an_answer_about_facts_that_have_changed_is_not_published(facts: str) -> None:
    with FakeEndpoint(honest) as fake:
        night(facts, fake)
        execute(facts, "UPDATE insight_data_points SET numeric_value = numeric_value + 1 WHERE numeric_value > 1")
        night(facts, fake)
        assert {"dead", "submitted"} <= states(facts)
        second = night(facts, fake)
    live = rows(facts, "SELECT input_hash FROM user_insights")
    dead = {row["input_hash"] for row in rows(facts, "SELECT input_hash FROM insight_ledger WHERE state = 'dead'")}
    assert dead
    assert not dead & {row["input_hash"] for row in live}
    assert len(live) == second.told.wanted


def test_an_endpoint_without_batches_is_refused_before_anything_is_done(facts: str) -> None:
    with FakeEndpoint(honest, batches=None) as fake, pytest.raises(BadSettings, match="no /v1/batches"):
        night(facts, fake)
    assert rows(facts, "SELECT 1 FROM insight_ledger") == []


def test_a_run_that_chats_collects_the_batch_of_one_that_did_not(facts: str) -> None:
    def rejected(body: dict[str, Any]) -> str:
        return honest(body) if len(body["messages"]) == 4 else "prose"

    with FakeEndpoint(rejected) as fake:
        first = night(facts, fake)
        report = told(facts, Endpoint(fake.url, "fake"), job=job_of(price=cheap()))
        assert len(fake.requests) == 2 * first.told.wanted
    assert report.told.by_model == first.told.wanted
    written_once(facts, first.told.wanted)
