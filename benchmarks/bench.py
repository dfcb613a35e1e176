"""The whole benchmark: data, contestants in turn on the same server, every row compared, the nights, the figures."""

import os
import platform
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

from psycopg import sql

from benchmarks import results, server
from benchmarks.contestant import Result, measure
from benchmarks.data import Plan
from benchmarks.night import Nights, one_night
from benchmarks.results import ANALYTICS, Comparison
from benchmarks.store import Made, make_all
from insights.db.connection import connect

LIBRARIES = ("polars", "duckdb", "pandas", "pyarrow", "adbc-driver-postgresql", "psycopg", "numpy")
ONE_YEAR_DAYS = 364
ONE_YEAR = "one_year"  # the database of the short history

# What a contestant computes itself, and columns of it that cannot be the engine's. The tables that it does not compute
# it is given: it copies the engine's rows in, so that everybody writes the same, and only its computing is cheaper.
COMPUTES: Mapping[str, tuple[str, ...]] = {
    "engine": (),
    "floor": (),
    "sql": ("volume_analytics", "strength_progressions"),
    "pandas": ("volume_analytics", "strength_progressions"),
    "numpy": ("volume_analytics", "strength_progressions"),
    "duckdb": ANALYTICS,
}
LEFT_OUT: Mapping[str, tuple[str, ...]] = {"sql": ("id",)}  # PostgreSQL has no unsigned words to hash: uuidv7 instead

Note = Callable[[str], None]


@dataclass(slots=True)
class Bench:
    """What was measured."""

    plan: Plan
    made: Made
    settings: Mapping[str, str]
    tables: dict[str, int] = field(default_factory=dict)  # that the engine writes: rows
    runs: dict[str, list[Result]] = field(default_factory=dict)  # contestant -> one a round
    compared: dict[str, dict[str, Comparison]] = field(default_factory=dict)
    nights: dict[str, Nights] = field(default_factory=dict)
    server_version: str = ""

    def seconds(self, name: str, stage: str | None = None) -> float:
        """The middle of the rounds, of all or of one stage."""
        return median(run.stages[stage] if stage else run.seconds for run in self.runs[name])

    @property
    def equal(self) -> bool:
        """Whether every row of every peer is the engine's."""
        return all(one.equal for tables in self.compared.values() for one in tables.values())

    def ratios(self) -> dict[str, float]:
        """The figures that the requirements name, and those that explain them."""
        engine = self.seconds("engine")
        found = {"peak_rss_mb": max(run.peak_rss_mb for run in self.runs["engine"])}
        for name in ("floor", "floor_of_two"):
            if name in self.runs:
                found[f"engine_over_{name}"] = engine / self.seconds(name)
        for name in ("sql", "duckdb", "pandas", "numpy"):
            if name in self.runs:
                found[f"{name}_over_engine"] = self.seconds(name) / engine
        for name in ("pandas", "numpy"):
            if name in self.runs:  # the engine's time for the same two tables, and for all that it computes
                computing = self.seconds(name, "compute")
                found[f"{name}_compute_over_engine"] = computing / self.seconds("engine_by_stages", "two_tables")
                found[f"{name}_compute_over_engine_all"] = computing / self.seconds("engine_by_stages", "compute")
        if self.nights:
            whole, year = self.nights["five_years"], self.nights["one_year"]
            found["night_5y_over_1y"] = whole.median_s / year.median_s
            found["night_over_floor"] = whole.median_s / whole.median_floor_s
        return found

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            **{name: round(value, 4) for name, value in self.ratios().items()},
            "equal": self.equal,
            "sets": self.made.sets,
            "users": len(self.made.users),
            "plan": {**asdict(self.plan), "until": self.plan.until.isoformat()},
            "data_seconds": self.made.seconds,
            "rows": self.tables,
            "contestants": {name: [asdict(run) for run in runs] for name, runs in self.runs.items()},
            "computes": {name: list(tables) for name, tables in COMPUTES.items() if name in self.compared},
            "compared": {
                name: {table: asdict(one) for table, one in tables.items()} for name, tables in self.compared.items()
            },
            "nights": {name: asdict(nights) for name, nights in self.nights.items()},
            "server": {"version": self.server_version, "settings": dict(self.settings)},
            "machine": {"cores": os.cpu_count(), "system": platform.platform(), "python": platform.python_version()},
            "libraries": {name: version(name) for name in LIBRARIES},
        }


