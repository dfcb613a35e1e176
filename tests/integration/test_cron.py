import configparser
import json
import os
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from tests.integration.engine_runs import SHORT, rows

from insights import assets
from insights.db import ledger
from insights.db.connection import connect

DEPLOY = assets.path("jobs", "deploy")
NIGHT = ["run", "nightly", "--json"]


def crontab() -> tuple[dict[str, str], list[str]]:
    """The variables of the crontab, and its lines of five times and a command."""
    variables, commands = {}, []
    for line in (DEPLOY / "crontab").read_text().splitlines():
        if named := re.fullmatch(r"([A-Z_]+)=(.*)", line):
            variables[named[1]] = named[2]
        elif line and not line.startswith("#"):
            commands.append(line)
    return variables, commands


def commands_of(line: str) -> list[str]:
    """The command of a crontab line, as cron hands it to the shell: up to a % that is not escaped."""
    *times, command = line.split(maxsplit=5)
    assert len(times) == 5
    assert all(re.fullmatch(r"[\d*/,-]+", field) for field in times)
    assert "%" not in command
    return [command]


def run_by_cron(folder: Path, environment_file: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """The one command of the crontab, by /bin/sh under `env -i` with what cron gives."""
    (folder / "insights.env").write_text(environment_file)
    own, (line,) = crontab()
    own |= {
        "INSIGHTS_ENV_FILE": str(folder / "insights.env"),
        "INSIGHTS_LOG_FILE": str(folder / "nightly.jsonl"),
        "INSIGHTS_AGAIN_AFTER_S": "0",
    } | variables
    given = {"HOME": str(folder), "LOGNAME": "insights", "PATH": "/usr/bin:/bin"} | own
    (command,) = commands_of(line)
    return subprocess.run(
        ["env", "-i", *(f"{name}={value}" for name, value in given.items()), own["SHELL"], "-c", command],
        cwd=folder, capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip


def environment_file(database: str) -> str:
    """The shipped file with another database and another place of the command."""
    text = (DEPLOY / "insights.env").read_text()
    folder = Path(sys.executable).parent
    text, paths = re.subn(r"^PATH=/opt/insights/bin:", f"PATH={folder}:", text, flags=re.MULTILINE)
    text, urls = re.subn(r"^DATABASE_URL=.*$", f"DATABASE_URL={database}", text, flags=re.MULTILINE)
    assert (paths, urls) == (1, 1)
    assert "PYTHONPATH" not in text
    return text + "".join(f"{name}={os.environ[name]}\n" for name in ("PYTHONPATH",) if name in os.environ)


def results(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "nightly.jsonl").read_text().splitlines()]


def test_the_crontab_runs_the_night_in_an_empty_environment(
    lifters_of: Callable[..., tuple[str, list[UUID]]], tmp_path: Path
) -> None:
    database, _ = lifters_of(SHORT)
    for _ in range(2):
        done = run_by_cron(tmp_path, environment_file(database))
        assert (done.returncode, done.stdout) == (0, ""), done.stderr
    first, second = results(tmp_path)
    assert first["job"] == second["job"] == "nightly"
    assert first["users"] == 8
    assert rows(database, "SELECT count(*) AS n FROM analytics_runs WHERE status = 'done'")[0]["n"] == 2
    assert rows(database, "SELECT count(*) AS n FROM volume_analytics")[0]["n"] > 0


def test_a_night_by_cron_that_runs_already_says_so(database: str, tmp_path: Path) -> None:
    with connect(database, autocommit=True) as other, ledger.only_one(other, "nightly"):
        done = run_by_cron(tmp_path, environment_file(database))
    assert done.returncode != 0
    assert "is running already" in done.stderr  # cron mails it
    assert (tmp_path / "nightly.jsonl").read_text() == ""


def test_a_night_by_cron_tries_once_more_where_the_database_is_away(tmp_path: Path) -> None:
    began = time.monotonic()
    done = run_by_cron(tmp_path, environment_file("postgresql://nobody@127.0.0.1:9/none"), INSIGHTS_AGAIN_AFTER_S="1")
    assert done.returncode == 4
    assert done.stderr.count("cannot connect to postgresql://nobody@127.0.0.1:9/none") == 2
    assert time.monotonic() - began > 1


def test_without_its_environment_file_nothing_is_run(database: str, tmp_path: Path) -> None:
    done = run_by_cron(tmp_path, environment_file(database), INSIGHTS_ENV_FILE="/nowhere/insights.env")
    assert done.returncode != 0
    assert "/nowhere/insights.env" in done.stderr
    assert rows(database, "SELECT 1 FROM analytics_runs") == []


# Other schedulers start the same command ----------------------------------------------------------------------------


def test_systemd_starts_the_same_command() -> None:
    unit = configparser.ConfigParser(interpolation=None, strict=True)
    unit.optionxform = str  # type: ignore[assignment, method-assign]
    unit.read_string((DEPLOY / "systemd" / "insights-nightly.service").read_text())
    program, *arguments = shlex.split(unit["Service"]["ExecStart"])
    assert (Path(program).is_absolute(), Path(program).name, arguments) == (True, "insights", NIGHT)
    assert unit["Service"]["Type"] == "oneshot"
    assert unit["Service"]["EnvironmentFile"] == crontab()[0]["INSIGHTS_ENV_FILE"]
    timer = configparser.ConfigParser(interpolation=None, strict=True)
    timer.optionxform = str  # type: ignore[assignment, method-assign]
    timer.read_string((DEPLOY / "systemd" / "insights-nightly.timer").read_text())
    assert timer["Install"]["WantedBy"] == "timers.target"
    minute, hour = crontab()[1][0].split()[:2]
    assert timer["Timer"]["OnCalendar"] == f"*-*-* {int(hour):02}:{int(minute):02}:00"


def test_kubernetes_starts_the_same_command() -> None:
    yaml = pytest.importorskip("yaml")
    job = yaml.safe_load((DEPLOY / "kubernetes" / "cronjob.yaml").read_text())
    assert (job["apiVersion"], job["kind"]) == ("batch/v1", "CronJob")
    assert job["spec"]["schedule"].split() == crontab()[1][0].split()[:5]
    assert job["spec"]["concurrencyPolicy"] == "Forbid"
    pod = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert container["command"] == ["insights", *NIGHT]
    assert pod["restartPolicy"] == "Never"  # which a podFailurePolicy asks for
    (rule,) = job["spec"]["jobTemplate"]["spec"]["podFailurePolicy"]["rules"]
    assert rule["onExitCodes"]["containerName"] == container["name"]


def test_the_crontab_starts_the_same_command() -> None:
    (line,) = crontab()[1]
    assert re.findall(r"insights (run [^|;&]+?)\s*(?:\|\||;)", line) == [shlex.join(NIGHT)] * 2
