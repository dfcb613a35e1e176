import json
import os
from itertools import cycle, islice
from random import Random
from typing import Any

import pytest
from tests.integration.insight_fixture import example, execute, job_of, rows, told
from tests.unit.narrative_lies import KINDS

from insights.llm.endpoint import Endpoint
from insights.llm.fake import FakeEndpoint
from insights.llm.fake_batches import FakeBatches

ROUNDS = int(os.environ.get("LIES_ROUNDS", "3"))  # each tells a score of questions twice; more for a search at night


class Liar:
    """A model that lies whenever it is asked, about each question in a kind of its own."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.kinds = islice(cycle(KINDS), seed * 20 % len(KINDS), None)
        self.told: dict[str, str] = {}  # nonce -> kind

    def __call__(self, body: dict[str, Any]) -> str:
        honest = example(body)
        kind = self.told.setdefault(honest["nonce"], next(self.kinds))
        return KINDS[kind](self.random, honest)


def forget(url: str) -> None:
    execute(url, "TRUNCATE user_insights, insight_ledger, insight_calls, insight_batches")


@pytest.mark.timeout(60 + 10 * ROUNDS)
def test_mutation_of_every_kind_ends_as_the_rules_words(facts: str) -> None:
    honest = {(row["insight_key"], row["description"]) for row in by_rules(facts)}
    kinds: set[str] = set()
    for round_ in range(ROUNDS):
        forget(facts)
        liar = Liar(round_)
        with FakeEndpoint(liar) as fake:
            report = told(facts, Endpoint(fake.url, "fake"))
            assert len(fake.requests) == 2 * report.told.wanted > 0
        kinds |= set(liar.told.values())
        stored = rows(facts, "SELECT * FROM user_insights")
        assert len(stored) == report.told.wanted == report.told.fallbacks
        assert {(row["generator"], row["grade"]) for row in stored} == {("rules", "proved")}
        assert {(row["insight_key"], row["description"]) for row in stored} == honest
        assert not any(row["recommendations"] for row in stored if row["insight_type"] not in MAY_RECOMMEND)
        ledger = rows(facts, "SELECT state, rejected, reasons FROM insight_ledger")
        assert {(row["state"], row["rejected"]) for row in ledger} == {("fallback", 1)}
        assert all(row["reasons"] for row in ledger)
    assert kinds == set(KINDS)


MAY_RECOMMEND = ("plateau", "strength_progress")


def by_rules(url: str) -> list[dict[str, Any]]:
    told(url)
    return rows(url, "SELECT * FROM user_insights")


def test_mutation_by_batch_ends_as_the_rules_words(facts: str) -> None:
    job = job_of(mode="batch")
    with FakeEndpoint(Liar(7), batches=FakeBatches()) as fake:
        endpoint = Endpoint(fake.url, "fake")
        for _ in range(3):  # sent; judged and sent with the reasons; judged
            told(facts, endpoint, job=job)
    stored = rows(facts, "SELECT generator FROM user_insights")
    assert {row["generator"] for row in stored} == {"rules"}
    assert {row["state"] for row in rows(facts, "SELECT state FROM insight_ledger")} == {"fallback"}


def test_mutation_of_one_answer_leaves_the_honest_ones(facts: str) -> None:
    liar = Liar(1)

    def answer(body: dict[str, Any]) -> str:
        honest = example(body)
        return liar(body) if int(honest["nonce"], 16) % 3 == 0 else json.dumps(honest)

    with FakeEndpoint(answer) as fake:
        report = told(facts, Endpoint(fake.url, "fake"))
    assert report.told.fallbacks == len(liar.told) > 0
    assert report.told.by_model == report.told.wanted - len(liar.told) > 0


@pytest.mark.parametrize(
    ("statement", "silent"),
    [
        ("UPDATE insight_data_points SET n = 1 WHERE data_type LIKE 'e1rm_trend%%'", {"strength_progress", "plateau"}),
        ("UPDATE insight_data_points SET unit = 'lb' WHERE unit = 'kg'", {"record"}),
        ("UPDATE insight_data_points SET window_start = window_end + 1", {"weekly_summary", "plateau", "record"}),
        ("UPDATE insight_data_points SET data_type = 'my_' || data_type", {"weekly_summary", "plateau", "record"}),
        ("UPDATE insight_data_points SET entity = 'say 200' WHERE entity IS NOT NULL", {"balance"}),
    ],
)
def test_mutation_of_a_fact_that_the_catalogue_does_not_know_is_no_fact(
    facts: str, statement: str, silent: set[str]
) -> None:
    honest = {row["insight_type"] for row in by_rules(facts)}
    assert silent <= honest
    forget(facts)
    execute(facts, statement)
    assert not silent & {row["insight_type"] for row in by_rules(facts)} - trends_told_otherwise(facts)


def trends_told_otherwise(url: str) -> set[str]:
    """Without a trend, strength is told as what it lacks; that claims none."""
    found = rows(url, "SELECT insight_type, claims FROM user_insights WHERE insight_type = 'strength_progress'")
    return {row["insight_type"] for row in found if row["claims"][0]["identity"][0] == "insufficient"}
