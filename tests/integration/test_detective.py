from datetime import date
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from tests.oracle import nights

from insights.errors import BadInput
from insights.pipeline import detective
from insights.simulate.store import Cohort

CHINESE = Path("strong") / "my-workout-project-zh.csv"
WEIGHTS = """
SELECT i.source_key, e.weight_kg, p.total_volume_kg
FROM imported_sets AS i
JOIN set_executions AS e ON e.id = i.set_id
JOIN exercise_performances AS p ON p.id = e.exercise_performance_id
WHERE i.user_id = %s ORDER BY i.source_key
"""


def test_a_log_in_pounds_taken_for_kilograms_is_seen_and_can_be_mended(database: str, shared_data: Path) -> None:
    forced, right = (nights.imported(database, shared_data / CHINESE, unit) for unit in ("kg", "lb"))
    assert "pounds" not in {found.kind for found in detective.detect(database, right)}
    (pounds,) = (found for found in detective.detect(database, forced) if found.kind == "pounds")
    assert (pounds.source, pounds.can_be_fixed, len(pounds.examples)) == ("strong", True, detective.EXAMPLES)
    assert pounds.sets == pounds.looked_at > 6000
    assert {(one.weight_kg, one.meant_kg) for one in pounds.examples} >= {(55.12, 25.0)}
    assert (detective.fix(database, pounds), detective.fix(database, pounds)) == (pounds.sets, 0)
    with psycopg.connect(database) as connection:
        mended, expected = (connection.execute(WEIGHTS, [user]).fetchall() for user in (forced, right))
    assert mended == expected
    assert "pounds" not in {found.kind for found in detective.detect(database)}


def test_typos_and_contradictions_are_told_by_user_and_only_typos_are_fixed(database: str) -> None:
    users = nights.simulated(database, Cohort(lifters=3, weeks=30, seed=11, until=date(2025, 6, 1), ugliness=1.0))
    found = detective.detect(database)
    assert {one.user_id for one in found} <= set(users)
    assert {one.kind for one in found} == {"typo", "contradictory_effort"}
    assert detective.detect(database, uuid4()) == []
    typos = [one for one in found if one.kind == "typo"]
    assert [detective.fix(database, one) for one in typos] == [one.sets for one in typos]
    for one in detective.detect(database):
        with pytest.raises(BadInput, match="nobody can tell"):
            detective.fix(database, one)


def test_the_newest_verdicts_say_what_they_mean(database: str) -> None:
    assert detective.newest_judgement(database) is None
    nights.simulated(database, Cohort(lifters=2, weeks=10, seed=4, until=date(2025, 6, 1), ugliness=1.0))
    nights.night(database, date(2025, 5, 1))
    report = nights.night(database, date(2025, 6, 1))
    judgement = detective.newest_judgement(database)
    assert judgement is not None
    assert (judgement.run_id, judgement.as_of, judgement.sets) == (report.run_id, date(2025, 6, 1), report.sets)
    for use in ("tonnage", "hard_set", "one_rm", "records"):
        verdicts = [verdict for verdict in judgement.verdicts if verdict.use == use]
        assert verdicts[0].verdict == "counted"
        assert sum(verdict.sets for verdict in verdicts) == judgement.sets
        assert all(verdict.definition.endswith(".") for verdict in verdicts)
