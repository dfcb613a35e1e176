import json
from typing import Any

import pytest
from typer.testing import CliRunner

from insights.cli.migrate import app
from insights.db import migrate


def told(*arguments: str) -> Any:
    result = CliRunner().invoke(app, [*arguments, "--json"], catch_exceptions=False)
    assert result.exit_code == 0
    return json.loads(result.stdout)


def test_the_commands_tell_what_they_did(empty_database: str) -> None:
    on = ("--database", empty_database)
    assert [m["id"] for m in told("plan", "--to", "01.01", *on)["pending"]] == ["00.00", "00.01", "01.01"]
    assert [m["id"] for m in told("up", "--to", "01.01", *on)["applied"]] == ["00.00", "00.01", "01.01"]
    states = {m["id"]: m["state"] for m in told("status", *on)["migrations"]}
    assert (states["01.01"], states["01.02"]) == ("applied", "pending")
    assert [m["id"] for m in told("down", "--to", "00.00", *on)["undone"]] == ["01.01", "00.01"]


@pytest.mark.parametrize("command", ["plan", "up", "status"])
def test_the_commands_speak_to_people_too(empty_database: str, command: str) -> None:
    result = CliRunner().invoke(app, [command, "--database", empty_database], catch_exceptions=False)
    assert "user_profile" in result.stdout


def test_down_asks_where_to(empty_database: str) -> None:
    migrate.up(empty_database, "00.01")
    assert CliRunner().invoke(app, ["down", "--database", empty_database]).exit_code == 2
    assert [s.state for s in migrate.status(empty_database)][:2] == ["applied", "applied"]
