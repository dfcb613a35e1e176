"""The engine's stages one after the other, with nothing overlapped: what each of them costs by itself.

The backfill overlaps them, so its total is less than their sum.

The data-frame peers compute volume_analytics and strength_progressions, the engine data points and its state besides.
So what it needs for these two tables and no more is a stage of its own, which their compute stage is compared with.
"""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks.sharding import shard_sets, shards
from benchmarks.stages import Stages
from insights.db import columns
from insights.db.extract import Extract, extract
from insights.db.load import load
from insights.frames import LiftBests
from insights.pipeline import analytics
from insights.pipeline.memory import give_back
from insights.pipeline.remember import remember
from insights.science import facts, strength, volume
from insights.science import sets as judging


def run(url: str, day: date, scratch: Path, stages: Stages) -> Mapping[str, Any]:
    """Extract, compute and load every shard, in turn."""
    del scratch
    sets, most = 0, shard_sets()
    rows: dict[str, int] = {}
    for users in shards(url, most):
        give_back()
        with columns.transaction(url) as cursor:
            with stages.stage("extract"):
                data = extract(cursor, [user.bytes for user in users])
            with stages.stage("two_tables"):
                counted = _two_tables(data, day)
            give_back()
            with stages.stage("compute"):
                computed = analytics.compute(data, day)
            with stages.stage("load"):
                load(cursor, computed.derived)
                remember(cursor, data.users["user_id"], computed.facts, computed.later, day)
        sets += data.sets.height
        rows = {table: rows.get(table, 0) + count for table, count in counted.items()}
    return {"sets": sets, "shard_sets": most, "rows": rows}


def _two_tables(data: Extract, day: date) -> Mapping[str, int]:
    """How many rows there are of each, once they are computed."""
    judged = judging.verdicts(data.sets, data.users, data.exercises, data.body_weights, day)
    found = facts.collect(judged, data.contexts)
    days = strength.known_days(found.lift_days, LiftBests.create_empty())
    progressions = strength.progressions(strength.told(days))
    volumes = volume.volumes(days, found.user_days, data.muscles, data.movements)
    return {"strength_progressions": progressions.height, "volume_analytics": volumes.height}
