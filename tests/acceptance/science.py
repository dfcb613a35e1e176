"""The numbers: the oracle on every stored row, the trend rule's promises, pounds seen in a kilogram column."""

import os
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import date
from itertools import repeat
from multiprocessing import get_context
from pathlib import Path
from uuid import UUID

from insights.pipeline import detective
from insights.simulate.store import Cohort
from tests.acceptance.line import ROOT, line, run, shared
from tests.acceptance.road import CHINESE, HEVY, INSIGHTS, url_of, workplace
from tests.oracle import nights

LIFTERS = int(os.environ.get("INSIGHTS_ACCEPTANCE_LIFTERS", "200"))
SUNDAY = date(2025, 6, 1)


@contextmanager
def database() -> Iterator[str]:
    """A server of its own with every migration applied; its URL."""
    with workplace() as (folder, home):
        run([INSIGHTS, "migrate", "up"], cwd=folder, home=home)
        yield url_of(folder, home)


@line(f"a plain-Python oracle agrees on every row of the three tables for both big logs and {LIFTERS} ugly lifters")
def oracle_agrees() -> str:
    """Every stored column of every row, and no row too many or too few."""
    rows: Counter[str] = Counter()
    with database() as url:
        logs = ((HEVY, "auto", "Pacific/Auckland"), (CHINESE, "lb", "America/New_York"))
        for log, unit, zone in logs:
            path: Path = shared(*log)
            user: UUID = nights.imported(url, path, "lb" if unit == "lb" else "auto", zone)
            as_of = date(2025, 9, 16) if log == HEVY else date(2023, 12, 18)
            nights.described(url, [user], as_of)
            nights.night(url, as_of)
            rows += nights.agreed(url, [user], as_of)
        cohort = Cohort(lifters=LIFTERS, weeks=52, seed=4, until=SUNDAY, ugliness=1.0)
        users = nights.simulated(url, cohort)
        nights.described(url, users[::4], SUNDAY)  # every fourth logs sleep, stress and energy
        sets = nights.night(url, SUNDAY).sets
        with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
            rows += sum(pool.map(nights.agreed, repeat(url), [[user] for user in users], repeat(SUNDAY)), Counter())
    told = ", ".join(f"{count} of {table}" for table, count in sorted(rows.items()))
    return f"both logs and {len(users)} lifters, {sets} sets in the last night: {told}"


@line("the trend rule keeps its limits on 1,000 simulated series a cell: false trends, false plateaus, plateaus found")
def trend_limits() -> str:
    """`python -m benchmarks.trends` exits 0; the table says by how much."""
    table = run([sys.executable, "-m", "benchmarks.trends"], cwd=ROOT).stdout.splitlines()
    held = [text for text in table if text.endswith("holds")]
    assert len(held) == 48, "\n".join(text for text in table if text.endswith("BROKEN"))
    return f"{len(held)} shares within their limits:\n" + "\n".join(f"          {text}" for text in table)


@line("the Chinese Strong log, imported as kilograms by force, is flagged as pounds by doctor")
def pounds_are_seen() -> str:
    """And once mended, no longer."""
    with workplace() as (folder, home):
        run([INSIGHTS, "migrate", "up"], cwd=folder, home=home)
        run([INSIGHTS, "import", shared(*CHINESE), "--user", "c@example.org", "--unit", "kg"], cwd=folder, home=home)
        (found,) = (one for one in detective.detect(url_of(folder, home)) if one.kind == "pounds")
        told = run([INSIGHTS, "doctor"], cwd=folder, home=home, expect=1).stdout
        assert f"pounds in {found.sets:,} of {found.looked_at:,} sets" in told, told
        doctor: list[str | Path] = [INSIGHTS, "doctor", "--user", "c@example.org"]
        assert f"mended {found.sets:,} of pounds" in run([*doctor, "--fix", "pounds"], cwd=folder, home=home).stdout
        assert "pounds in" not in run(doctor, cwd=folder, home=home).stdout  # the hint may name the word
    example = found.examples[0]
    return f"{found.sets} of {found.looked_at} weights, such as {example.weight_kg} for {example.meant_kg} kg"
