"""The engine's stages one after the other, with nothing overlapped: what each of them costs by itself.

The backfill overlaps them, so its total is less than their sum. Nothing is kept: every shard is rolled back.
"""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks.sharding import shard_sets, shards
from benchmarks.stages import Stages
from insights.db import columns
from insights.db.extract import extract
from insights.db.load import load
from insights.pipeline import analytics
from insights.pipeline.memory import give_back
from insights.pipeline.remember import remember


class Undone(Exception):
    """The shard is rolled back."""


def run(url: str, day: date, scratch: Path, stages: Stages) -> Mapping[str, Any]:
    """Extract, compute and load every shard, in turn."""
    del scratch
    sets, most = 0, shard_sets()
    for users in shards(url, most):
        try:
            give_back()
            with columns.transaction(url) as cursor:
                with stages.stage("extract"):
                    data = extract(cursor, [user.bytes for user in users])
                with stages.stage("compute"):
                    computed = analytics.compute(data, day)
                with stages.stage("load"):
                    load(cursor, computed.derived)
                    remember(cursor, data.users["user_id"], computed.facts, computed.later, day)
                sets += data.sets.height
                raise Undone
        except Undone:
            continue
    return {"sets": sets, "shard_sets": most}
