"""The first half of a night: extract a shard, compute, load, all in one transaction."""

import json
from dataclasses import asdict, dataclass
from datetime import date
from uuid import UUID

from insights.db import columns, ledger
from insights.db.extract import Extract, extract
from insights.db.load import Derived, Written, load
from insights.science import data_points, days, sets, strength, volume

USES = ("tonnage", "hard_set", "one_rm", "records")


class DryRun(Exception):
    """The shard was computed and compared, and nothing of it is kept."""


@dataclass(frozen=True, slots=True)
class ShardResult:
    """What one shard has read and written."""

    users: int
    sets: int  # of days up to the run's last
    written: dict[str, Written]
    verdicts: dict[str, dict[str, int]]  # use -> verdict -> sets


def compute(data: Extract, as_of: date) -> tuple[Derived, dict[str, dict[str, int]]]:
    """Everything that is derived from a shard's sets of days up to `as_of`, and the counts of verdicts by use. Pure."""
    known = days.until(data.sets, data.users, as_of)
    judged = sets.judge(known, data.users, data.exercises, data.body_weights)
    lift_days = strength.lift_days(judged, data.exercises)
    volumes = volume.volumes(judged, lift_days, data.muscles, data.movements, as_of)
    derived = Derived(
        volumes=volumes,
        progressions=strength.progressions(lift_days),
        data_points=data_points.data_points(
            data.users, lift_days, judged, volumes, as_of, data.muscles, data.movements
        ),
    )
    verdicts: dict[str, dict[str, int]] = {use: {} for use in USES}
    for use, verdict, count in sets.tally(judged).select("use", "verdict", "sets").iter_rows():
        verdicts[use][verdict] = count
    return derived, verdicts


def run_shard(
    url: str, run: ledger.Run, shard: int, users: list[UUID], *, as_of: date, dry_run: bool = False
) -> ShardResult:
    """Bring the stored analytics of these users up to `as_of`, in one transaction; with `dry_run`, roll it back."""
    try:
        with columns.transaction(url) as cursor:
            data = extract(cursor, [user.bytes for user in users])
            derived, verdicts = compute(data, as_of)
            written = load(cursor, derived)
            judged = sum(verdicts["tonnage"].values())
            result = ShardResult(len(users), judged, dict(written), verdicts)
            if dry_run:
                raise DryRun
            touched = json.dumps({table: asdict(counts) for table, counts in written.items()})
            ledger.record_shard(cursor, run, shard, users=len(users), sets=result.sets, rows_written=touched)
    except DryRun:
        pass
    return result
