"""The engine's speed and memory: one benchmark at full size, read line by line."""

import json
import os
import tempfile
import time
from functools import cache
from pathlib import Path
from typing import Any

from tests.acceptance.line import ROOT, line, run

SETS = int(os.environ.get("INSIGHTS_ACCEPTANCE_SETS", "5000000"))
PYTHON = ROOT / ".venv" / "bin" / "python"
ROUNDS, NIGHTS = 3, 5
PEERS = "floor,sql,duckdb,pandas,numpy"
MEMORY_MB = 1024
LONGEST_S = 4 * 3600


@cache
def measured(sets: int, *options: str) -> dict[str, Any]:
    """The benchmark's figures; what was measured once is not measured again."""
    with tempfile.TemporaryDirectory(prefix="insights-bench-") as name:
        file = Path(name) / "bench.json"
        command: list[str | Path] = [PYTHON, "-m", "benchmarks", "--sets", str(sets), "--json", file, *options]
        try:
            run(command, cwd=ROOT, timeout_s=LONGEST_S)
        except AssertionError:
            if not file.exists():  # rows that differ end it with 1 too; `peers_agree` tells of these
                raise
        found: dict[str, Any] = json.loads(file.read_text())
    return found


def full() -> dict[str, Any]:
    """Everybody, at full size."""
    return measured(SETS, "--rounds", str(ROUNDS), "--nights", str(NIGHTS), "--peers", PEERS)


def middle(name: str) -> float:
    """Seconds of a contestant, the middle of the rounds."""
    seconds = sorted(one["seconds"] for one in full()["contestants"][name])
    return float(seconds[len(seconds) // 2])


@line("every row of the SQL, DuckDB, pandas and numpy peers and of the floor is the engine's")
def peers_agree() -> str:
    """The benchmark ends with 1 otherwise; told is how many rows each was compared by."""
    found = full()
    assert found["equal"]
    rows = {name: sum(one["rows"] for one in tables.values()) for name, tables in found["compared"].items()}
    return f"{found['sets']:,} sets; rows compared: " + ", ".join(f"{count:,} {name}" for name, count in rows.items())


@line("a backfill costs at most 1.3 times the floor: raw COPY of the sets out and of the rows in")
def near_the_floor() -> str:
    """Middle of the rounds."""
    found = full()
    told = f"{found['engine_over_floor']:.2f} x: engine {middle('engine'):.1f} s, floor {middle('floor'):.1f} s"
    assert found["engine_over_floor"] <= 1.3, told
    return told


@line("hand-written SQL takes at least 3 times the engine's time")
def faster_than_sql() -> str:
    """Middle of the rounds."""
    told = f"{full()['sql_over_engine']:.2f} x, {middle('sql'):.1f} s"
    assert full()["sql_over_engine"] >= 3, told
    return told


@line("pandas takes at least 10 times as long in its compute stage, and 3 times end to end")
def faster_than_pandas() -> str:
    """The compute stage against the engine's by itself, nothing overlapped; by hand in numpy is told beside."""
    found = full()
    pandas, numpy = (
        f"compute {found[f'{name}_compute_over_engine']:.2f} x, end to end {found[f'{name}_over_engine']:.2f} x"
        for name in ("pandas", "numpy")
    )
    told = f"{pandas} (by hand in numpy: {numpy})"
    assert found["pandas_compute_over_engine"] >= 10 and found["pandas_over_engine"] >= 3, told
    return told


@line("the engine's memory stays within 1 GiB at 5 and at 20 million sets alike")
def memory_is_bounded() -> str:
    """The kernel's high-water mark of the process, workers included."""
    alone = measured(4 * SETS, "--peers", "", "--nights", "0")
    peaks = {found["sets"]: found["peak_rss_mb"] for found in (full(), alone)}
    told = ", ".join(f"{peak:.0f} MiB at {sets:,} sets" for sets, peak in peaks.items())
    assert max(peaks.values()) <= MEMORY_MB, told
    return told


@line("a night after one new day costs on five years at most 1.15 times what it costs on one, and under 2 x its floor")
def night_costs_what_changed() -> str:
    """Middle of five nights in a row on both histories, by turns."""
    found = full()
    told = f"{found['night_5y_over_1y']:.2f} x one year, {found['night_over_floor']:.2f} x its floor"
    assert found["night_5y_over_1y"] <= 1.15 and found["night_over_floor"] < 2, told
    return told


@line("`make bench SETS=1000000 JSON=FILE` runs under 5 minutes and writes the six figures")
def bench_is_quick() -> str:
    """As a developer calls it."""
    names = ("engine_over_floor", "sql_over_engine", "pandas_compute_over_engine", "pandas_over_engine", "peak_rss_mb",
             "night_5y_over_1y")  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="insights-bench-") as name:
        file = Path(name) / "bench.json"
        began = time.monotonic()
        run(["make", "bench", "SETS=1000000", f"JSON={file}"], cwd=ROOT)
        seconds = time.monotonic() - began
        found = json.loads(file.read_text())
    assert seconds < 300, f"{seconds:.0f} s"
    return f"{seconds:.0f} s; " + ", ".join(f"{name} {found[name]:.2f}" for name in names)
