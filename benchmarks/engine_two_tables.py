"""What the engine needs to compute the two tables that the data-frame peers compute, and no more.

The peers compute volume_analytics and strength_progressions, the engine data points and its state besides; so this is
what their compute stage is compared with. Nothing is written.
"""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks.sharding import shard_sets, shards
from benchmarks.stages import Stages
from insights.db import columns
from insights.db.extract import Extract, extract
from insights.frames import LiftBests
from insights.pipeline.memory import give_back
from insights.science import facts, sets, strength, volume


def run(url: str, day: date, scratch: Path, stages: Stages) -> Mapping[str, Any]:
    """Extract and compute every shard, in turn."""
    del scratch
    rows: dict[str, int] = {}
    for users in shards(url, shard_sets()):
        give_back()
        with columns.transaction(url) as cursor, stages.stage("extract"):
            data = extract(cursor, [user.bytes for user in users])
        with stages.stage("compute"):
            made = _two_tables(data, day)
        for table, count in made.items():
            rows[table] = rows.get(table, 0) + count
    return {"rows": rows}


def _two_tables(data: Extract, day: date) -> Mapping[str, int]:
    """How many rows there are of each, once they are computed."""
    judged = sets.verdicts(data.sets, data.users, data.exercises, data.body_weights, day)
    found = facts.collect(judged, data.contexts)
    days = strength.known_days(found.lift_days, LiftBests.create_empty())
    progressions = strength.progressions(strength.told(days))
    volumes = volume.volumes(days, found.user_days, data.muscles, data.movements)
    return {"strength_progressions": progressions.height, "volume_analytics": volumes.height}
