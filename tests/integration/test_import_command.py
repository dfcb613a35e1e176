import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
import typer
from typer.testing import CliRunner, Result

from insights.cli import import_
from insights.errors import BadInput

HEVY = (
    "title,start_time,end_time,description,exercise_title,superset_id,exercise_notes,set_index,set_type,weight_kg,reps,"
    "distance_km,duration_seconds,rpe"
)
LIFTS = ("Squat (Barbell)", "Zorblax Press")
ROWS = [
    f'Legs,"{day} Sep 2025, 07:48","{day} Sep 2025, 09:13",,{lift},,,{index},normal,{80 + index},5,,0,8'
    for day in (8, 15)
    for lift in LIFTS
    for index in range(3)
]

Import = Callable[..., Result]
Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(*rows: str) -> Path:
        path = tmp_path / "log.csv"
        path.write_text("\n".join([HEVY, *rows]), encoding="utf-8")
        return path

    return write


@pytest.fixture
def run(database: str) -> Import:
    app = typer.Typer()
    app.command()(import_.command)

    def run(*arguments: object, user: str = "ann@example.org") -> Result:
        return CliRunner().invoke(app, [*map(str, arguments), "--user", user, "--database", database])

    return run


def said(result: Result) -> dict[str, Any]:
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.output
    payload: dict[str, Any] = json.loads(result.stdout)
    return payload


def stored(database: str, query: str) -> list[Any]:
    with psycopg.connect(database) as connection:
        return connection.execute(query).fetchall()  # type: ignore[call-overload,no-any-return]


def refused(result: Result) -> BadInput:
    assert isinstance(result.exception, BadInput), result.output
    assert result.exception.exit_code == 2
    return result.exception


def nothing_written(database: str) -> bool:
    tables = ("users", "workout_sessions", "set_executions", "import_files", "import_quarantine")
    return all(stored(database, f"SELECT count(*) FROM {table}") == [(0,)] for table in tables)


def test_a_log_is_imported_once(run: Import, write: Write, database: str) -> None:
    first = said(run(write(*ROWS), "--json", "--tz", "Europe/Berlin"))
    assert (first["format"], first["unit"], first["sets_added"], first["sessions"]) == ("hevy", "kg", 12, 2)
    assert first["user"]["new"]
    assert (first["time_zone"], first["time_zone_from"]) == ("Europe/Berlin", "--tz")
    assert first["unmatched"] == {"Zorblax Press": 6}
    again = said(run(write(*reversed(ROWS)), "--json"))
    assert (again["sets_added"], again["sets_updated"], again["sets_unchanged"]) == (0, 0, 12)
    assert (again["time_zone"], again["time_zone_from"]) == ("Europe/Berlin", "the user")
    assert stored(database, "SELECT count(*) FROM import_files") == [(1,)]


def test_a_user_by_id_and_another_zone(run: Import, write: Write, database: str) -> None:
    user = said(run(write(*ROWS), "--json", "--tz", "Europe/Berlin"))["user"]["id"]
    moved = said(run(write(*ROWS), "--json", "--tz", "Asia/Tokyo", user=user))
    assert (moved["sets_updated"], moved["user"]["new"]) == (12, False)
    assert stored(database, "SELECT tz FROM users") == [("Asia/Tokyo",)]


def test_a_dry_run_says_what_would_happen(run: Import, write: Write, database: str) -> None:
    dry = said(run(write(*ROWS), "--json", "--dry-run"))
    assert (dry["dry_run"], dry["sets_added"]) == (True, 12)
    assert nothing_written(database)


def test_the_machines_zone_is_the_last_resort(run: Import, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "America/Lima")
    payload = said(run(write(*ROWS), "--json"))
    assert (payload["time_zone"], payload["time_zone_from"]) == ("America/Lima", "this machine")


def test_bad_rows_stop_the_import_or_go_to_quarantine(run: Import, write: Write, database: str) -> None:
    bad = ROWS[3].replace(",80,5,", ",heavy,5,")
    path = write(*ROWS[:3], bad, *ROWS[4:], "Legs,cut off")
    error = refused(run(path))
    assert "line 5, column 'weight_kg'" in error.message
    assert "line 14, column 'end_time'" in error.message
    assert nothing_written(database)

    payload = said(run(path, "--quarantine", "--json"))
    assert (payload["sets_added"], payload["quarantined"]) == (11, 2)
    assert [row["line"] for row in payload["rejected"]] == [5, 14]
    kept = stored(database, "SELECT line, column_name, reason, raw #>> '{}' FROM import_quarantine ORDER BY line")
    assert kept[0] == (5, "weight_kg", "is not a number: 'heavy'", bad + "\n")
    assert kept[1][1] == "end_time"

    again = said(run(path, "--quarantine", "--json"))
    assert (again["sets_unchanged"], again["quarantined"]) == (11, 0)
    assert stored(database, "SELECT count(*) FROM import_quarantine") == [(2,)]


