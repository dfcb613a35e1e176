"""A database with the facts of a few lifters and nothing told yet, and a model that answers as the prompt shows."""

import json
import os
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from subprocess import DEVNULL, PIPE, Popen
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import dict_row

from insights.llm.endpoint import Endpoint
from insights.pipeline import job as jobs
from insights.pipeline import run as runs
from insights.simulate.store import Cohort

AS_OF = date(2025, 6, 1)  # a Sunday
NOW = datetime(2025, 6, 2, 12, 0, tzinfo=UTC)  # when every lifter's yesterday is AS_OF
COHORT = Cohort(lifters=3, weeks=30, seed=7, until=AS_OF, ugliness=0.3)
INSIGHTS = Path(sys.executable).with_name("insights")


def job_of(**changes: Any) -> jobs.Job:
    """The nightly job with other settings; those of the step insights by their own names."""
    job = jobs.read("nightly")
    of_insights = {name: value for name, value in changes.items() if name in jobs.InsightsPart.model_fields}
    of_job = {name: value for name, value in changes.items() if name not in of_insights}
    part = job.insights.model_copy(update=of_insights)
    return job.model_copy(update={"insights": part, "steps": ("insights",), "source": "sets", **of_job})


def cheap(prompt: str = "1", completion: str = "2") -> jobs.ModelPrice:
    return jobs.ModelPrice(prompt=Decimal(prompt), completion=Decimal(completion), batch=Decimal("0.5"))


def told(url: str, endpoint: Endpoint | None = None, *, job: jobs.Job | None = None, **options: Any) -> runs.Report:
    """The second half alone."""
    return runs.run(url, job or job_of(), endpoint=endpoint, **({"now": NOW, "as_of": AS_OF} | options))


def rows(url: str, query: str, *parameters: Any) -> list[dict[str, Any]]:
    with psycopg.connect(url, row_factory=dict_row) as connection:
        return connection.execute(query, parameters).fetchall()


def execute(url: str, statement: str, *parameters: Any) -> None:
    with psycopg.connect(url) as connection:
        connection.execute(statement, parameters)


def users(url: str) -> list[UUID]:
    return [row["id"] for row in rows(url, "SELECT id FROM users ORDER BY id")]


def example(body: dict[str, Any]) -> dict[str, Any]:
    """The answer that the prompt shows as its example."""
    prompt = "\n".join(message["content"] for message in body["messages"])
    found: dict[str, Any] = json.JSONDecoder().raw_decode(prompt, prompt.index('{"nonce"'))[0]
    return found


def honest(body: dict[str, Any]) -> str:
    return json.dumps(example(body))


def asked(requests: list[dict[str, Any]]) -> Counter[str]:
    """How often each question was asked."""
    return Counter(example(body)["nonce"] for body in requests)


@contextmanager
def command(url: str, endpoint_url: str, *arguments: str, slots: int = 2, **variables: str) -> Iterator[Popen[str]]:
    """A command line of its own process, in a clean environment; killed at the end, if it still runs."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("INSIGHTS_LLM", "OPENAI"))}
    own = {
        "DATABASE_URL": url,
        "INSIGHTS_LLM_URL": endpoint_url,
        "INSIGHTS_LLM_MODEL": "fake",
        "INSIGHTS_LLM_CONCURRENCY": str(slots),
    }
    with Popen([INSIGHTS, *arguments], env=kept | own | variables, stdout=DEVNULL, stderr=PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()
