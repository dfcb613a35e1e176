import json
from decimal import Decimal
from typing import Any

import pytest

from insights import assets
from insights.errors import BadSettings
from insights.llm.answers import read, refused
from insights.llm.batch import line, read_lines
from insights.llm.calls import Call, Outcome, Usage
from insights.llm.endpoint import is_loopback
from insights.llm.gate import exhausted_s, retry_after_s
from insights.llm.prices import Price, PriceTable, most

GOOD = {"choices": [{"message": {"content": "hi"}, "finish_reason": "stop"}], "usage": {"prompt_tokens": 7}}


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "2"}, 2),
        ({"retry-after-ms": "1500", "retry-after": "9"}, 1.5),
        ({"retry-after": "-3"}, 0),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0),
        ({"retry-after": "soon"}, 1),
        ({}, 1),
    ],
)
def test_how_long_a_429_asks_to_wait(headers: dict[str, str], seconds: float) -> None:
    assert retry_after_s(headers) == seconds


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "6m0s"}, 360),
        ({"x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "120ms"}, 0.12),
        ({"x-ratelimit-remaining-requests": "4", "x-ratelimit-reset-requests": "6m0s"}, 0),
        ({}, 0),
    ],
)
def test_an_account_that_is_used_up_pauses_everyone(headers: dict[str, str], seconds: float) -> None:
    assert exhausted_s(headers) == pytest.approx(seconds)


@pytest.mark.parametrize(
    "body", [None, [], "x", {}, {"choices": []}, {"choices": [None]}, {"choices": [{"message": 3}]}]
)
def test_a_body_of_any_shape_is_a_reply(body: Any) -> None:
    assert read("k", body).outcome is Outcome.UNREADABLE


@pytest.mark.parametrize(
    "usage", [None, {}, {"prompt_tokens": 7}, {"prompt_tokens": -1, "completion_tokens": 2}, "much"]
)
def test_tokens_that_nobody_counted_are_unknown_and_not_none(usage: Any) -> None:
    reply = read("k", {**GOOD, "usage": usage})
    assert (reply.outcome, reply.usage) == (Outcome.ANSWERED, None)


@pytest.mark.parametrize(
    ("status", "outcome", "paid"),
    [
        (429, Outcome.RATE_LIMITED, False),
        (401, Outcome.DENIED, False),
        (404, Outcome.BAD_REQUEST, False),
        (500, Outcome.SERVER_ERROR, False),
        (502, Outcome.SERVER_ERROR, True),
        (0, Outcome.SERVER_ERROR, True),
    ],
)
def test_what_a_refusal_may_have_cost(status: int, outcome: Outcome, paid: bool) -> None:
    reply = refused("k", status, {"error": {"message": "no"}})
    assert (reply.outcome, reply.usage is None) == (outcome, paid)


def test_lines_of_a_batch_are_read_one_by_one() -> None:
    lines = [
        json.dumps({"custom_id": "a", "response": {"status_code": 200, "body": GOOD}, "error": None}),
        json.dumps({"custom_id": "b", "response": None, "error": {"code": "batch_expired", "message": "late"}}),
        json.dumps({"custom_id": "c", "response": None, "error": {"code": "other", "message": "why"}}),
        json.dumps({"custom_id": 4}),
        "{",
        "",
    ]
    found = {reply.key: (reply.outcome, reply.usage) for reply in read_lines(lines)}
    assert found == {
        "a": (Outcome.ANSWERED, None),
        "b": (Outcome.EXPIRED, Usage()),
        "c": (Outcome.SERVER_ERROR, None),
    }


def test_a_line_is_one_line_whatever_the_prompt_holds() -> None:
    call = Call("k", ({"role": "user", "content": "a\nb\u2028c"},), {"name": "x", "schema": {}}, max_tokens=5)
    sent = line(call, "m")
    assert sent.count(b"\n") == 1
    assert json.loads(sent)["body"]["messages"][0]["content"] == "a\nb\u2028c"


def test_the_worst_case_counts_every_byte_that_is_sent() -> None:
    call = Call("k", ({"role": "user", "content": "é" * 10},), {"schema": "é"}, max_tokens=5)
    worst = most(call)
    assert worst.prompt_tokens >= 20 + len(json.dumps({"schema": "é"}))
    assert worst.completion_tokens == 5
    assert Price(Decimal("0.15"), Decimal("0.60")).worst(call) == 150 * worst.prompt_tokens + 600 * 5


def test_money_is_rounded_up_to_the_last_digit() -> None:
    price = Price(Decimal("0.0004"), Decimal(0), Decimal("0.5"))
    assert (price.cost(Usage(1, 0)), price.cost(Usage(5, 0)), price.in_batch.cost(Usage(10, 0))) == (1, 2, 2)


@pytest.mark.parametrize(
    "wrong", ["x", "[[version]]", '[[version]]\nname="a"\nsince=2025-01-01\nmodels={m={prompt="x"}}']
)
def test_a_price_table_that_is_none_is_refused(wrong: str) -> None:
    with pytest.raises(BadSettings):
        PriceTable.parse(wrong)


def test_the_shipped_prices_can_be_read() -> None:
    table = PriceTable.parse(assets.text("prompts", "prices.toml"))
    assert table.versions
    for _, prices in table.versions:
        assert all(price.completion > price.prompt > 0 for price in prices.values())


@pytest.mark.parametrize(
    ("url", "near"),
    [
        ("http://127.0.0.1:8000/v1", True),
        ("http://localhost/v1", True),
        ("http://[::1]:1/v1", True),
        ("https://localhost.example/v1", False),
        ("https://10.0.0.1/v1", False),
        ("what", False),
    ],
)
def test_what_is_on_this_machine(url: str, near: bool) -> None:
    assert is_loopback(url) is near
