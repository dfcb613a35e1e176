import json
from pathlib import Path
from typing import Any

import pytest
from tests.migration import legacy_app
from typer.testing import CliRunner

from insights.cli.migrate import app
from insights.db import migrate
from insights.errors import BadInput, CheckFailed, InsightsError


def told(*arguments: str, fails: type[InsightsError] | None = None) -> Any:
    result = CliRunner().invoke(app, [*arguments, "--json"])
    assert type(result.exception) is (fails or type(None)), result.exception
    return json.loads(result.stdout)


def spoken(*arguments: str) -> str:
    return CliRunner().invoke(app, arguments).stdout


def test_the_commands_tell_what_they_did(empty_database: str) -> None:
    on = ("--database", empty_database)
    assert [m["id"] for m in told("plan", "--to", "01.01", *on)["pending"]] == ["00.00", "00.01", "01.01"]
    assert [m["id"] for m in told("up", "--to", "01.01", *on)["applied"]] == ["00.00", "00.01", "01.01"]
    states = {m["id"]: m["state"] for m in told("status", *on)["migrations"]}
    assert (states["01.01"], states["01.02"]) == ("applied", "pending")
    assert [m["id"] for m in told("down", "--to", "00.00", *on)["undone"]] == ["01.01", "00.01"]


@pytest.mark.parametrize("command", ["plan", "up", "status"])
def test_the_commands_speak_to_people_too(empty_database: str, command: str) -> None:
    assert "user_profile" in spoken(command, "--database", empty_database)


def test_down_asks_where_to(empty_database: str) -> None:
    migrate.up(empty_database, "00.01")
    assert CliRunner().invoke(app, ["down", "--database", empty_database]).exit_code == 2
    assert [s.state for s in migrate.status(empty_database)][:2] == ["applied", "applied"]


def test_plan_announces_what_the_app_will_notice(legacy: str) -> None:
    name = legacy.rsplit("/", 1)[1]
    legacy_app.run(
        legacy,
        f"ALTER DATABASE {name} SET timezone = 'Asia/Kolkata'",
        "INSERT INTO users (id, email, username) VALUES (gen_random_uuid(), '[none]', 'x')",
    )
    on = ("--database", legacy)
    found = told("plan", *on)
    assert {zone["zone"] for zone in found["foreign_zones"]} == {"Asia/Kolkata"}
    assert all(zone["mend"].startswith("ALTER ROLE") for zone in found["foreign_zones"])
    assert {column["read_as"] for column in found["naive_columns"]} == {"UTC"}
    assert found["bad_address_count"] == 1
    words = spoken("plan", *on)
    for part in (
        "ACCESS EXCLUSIVE on users",
        "ALTER ROLE",
        "must reconnect" if found["clients"] else "Nobody",
        "'[none]'",
    ):
        assert part in words


def test_verify_ends_with_1_where_something_is_wrong(carried: str) -> None:
    found = told("verify", "--database", carried)
    sets = next(row for row in found["rows"] if row["what"] == "exercise_sets")
    assert (found["ok"], found["findings"]) == (True, [])
    assert sets["legacy"] == sets["new"] + sets["quarantined"] > 0
    assert 0 < sets["rounded"] < sets["new"]  # 61.23496995 is stored as 61.23; NaN is as it was
    legacy_app.run(carried, "DELETE FROM user_preferences")
    assert len(told("verify", "--database", carried, fails=CheckFailed)["findings"]) == 20
    assert "user has no preferences" in spoken("verify", "--database", carried)


def test_the_road_of_a_database_with_other_names(legacy: str, tmp_path: Path) -> None:
    legacy_app.forget(legacy)
    legacy_app.run(legacy, "ALTER TABLE workouts RENAME TO routines")
    on = ("--database", legacy)
    names = tmp_path / "names.toml"
    names.write_text("[workouts]\ntable = 'routines'\n")
    found = told("baseline", "--check", *on, fails=CheckFailed)
    assert [d["table"] for d in found["differences"] if d["refused"]] == ["workouts"]
    assert told("baseline", "--mapping", str(names), *on)["adapted"] == {"workouts": "public.routines"}
    assert told("rehearse", "--rows", "5", *on)["passed"] is True
    assert told("up", *on)["applied"][-1]["id"] == migrate.discover()[-1].id
    assert {m["state"] for m in told("status", *on)["migrations"]} == {"applied"}
    assert told("verify", *on)["ok"] is True
    assert told("plan", *on)["pending"] == []
    assert told("down", "--to", "00.00", *on)["undone"][-1]["id"] == "00.01"
    assert "this database is known" in str(CliRunner().invoke(app, ["baseline", *on]).exception)


def test_baseline_says_what_an_adapter_cannot_do(legacy: str, tmp_path: Path) -> None:
    legacy_app.forget(legacy)
    names = tmp_path / "names.toml"
    names.write_text("[workouts]\ntable = 'routines'\n")
    words = spoken("baseline", "--check", "--mapping", str(names), "--database", legacy)
    assert "there is no table public.routines" in words
    assert "turn keys of another type into UUIDs" in words
    with pytest.raises(BadInput, match="cannot read"):
        CliRunner().invoke(app, ["baseline", "--mapping", "nowhere.toml", "--database", legacy], catch_exceptions=False)


def test_the_checklists_end_with_1_without_evidence(legacy: str) -> None:
    on = ("--database", legacy)
    before = told("checklist", "pre", *on, fails=CheckFailed)
    assert {item["name"] for item in before["items"] if not item["ok"]} == {
        "backup",
        "staging",
        "rollback",
        "monitoring",
    }
    told("rehearse", "--rows", "5", *on)
    assert told("checklist", "pre", "--backup", "17", "--alerts-ack", "ada", *on)["passed"] is True
    assert "[x] Rollback plan prepared" in spoken("checklist", "pre", *on)
    told("up", *on)
    after = told("checklist", "post", *on, fails=CheckFailed)
    assert {item["name"] for item in after["items"] if not item["ok"]} == {"analytics"}


@pytest.mark.parametrize(("at", "complaint"), [("yesterday", "is not a time"), ("", "is not a time")])
def test_a_time_that_is_none_is_refused(legacy: str, at: str, complaint: str) -> None:
    arguments = ["checklist", "pre", "--backup", "17", "--backup-at", at, "--database", legacy]
    with pytest.raises(BadInput, match=complaint):
        CliRunner().invoke(app, arguments, catch_exceptions=False)


def test_after_contract_nothing_leads_back(carried: str, tmp_path: Path) -> None:
    on = ("--database", carried)
    assert CliRunner().invoke(app, ["contract", "--backup", "17", *on]).exit_code == 2  # --out is asked for
    legacy_app.set_flags(carried, 100)
    done = told("contract", "--backup", "17", "--out", str(tmp_path / "out"), *on)
    assert sorted((f["name"], f["rows"]) for f in done["files"]) == [
        ("exercise_sets.parquet", 60),
        ("workout_exercises.parquet", 20),
    ]
    for command in (["down", "--to", "00.00"], ["verify"], ["checklist", "post"]):
        with pytest.raises(BadInput, match="legacy tables were dropped"):
            CliRunner().invoke(app, [*command, *on], catch_exceptions=False)
    assert told("plan", *on)["pending"] == []


COMMANDS = (
    "plan",
    "up",
    "down",
    "status",
    "verify",
    "baseline",
    "rehearse",
    "checklist pre",
    "checklist post",
    "contract",
)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_shows_an_example(command: str) -> None:
    words = spoken(*command.split(), "--help")
    assert "Example" in words
    assert f"insights migrate {command}" in words
    assert "--json" in words