@pytest.mark.parametrize("content", ["", "name,age\nAnn,40\n", "\x00\x01\x02"])
def test_what_is_no_export_is_refused(run: Import, tmp_path: Path, database: str, content: str) -> None:
    path = tmp_path / "other.csv"
    path.write_text(content, encoding="utf-8")
    for options in ((), ("--quarantine",)):
        assert "line 1" in refused(run(path, *options)).message
    assert nothing_written(database)


def test_vanished_sets_are_listed_and_deleted_only_when_asked(run: Import, write: Write, database: str) -> None:
    said(run(write(*ROWS), "--json"))
    listed = said(run(write(*ROWS[:9]), "--json"))
    assert (listed["sets_vanished"], listed["sets_deleted"]) == (3, 0)
    assert {row["exercise"] for row in listed["vanished"]} == {"Zorblax Press"}
    assert stored(database, "SELECT count(*) FROM set_executions") == [(12,)]
    deleted = said(run(write(*ROWS[:9]), "--json", "--delete-vanished"))
    assert deleted["sets_deleted"] == 3
    assert stored(database, "SELECT count(*) FROM set_executions") == [(9,)]


def test_nothing_is_deleted_on_the_word_of_a_broken_file(run: Import, write: Write, database: str) -> None:
    said(run(write(*ROWS), "--json"))
    refused(run(write(*ROWS[:5], "cut"), "--quarantine", "--delete-vanished"))
    assert stored(database, "SELECT count(*) FROM set_executions") == [(12,)]


def test_a_mapping_names_what_a_lift_means(run: Import, write: Write, tmp_path: Path) -> None:
    said(run(write(*ROWS), "--json"))
    mapping = tmp_path / "mapping.toml"
    mapping.write_text('"Zorblax Press" = "Bench Press (Barbell)"\n', encoding="utf-8")
    mapped = said(run(write(*ROWS), "--json", "--mapping", mapping))
    assert (mapped["unmatched_sets"], mapped["sets_updated"], mapped["sets_unchanged"]) == (0, 6, 6)


def test_a_summary_for_people(run: Import, write: Write) -> None:
    said(run(write(*ROWS), "--json"))
    bad = ROWS[0].replace("80,5", "80,[/five]")
    result = run(write(*ROWS[1:9], bad), "--quarantine")
    assert result.exit_code == 0, result.output
    for words in ("Hevy, kg", "8 unchanged", "4 stored sets are not in this export", "quarantine", "Zorblax Press"):
        assert words in result.stdout
    assert "[/five]" in result.stdout


@pytest.mark.parametrize(
    ("options", "user", "words"),
    [
        (["--tz", "Mars/Olympus"], "ann@example.org", "no such time zone"),
        ([], "nobody", "no user has the id"),
        ([], "0" * 8 + "-0000-0000-0000-" + "0" * 12, "no user has the id"),
        ([], "ann@nowhere", "not an e-mail address"),
        (["--mapping", "missing.toml"], "ann@example.org", "cannot read the mapping"),
    ],
)
def test_wrong_arguments(run: Import, write: Write, database: str, options: list[str], user: str, words: str) -> None:
    assert words in refused(run(write(*ROWS), *options, user=user)).message
    assert nothing_written(database)


def test_a_database_without_the_schema(empty_database: str, write: Write) -> None:
    app = typer.Typer()
    app.command()(import_.command)
    result = CliRunner().invoke(app, [str(write(*ROWS)), "--user", "a@b.cd", "--database", empty_database])
    assert "insights migrate up" in refused(result).hint


def test_the_chinese_log_waits_for_its_unit(run: Import, shared_data: Path, database: str) -> None:
    path = shared_data / "strong" / "my-workout-project-zh.csv"
    assert "--unit lb" in refused(run(path)).hint
    assert nothing_written(database)
    payload = said(run(path, "--unit", "lb", "--json"))
    assert (payload["format"], payload["unit"], payload["sets_added"]) == ("strong", "lb", 6778)
    assert stored(database, "SELECT units FROM users") == [("imperial",)]
    assert payload["unmatched_sets"] <= 0.03 * 6778


def test_the_hevy_log_keeps_every_kilogram(run: Import, shared_data: Path, database: str) -> None:
    payload = said(run(shared_data / "hevy" / "strong-statistics.csv", "--json", "--tz", "Europe/Berlin"))
    assert (payload["sets_added"], payload["sessions"]) == (7211, 335)
    assert payload["unmatched_sets"] <= 0.16 * 7211
    assert [
        (float(kg), reps)
        for kg, reps in stored(database, "SELECT sum(total_volume_kg), sum(total_reps) FROM exercise_performances")
    ] == [(1_964_741.75, 56_427)]
