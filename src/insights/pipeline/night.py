"""A night: what has changed is derived again from what is remembered, and a quiet user costs no set.

For a changed day the sets of that day are read and judged, and its facts take the place of those that are remembered.
From the facts of the last months and what the days before them decide, the rows that the change can reach follow. The
points on lifts of every user move with the day, from facts alone; those on weeks and months when one is closed, or when
a day of one has changed. Whatever this cannot do is done from all sets of that user, by the same function as the
backfill. All of it happens in one transaction, which also takes the changes away.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

import adbc_driver_postgresql.dbapi as adbc
import dataframely as dy
import numpy as np
import polars as pl

from insights import assets, frames
from insights.db import changes, columns, extract, ledger
from insights.db.load import Scope, Written, load_points, load_rows, stored_points
from insights.pipeline.agenda import Agenda, agenda, within
from insights.pipeline.analytics import (
    NOTHING_BESIDE,
    USES,
    Beside,
    ShardResult,
    Verdicts,
    in_one_transaction,
    nothing,
    rebuild,
    tallied,
)
from insights.pipeline.remember import Memory, keep, recall
from insights.science import codes, sets, typos
from insights.science import facts as stage_one
from insights.science.derive import derive, users_due
from insights.science.facts import Facts

SETS_AT_ONCE = 100_000  # of users who are computed from all of their sets: bounds the memory of a night
SETS_A_PERFORMANCE = 4

_Masks = Sequence[pl.Series]  # by table of the facts, a flag a row


def run_shard(
    url: str,
    run: ledger.Run,
    shard: int,
    users: list[UUID],
    *,
    as_of: date,
    dry_run: bool = False,
    periods: Sequence[str] = frames.PERIODS,
    beside: Beside = NOTHING_BESIDE,
) -> ShardResult:
    """Bring the stored analytics of these users up to `as_of`, in one transaction; with `dry_run`, roll it back.

    Volumes of other period types than `periods` are left alone. The sets of the result are those that were read.
    """

    def work(cursor: adbc.Cursor) -> tuple[Mapping[str, Written], Verdicts]:
        if dry_run:
            changes.resolve_unseen(cursor)
        return bring_up(cursor, [user.bytes for user in users], as_of, periods, beside.begin)

    return in_one_transaction(url, run, shard, users, work, dry_run=dry_run, beside=beside)


def bring_up(
    cursor: adbc.Cursor,
    user_ids: list[bytes],
    as_of: date,
    periods: Sequence[str] = frames.PERIODS,
    when_read: Callable[[], object] = nothing,
) -> tuple[Mapping[str, Written], Verdicts]:
    """`run_shard` within a transaction: what was touched, by table, and the verdicts of the sets that were read.

    `when_read` is called once the changed days are there.
    """
    columns.stage_users(cursor, user_ids)
    users = extract.read_users(cursor)
    memory = recall(cursor)
    work = agenda(changes.read(cursor), memory, users, as_of)
    known = memory
    if not work.whole.is_empty():
        known = memory.of(users.filter(~pl.col("user_id").is_in(work.whole.implode()))["user_id"])
    catalogue = _Catalogue(cursor, known.facts.lift_days["exercise_id"])
    renewed = _renewed(cursor, known, catalogue, work, users, as_of)
    when_read()
    done = [_derive_changed(cursor, known, catalogue, renewed, users, work, as_of, periods)]
    done += [rebuild(cursor, part, as_of, periods) for part in _parts(cursor, work.whole)]
    written: dict[str, Written] = {}
    verdicts: Verdicts = {use: {} for use in USES}
    for touched, tally in [*done, ({}, renewed.verdicts)]:
        for table, counts in touched.items():
            written[table] = _sum(written.get(table, Written(0)), counts)
        for use, of_use in tally.items():
            for verdict, count in of_use.items():
                verdicts[use][verdict] = verdicts[use].get(verdict, 0) + count
    return written, verdicts


def _sum(one: Written, other: Written) -> Written:
    return Written(one.added + other.added, one.changed + other.changed, one.removed + other.removed)


@dataclass(frozen=True, slots=True)
class _Judged:
    """The facts of some days, made anew from their sets."""

    facts: Facts
    verdicts: Verdicts


@dataclass(frozen=True, slots=True)
class _Renewed:
    """All facts as they are now; those of the days that were made anew, as remembered and as they are now."""

    facts: Facts
    was: Facts
    now: Facts
    verdicts: Verdicts


class _Catalogue:
    """What the catalogue says of lifts: a night asks three times, mostly of the same ones, and reads it once."""

    def __init__(self, cursor: adbc.Cursor, expected: pl.Series) -> None:
        """Of the lifts with the ids `expected` it will be asked at some time."""
        self._cursor = cursor
        self._ids = expected.unique()
        self._lifts: extract.Lifts | None = None

    def of(self, lifts: pl.Series) -> extract.Lifts:
        """What it says of the lifts with these ids."""
        wanted = lifts.unique()
        if self._lifts is None or not wanted.is_in(self._ids.implode()).all():
            self._ids = pl.concat([self._ids, wanted]).unique().sort()
            self._lifts = extract.read_lifts(self._cursor, self._ids)
        own = pl.col("exercise_id").is_in(wanted.implode())
        return extract.Lifts(
            frames.Exercises.cast(self._lifts.exercises.filter(own)),
            frames.Muscles.cast(self._lifts.muscles.filter(own)),
            frames.Movements.cast(self._lifts.movements.filter(own)),
        )


def _renewed(
    cursor: adbc.Cursor,
    memory: Memory,
    catalogue: _Catalogue,
    work: Agenda,
    users: dy.DataFrame[frames.Users],
    as_of: date,
) -> _Renewed:
    """The changed days as they are now, and the verdicts of their sets.

    A weight far from the others may make or unmake typos on days around it: these are judged again too.
    """
    if work.spans.is_empty():
        nothing = Facts.none()
        return _Renewed(memory.facts, nothing, nothing, {})
    gone = _inside(memory.facts, work.spans)
    was, rest = _those(memory.facts, gone), _typed(memory.facts, gone, work.spans)
    fresh = _judged(cursor, catalogue, work.spans, users, as_of, rest)
    now = fresh.facts
    turned = typos.turned(rest, was.lift_days, now.lift_days)
    if not turned.is_empty():
        spans = turned.select_seq("user_id", first_day="day", last_day="day")
        gone = [mask | also for mask, also in zip(gone, _inside(memory.facts, spans), strict=True)]
        others = pl.concat([_typed(memory.facts, gone, work.spans), now.lift_days.select_seq(rest.columns)])
        again = _judged(cursor, catalogue, spans, users, as_of, others)
        was, now = _those(memory.facts, gone), _joined(now, again.facts)
    return _Renewed(_replaced(memory.facts, gone, now), was, now, fresh.verdicts)


def _typed(facts: Facts, gone: _Masks, spans: pl.DataFrame) -> pl.DataFrame:
    """What the typo rule reads of the lift-days that are not gone, as far from the spans as it can look."""
    first, last = _reach(spans, 2 * typos.WINDOW_DAYS)
    typed = facts.lift_days.select_seq("user_id", "exercise_id", "day", "typed_kg")
    return typed.filter(~gone[0] & facts.lift_days["day"].is_between(first, last))


def _reach(spans: pl.DataFrame, days: int) -> tuple[date, date]:
    """The first and the last day that lie so many days around the spans."""
    around = timedelta(days=days)
    return spans.select_seq(pl.col("first_day").min() - around, pl.col("last_day").max() + around).row(0)


def _judged(
    cursor: adbc.Cursor,
    catalogue: _Catalogue,
    spans: pl.DataFrame,
    users: dy.DataFrame[frames.Users],
    as_of: date,
    others: pl.DataFrame,
) -> _Judged:
    """The facts of the days within the spans, judged with all sets of these days and the lift-days of `others`."""
    found = extract.sets_between(cursor, spans)
    exercises = catalogue.of(found["exercise_id"]).exercises
    near = others.filter(pl.col("day").is_between(*_reach(spans, typos.WINDOW_DAYS)))
    # a set may be read that is of a day before those around: the user's clock may run behind UTC
    earliest: date = spans.select_seq(pl.col("first_day").min() - 2 * extract.AROUND).item()
    weights = extract.read_body_weights(cursor, since=earliest)
    judged = sets.verdicts(found, users, exercises, weights, as_of, near)
    facts = stage_one.collect(judged, extract.contexts_of(cursor, judged.sessions["session_id"]))
    days = judged.rows.select_seq(user_id=judged.user_ids.gather(judged.rows["user"]), day="day")
    return _Judged(_those(facts, _inside(facts, spans)), tallied(judged.rows.filter(within(days, spans))))


def _tables(facts: Facts) -> tuple[pl.DataFrame, ...]:
    return facts.lift_days, facts.user_days, facts.context_days


def _inside(facts: Facts, spans: pl.DataFrame) -> _Masks:
    """By table of the facts, which days lie within the spans."""
    return [within(table, spans) for table in _tables(facts)]


def _those(facts: Facts, chosen: _Masks) -> Facts:
    return _facts(*(table.filter(mask) for table, mask in zip(_tables(facts), chosen, strict=True)))


def _joined(one: Facts, other: Facts) -> Facts:
    """The facts of both, which have no day in common."""
    return _replaced(one, [pl.Series([False]).new_from_index(0, table.height) for table in _tables(one)], other)


def _replaced(facts: Facts, gone: _Masks, now: Facts) -> Facts:
    """The facts without those that are gone, and those of other days."""
    keys = (["user_id", "exercise_id"], ["user_id"], ["user_id"])
    return _facts(*map(_merged, _tables(facts), gone, _tables(now), keys))


def _merged(rows: pl.DataFrame, gone: pl.Series, others: pl.DataFrame, ids: list[str]) -> pl.DataFrame:
    """The rows that are not gone and the others, all of them sorted by these ids and day."""
    if others.is_empty():
        return rows.filter(~gone) if gone.any() else rows
    both = (rows, others)
    at, of_others = (
        pl.select(codes.slot(pl.lit(place), pl.lit(frame["day"]))).to_series().to_numpy()
        for place, frame in zip(codes.numbered(both, ids), both, strict=True)
    )
    return codes.merged(rows, at, others, of_others, np.flatnonzero(~gone.to_numpy()))


def _facts(lift_days: pl.DataFrame, user_days: pl.DataFrame, context_days: pl.DataFrame) -> Facts:
    return Facts(
        frames.LiftDays.cast(lift_days), frames.UserDays.cast(user_days), frames.ContextDays.cast(context_days)
    )


def _derive_changed(
    cursor: adbc.Cursor,
    memory: Memory,
    catalogue: _Catalogue,
    renewed: _Renewed,
    users: dy.DataFrame[frames.Users],
    work: Agenda,
    as_of: date,
    periods: Sequence[str],
) -> tuple[Mapping[str, Written], Verdicts]:
    """Write what follows for the users who are not computed from all of their sets, and remember it."""
    own = memory.standing["user_id"]
    if own.is_empty():
        return {}, {}
    if len(own) != users.height:
        columns.stage_users(cursor, own.to_list())
    facts = renewed.facts
    lifts = catalogue.of(facts.lift_days["exercise_id"])
    since = stage_one.changed(renewed.was, renewed.now)
    of_own = frames.Users.cast(users.filter(pl.col("user_id").is_in(own.implode())))
    # not one at a time, as a rebuild computes: the facts of a night's shard are few
    due = users_due(memory.standing, facts, memory.bests, since, as_of)
    made = derive(facts, memory.bests, of_own, lifts.muscles, lifts.movements, as_of, since, due)
    scope = Scope.since(since, due)

    def write() -> tuple[Mapping[str, Written], pl.DataFrame]:
        written = load_rows(cursor, made.volumes, made.progressions, scope=scope, periods=periods)
        keep(cursor, memory, facts, renewed.was, renewed.now, as_of)
        changes.consume(cursor, work.later.filter(pl.col("user_id").is_in(own.implode())))
        return written, stored_points(cursor, scope)

    # the server is busy with what is there while the points are worked out
    with columns.helper() as helper:
        writing = helper.submit(write)
        points = made.data_points()
        written, stored = writing.result()
    return {**written, **load_points(cursor, points, stored)}, {}


def _parts(cursor: adbc.Cursor, user_ids: pl.Series) -> Iterator[list[bytes]]:
    """The users in parts that have about SETS_AT_ONCE sets each."""
    if user_ids.is_empty():
        return
    columns.stage_users(cursor, user_ids.to_list())
    counts = columns.fetch(cursor, assets.text("sql", "queries", "night_performances.sql")).sort("user_id")
    before = (counts["performances"] * SETS_A_PERFORMANCE).cum_sum().shift(1, fill_value=0)
    for part in counts.with_columns_seq(part=before // SETS_AT_ONCE).partition_by("part", maintain_order=True):
        yield part["user_id"].to_list()
