import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime
from uuid import UUID

import psycopg
import pytest
from psycopg.rows import dict_row

from insights.db.connection import connect
from insights.errors import BadInput
from insights.llm.endpoint import Endpoint
from insights.llm.local import shipped_model
from insights.pipeline import job as jobs
from insights.pipeline import run as runs
from insights.simulate.store import Cohort, write_cohort

pytest.importorskip("xllamacpp", reason="`make local-llm` installs it")
try:
    shipped_model()
except BadInput as missing:
    pytest.skip(f"{missing.message}; {missing.hint}", allow_module_level=True)

AS_OF = date(2025, 6, 1)
NOW = datetime(2031, 6, 2, 3, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def model() -> Iterator[Endpoint]:
    with subprocess.Popen(
        [sys.executable, "-m", "insights.llm.local"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as server:
        try:
            assert server.stdout is not None
            said = json.loads(server.stdout.readline())
            yield Endpoint(url=said["url"], model=said["model"], concurrency=1, timeout_s=240)
        finally:
            with suppress(ProcessLookupError):
                server.terminate()


@pytest.mark.timeout(500)
def test_a_small_real_model_ends_in_verified_insights_or_the_marked_fallback(database: str, model: Endpoint) -> None:
    with connect(database, autocommit=True) as connection:
        written = write_cohort(connection, Cohort(lifters=1, weeks=12, seed=3, until=AS_OF, ugliness=0.0))
    job = jobs.read("regenerate")
    job = job.model_copy(update={"insights": job.insights.model_copy(update={"types": ("weekly_summary",)})})
    report = runs.run(database, job, now=NOW, as_of=AS_OF, user_id=UUID(written.users[0]), endpoint=model)
    assert report.failures == []
    assert report.told.wanted == report.told.by_model + report.told.fallbacks > 0
    assert 1 <= report.told.calls <= 2 * report.told.wanted
    assert report.told.prompt_tokens > 0
    assert report.told.completion_tokens > 0
    with psycopg.connect(database, row_factory=dict_row) as connection:
        told = connection.execute("SELECT generator, description FROM user_insights").fetchall()
        asked = connection.execute("SELECT state, outcome FROM insight_ledger").fetchall()
    assert {row["generator"] for row in told} <= {"llm", "rules"}
    assert len(told) == report.told.wanted
    assert all(row["description"] for row in told)
    assert {row["state"] for row in asked} <= {"written", "fallback"}
    assert all(row["outcome"] for row in asked)
