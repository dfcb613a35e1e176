"""Runs that are killed, again and again."""

import re
import sys

from tests.acceptance.line import ROOT, Skipped, line, run

KILLS = 50


def tests(*arguments: str, kills: int = 1) -> str:
    """Run tests; pytest's last line."""
    command = ["env", f"KILLS={kills}", sys.executable, "-m", "pytest", "-q", *arguments]
    return run(command, cwd=ROOT, timeout_s=3600).stdout.strip().splitlines()[-1]


@line(f"after kill -9 of the engine, a worker or the server, {KILLS} times, a rerun leaves an undisturbed run's tables")
def kills() -> str:
    """At random moments, over all sets and over changes."""
    said = tests("tests/integration/test_kills.py", kills=KILLS)
    assert re.match(rf"{KILLS + 1} passed", said), said
    return said


@line("on a dask cluster of two workers, a shard whose worker is killed is done again, and by the other")
def dask() -> str:
    """A real scheduler, real workers, mutual TLS."""
    said = tests("tests/integration/test_dask.py")
    if "skipped" in said:
        raise Skipped(said)
    return said


@line("the crontab runs the night in an empty environment")
def crontab() -> str:
    """Its very command line, by /bin/sh under env -i."""
    return tests("tests/integration/test_cron.py")
