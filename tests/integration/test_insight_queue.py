import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.integration.insight_fixture import (
    AS_OF,
    asked,
    cheap,
    command,
    execute,
    honest,
    job_of,
    rows,
    told,
)

from insights.llm.endpoint import Endpoint
from insights.llm.fake import FakeEndpoint, Fault

SLOTS = 2
JOB = """
name = "nightly"
steps = ["insights"]
[insights]
price = { prompt = 1, completion = 2 }
"""
HOLD = """
CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(42);
    RETURN NEW;
END $$;
CREATE TRIGGER hold BEFORE UPDATE ON insight_ledger FOR EACH ROW WHEN (OLD.state = '{state}' AND NEW.state <> '{state}')
EXECUTE FUNCTION hold();
"""


@contextmanager
def held_in(url: str, state: str) -> Iterator[None]:
    """Whoever would lead a row out of the state waits."""
    with psycopg.connect(url) as connection:
        connection.execute(HOLD.format(state=state).encode())
        connection.commit()
        connection.execute("SELECT pg_advisory_lock(42)")
        yield
        connection.execute("SELECT pg_advisory_unlock(42)")
        connection.commit()
        connection.execute("DROP FUNCTION hold() CASCADE")


def wait_for(url: str, query: str) -> None:
    for _ in range(200):
        if rows(url, query):
            return
        time.sleep(0.05)
    raise AssertionError(f"in vain: {query}")


STATES = ("pending", "rendered", "submitted", "received", "verified", "written")


@pytest.mark.parametrize("state", STATES)
def test_after_a_kill_in_any_state_nothing_that_was_received_is_asked_again(
    facts: str, tmp_path: Path, state: str
) -> None:
    job = tmp_path / "nightly.toml"
    job.write_text(JOB)
    with FakeEndpoint(honest) as fake:
        with (
            held_in(facts, state),
            command(facts, fake.url, "run", str(job), "--as-of", AS_OF.isoformat(), slots=SLOTS) as process,
        ):
            wait_for(facts, f"SELECT 1 FROM insight_ledger WHERE state = '{state}'")
            if state == "submitted":  # until the record of an answer waits
                wait_for(facts, "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
            process.kill()
            process.wait()
        wait_for(
            facts,
            "SELECT 1 WHERE NOT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database()"
            " AND application_name = 'insights')",
        )
        received = rows(facts, "SELECT raw_answer FROM insight_ledger WHERE raw_answer IS NOT NULL")
        report = told(facts, Endpoint(fake.url, "fake", concurrency=SLOTS), job=job_of(price=cheap()))
        questions = asked(fake.requests)
    twice = sum(count - 1 for count in questions.values())
    unknown = rows(facts, "SELECT cost_nano_usd, reserved_nano_usd FROM insight_calls WHERE outcome = 'unknown'")
    assert {row["state"] for row in rows(facts, "SELECT state FROM insight_ledger")} == {"written"}
    assert report.told.unknown == len(unknown)
    assert twice <= len(unknown) <= SLOTS
    assert state != "submitted" or unknown
    assert state not in ("received", "verified", "written") or received
    assert all(call["cost_nano_usd"] == call["reserved_nano_usd"] > 0 for call in unknown)
    budget = rows(facts, "SELECT sum(reserved_nano_usd) AS reserved, sum(spent_nano_usd) AS spent FROM insight_budgets")
    calls = rows(facts, "SELECT sum(cost_nano_usd) AS cost FROM insight_calls")
    assert (budget[0]["reserved"], budget[0]["spent"]) == (0, calls[0]["cost"])
    live = rows(facts, "SELECT insight_key, user_id FROM user_insights WHERE superseded_at IS NULL")
    assert len(live) == len(questions) == len(rows(facts, "SELECT 1 FROM insight_ledger"))


def test_a_night_one_day_later_over_unchanged_data_asks_nothing(facts: str) -> None:
    with FakeEndpoint(honest) as fake:
        endpoint = Endpoint(fake.url, "fake")
        first = told(facts, endpoint)
        asked_first = len(fake.requests)
        execute(facts, "DELETE FROM user_insights WHERE insight_type = 'record'")  # its answer is kept: nobody is asked
        again = told(facts, endpoint)
        assert len(fake.requests) == asked_first == first.told.by_model > 0
    assert again.told.by_model == first.told.wanted - again.told.unchanged > 0


def test_an_answer_that_does_not_verify_is_asked_for_once_more_with_the_reasons(facts: str) -> None:
    def second_time(body: dict[str, Any]) -> str:
        return honest(body) if len(body["messages"]) == 4 else honest(body).replace("{c1}", "{c1} by 12 kg")

    with FakeEndpoint(second_time) as fake:
        report = told(facts, Endpoint(fake.url, "fake"))
        assert len(fake.requests) == 2 * report.told.wanted == 2 * report.told.by_model
        second = [body for body in fake.requests if len(body["messages"]) == 4]
    assert all("digit" in body["messages"][3]["content"] for body in second)
    assert {row["rejected"] for row in rows(facts, "SELECT rejected FROM insight_ledger")} == {1}
    calls = rows(facts, "SELECT count(*) AS n, count(raw_answer) AS answers FROM insight_calls")
    assert (calls[0]["n"], calls[0]["answers"]) == (len(fake.requests), len(fake.requests))


def test_in_a_storm_of_429_no_question_is_lost_and_none_is_answered_twice(facts: str) -> None:
    arrivals = count()

    def answer(body: dict[str, Any]) -> str | Fault:
        return honest(body) if next(arrivals) % 3 == 0 else Fault(429, retry_after="0.02")

    with FakeEndpoint(answer) as fake:
        report = told(facts, Endpoint(fake.url, "fake", concurrency=8, tries=1))
        assert report.told.calls == len(fake.requests) > report.told.wanted
    assert report.told.by_model == report.told.wanted
    assert len(rows(facts, "SELECT 1 FROM insight_calls")) == report.told.wanted  # a refused call leaves no row


def test_who_has_a_question_in_hand_keeps_it(facts: str) -> None:
    with FakeEndpoint(lambda body: Fault(text=honest(body), delay_s=0.2)) as fake:
        with command(
            facts, fake.url, "run", "regenerate", "--user", user_of(facts), "--as-of", AS_OF.isoformat(), slots=1
        ) as process:
            wait_for(facts, "SELECT 1 FROM insight_ledger WHERE state = 'submitted'")
            report = told(facts, Endpoint(fake.url, "fake", concurrency=1))
            assert process.wait(60) == 0
        assert set(asked(fake.requests).values()) == {1}
    assert report.told.waiting > 0


def user_of(url: str) -> str:
    return str(
        rows(url, "SELECT user_id FROM insight_data_points GROUP BY 1 ORDER BY count(*) DESC LIMIT 1")[0]["user_id"]
    )
