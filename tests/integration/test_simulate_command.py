import json
from datetime import date

import pytest
import typer
from typer.testing import CliRunner, Result

from insights.cli.simulate import command, last_sunday_before
from insights.db.connection import connect
from insights.db.queries import rows
from insights.errors import BadInput


def run(*arguments: str) -> Result:
    app = typer.Typer()
    app.command()(command)
    return CliRunner().invoke(app, arguments)


def test_command_prints_one_object_and_repeats(database: str) -> None:
    call = ["--lifters", "2", "--weeks", "4", "--seed", "9", "--until", "2025-09-14", "--ugliness", "0.5"]
    first, second = (run(*call, "--json", "--database", database) for _ in range(2))
    assert first.exit_code == second.exit_code == 0
    told, again = json.loads(first.stdout), json.loads(second.stdout)
    assert told["sets"] == told["sets_added"] > 100
    assert (again["sets"], again["sets_added"], again["sets_updated"]) == (told["sets"], 0, 0)
    assert told["users"] == again["users"]
    assert (told["seed"], told["until"], told["ugliness"]) == (9, "2025-09-14", 0.5)
    with connect(database) as connection:
        assert len(rows(connection, "simulated_users", {"emails": ["lifter-0002.seed-9@simulated.example"]})) == 1


def test_command_speaks_to_people(database: str) -> None:
    told = run("--lifters", "1", "--weeks", "2", "--database", database)
    assert told.exit_code == 0
    assert "simulated lifters: 1" in told.stdout
    assert "sets added" in told.stdout
    assert told.stderr == ""


@pytest.mark.parametrize("wrong", [["--lifters", "0"], ["--weeks", "0"], ["--ugliness", "1.1"], ["--seed", "-1"]])
def test_senseless_arguments_are_refused(wrong: list[str]) -> None:
    assert run(*wrong, "--database", "postgresql://nowhere.invalid/x").exit_code == 2


def test_a_day_that_is_none_is_refused() -> None:
    told = run("--until", "2025-02-30", "--database", "postgresql://nowhere.invalid/x")
    assert isinstance(told.exception, BadInput)


@pytest.mark.parametrize(
    ("day", "sunday"),
    [
        (date(2025, 9, 14), date(2025, 9, 7)),
        (date(2025, 9, 15), date(2025, 9, 14)),
        (date(2025, 9, 20), date(2025, 9, 14)),
    ],
)
def test_default_last_day_is_a_closed_sunday(day: date, sunday: date) -> None:
    assert last_sunday_before(day) == sunday