def run(
    plan: Plan,
    *,
    peers: Sequence[str],
    rounds: int,
    nights: int,
    note: Note,
    settings: Mapping[str, str] = server.SETTINGS,
) -> Bench:
    """Measure. Without peers the engine is measured alone; without nights there are none."""
    with tempfile.TemporaryDirectory(prefix="insights-bench-rows-") as folder, server.server(settings) as url:
        scratch = Path(folder)
        places: dict[str, int | None] = {url: None}
        if nights:
            _copy_empty(url, ONE_YEAR)
            places[_named(url, ONE_YEAR)] = ONE_YEAR_DAYS
        note(f"making {plan.sets:,} sets of {plan.years} years")
        made = make_all(plan, places, progress=_told(note))
        bench = Bench(plan, made[url], settings, server_version=_version(url))
        note(f"{bench.made.sets:,} sets of {len(bench.made.users)} lifters in {bench.made.seconds:.0f} s")
        _contest(bench, url, scratch, peers, rounds, note)
        if nights:
            _nights(bench, made, scratch, nights, note)
        return bench


def _told(note: Note) -> Callable[[str, int, int], None]:
    told = [0]

    def report(step: str, done: int, of: int) -> None:
        if done - told[0] >= of / 10:
            told[0] = done
            note(f"  {step}: {done:,} of {of:,}")

    return report


def _version(url: str) -> str:
    with connect(url) as connection:
        return str(connection.execute("SHOW server_version").fetchone()[0])  # type: ignore[index]  # one row always


def _contest(bench: Bench, url: str, scratch: Path, peers: Sequence[str], rounds: int, note: Note) -> None:
    """Everybody in turn, round after round, the engine last; each finds the tables empty and the server at rest.

    Whoever comes first on a fresh server pays for all (new files of the write-ahead log, cold buffers, hint bits of the
    sets): that is the engine stage by stage, whose rows the floor needs, and the others are compared with. Without
    peers the engine itself is all.
    """
    before = results.filled(url)
    results.clear(url, ANALYTICS)
    _one(bench, "engine_by_stages" if peers else "engine", url, scratch, note)
    written = sorted(results.filled(url) - before)
    bench.tables = results.keep(url, written, scratch)
    for number in range(rounds if peers else 0):
        for name in (*peers, "engine"):
            results.clear(url, written)
            _one(bench, name, url, scratch, note)
            if number == 0 and name in COMPUTES:
                tables = COMPUTES[name] or written
                without = LEFT_OUT.get(name, ())
                bench.compared[name] = {table: results.compare(url, table, without) for table in tables}


def _one(bench: Bench, name: str, url: str, scratch: Path, note: Note) -> None:
    result = measure(name, url, bench.plan.until, scratch)
    bench.runs.setdefault(name, []).append(result)
    stages = ", ".join(f"{stage} {seconds:.1f}" for stage, seconds in result.stages.items())
    note(f"{name}: {result.seconds:.1f} s ({stages}), {result.peak_rss_mb:.0f} MiB, {result.stolen_s:.1f} s stolen")


def _nights(bench: Bench, made: Mapping[str, Made], scratch: Path, count: int, note: Note) -> None:
    """Nights over the whole history and over the last year of the same lifters, by turns."""
    url, year_url = made
    measure("engine", year_url, bench.plan.until, scratch)  # of all years it has just run
    for place in (url, year_url):
        results.settle(place)
    bench.nights = {"five_years": Nights(None), "one_year": Nights(ONE_YEAR_DAYS)}
    tables = sorted(bench.tables)
    for number in range(1, count + 1):
        for name, (where, its) in zip(bench.nights, made.items(), strict=True):
            one_night(where, its, number, tables, scratch, bench.nights[name])
            note(f"night {number} on {name}: {bench.nights[name].seconds[-1]:.2f} s")


def _named(url: str, name: str) -> str:
    return f"{url.rsplit('/', 1)[0]}/{name}"


def _copy_empty(url: str, name: str) -> None:
    """A second database on the same server, as empty and as migrated as the first is now."""
    first = url.rsplit("/", 1)[1].split("?", maxsplit=1)[0]
    statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(first))
    with connect(_named(url, "postgres"), autocommit=True) as connection:
        connection.execute(statement)
