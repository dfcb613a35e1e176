from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Literal
from uuid import UUID

import psycopg
import pytest
from tests.oracle import nights
from tests.oracle.tables import TABLES

from insights.simulate.store import Cohort

SUNDAY = date(2025, 6, 1)


@pytest.mark.parametrize("as_of", [SUNDAY, date(2025, 3, 12)])
def test_every_stored_row_of_ugly_lifters_is_the_oracles(
    lifters_of: Callable[..., tuple[str, list[UUID]]], as_of: date
) -> None:
    database, users = lifters_of(Cohort(lifters=5, weeks=34, seed=3, until=SUNDAY, ugliness=1.0))
    nights.described(database, users, as_of)
    nights.night(database, as_of)
    rows = nights.agreed(database, users, as_of)
    assert all(rows[table] >= 300 for table in TABLES), rows
    with psycopg.connect(database) as connection:
        told = "SELECT count(DISTINCT user_id) FROM insight_data_points WHERE data_type LIKE 'e1rm%rho'"
        assert connection.execute(told).fetchone() == (len(users),)


@pytest.mark.parametrize(
    ("name", "unit", "zone", "as_of"),
    [
        ("hevy/strong-statistics.csv", "auto", "Pacific/Auckland", date(2025, 9, 16)),
        ("strong/my-workout-project-zh.csv", "lb", "America/New_York", date(2023, 12, 18)),
    ],
)
def test_every_stored_row_of_a_real_log_is_the_oracles(
    database: str, shared_data: Path, name: str, unit: Literal["auto", "lb"], zone: str, as_of: date
) -> None:
    user = nights.imported(database, shared_data / name, unit, zone)
    nights.described(database, [user], as_of)
    nights.night(database, as_of)
    rows = nights.agreed(database, [user], as_of)
    assert all(rows[table] >= 30 for table in TABLES), rows


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE volume_analytics SET sets_per_hour = coalesce(sets_per_hour, 0) + 0.01",
        "UPDATE strength_progressions SET reps_pr = NOT reps_pr",
        "UPDATE insight_data_points SET n = n + 1",
        "UPDATE insight_data_points SET source_id = gen_random_uuid()",
        "DELETE FROM insight_data_points",
    ],
)
def test_one_row_that_is_altered_or_gone_is_seen(
    lifters_of: Callable[..., tuple[str, list[UUID]]], statement: str
) -> None:
    database, (user,) = lifters_of(Cohort(lifters=1, weeks=12, seed=5, until=SUNDAY, ugliness=0.5))
    nights.night(database, SUNDAY)
    table = next(table for table in TABLES if table in statement)
    with psycopg.connect(database) as connection:
        connection.execute(f"{statement} WHERE id = (SELECT id FROM {table} LIMIT 1)")
    with pytest.raises(AssertionError, match=f"1 rows differ for {user}:\n{table}"):
        nights.agreed(database, [user], SUNDAY)
