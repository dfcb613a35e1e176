from collections.abc import Callable
from dataclasses import replace
from itertools import count
from typing import Any

import pytest

from insights.errors import Unreachable
from insights.llm.calls import Call, Outcome, Reply, Usage
from insights.llm.chat import ask_all
from insights.llm.endpoint import Endpoint, probe
from insights.llm.fake import FakeEndpoint, Fault

SCHEMA = {"name": "x", "strict": True, "schema": {"type": "object"}}


def call(key: str) -> Call:
    return Call(key, ({"role": "user", "content": key},), SCHEMA, max_tokens=50)


def ask(fake: FakeEndpoint, keys: list[str], **limits: Any) -> dict[str, Reply]:
    replies: dict[str, Reply] = {}

    def keep(reply: Reply) -> None:
        assert reply.key not in replies
        replies[reply.key] = reply

    ask_all(replace(Endpoint(fake.url, "fake"), **limits), map(call, keys), keep)
    return replies


def once(fault: Fault) -> Callable[[dict[str, Any]], str | Fault]:
    tries = count()
    return lambda _: fault if next(tries) == 0 else "fine"


def test_every_call_ends_in_its_own_reply() -> None:
    with FakeEndpoint(lambda body: f"echo {body['messages'][0]['content']}") as fake:
        replies = ask(fake, [f"k{i}" for i in range(40)], concurrency=5)
    assert {key: reply.text for key, reply in replies.items()} == {f"k{i}": f"echo k{i}" for i in range(40)}
    assert all(reply.outcome is Outcome.ANSWERED and reply.usage == Usage(100, 20) for reply in replies.values())
    assert fake.most_at_once <= 5
    assert fake.requests[0]["response_format"]["json_schema"]["strict"] is True


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        (Fault(text="half", finish_reason="length"), Outcome.CUT_OFF),
        (Fault(finish_reason="content_filter"), Outcome.FILTERED),
        (Fault(refusal="no"), Outcome.REFUSED),
        (Fault(text=""), Outcome.EMPTY),
        (Fault(status=400), Outcome.BAD_REQUEST),
        (Fault(status=401), Outcome.DENIED),
        (Fault(status=429, code="insufficient_quota"), Outcome.QUOTA_EXHAUSTED),
        (Fault(raw="<html>gateway</html>"), Outcome.UNREADABLE),
        (Fault(delay_s=0.6, text="late"), Outcome.TIMEOUT),
    ],
)
def test_a_final_fault_is_its_own_outcome_and_is_not_asked_again(fault: Fault, outcome: Outcome) -> None:
    with FakeEndpoint(lambda _: fault) as fake:
        reply = ask(fake, ["k"], timeout_s=0.3)["k"]
        assert (reply.outcome, len(fake.requests)) == (outcome, 1)


@pytest.mark.parametrize("fault", [Fault(status=429, retry_after="0.05"), Fault(status=503), Fault(hang_up=True)])
def test_a_passing_fault_is_asked_again(fault: Fault) -> None:
    with FakeEndpoint(once(fault)) as fake:
        reply = ask(fake, ["k"])["k"]
        assert (reply.outcome, reply.attempts, len(fake.requests)) == (Outcome.ANSWERED, 2, 2)


def test_a_lasting_fault_ends_after_the_tries() -> None:
    with FakeEndpoint(lambda _: Fault(status=500)) as fake:
        reply = ask(fake, ["k"], tries=2)["k"]
        assert (reply.outcome, len(fake.requests)) == (Outcome.SERVER_ERROR, 2)


def test_a_rate_limit_is_waited_out_whatever_the_tries() -> None:
    jam = count()

    def answer(_: dict[str, Any]) -> str | Fault:
        return Fault(429, retry_after="0.01") if next(jam) < 30 else "fine"

    with FakeEndpoint(answer) as fake:
        replies = ask(fake, [f"k{i}" for i in range(10)], tries=1)
        assert {reply.outcome for reply in replies.values()} == {Outcome.ANSWERED}
        assert len(fake.requests) == sum(reply.attempts for reply in replies.values()) == 40


def test_a_rate_limit_without_end_ends_at_the_deadline() -> None:
    with FakeEndpoint(lambda _: Fault(status=429, retry_after="0.01")) as fake:
        reply = ask(fake, ["k"], deadline_s=0.5)["k"]
    assert reply.outcome in {Outcome.RATE_LIMITED, Outcome.PAST_DEADLINE}
    assert reply.attempts > 1


def test_an_exhausted_quota_stops_all_further_calls() -> None:
    with FakeEndpoint(lambda _: Fault(status=429, code="insufficient_quota")) as fake:
        replies = ask(fake, [f"k{i}" for i in range(20)], concurrency=1)
        assert len(fake.requests) == 1
    assert {reply.outcome for reply in replies.values()} == {Outcome.QUOTA_EXHAUSTED}


def test_the_deadline_ends_everything() -> None:
    with FakeEndpoint(lambda _: Fault(delay_s=0.5, text="late")) as fake:
        replies = ask(fake, ["a", "b", "c"], concurrency=1, deadline_s=0.2)
    assert {reply.outcome for reply in replies.values()} == {Outcome.PAST_DEADLINE}


def test_probe_tells_the_models_and_that_nothing_answers() -> None:
    with FakeEndpoint(lambda _: "x", model="small") as fake:
        gone = Endpoint(fake.url, "small")
        assert probe(gone) == ["small"]
    with pytest.raises(Unreachable, match="no endpoint answers"):
        probe(gone)
