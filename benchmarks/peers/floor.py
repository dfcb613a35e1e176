"""The floor: no arithmetic at all. The joined sets go out by COPY to nowhere, the finished rows come in by COPY.

Nothing that reads these sets and writes these rows over one connection can be faster. How it was tuned:

- one statement for all users, so that the planner takes hash joins, and the server's parallel workers help;
- only the columns that the science reads; binary, numerics and enums as they are stored;
- blocks of the client's size are counted and dropped, nothing is decoded;
- the rows come in as they were stored by the engine, byte for byte in the binary format, in the order of the primary
  key (an engine id keeps a user's rows together), straight into the tables with all their indexes and checks;
- tables in one transaction each, as cheap as a commit can be.

Not taken: COPY FREEZE, which goes only into a table made or emptied in the same transaction; an engine that keeps other
users' rows cannot have that. Two connections at once are a floor of their own (`floor_of_two`).
"""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from psycopg import sql

from benchmarks.results import copy_in, copy_out
from benchmarks.stages import Stages
from insights.db.connection import connect

JOINED_SETS = (Path(__file__).parent / "sql" / "joined_sets.sql").read_text(encoding="utf-8")


def run(url: str, day: date, scratch: Path, stages: Stages) -> Mapping[str, Any]:
    """One connection, one thing after the other."""
    del day
    with connect(url) as connection, stages.stage("extract"):
        size = copy_out(connection, sql.SQL(JOINED_SETS), None)
    write(url, sorted(scratch.glob("*.copy")), stages)
    return {"bytes_out": size}


def write(url: str, files: Sequence[Path], stages: Stages) -> None:
    """The kept rows of the tables, in."""
    for file in files:
        with stages.stage("load"), connect(url) as connection:
            copy_in(connection, file.stem, file)
