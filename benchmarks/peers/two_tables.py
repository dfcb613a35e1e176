"""The way of the peers that work in data frames: shard after shard, volume_analytics and strength_progressions."""

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks.peers.dataframes import Frames, read
from benchmarks.peers.judging import Typos, counted
from benchmarks.peers.writing import write_given
from benchmarks.sharding import shards
from benchmarks.stages import Stages
from insights.db import columns
from insights.db.extract import extract

SHARD_SETS = 1_000_000
TABLES = {"strength_progressions", "volume_analytics"}

Compute = Callable[[Frames, pd.DataFrame], Mapping[str, Any]]  # of the sets that count: the rows of each table
Copy = Callable[[str, str, Any], None]  # URL, table, rows


def run(
    url: str, day: date, scratch: Path, stages: Stages, typos: Typos, compute: Compute, copy: Copy
) -> Mapping[str, Any]:
    """Shard after shard: extract, compute, load; then the tables that are given."""
    for users in shards(url, SHARD_SETS):
        with stages.stage("extract"):
            with columns.transaction(url) as cursor:
                data = extract(cursor, [user.bytes for user in users])
            frames = read(data)
            del data
        with stages.stage("compute"):
            rows = compute(frames, counted(frames, day, typos))
        with stages.stage("load"):
            for table, of_table in rows.items():
                copy(url, table, of_table)
    with stages.stage("load"):
        write_given(url, TABLES, scratch)
    return {"shard_sets": SHARD_SETS}
