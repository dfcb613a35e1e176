import threading
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import psycopg
import pytest
from tests.integration.test_road_exports import live

from insights.pipeline import job as jobs
from insights.pipeline import run as runs
from insights.simulate.store import Cohort

COHORT = Cohort(lifters=4, weeks=14, seed=23, until=date(2025, 6, 1), ugliness=0.3)
NOW = datetime(2031, 6, 2, 3, 0, tzinfo=UTC)
LEAVES = """
DO $$ DECLARE leaver uuid := {0}; BEGIN
    DELETE FROM subscriptions WHERE user_id = leaver;
    DELETE FROM workout_sessions WHERE user_id = leaver;
    DELETE FROM workouts WHERE created_by_id = leaver;
    DELETE FROM exercise_catalog WHERE created_by_id = leaver;
    DELETE FROM users WHERE id = leaver;
END $$
"""
CHANGES = {
    "a session is deleted": (
        "DELETE FROM workout_sessions WHERE id IN (SELECT min(id::text)::uuid FROM workout_sessions GROUP BY user_id)"
    ),
    "a user is deleted": LEAVES.format("(SELECT min(user_id::text)::uuid FROM engine_users)"),
    "the zone changes": "UPDATE users SET tz = 'Pacific/Auckland'",
    "the units change": (
        "UPDATE user_preferences SET preferred_units ="
        " CASE preferred_units WHEN 'imperial' THEN 'metric' ELSE 'imperial' END"
    ),
}
TOLD = """
SELECT user_id, insight_key, insight_type, insight_category, title, description, confidence_score, supporting_data_ids,
       chart_data, valid_until, input_hash, units
FROM user_insights WHERE superseded_at IS NULL AND NOT stale ORDER BY user_id, insight_key
"""


@pytest.fixture
def pair(lifters_of: Callable[..., tuple[str, list[UUID]]]) -> tuple[str, str]:
    """Two databases of the same lifters."""
    return lifters_of(COHORT)[0], lifters_of(COHORT)[0]


def night(url: str, **options: Any) -> runs.Report:
    return runs.run(url, jobs.read("nightly"), **({"now": NOW, "as_of": COHORT.until} | options))


def execute(url: str, statement: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute(statement)


def told(url: str) -> list[Any]:
    with psycopg.connect(url) as connection:
        return connection.execute(TOLD).fetchall()


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_a_change_between_nights_leaves_what_a_first_night_would(pair: tuple[str, str], change: str) -> None:
    between, before = pair
    night(between)
    execute(between, change)
    assert night(between).failures == []
    execute(before, change)
    night(before)
    assert live(between) == live(before)


def test_a_user_who_leaves_while_a_night_runs_takes_nobody_along(pair: tuple[str, str]) -> None:
    during, before = pair
    with psycopg.connect(during) as connection:
        users: list[UUID] = [row[0] for row in connection.execute("SELECT id FROM users ORDER BY id").fetchall()]
    leaver = LEAVES.format(f"'{users[1]}'")
    left = threading.Event()

    def progress(step: str, done: int, of: int) -> None:
        del done, of
        if step.startswith("analytics") and not left.is_set():
            left.set()
            execute(during, leaver)

    night(during, progress=progress)
    assert left.is_set()
    execute(before, leaver)
    night(before)
    assert live(during) == live(before)
    assert told(during) == told(before) != []
    assert night(during).failures == []


def test_a_user_who_leaves_before_his_shard_takes_nobody_along(pair: tuple[str, str]) -> None:
    during, before = pair
    with psycopg.connect(during) as connection:
        users = [row[0] for row in connection.execute("SELECT id FROM users ORDER BY id").fetchall()]
    leaver = LEAVES.format(f"'{users[1]}'")
    one_by_one = jobs.read("nightly").model_copy(update={"shard_users": 1})

    left = threading.Event()

    def progress(step: str, done: int, of: int) -> None:
        if step.startswith("analytics") and 0 < done < of and not left.is_set():
            left.set()
            execute(during, leaver)

    runs.run(during, one_by_one, now=NOW, as_of=COHORT.until, progress=progress)
    assert left.is_set()
    execute(before, leaver)
    night(before)
    assert live(during) == live(before)
    assert told(during) == told(before) != []
