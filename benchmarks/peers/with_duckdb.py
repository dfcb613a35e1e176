"""DuckDB over the same Arrow: the recomputation of `insights audit`, timed, its rows stored.

It computes everything that the engine computes, every data point and every id, in SQL of its own (sql/audit/). How it
was tuned:

- the sets come as Arrow through ADBC, as the engine's do, and are made DuckDB tables once;
- as many users at a time as give about a million sets, so that the fixed cost of some forty statements is small and the
  memory bounded;
- columns that a later step joins by are materialised as tables, not views;
- ids and the JSON's canonical form are Python functions, called once for each distinct text.

It was written to be a second opinion, plain before fast: it shares no formula with the engine.
"""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from benchmarks.peers.writing import copy_rows, write_given
from benchmarks.results import ANALYTICS
from benchmarks.sharding import shards
from benchmarks.stages import Stages
from insights.audit.recompute import recompute
from insights.db import columns
from insights.db.extract import extract

SHARD_SETS = 1_000_000


def run(url: str, day: date, scratch: Path, stages: Stages) -> Mapping[str, Any]:
    """Shard after shard: extract, compute, load."""
    for users in shards(url, SHARD_SETS):
        ids = [user.bytes for user in users]
        with stages.stage("extract"), columns.transaction(url) as cursor:
            data = extract(cursor, ids)
        with stages.stage("compute"):
            connection = recompute(data, dict.fromkeys(ids, day))
        with connection, stages.stage("load"):
            for table in ANALYTICS:
                copy_rows(url, table, _rows(connection, table))
    with stages.stage("load"):
        write_given(url, set(ANALYTICS), scratch)
    return {"shard_sets": SHARD_SETS}


def _rows(connection: duckdb.DuckDBPyConnection, table: str) -> pa.Table:
    """A table as text columns that COPY reads: DuckDB prints decimals and ids as PostgreSQL does."""
    names = [name for name, *_ in connection.execute(f"DESCRIBE {table}").fetchall()]
    texts = ", ".join(f"CAST({name} AS VARCHAR) AS {name}" for name in names)
    return connection.sql(f"SELECT {texts} FROM {table} ORDER BY id").to_arrow_table()
