"""The migrations on a live database, and the entitlements."""

import os
import sys

from tests.acceptance import migrations
from tests.acceptance.line import ROOT, line, run

SETS = int(os.environ.get("INSIGHTS_ACCEPTANCE_SETS", "5000000"))


@line("the tests of the migrations and of the entitlements pass: prefixes, locks, traffic, ugliness, kills, quotas")
def migration_tests() -> str:
    """tests/migration and the quota tests, in one run of their own."""
    pytest = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-n",
        "2",
        "tests/migration",
        "tests/integration/test_entitlements.py",
    ]
    return run(pytest, cwd=ROOT).stdout.strip().splitlines()[-1]


@line("at 5 million sets the app waits 500 ms at most during up and down, sees no error, and batches cost under 2 x")
def live_migration() -> str:
    """The longest wait (goal 250 ms), the total time, and the ratio to one INSERT .. SELECT."""
    found = migrations.run(SETS)
    told = (
        f"{SETS:,} sets: longest wait up {found['up_longest_wait_ms']} ms, down {found['down_longest_wait_ms']} ms"
        f" (before: {found['up_longest_before_ms']} and {found['down_longest_before_ms']} ms);"
        f" up {found['up_s']} s, down {found['down_s']} s; ratio {found['ratio']}"
    )
    for way in ("up", "down"):
        assert not found[f"{way}_errors"], found[f"{way}_errors"]
        assert found[f"{way}_longest_wait_ms"] <= migrations.LIMIT_MS, told
    assert found["problems"] == 0 and found["ratio"] < migrations.RATIO_GOAL, told
    return told
