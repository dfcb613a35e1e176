"""History folded: what the days before a horizon still decide, so that a new day costs no history.

Every rule looks back a bounded way, or only at a best: `fold` keeps the facts of the days that a later change can
still reach, and what stood before them as bests. From the one and the other `derive` makes the rows that it would make
from all facts.
"""

from dataclasses import dataclass
from datetime import date

import dataframely as dy
import polars as pl

from insights.frames import ContextDays, LiftBests, LiftDays, UserDays, UserStarts
from insights.science import codes, records
from insights.science.facts import Facts, worked
from insights.science.tracks import (
    DELOAD_DAYS,
    JUMP_DAYS,
    KNOWN_ESTIMATES,
    Tracks,
    asked,
    deloads,
    reps_marks,
    tracks,
    with_earlier,
)
from insights.science.trends import LOOKS_APART, WINDOW_WEEKS

LOOK_BACK_DAYS = 7 * WINDOW_WEEKS[-1] + LOOKS_APART.days  # data points look no further back than that
STRADDLE_DAYS = 31  # the row of a month needs the facts from its first day on

_KEY = ["user_id", "exercise_id", "with_body_weight"]


@dataclass(frozen=True, slots=True)
class Bests:
    """What the days before a horizon still decide."""

    lifts: dy.DataFrame[LiftBests]
    users: dy.DataFrame[UserStarts]

    @classmethod
    def none(cls) -> "Bests":
        """Of days before which there was nothing."""
        return cls(LiftBests.create_empty(), UserStarts.create_empty())


def fold(facts: Facts, bests: Bests, horizon: date) -> tuple[Facts, Bests]:
    """The facts that are still needed once no day before `horizon` will change, and the bests before them.

    Kept are all days from the horizon on, and of each track the last days with an estimate before it whose jump the
    next days decide, with all between. Folding twice is folding once, at the later horizon.
    """
    found = tracks(facts.lift_days, bests.lifts)
    estimates = asked(found, deloads(found)).with_columns_seq(
        track=codes.key_of(pl.col("at")), day=codes.day_of(pl.col("at"))
    )
    days = found.facts.join(_befores(found, estimates, horizon), on="track", maintain_order="left")
    is_folded = pl.col("day") < pl.col("before")
    folded, kept = days.filter(is_folded).sort("at"), days.filter(~is_folded)
    return _kept(facts, kept, horizon), Bests(_lifts(found, folded, estimates, horizon), _users(facts, bests, horizon))


def _befores(found: Tracks, estimates: pl.DataFrame, horizon: date) -> pl.DataFrame:
    """track and before, the first day of each track whose facts are kept."""
    decided_later = (
        estimates.filter("own", pl.col("day") < horizon)
        .group_by("track", maintain_order=True)
        .tail(JUMP_DAYS - 1)
        .group_by("track")
        .agg(before=pl.col("day").min())
    )
    every = pl.concat([found.facts.select_seq("track"), found.bests.select_seq("track")]).unique()
    return every.join(decided_later, on="track", how="left").with_columns_seq(pl.col("before").fill_null(horizon))


def _kept(facts: Facts, kept: pl.DataFrame, horizon: date) -> Facts:
    key = ["user_id", "exercise_id", "day"]
    since, before = pl.col("day") >= horizon, pl.col("day") < horizon
    earlier = facts.lift_days.filter(before).join(kept.filter(before).select_seq(key), on=key, how="semi")
    lift_days = pl.concat([earlier, facts.lift_days.filter(since)]).sort(key)
    return Facts(
        LiftDays.cast(lift_days),
        UserDays.cast(facts.user_days.filter(since)),
        ContextDays.cast(facts.context_days.filter(since)),
    )


def _users(facts: Facts, bests: Bests, horizon: date) -> dy.DataFrame[UserStarts]:
    days = facts.lift_days.filter(worked(), pl.col("day") < horizon).select_seq("user_id", first_day="day")
    starts = pl.concat([bests.users, days]).group_by("user_id").agg(pl.col("first_day").min())
    return UserStarts.cast(starts.sort("user_id"))


