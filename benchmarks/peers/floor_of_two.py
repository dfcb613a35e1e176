"""The floor once more, over two connections at once: what a machine of two cores could do at the very best.

As `floor`, but half of the users go out on each connection, and the tables come in two at a time, the largest first. It
is told beside the floor, which has one connection; the engine overlaps its stages, so both are worth knowing.
"""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

from psycopg import sql

from benchmarks.peers.floor import JOINED_SETS
from benchmarks.results import copy_in, copy_out
from benchmarks.stages import Stages
from insights.db.connection import connect

CONNECTIONS = 2
HALVES = ("WHERE ws.user_id < '80000000-0000-0000-0000-000000000000'",
          "WHERE ws.user_id >= '80000000-0000-0000-0000-000000000000'")  # fmt: skip


def run(url: str, day: date, scratch: Path, stages: Stages) -> Mapping[str, Any]:
    """Two connections."""
    del day
    files = sorted(scratch.glob("*.copy"), key=lambda file: -file.stat().st_size)
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        with stages.stage("extract"):
            size = sum(pool.map(lambda half: _out(url, half), HALVES))
        with stages.stage("load"):
            list(pool.map(lambda file: _in(url, file), files))
    return {"bytes_out": size}


def _out(url: str, half: str) -> int:
    with connect(url) as connection:
        return copy_out(connection, sql.SQL(f"{JOINED_SETS}\n{half}"), None)


def _in(url: str, file: Path) -> None:
    with connect(url) as connection:
        copy_in(connection, file.stem, file)
