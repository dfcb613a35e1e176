from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg.rows import dict_row

from insights.db import report
from insights.db.connection import connect
from insights.pipeline import job as jobs
from insights.pipeline import run as runs
from insights.simulate.store import Cohort

AS_OF = date(2025, 6, 1)  # a Sunday
NOW = datetime(2031, 6, 2, 3, 0, tzinfo=UTC)
COHORT = Cohort(lifters=3, weeks=30, seed=7, until=AS_OF, ugliness=0.0)

Lifters = tuple[str, list[UUID]]


@pytest.fixture
def told(lifters_of: Callable[..., tuple[str, list[UUID]]]) -> Lifters:
    url, users = lifters_of(COHORT)
    night(url, AS_OF)
    return url, users


def night(url: str, as_of: date) -> None:
    assert runs.run(url, jobs.read("nightly"), now=NOW, as_of=as_of).failures == []


def insights(url: str, insight_type: str) -> list[dict[str, Any]]:
    query = (
        "SELECT * FROM user_insights WHERE insight_type = %s AND superseded_at IS NULL ORDER BY user_id, insight_key"
    )
    with psycopg.connect(url, row_factory=dict_row) as connection:
        return connection.execute(query, [insight_type]).fetchall()


def change(url: str, statement: str, insight: dict[str, Any]) -> None:
    with psycopg.connect(url) as connection:
        done = connection.execute(statement, insight)  # type: ignore[arg-type]
        assert done.rowcount > 0


DELETE_ITS_DAYS = (
    "DELETE FROM workout_sessions AS s USING users AS u WHERE u.id = s.user_id AND u.id = %(user_id)s"
    " AND (s.start_time AT TIME ZONE u.tz)::date BETWEEN %(period_start)s AND %(period_end)s"
)
ONE_REP_MORE = (
    "UPDATE set_executions AS e SET reps_completed = reps_completed + 1 FROM exercise_performances AS p"
    " JOIN workout_sessions AS s ON s.id = p.workout_session_id JOIN users AS u ON u.id = s.user_id"
    " WHERE p.id = e.exercise_performance_id AND u.id = %(user_id)s"
    " AND (s.start_time AT TIME ZONE u.tz)::date BETWEEN %(period_start)s AND %(period_end)s"
)


def test_a_record_whose_session_is_deleted_makes_its_insight_stale_and_leaves_the_report(told: Lifters) -> None:
    url, _ = told
    record = insights(url, "record")[0]
    change(url, DELETE_ITS_DAYS, record)
    night(url, AS_OF)
    left = {row["id"]: row["stale"] for row in insights(url, "record")}
    assert left.get(record["id"], True)
    with connect(url) as connection:
        assert record["id"] not in {row["id"] for row in report.insights(connection, record["user_id"])}


def test_a_record_that_has_only_grown_old_stays_as_it_is(told: Lifters) -> None:
    url, _ = told
    before = insights(url, "record")
    night(url, AS_OF + timedelta(days=60))
    after = {row["id"]: row["stale"] for row in insights(url, "record")}
    assert before
    assert [after.get(row["id"]) for row in before] == [False] * len(before)


def test_a_late_edit_of_a_past_week_makes_its_summary_stale(told: Lifters) -> None:
    url, _ = told
    summary = insights(url, "weekly_summary")[0]
    night(url, AS_OF + timedelta(weeks=2))
    change(url, ONE_REP_MORE, summary)
    night(url, AS_OF + timedelta(weeks=2))
    assert {row["id"]: row["stale"] for row in insights(url, "weekly_summary")}[summary["id"]]


def test_another_users_edit_makes_nothing_stale(told: Lifters) -> None:
    url, users = told
    summary = insights(url, "weekly_summary")[0]
    other = next(user for user in users if user != summary["user_id"])
    change(url, ONE_REP_MORE, summary | {"user_id": other})
    night(url, AS_OF + timedelta(weeks=2))
    assert not {row["id"]: row["stale"] for row in insights(url, "weekly_summary")}[summary["id"]]