def _lifts(found: Tracks, folded: pl.DataFrame, estimates: pl.DataFrame, horizon: date) -> dy.DataFrame[LiftBests]:
    """The bests before each track's first kept day."""
    befores = _befores(found, estimates, horizon)
    named = pl.concat([folded.select_seq("track", *_KEY), found.bests.select_seq("track", *_KEY)]).unique("track")
    counts = pl.concat(
        [
            folded.select_seq("track", "told", volume_days=pl.col("volume_ug").is_not_null().cast(pl.Int32)),
            found.bests.select_seq("track", "told", "volume_days"),
        ]
    )
    table = (
        named.join(befores, on="track")
        .join(counts.group_by("track").agg(pl.col("told").any(), pl.col("volume_days").sum()), on="track")
        .join(_best(found, folded, "heaviest_kg", "heaviest_day"), on="track", how="left")
        .join(_best(found, folded, "volume_ug", "volume_day"), on="track", how="left")
        .join(_last_estimates(estimates, befores), on="track", how="left")
        .join(_light(found, folded, befores), on="track", how="left")
        .join(_front(found, folded), on="track", how="left")
        .with_columns_seq(pl.col("light_kg", "light_day", "front_kg", "front_reps", "front_day").fill_null([]))
        .sort(_KEY)
    )
    return LiftBests.cast(table.select_seq(LiftBests.column_names()))


def _best(found: Tracks, folded: pl.DataFrame, value: str, day: str) -> pl.DataFrame:
    """By track, the highest value and the first day that had it."""
    marks = with_earlier(folded.select_seq("at", value), found.bests.select_seq("track", value, day=day))
    marks = marks.filter(pl.col(value).is_not_null()).with_columns_seq(track=codes.key_of(pl.col("at")))
    first = marks.sort("track", value, "at", descending=[False, True, False]).unique("track", keep="first")
    return first.select_seq("track", value, codes.day_of(pl.col("at")).alias(day))


def _last_estimates(estimates: pl.DataFrame, befores: pl.DataFrame) -> pl.DataFrame:
    """By track, the newest estimates before the first kept day."""
    earlier = estimates.join(befores, on="track", maintain_order="left").filter(pl.col("day") < pl.col("before"))
    back = range(1, KNOWN_ESTIMATES + 1)
    return earlier.group_by("track", maintain_order=True).agg(
        *(pl.col("estimate").get(-n, null_on_oob=True).alias(f"estimate_{n}_kg") for n in back),
        *(pl.col("day").get(-n, null_on_oob=True).alias(f"estimate_{n}_day") for n in back),
    )


def _light(found: Tracks, folded: pl.DataFrame, befores: pl.DataFrame) -> pl.DataFrame:
    """By track, the loads of the last 42 days that no later one reaches."""
    old = found.bests.select_seq("track", day="light_day", heaviest_kg="light_kg")
    old = old.filter(pl.col("day").list.len() > 0).explode("day", "heaviest_kg")
    loads = with_earlier(folded.select_seq("at", "heaviest_kg"), old).filter(pl.col("heaviest_kg").is_not_null())
    loads = loads.with_columns_seq(track=codes.key_of(pl.col("at")), day=codes.day_of(pl.col("at"))).reverse()
    later = pl.col("heaviest_kg").cum_max().shift(1).over("track")
    first = pl.col("before") - pl.duration(days=DELOAD_DAYS)
    needed = (
        loads.filter((pl.col("heaviest_kg") > later).fill_null(value=True))
        .reverse()
        .join(befores, on="track", maintain_order="left")
        .filter(pl.col("day") >= first)
    )
    return needed.group_by("track", maintain_order=True).agg(light_kg="heaviest_kg", light_day="day")


def _front(found: Tracks, folded: pl.DataFrame) -> pl.DataFrame:
    """By track, `records.front`."""
    sets = reps_marks(folded, found.bests)
    kept = records.front(sets).with_columns_seq(track=codes.key_of(pl.col("at")), day=codes.day_of(pl.col("at")))
    return kept.group_by("track", maintain_order=True).agg(front_kg="reach", front_reps="reps", front_day="day")
