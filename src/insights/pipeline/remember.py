"""What the engine remembers between two runs: facts of the last months, and what the days before them still decide.

The facts are kept from a horizon on. It moves forward now and then, for that writes rows of every lift; in between,
what is kept grows by the days that come.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta

import adbc_driver_postgresql.dbapi as adbc
import dataframely as dy
import polars as pl

from insights.db import changes, state
from insights.db.state import State
from insights.frames import ContextDays, LiftBests, LiftDays, UserDays, UserStarts
from insights.science.facts import Facts
from insights.science.history import LOOK_BACK_DAYS, Bests, fold
from insights.science.periods import closed_through

ROOM_DAYS = 30  # an edit this far behind what the data points look at still costs no history
KEPT_DAYS = LOOK_BACK_DAYS + ROOM_DAYS
MOVES_AFTER_DAYS = 28


@dataclass(frozen=True, slots=True)
class Memory:
    """What is remembered of some users. `standing` has user_id, horizon and closed_through, one row a user."""

    standing: pl.DataFrame
    facts: Facts
    bests: Bests

    def of(self, users: pl.Series) -> "Memory":
        """That of these users."""
        own = pl.col("user_id").is_in(users.implode())
        return Memory(
            self.standing.filter(own),
            Facts(
                LiftDays.cast(self.facts.lift_days.filter(own)),
                UserDays.cast(self.facts.user_days.filter(own)),
                ContextDays.cast(self.facts.context_days.filter(own)),
            ),
            Bests(LiftBests.cast(self.bests.lifts.filter(own)), UserStarts.cast(self.bests.users.filter(own))),
        )


def recall(cursor: adbc.Cursor) -> Memory:
    """What is remembered of the users in `shard_users`. Who is not in it, or by another method, is left out."""
    rows = state.read(cursor)
    known = rows["states"].filter(pl.col("method") == state.METHOD)
    starts = known.drop_nulls("first_day").select_seq("user_id", "first_day")
    memory = Memory(
        known.select_seq("user_id", "horizon", "closed_through"),
        Facts(
            LiftDays.cast(rows["lift_days"]), UserDays.cast(rows["user_days"]), ContextDays.cast(rows["context_days"])
        ),
        Bests(LiftBests.cast(rows["lift_bests"]), UserStarts.cast(starts)),
    )
    return memory if known.height == rows["states"].height else memory.of(known["user_id"])


def keep(cursor: adbc.Cursor, memory: Memory, facts: Facts, was: Facts, now: Facts, as_of: date) -> None:
    """Store `facts` in place of those of the memory, from which they differ in nothing but `now` in place of `was`.

    Only these are compared with what is stored, unless the horizon of some user is due to move. The closed periods up
    to `as_of` have their points now.
    """
    told = replace(memory, standing=memory.standing.with_columns_seq(closed_through=pl.lit(closed_through(as_of))))
    after = replace(told, facts=facts)
    later = moved(after, as_of)
    if later is after:
        starts = Bests(LiftBests.create_empty(), memory.bests.users)
        before = replace(memory, facts=was, bests=starts)
        state.write(cursor, _rows(before), _rows(replace(told, facts=now, bests=starts)))
    else:
        state.write(cursor, _rows(memory), _rows(later))


def remember(cursor: adbc.Cursor, users: pl.Series, facts: Facts, later: pl.DataFrame, as_of: date) -> None:
    """Store what is to be remembered of the users in `shard_users`, from all of their facts, and settle their changes.

    Args:
        cursor: the transaction that writes their results.
        users: their ids.
        facts: of all their days up to `as_of`.
        later: user_id, day: their days after `as_of` that have sets already.
        as_of: the last day.
    """
    horizon = as_of - timedelta(days=KEPT_DAYS)
    kept, bests = fold(facts, Bests.none(), horizon)
    standing = users.to_frame("user_id").with_columns_seq(
        horizon=pl.lit(horizon), closed_through=pl.lit(closed_through(as_of))
    )
    state.write(cursor, state.read(cursor), _rows(Memory(standing, kept, bests)))
    changes.consume(
        cursor,
        later.select_seq("user_id", at=pl.lit(None, dtype=changes.SCHEMA["at"]), first_day="day", last_day="day"),
    )


def moved(memory: Memory, as_of: date) -> Memory:
    """The memory with the horizon moved forward, of users for whom that is due."""
    wanted = as_of - timedelta(days=KEPT_DAYS)
    due = memory.standing.filter(pl.col("horizon") < wanted - timedelta(days=MOVES_AFTER_DAYS))["user_id"]
    if due.is_empty():
        return memory
    old = memory.of(due)
    rest = memory.of(memory.standing.filter(~pl.col("user_id").is_in(due.implode()))["user_id"])
    facts, bests = fold(old.facts, old.bests, wanted)
    return _joined(rest, Memory(old.standing.with_columns_seq(horizon=pl.lit(wanted)), facts, bests))


def _joined(one: Memory, other: Memory) -> Memory:
    def both(a: pl.DataFrame, b: pl.DataFrame, *key: str) -> pl.DataFrame:
        return pl.concat([a, b]).sort(key)

    lift, day = ("user_id", "exercise_id"), ("user_id", "day")
    return Memory(
        both(one.standing, other.standing, "user_id"),
        Facts(
            LiftDays.cast(both(one.facts.lift_days, other.facts.lift_days, *lift, "day")),
            UserDays.cast(both(one.facts.user_days, other.facts.user_days, *day)),
            ContextDays.cast(both(one.facts.context_days, other.facts.context_days, *day)),
        ),
        Bests(
            LiftBests.cast(both(one.bests.lifts, other.bests.lifts, *lift, "with_body_weight")),
            UserStarts.cast(both(one.bests.users, other.bests.users, "user_id")),
        ),
    )


def _rows(memory: Memory) -> State:
    states = (
        memory.standing.with_columns_seq(method=pl.lit(state.METHOD, dtype=pl.Int32))
        .join(memory.bests.users, on="user_id", how="left")
        .select_seq(list(state.SCHEMAS["states"]))
    )
    frames: dict[str, dy.DataFrame[LiftDays] | pl.DataFrame] = {
        "states": states,
        "lift_days": memory.facts.lift_days,
        "user_days": memory.facts.user_days,
        "context_days": memory.facts.context_days,
        "lift_bests": memory.bests.lifts,
    }
    return frames
