"""From an empty machine to insights from a real training log, with one command."""

import csv
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg.sql import SQL, Identifier

from tests.acceptance.line import ROOT, line, run, shared

INSIGHTS = Path(sys.executable).with_name("insights")
HEVY = ("hevy", "strong-statistics.csv")
CHINESE = ("strong", "my-workout-project-zh.csv")
BY_MONTH = {  # data/INDEX.md, computed there with nothing but a CSV reader
    "2024-07": 38181.0, "2024-08": 69712.0, "2024-09": 95364.0, "2024-10": 118680.5, "2024-11": 145285.0,
    "2024-12": 132867.5, "2025-01": 113258.5, "2025-02": 151605.5, "2025-03": 162212.0, "2025-04": 116017.25,
    "2025-05": 163663.5, "2025-06": 189742.5, "2025-07": 262521.0, "2025-08": 119239.5, "2025-09": 86392.0,
}  # fmt: skip
ANALYTICS = ("volume_analytics", "strength_progressions", "insight_data_points", "user_insights")


@contextmanager
def workplace(insights: Path = INSIGHTS) -> Iterator[tuple[Path, Path]]:
    """A folder to work in and an INSIGHTS_HOME beside it; the server is stopped at the end."""
    with tempfile.TemporaryDirectory(prefix="insights-acceptance-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        home = folder / "home"
        try:
            yield folder, home
        finally:
            run([insights, "db", "stop"], cwd=folder, home=home)


def demo(folder: Path, home: Path, *options: str | Path, insights: Path = INSIGHTS) -> dict[str, Any]:
    """One demo, its JSON object."""
    done = run([insights, "demo", *options, "--json"], cwd=folder, home=home)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def hevy_demo(folder: Path, home: Path, insights: Path = INSIGHTS) -> dict[str, Any]:
    """The demo over the Hevy log."""
    return demo(folder, home, "--csv", shared(*HEVY), "--as-of", "2025-09-16", insights=insights)


def url_of(folder: Path, home: Path) -> str:
    """The embedded server's URL."""
    return str(json.loads(run([INSIGHTS, "db", "status", "--json"], cwd=folder, home=home).stdout)["url"])


@line("make demo exits 0 and make test passes in a fresh clone, under 15 minutes together")
def fresh_clone() -> str:
    """Clone HEAD, then the README's two commands, with nothing else set up."""
    with workplace() as (folder, home):
        clone = folder / "clone"
        run(["git", "clone", "--quiet", ROOT, clone], cwd=folder)
        began = time.monotonic()
        run(["make", "demo"], cwd=clone, home=home)
        demo_s = time.monotonic() - began
        tests = run(["make", "test"], cwd=clone, home=home)
        seconds = time.monotonic() - began
    assert seconds < 900, f"{seconds:.0f} s"
    return f"demo with installation {demo_s:.0f} s, both {seconds:.0f} s; {tests.stdout.strip().splitlines()[-1]}"


@line("the demo over the Hevy log prints its exact totals and at least 5 insights that cite stored facts, under 60 s")
def hevy_totals() -> str:
    """Every figure to the hundredth; every supporting id looked up in the database."""
    with workplace() as (folder, home):
        began = time.monotonic()
        found = hevy_demo(folder, home)
        seconds = time.monotonic() - began
        check_hevy(found)
        with psycopg.connect(url_of(folder, home)) as connection:
            for insight in found["insights"]:
                cited = connection.execute(
                    "SELECT count(*) FROM insight_data_points WHERE id = ANY (%s::uuid[]) AND user_id = %s",
                    (insight["supporting_data_ids"], insight["user_id"]),
                ).fetchone()
                assert cited == (len(insight["supporting_data_ids"]),), insight
        report = Path(found["report"]).read_text()
        assert report.count("<svg") >= 2
    assert seconds < 60, f"{seconds:.0f} s"
    totals = f"{found['logged_tonnage_kg']} kg logged, {found['tonnage_kg']} kg counted"
    return f"{found['sets']} sets, {totals}, {len(found['insights'])} insights, {seconds:.1f} s"


def check_hevy(found: dict[str, Any]) -> None:
    """The totals of the Hevy log."""
    assert found["sets"] == 7211
    assert found["logged_tonnage_kg"] == 1964741.75
    assert found["logged_tonnage_by_month"] == BY_MONTH
    assert found["tonnage_kg"] == 1960667.25
    assert found["excluded_tonnage"] == {"no_body_weight": {"sets": 37, "kg": 4074.5}}
    assert found["unmatched_sets"] <= 0.16 * 7211
    assert len(found["insights"]) >= 5
    for insight in found["insights"]:
        assert insight["title"] and insight["description"] and insight["supporting_data_ids"]
        assert insight["insight_category"] in {"progress", "plateau", "form", "recovery"}
        assert 0 <= insight["confidence_score"] <= 1


@line("run twice, the database is identical")
def twice() -> str:
    """Row counts and content of all analytics tables, physical row versions included."""
    with workplace() as (folder, home):
        hevy_demo(folder, home)
        first = analytics(url_of(folder, home))
        began = time.monotonic()
        hevy_demo(folder, home)
        seconds = time.monotonic() - began
        second = analytics(url_of(folder, home))
    assert first == second
    assert all(first.values())
    return f"{', '.join(f'{len(rows)} {table}' for table, rows in first.items())}; second run {seconds:.1f} s"


def analytics(url: str) -> dict[str, list[Any]]:
    """Every row of the analytics tables, with its physical version."""
    with psycopg.connect(url) as connection:
        query = "SELECT x.*, x.ctid, x.xmin FROM {} AS x ORDER BY id"
        return {t: connection.execute(SQL(query).format(Identifier(t))).fetchall() for t in ANALYTICS}


@line("the built wheel, installed in another venv outside the repository, runs the demo")
def wheel() -> str:
    """Build, install with the locked packages, run away from the repository."""
    with tempfile.TemporaryDirectory(prefix="insights-wheel-") as name:
        outside = Path(name)
        outside.chmod(0o755)
        source = outside / "source"
        run(["git", "clone", "--quiet", ROOT, source], cwd=outside)
        pip: list[str | Path] = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
        run([*pip, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", outside, source], cwd=outside)
        built = next(outside.glob("insights-*.whl"))
        run([sys.executable, "-m", "venv", outside / "venv"], cwd=outside)
        python = outside / "venv" / "bin" / "python"
        lock = shutil.copy(source / "requirements.lock", outside)
        shutil.rmtree(source)
        own_pip: list[str | Path] = [python, "-m", "pip", "--disable-pip-version-check", "--quiet", "install"]
        run([*own_pip, "--require-hashes", "-r", lock], cwd=outside)
        run([*own_pip, "--no-deps", built], cwd=outside)
        insights = outside / "venv" / "bin" / "insights"
        with workplace(insights) as (folder, home):
            check_hevy(hevy_demo(folder, home, insights))
        return f"{built.name}, {built.stat().st_size / 1024:.0f} KiB"


@line("a CSV that is no export, empty, cut or wrong is a clear error by line and column, exit 2, no row written")
def bad_files() -> str:
    """Each refused, nothing stored; with --quarantine the good rows come in and the bad are kept."""
    with workplace() as (folder, home):
        url = json.loads(run([INSIGHTS, "db", "start", "--json"], cwd=folder, home=home).stdout)["url"]
        run([INSIGHTS, "migrate", "up"], cwd=folder, home=home)
        for name, text in bad_csvs().items():
            path = folder / f"{name}.csv"
            path.write_text(text)
            done = run([INSIGHTS, "import", path, "--user", "a@example.org"], cwd=folder, home=home, expect=2)
            if name in ("cut", "wrong_number"):
                assert "line 4" in done.stderr and "column" in done.stderr, done.stderr
            with psycopg.connect(url) as connection:
                assert connection.execute(
                    "SELECT (SELECT count(*) FROM users) + (SELECT count(*) FROM set_executions)"
                ).fetchone() == (0,)
        path = folder / "wrong_number.csv"
        run([INSIGHTS, "import", path, "--user", "a@example.org", "--quarantine"], cwd=folder, home=home)
        with psycopg.connect(url) as connection:
            stored = connection.execute(
                "SELECT (SELECT count(*) FROM set_executions), (SELECT count(*) FROM import_quarantine)"
            ).fetchone()
        assert stored == (2, 1)
    return f"{len(bad_csvs())} files refused; in quarantine 2 sets in, 1 row kept aside"


def bad_csvs() -> dict[str, str]:
    """Files that cannot be used, in Hevy's layout where they have one."""
    head = (
        '"title","start_time","end_time","description","exercise_title","superset_id","exercise_notes","set_index",'
        '"set_type","weight_kg","reps","distance_km","duration_seconds","rpe"\n'
    )
    session = '"Legs","15 Sep 2025, 07:48","15 Sep 2025, 09:13","","Squat (Barbell)",,""'

    def row(index: int, weight: str) -> str:
        return f'{session},{index},"normal",{weight},5,,0,8\n'

    good = head + row(0, "100") + row(1, "102.5")
    return {
        "no_export": "date,amount,payee\n2025-01-01,12.50,Grocer\n",
        "empty": "",
        "cut": good + session[:-10],
        "wrong_number": good + row(2, '"1o5"'),
    }


@line("the Chinese Strong log is recognised, found to be in pounds, waits for the unit, and comes in with --unit lb")
def chinese_log() -> str:
    """Refused without the unit, whole with it."""
    path = shared(*CHINESE)
    with workplace() as (folder, home):
        run([INSIGHTS, "migrate", "up"], cwd=folder, home=home)
        waiting = run([INSIGHTS, "import", path, "--user", "b@example.org"], cwd=folder, home=home, expect=2)
        assert "--unit lb" in waiting.stderr
        done = run(
            [INSIGHTS, "import", path, "--user", "b@example.org", "--unit", "lb", "--json"], cwd=folder, home=home
        )
        found = json.loads(done.stdout)
    assert (found["format"], found["sets_added"]) == ("strong", 6778)
    assert found["unmatched_sets"] <= 0.03 * 6778
    return f"{found['sets_added']} sets, {1 - found['unmatched_sets'] / 6778:.2%} matched"


@line("at least 84 % of the Hevy log's sets and 97 % of the Strong log's match the catalogue")
def matching() -> str:
    """By the catalogue alone."""
    from insights.db.catalogue import shipped

    def share(parts: tuple[str, str], column: int) -> float:
        with shared(*parts).open(encoding="utf-8-sig", newline="") as file:
            titles = [row[column] for row in csv.reader(file)][1:]
        return sum(shipped().match(title) is not None for title in titles) / len(titles)

    hevy, strong = share(HEVY, 4), share(CHINESE, 3)
    assert hevy >= 0.84 and strong >= 0.97
    return f"Hevy {hevy:.2%}, Strong {strong:.2%}; {len(shipped().lifts)} lifts"


@line("the embedded server starts cold in under 5 s")
def cold_start() -> str:
    """initdb, start and the database."""
    with workplace() as (folder, home):
        began = time.monotonic()
        run([INSIGHTS, "db", "start"], cwd=folder, home=home)
        seconds = time.monotonic() - began
    assert seconds < 5, f"{seconds:.1f} s"
    return f"{seconds:.1f} s, the command line's own start included"
