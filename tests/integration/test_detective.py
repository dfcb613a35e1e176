from datetime import date, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest
import typer
from tests.integration import machine
from tests.oracle import nights
from typer.testing import CliRunner, Result

from insights.cli import doctor
from insights.db.connection import connect
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


def logged(url: str, weights: list[float]) -> UUID:
    machine.seed(url, 0)
    user = machine.USERS[0]
    with connect(url, autocommit=True) as connection:
        for ago, weight in enumerate(reversed(weights)):
            machine.session(connection, user, machine.START - timedelta(days=ago), [machine.Typed(0, weight, 5)])
    return user


def best_day(url: str, user: UUID) -> float:
    with psycopg.connect(url) as connection:
        (volume,) = connection.execute(
            "SELECT max(total_volume_kg)::float8 FROM volume_analytics WHERE user_id = %s AND period_type = 'daily'",
            [user],
        ).fetchone() or (0.0,)
    return float(volume)


def test_a_confirmed_weight_counts_from_the_next_night_on_until_it_changes(database: str) -> None:
    user = logged(database, [50, 50, 50, 50, 50, 500, 50, 50])
    nights.night(database, machine.START)
    assert best_day(database, user) == 250
    (typo,) = detective.detect(database, user)
    (suspect,) = typo.examples
    assert (typo.kind, typo.can_be_confirmed, suspect.weight_kg) == ("typo", True, 500)
    assert detective.confirm(database, typo, [uuid4()]) == 0
    assert (detective.confirm(database, typo), detective.confirm(database, typo)) == (1, 0)
    assert detective.detect(database, user) == []
    nights.night(database, machine.START)
    assert best_day(database, user) == 2500
    assert not list(machine.differences(database, machine.START))
    with psycopg.connect(database) as connection:
        connection.execute("UPDATE set_executions SET weight_kg = 510 WHERE id = %s", [suspect.set_id])
    (again,) = detective.detect(database, user)
    assert again.examples[0].weight_kg == 510
    nights.night(database, machine.START)
    assert best_day(database, user) == 250


def test_doctor_confirms_single_sets_when_asked_and_refuses_what_is_unclear(database: str) -> None:
    user = str(logged(database, [50, 50, 500, 50, 50, 50, 550, 50]))
    sets = {one.weight_kg: one.set_id for one in detective.detect(database)[0].examples}
    app = typer.Typer()
    app.command()(doctor.command)

    def told(*asked: str) -> Result:
        return CliRunner().invoke(app, ["--database", database, *asked])

    assert "typo in 2 of 8 sets" in told("--user", user).stdout
    done = told("--user", user, "--confirm", "typo", "--set", str(sets[500]))
    assert "confirmed 1 of typo; the next run follows" in done.stdout
    assert f"typo in 1 of 8 sets, such as bench press on {machine.START - timedelta(days=1)}: 550.0 kg" in done.stdout
    assert (
        "mended 1 of typo; the next run follows. nothing looks mistyped" in told("--user", user, "--fix", "typo").stdout
    )
    for unclear in (
        ["--confirm", "typo"],
        ["--user", user, "--set", str(sets[500])],
        ["--user", user, "--fix", "typo", "--confirm", "typo"],
    ):
        assert isinstance(told(*unclear).exception, BadInput)


def test_only_typos_can_be_confirmed(database: str) -> None:
    nights.simulated(database, Cohort(lifters=3, weeks=30, seed=11, until=date(2025, 6, 1), ugliness=1.0))
    one = next(one for one in detective.detect(database) if one.kind == "contradictory_effort")
    with pytest.raises(BadInput, match="only typos"):
        detective.confirm(database, one)


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
