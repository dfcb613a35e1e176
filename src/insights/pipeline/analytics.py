"""The first half of a night: extract a shard, compute, load, all in one transaction.

Shards overlap: several threads of a process work on one each, so that the server reads for one and writes for another
while a third is computed. What is in memory at once is as many shards as there are threads.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, Future
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import date
from threading import Semaphore
from uuid import UUID

import adbc_driver_postgresql.dbapi as adbc
import polars as pl

from insights import frames
from insights.db import columns, ledger
from insights.db.extract import Extract, extract
from insights.db.load import Derived, Written, load
from insights.files.parquet import SetFiles
from insights.pipeline.memory import give_back
from insights.pipeline.remember import remember
from insights.science import facts, sets
from insights.science.derive import derive
from insights.science.facts import Facts
from insights.science.history import Bests

USES = ("tonnage", "hard_set", "one_rm", "records")
Verdicts = dict[str, dict[str, int]]  # use -> verdict -> sets
COMPUTING = Semaphore(1)  # one shard at a time has all cores: two at once would take as long and twice the memory


class DryRun(Exception):
    """The shard was computed and compared, and nothing of it is kept."""


@dataclass(frozen=True, slots=True)
class ShardResult:
    """What one shard has read and written."""

    users: int
    sets: int  # of days up to the run's last
    written: dict[str, Written]
    verdicts: Verdicts


# What brings a shard up to its day within a transaction: what was touched, by table, and the counts of verdicts.
Work = Callable[[adbc.Cursor], tuple[Mapping[str, Written], Verdicts]]


def nothing() -> None:
    """There is nothing to do."""


class Beside:
    """What belongs to a shard and rests on nothing of it, on another connection: begun once the shard has been read.

    Until then the server is busy with reading.
    """

    def __init__(self, act: Callable[[], object], helper: Executor | None = None) -> None:
        self._act, self._helper = act, helper
        self._future: Future[object] | None = None

    def begin(self) -> None:
        """Begin it, if that has not been done."""
        if self._helper and self._future is None:
            self._future = self._helper.submit(self._act)

    def wait(self) -> None:
        """Wait for its end; whatever it raises is raised here."""
        self.begin()
        if self._future:
            self._future.result()


NOTHING_BESIDE = Beside(nothing)


@dataclass(frozen=True, slots=True)
class Computed:
    """What follows from all sets of some users."""

    derived: Derived
    verdicts: Verdicts
    facts: Facts
    later: pl.DataFrame  # user_id, day: days after the last that have sets already


def compute(data: Extract, as_of: date) -> Computed:
    """Everything that is derived from a shard's sets of days up to `as_of`. Pure."""
    judged = sets.verdicts(data.sets, data.users, data.exercises, data.body_weights, as_of)
    found = facts.collect(judged, data.contexts)
    derived = derive(found, Bests.none(), data.users, data.muscles, data.movements, as_of)
    to_come = judged.sessions.filter(pl.col("day") > as_of)
    later = to_come.select(judged.user_ids.gather(to_come["user"]).alias("user_id"), "day").unique()
    rows = Derived(derived.volumes, derived.progressions, derived.data_points())
    return Computed(rows, tallied(judged.rows), found, later)


def tallied(judged: pl.DataFrame) -> Verdicts:
    """How many of some judged sets have which verdict, by use."""
    verdicts: Verdicts = {use: {} for use in USES}
    for use, verdict, count in sets.tally(judged).select("use", "verdict", "sets").iter_rows():
        verdicts[use][verdict] = count
    return verdicts


def rebuild(
    cursor: adbc.Cursor,
    user_ids: list[bytes],
    as_of: date,
    periods: Sequence[str] = frames.PERIODS,
    files: SetFiles | None = None,
    when_read: Callable[[], object] = nothing,
) -> tuple[Mapping[str, Written], Verdicts]:
    """Bring the stored analytics of these users up to `as_of` from all of their sets, and what is remembered of them.

    Returns what was touched, by table, and the counts of verdicts. `when_read` is called once their sets are there.
    """
    data = extract(cursor, user_ids, files.sets(user_ids) if files else None)
    when_read()
    with COMPUTING:
        computed = compute(data, as_of)
    users = data.users["user_id"]
    del data  # the load needs none of it, and other shards are in memory too
    give_back()
    written = load(cursor, computed.derived, periods=periods)
    remember(cursor, users, computed.facts, computed.later, as_of)
    return written, computed.verdicts


def run_shard(
    url: str,
    run: ledger.Run,
    shard: int,
    users: list[UUID],
    *,
    as_of: date,
    dry_run: bool = False,
    periods: Sequence[str] = frames.PERIODS,
    files: SetFiles | None = None,
    beside: Beside = NOTHING_BESIDE,
) -> ShardResult:
    """Bring the stored analytics of these users up to `as_of`, in one transaction; with `dry_run`, roll it back.

    All of it comes from all of their sets, of the database or of `files`; volumes of other period types than `periods`
    are left alone.
    """
    user_ids = [user.bytes for user in users]

    def work(cursor: adbc.Cursor) -> tuple[Mapping[str, Written], Verdicts]:
        return rebuild(cursor, user_ids, as_of, periods, files, beside.begin)

    return in_one_transaction(url, run, shard, users, work, dry_run=dry_run, beside=beside)


def in_one_transaction(
    url: str,
    run: ledger.Run,
    shard: int,
    users: Sequence[UUID],
    work: Work,
    *,
    dry_run: bool,
    beside: Beside,
) -> ShardResult:
    """Do the work of a shard and settle it, both or neither; with `dry_run`, roll it back.

    The transaction ends after `beside`.
    """
    with suppress(DryRun), columns.transaction(url) as cursor:
        written, verdicts = work(cursor)
        beside.wait()
        result = ShardResult(len(users), sum(verdicts["tonnage"].values()), dict(written), verdicts)
        if dry_run:
            raise DryRun
        ledger.record_shard(
            cursor,
            run,
            shard,
            users=result.users,
            sets=result.sets,
            rows_written=json.dumps({table: asdict(counts) for table, counts in written.items()}),
            verdicts=json.dumps(verdicts),
        )
    return result
