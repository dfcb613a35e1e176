import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.integration.insight_fixture import NOW, cheap, execute, honest, job_of, rows, told, users

from insights.db import queue
from insights.db.connection import connect
from insights.errors import BadSettings
from insights.llm.calls import Call, Outcome, Reply
from insights.llm.chat import ask_all
from insights.llm.endpoint import Endpoint
from insights.llm.fake import FakeEndpoint, Fault
from insights.llm.prices import NANO, Price, PriceTable, most
from insights.pipeline.asking import Counter
from insights.pipeline.spending import Purse, purse, usd

PRICE = Price(Decimal(3), Decimal(7), version="test")
SCHEMA: dict[str, Any] = {"name": "x", "strict": True, "schema": {"type": "object"}}
QUESTIONS = 30


@pytest.fixture
def ready(database: str) -> Iterator[tuple[str, list[UUID]]]:
    """Questions that only wait to be asked."""
    user = uuid4()
    execute(database, "INSERT INTO users (id, email, username) VALUES (%s, 'a@b.cd', 'a')", user)
    ids = [uuid4() for _ in range(QUESTIONS)]
    yield database, ids


def ready_again(url: str, ids: list[UUID]) -> None:
    user = users(url)[0]
    with psycopg.connect(url) as connection:
        connection.execute("DELETE FROM insight_ledger")
        connection.execute("DELETE FROM insight_budgets")
        connection.cursor().executemany(
            "INSERT INTO insight_ledger (id, user_id, insight_key, input_hash, prompt_hash, model, state)"
            " VALUES (%s, %s, %s, 'h', 'p', 'm', 'rendered')",
            [(row_id, user, str(row_id)) for row_id in ids],
        )


def call(row_id: UUID) -> Call:
    return Call(str(row_id), ({"role": "user", "content": "x" * 40},), SCHEMA, max_tokens=50)


WORST = PRICE.worst(call(uuid4()))


@given(
    cap=st.integers(0, QUESTIONS * WORST + 5),
    slots=st.integers(1, 12),
    seed=st.integers(0, 1 << 16),
    faults=st.floats(0, 0.5),
)
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_the_budget_is_never_passed_whatever_the_concurrency(
    ready: tuple[str, list[UUID]], cap: int, slots: int, seed: int, faults: float
) -> None:
    url, ids = ready
    ready_again(url, ids)
    chance, paid, limit = random.Random(seed), [], most(call(ids[0]))

    def answer(_: dict[str, Any]) -> Fault:
        if chance.random() < faults:
            return chance.choice([Fault(500), Fault(429, retry_after="0.001"), Fault(raw="what"), Fault(hang_up=True)])
        usage = chance.randrange(limit.prompt_tokens + 1), chance.randrange(limit.completion_tokens + 1)
        paid.append(usage)
        return Fault(text="fine", usage=usage)

    replies: list[Reply] = []
    account = queue.Account("test", date(2025, 6, 1), cap)
    with FakeEndpoint(answer) as fake, Counter.opened(url, Purse(account, PRICE, PRICE.in_batch)) as counter:
        ask_all(Endpoint(fake.url, "m", concurrency=slots, tries=2), map(call, ids), replies.append, counter)
    assert len({reply.key for reply in replies}) == len(replies) == QUESTIONS
    account_row = rows(url, "SELECT * FROM insight_budgets")[0]
    really_paid = sum(
        PRICE.prompt * 1000 * prompt + PRICE.completion * 1000 * completion for prompt, completion in paid
    )
    assert really_paid <= account_row["spent_nano_usd"] <= cap
    assert account_row["reserved_nano_usd"] == 0
    calls = rows(
        url,
        "SELECT coalesce(sum(cost_nano_usd), 0) AS cost, count(*) FILTER (WHERE ended_at IS NULL) AS open"
        " FROM insight_calls",
    )[0]
    assert (calls["cost"], calls["open"]) == (account_row["spent_nano_usd"], 0)
    refused = [reply for reply in replies if reply.outcome is Outcome.OVER_BUDGET]
    assert not refused or account_row["spent_nano_usd"] + WORST > cap


def test_two_runs_share_one_account(ready: tuple[str, list[UUID]]) -> None:
    url, ids = ready
    ready_again(url, ids)
    cap = 11 * WORST + 1
    purse_of_both = Purse(queue.Account("test", date(2025, 6, 1), cap), PRICE, PRICE)

    def run(part: list[UUID]) -> None:
        with Counter.opened(url, purse_of_both) as counter:
            ask_all(Endpoint(fake.url, "m", concurrency=4), map(call, part), lambda _: None, counter)

    expensive = Fault(text="fine", usage=(most(call(ids[0])).prompt_tokens, 50))
    with FakeEndpoint(lambda _: expensive) as fake, ThreadPoolExecutor(2) as pool:
        list(pool.map(run, [ids[:15], ids[15:]]))
        assert len(fake.requests) == 11
    assert rows(url, "SELECT spent_nano_usd AS n FROM insight_budgets")[0]["n"] == 11 * WORST


