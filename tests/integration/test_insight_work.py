import signal
import time
from datetime import UTC, datetime
from pathlib import Path
from subprocess import Popen
from threading import Thread
from typing import Any

import psycopg
import pytest
from tests.integration.insight_fixture import (
    AS_OF,
    NOW,
    cheap,
    command,
    execute,
    honest,
    job_of,
    rows,
    told,
    users,
)

from insights.llm.endpoint import Endpoint
from insights.llm.fake import FakeEndpoint
from insights.llm.fake_batches import FakeBatches
from insights.pipeline.serving import Service


def ask(url: str, user: Any, at: datetime = NOW) -> dict[str, Any]:
    with psycopg.connect(url) as connection:
        cursor = connection.execute("SELECT * FROM request_insights(%s, %s)", (user, at))
        assert cursor.description is not None
        row = cursor.fetchone()
        assert row is not None
        return dict(zip([column.name for column in cursor.description], row, strict=True))


def request(url: str, request_id: Any) -> dict[str, Any]:
    return rows(url, "SELECT state, reason, attempts FROM insight_requests WHERE id = %s", request_id)[0]


def wait_until_served(url: str, request_id: Any, process: Popen[str] | None = None) -> float:
    began = time.monotonic()
    while request(url, request_id)["state"] in ("waiting", "running"):
        assert process is None or process.poll() is None, process.communicate()
        assert time.monotonic() - began < 60, request(url, request_id)
        time.sleep(0.02)
    return time.monotonic() - began


class Serving:
    """A service in a thread of the test."""

    def __init__(self, url: str, endpoint: Endpoint | None = None, **options: Any) -> None:
        self.service = Service(url, job_of(name="regenerate", price=cheap()), lambda: NOW, endpoint, **options)
        self.thread = Thread(target=self.service.serve)

    def __enter__(self) -> Service:
        self.thread.start()
        return self.service

    def __exit__(self, *_: object) -> None:
        self.service.stop.set()
        self.thread.join(30)
        assert not self.thread.is_alive()


def quota(url: str) -> int:
    return int(rows(url, "SELECT coalesce(sum(usage_count), 0) AS n FROM feature_usage")[0]["n"])


def test_the_app_asks_by_a_function_that_keeps_the_quota(facts: str) -> None:
    user = users(facts)[0]
    execute(facts, "UPDATE plan_feature_limits SET daily_limit = 1 WHERE feature_name = 'on_demand'")
    first, same = ask(facts, user), ask(facts, user)
    assert (first["granted"], same["granted"], same["request_id"]) == (True, True, first["request_id"])
    assert quota(facts) == 1
    execute(facts, "UPDATE insight_requests SET state = 'done'")
    denied = ask(facts, user)
    assert (denied["granted"], denied["reason"], denied["request_id"]) == (False, "daily_limit", None)
    execute(facts, "UPDATE plans SET type = 'free'")
    assert ask(facts, users(facts)[1])["reason"] == "not_in_plan"
    with pytest.raises(psycopg.errors.NoDataFound):
        ask(facts, "00000000-0000-0000-0000-000000000000")


def test_requests_are_served_within_seconds_and_unchanged_input_makes_no_call(facts: str) -> None:
    user = max(users(facts), key=lambda u: len(rows(facts, "SELECT 1 FROM insight_data_points WHERE user_id = %s", u)))
    with FakeEndpoint(honest) as fake, Serving(facts, Endpoint(fake.url, "fake")):
        assert wait_until_served(facts, ask(facts, user)["request_id"]) < 20
        asked = len(fake.requests)
        assert {row["user_id"] for row in rows(facts, "SELECT user_id FROM user_insights")} == {user}
        assert wait_until_served(facts, ask(facts, user)["request_id"]) < 20
        assert len(fake.requests) == asked > 0
    assert {row["state"] for row in rows(facts, "SELECT state FROM insight_requests")} == {"done"}


def test_a_request_that_fails_gives_its_use_back(facts: str) -> None:
    user = users(facts)[0]
    execute(facts, "ALTER TABLE user_insights ADD CONSTRAINT none CHECK (title = '') NOT VALID")
    with Serving(facts):
        asked = ask(facts, user)
        wait_until_served(facts, asked["request_id"])
    assert request(facts, asked["request_id"])["state"] == "failed"
    assert "none" in request(facts, asked["request_id"])["reason"]
    assert quota(facts) == 0


def test_a_request_whose_worker_is_gone_is_taken_up(facts: str) -> None:
    request_id = ask(facts, users(facts)[0])["request_id"]
    execute(facts, "UPDATE insight_requests SET state = 'running', worker = 7, attempts = 1")
    with Serving(facts):
        wait_until_served(facts, request_id)
    assert request(facts, request_id) == {"state": "done", "reason": None, "attempts": 2}
    execute(facts, "UPDATE insight_requests SET state = 'running', worker = 7, attempts = 3")
    with Serving(facts):
        wait_until_served(facts, request_id)
    assert request(facts, request_id)["state"] == "failed"


def test_work_collects_finished_batches(facts: str) -> None:
    with FakeEndpoint(honest, batches=FakeBatches()) as fake:
        endpoint = Endpoint(fake.url, "fake")
        sent = told(facts, endpoint, job=job_of(mode="batch", price=cheap()))
        with Serving(facts, endpoint, collect_every_s=0.5):
            for _ in range(600):
                if len(rows(facts, "SELECT 1 FROM user_insights")) == sent.told.wanted:
                    break
                time.sleep(0.05)
    assert len(rows(facts, "SELECT 1 FROM user_insights WHERE generator = 'llm'")) == sent.told.wanted > 0


def test_the_command_serves_and_ends_cleanly_on_sigterm(facts: str, tmp_path: Path) -> None:
    job = tmp_path / "mine.toml"
    job.write_text('name = "regenerate"\nsteps = ["insights"]\n')
    at = datetime.now(tz=UTC)
    with FakeEndpoint(honest) as fake, command(facts, fake.url, "work", "--job", str(job)) as process:
        wait_until_served(facts, ask(facts, users(facts)[0], at)["request_id"], process)
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    assert AS_OF.year < at.year
