from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import psycopg
import pytest
import typer
from psycopg.rows import dict_row
from tests.conftest import create, drop, named
from typer.testing import CliRunner

from insights.cli import import_
from insights.pipeline import job as jobs
from insights.pipeline import run as runs

HEADER = (
    "title,start_time,end_time,description,exercise_title,superset_id,exercise_notes,set_index,set_type,weight_kg,reps,"
    "distance_km,duration_seconds,rpe"
)
FIRST_DAY = date(2025, 1, 6)
AS_OF = date(2025, 6, 1)
NOW = datetime(2031, 6, 2, 3, 0, tzinfo=UTC)
LIVE = {
    "volume_analytics": "true",
    "strength_progressions": "true",
    "insight_data_points": "superseded_at IS NULL",
}
LIFTS = ("Squat (Barbell)", "Bench Press (Barbell)", "Pull Up", "Zorblax Press")

Databases = Callable[[], str]


@dataclass(frozen=True)
class Row:
    day: date
    lift: str
    index: int
    kind: str
    weight_kg: float | None
    reps: int
    rpe: float | None

    def line(self) -> str:
        day = f"{self.day.day} {self.day:%b %Y}"
        kg, rpe = ("" if value is None else f"{value:g}" for value in (self.weight_kg, self.rpe))
        times = f'"{day}, 18:30","{day}, 19:45"'
        return f"Full body,{times},,{self.lift},,,{self.index},{self.kind},{kg},{self.reps},,,{rpe}"


@pytest.fixture
def databases(server_url: str, migrated_template: str, fresh_names: Iterator[str]) -> Iterator[Databases]:
    made: list[str] = []

    def another() -> str:
        made.append(next(fresh_names))
        create(server_url, made[-1], template=migrated_template)
        return named(server_url, made[-1])

    yield another
    for name in made:
        drop(server_url, name)


def history(random: Random, weeks: int = 12) -> list[Row]:
    rows = []
    for session in range(weeks * 2):
        day = FIRST_DAY + timedelta(days=7 * (session // 2) + 3 * (session % 2))
        for place, lift in enumerate(LIFTS):
            kg = None if lift == "Pull Up" else 60 + 20 * place + session + random.choice((0, 0, 2.5))
            for index in range(4):
                kind = "warmup" if index == 0 else "normal"
                rpe = random.choice((None, 7, 8, 8.5, 9))
                rows.append(Row(day, lift, index, kind, kg, 8 - index + random.randrange(2), rpe))
    return rows


def next_month(rows: list[Row], random: Random) -> list[Row]:
    days = sorted({row.day for row in rows})
    dropped, mended = random.choice(days[2:]), random.choice(days[:2])
    kept = [row for row in rows if row.day != dropped]
    kept = [replace(row, reps=row.reps + 1, rpe=9.5) if row.day == mended and row.index == 2 else row for row in kept]
    gone = next(row for row in kept if row.day == days[1] and row.index == 1)
    added = [
        Row(days[-1] + timedelta(days=7 + 3 * n), lift, index, "normal", 101.25 + n, 6, 8)
        for n in range(4)
        for lift in LIFTS[:2]
        for index in range(3)
    ]
    return added + [row for row in kept if row != gone]


def bring_in(url: str, path: Path, rows: list[Row], *options: str) -> None:
    path.write_text("\n".join([HEADER, *(row.line() for row in rows)]), encoding="utf-8")
    app = typer.Typer()
    app.command()(import_.command)
    arguments = [str(path), "--user", "ann@example.org", "--tz", "Europe/Berlin", "--database", url, *options]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, (done.output, done.exception)


def night(url: str) -> None:
    assert runs.run(url, jobs.read("nightly"), now=NOW, as_of=AS_OF).failures == []


def live(url: str) -> dict[str, list[dict[str, Any]]]:
    with psycopg.connect(url, row_factory=dict_row) as connection:
        found = {
            table: connection.execute(f"SELECT * FROM {table} WHERE {where} ORDER BY id").fetchall()
            for table, where in LIVE.items()
        }
    return {
        table: [{name: value for name, value in row.items() if name != "created_at"} for row in rows]
        for table, rows in found.items()
    }


@pytest.mark.parametrize("seed", range(3))
def test_next_months_export_over_the_old_one_gives_what_it_alone_would(
    databases: Databases, tmp_path: Path, seed: int
) -> None:
    random = Random(seed)
    old = history(random)
    new = next_month(old, random)
    twice, once = databases(), databases()
    bring_in(twice, tmp_path / "march.csv", old)
    night(twice)
    bring_in(twice, tmp_path / "april.csv", new, "--delete-vanished")
    night(twice)
    bring_in(once, tmp_path / "april.csv", new)
    night(once)
    assert live(twice) == live(once)
    assert all(live(once).values())


def test_what_vanished_stays_until_it_is_deleted(databases: Databases, tmp_path: Path) -> None:
    random = Random(7)
    old = history(random)
    new = next_month(old, random)
    url, merged = databases(), databases()
    bring_in(url, tmp_path / "march.csv", old)
    night(url)
    bring_in(url, tmp_path / "april.csv", new)
    night(url)
    kept = {(row.day, row.lift, row.index) for row in new}
    bring_in(merged, tmp_path / "both.csv", [*new, *(row for row in old if (row.day, row.lift, row.index) not in kept)])
    night(merged)
    assert live(url) == live(merged)