def test_a_night_stops_asking_at_its_budget_and_the_rules_tell_the_rest(facts: str) -> None:
    with FakeEndpoint(lambda body: Fault(text=honest(body), usage=(7000, 600))) as fake:
        endpoint = Endpoint(fake.url, "fake", concurrency=1)
        estimate = told(facts, endpoint, job=job_of(price=cheap()), dry_run=True).told.estimate
        assert estimate is not None
        half = Decimal(estimate.at_most_nano_usd // 4) / NANO
        job = job_of(price=cheap(), budget_usd=half)
        first = told(facts, endpoint, job=job)
        assert 0 < first.told.by_model < first.told.wanted
        assert first.told.fallbacks == first.told.outcomes["over_budget"]
        spent = rows(facts, "SELECT spent_nano_usd AS n FROM insight_budgets")[0]["n"]
        assert (
            spent == sum(row["n"] for row in rows(facts, "SELECT cost_nano_usd AS n FROM insight_calls")) <= half * NANO
        )
        later = told(facts, endpoint, job=job_of(price=cheap()), now=NOW + timedelta(days=1))
    assert later.told.by_model == first.told.fallbacks  # who was not asked for want of money is asked the next day


def test_a_dry_run_tells_the_calls_and_the_money_of_the_night_that_follows(facts: str) -> None:
    with FakeEndpoint(lambda body: Fault(text=honest(body), usage=(1000, 80))) as fake:
        endpoint = Endpoint(fake.url, "fake")
        job = job_of(price=cheap("0.5", "1.5"), budget_usd=Decimal("0.75"))
        before = told(facts, endpoint, job=job, dry_run=True).told
        assert (
            fake.requests,
            rows(facts, "SELECT 1 FROM insight_ledger"),
            rows(facts, "SELECT 1 FROM user_insights"),
        ) == (
            [],
            [],
            [],
        )
        night = told(facts, endpoint, job=job).told
        assert before.estimate is not None
        assert before.estimate.calls == night.calls == len(fake.requests) > 0
        shown = before.estimate.as_json()
        spent = rows(facts, "SELECT spent_nano_usd AS n FROM insight_budgets")[0]["n"]
        assert spent == night.calls * (1000 * 500 + 80 * 1500)
        assert Decimal(usd(spent)) <= Decimal(shown["cost_at_most_usd"])
        assert Decimal(shown["cost_usd"]) <= Decimal(shown["cost_at_most_usd"])
        assert shown["budget_usd"] == "0.75"
        after = told(facts, endpoint, job=job, dry_run=True).told
        assert after.estimate is not None
        assert (after.estimate.calls, after.unchanged) == (0, night.wanted)
        execute(facts, "UPDATE insight_ledger SET raw_answer = NULL")
        execute(facts, "DELETE FROM user_insights")
        known = told(facts, endpoint, job=job, dry_run=True).told.estimate
    assert known is not None
    assert known.completion_tokens == 80 * known.calls  # what answers have used so far is known by now
    assert abs(known.cost_nano_usd / spent - 1) < 0.05


def test_a_price_that_nobody_knows_is_refused_unless_the_endpoint_is_on_this_machine() -> None:
    table = PriceTable.parse(
        '[[version]]\nname = "a"\nsince = 2025-01-01\n[version.models]\nm = {prompt="1", completion="2", batch="0.5"}\n'
        '[[version]]\nname = "b"\nsince = 2025-06-02\n[version.models]\nm = {prompt="3", completion="4", batch="0.5"}\n'
    )
    far = Endpoint("https://model.example/v1", "m")
    found = purse(job_of(), far, table, NOW)
    assert (found.price.version, found.price.prompt, found.batch_price.completion) == ("b", Decimal(3), Decimal(2))
    assert purse(job_of(), far, table, NOW - timedelta(days=1)).price.version == "a"
    assert purse(job_of(), Endpoint("http://127.0.0.1:1/v1", "other"), table, NOW).price.prompt == 0
    with pytest.raises(BadSettings, match="what other costs"):
        purse(job_of(), Endpoint("https://model.example/v1", "other"), table, NOW)


def test_a_question_is_taken_by_one_of_two(ready: tuple[str, list[UUID]]) -> None:
    url, ids = ready
    ready_again(url, ids)
    account = queue.Account("test", date(2025, 6, 1))
    with connect(url, autocommit=True) as connection, connection.transaction():
        begun = [queue.Begun(row_id, 1, uuid4()) for row_id in ids]
        assert queue.begin(connection, account, begun, price="x", worker=1) == {}
        again = [queue.Begun(row_id, 1, uuid4()) for row_id in ids]
        assert set(queue.begin(connection, account, again, price="x", worker=2).values()) == {"taken"}
