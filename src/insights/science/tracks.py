"""Tracks: the days of a lift whose loads can be compared, in order, and what stood before the first of them.

The days on which body weight is part of a lift's load and those on which it is not known are two tracks. A track's
number is twice its lift's, and one more with body weight.

What stood before comes as rows of its own, on days before those of the track, so that one rule reads both; `own` tells
them apart.
"""

from dataclasses import dataclass

import dataframely as dy
import numpy as np
import polars as pl

from insights.frames import LiftBests, LiftDays
from insights.science import codes
from insights.science.facts import worked

DELOAD_DAYS = 42
DELOAD_SHARE = 0.85
JUMP = 0.20
JUMP_DAYS = 3
KNOWN_ESTIMATES = 3

_LIFT = ["user_id", "exercise_id"]
_NO_LIFT = pl.DataFrame(schema={"user_id": pl.Binary, "exercise_id": pl.Binary, "day": pl.Date})
_NEVER = np.iinfo(np.int64).max
_ASKED = (
    "lift", "track", "at", "effort", "heaviest_kg", "volume_ug", "estimated_1rm_kg", "reach_kg", "reach_reps",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tracks:
    """The days and the bests before them, both with lift and track (Int64), the days with `at`, their `codes.slot`."""

    facts: pl.DataFrame  # all columns, by user, lift and day
    days: pl.DataFrame  # what the rules ask for, by track and day; place is the row in `facts`
    bests: pl.DataFrame
    changed: pl.DataFrame  # lift and day: from when on the facts of a lift are others than before


def tracks(
    facts: dy.DataFrame[LiftDays], bests: dy.DataFrame[LiftBests], changed: pl.DataFrame | None = None
) -> Tracks:
    """The days of `facts` with a set that counts for any use.

    `changed` is user_id, exercise_id, day; one row a lift.
    """
    counts = facts.select_seq(pl.col("told") | worked()).to_series()
    # mostly every day counts, and no lift goes back to the track without body weight: nothing is copied then
    given = (facts if counts.all() else facts.filter(counts), bests, _NO_LIFT if changed is None else changed)
    numbers = codes.numbered(given, _LIFT)
    own, earlier, since = (frame.with_columns_seq(lift=lift) for frame, lift in zip(given, numbers, strict=True))
    track = pl.col("lift") * 2 + pl.col("with_body_weight").cast(pl.Int64)
    own = own.with_columns_seq(track=track).with_columns_seq(at=_at())
    days = own.select_seq(*_ASKED, place=pl.int_range(pl.len()))
    in_order = days if days["at"].is_sorted() else days.sort("at")
    return Tracks(own, in_order, earlier.with_columns_seq(track=track), since)


def deloads(tracks: Tracks) -> pl.Series:
    """Whether each day is a deload day."""
    light = tracks.bests.select_seq("track", day="light_day", heaviest_kg="light_kg")
    light = light.filter(pl.col("day").list.len() > 0).explode("day", "heaviest_kg")
    loads = with_earlier(tracks.days.select_seq("at", "heaviest_kg"), light)
    before = pl.col("heaviest_kg").rolling_max_by("at", f"{DELOAD_DAYS}i", closed="left")
    is_light = loads.select_seq("own", light=pl.col("heaviest_kg") < DELOAD_SHARE * before).filter("own")["light"]
    return (is_light & ~tracks.days["effort"]).fill_null(value=False).alias("deload")


def asked(tracks: Tracks, deload: pl.Series) -> pl.DataFrame:
    """The estimates that jumps and the known 1RM ask for, none of a deload day: at, estimate, own. By track and day."""
    own = tracks.days.select_seq("at", estimate="estimated_1rm_kg").filter(pl.col("estimate").is_not_null() & ~deload)
    earlier = [
        tracks.bests.select_seq("track", day=f"estimate_{back}_day", estimate=f"estimate_{back}_kg")
        for back in range(1, KNOWN_ESTIMATES + 1)
    ]
    return with_earlier(own, pl.concat(earlier))


def jumps(tracks: Tracks, asked: pl.DataFrame) -> pl.Series:
    """Whether each day is a jump."""
    track = codes.key_of(pl.col("at"))

    def neighbour(offset: int) -> pl.Expr:
        return pl.when(track == track.shift(offset)).then(pl.col("estimate").shift(offset))

    before = [neighbour(offset) for offset in range(1, JUMP_DAYS + 1)]
    lasting = [neighbour(-offset) for offset in range(JUMP_DAYS)]
    up = pl.min_horizontal(lasting) > (1 + JUMP) * pl.max_horizontal(before)
    down = pl.max_horizontal(lasting) < (1 - JUMP) * pl.min_horizontal(before)
    jump = (up | down).fill_null(value=False) & lasting[-1].is_not_null()
    found = asked.select_seq("at", "own", jump=jump).filter("own", "jump")["at"]
    is_jump = np.zeros(tracks.days.height, dtype=np.bool_)
    is_jump[np.searchsorted(tracks.days["at"].to_numpy(), found.to_numpy())] = True
    return pl.Series("jump", is_jump)


def reached(tracks: Tracks, asked: pl.DataFrame) -> pl.Series:
    """Whether what is told of each day may be other than before its lift has changed.

    It may from the first changed day on, and on the last days with an estimate before, whose jump that day can decide.
    """
    days, of_days = (tracks.days[name].to_numpy() for name in ("at", "track"))
    own = asked.filter("own").select_seq("at", track=codes.key_of(pl.col("at")))
    estimates, of_estimates = (own[name].to_numpy() for name in ("at", "track"))
    begins = pl.concat([tracks.changed.select_seq("day", track=pl.col("lift") * 2 + of) for of in (0, 1)])
    since, of_since = begins.select_seq(_at()).to_series().to_numpy(), begins["track"].to_numpy()
    first = np.full(1 + max(of_days.max(initial=0), of_since.max(initial=0)), _NEVER)
    first[of_since] = since
    found = days >= first[of_days]
    before = np.searchsorted(estimates, since)
    for back in range(1, JUMP_DAYS):
        some = np.flatnonzero(before >= back)
        place = before[some] - back
        is_open = of_estimates[place] == of_since[some]
        found[np.searchsorted(days, estimates[place[is_open]])] = True
    return pl.Series("reached", found)


def reps_marks(days: pl.DataFrame, bests: pl.DataFrame) -> pl.DataFrame:
    """The sets that reps records compare, of the days (sorted by at) and of what stood before: at, reach, reps; sorted.

    Those of a day are sorted in the facts, and those of what stood before in the bests.
    """
    sets = days.select_seq("at", reach="reach_kg", reps="reach_reps").filter(pl.col("reach").list.len() > 0)
    front = bests.select_seq("track", day="front_day", reach="front_kg", reps="front_reps")
    front = front.filter(pl.col("day").list.len() > 0).explode("day", "reach", "reps")
    return with_earlier(sets.explode("reach", "reps"), front).drop("own")


def with_earlier(days: pl.DataFrame, earlier: pl.DataFrame) -> pl.DataFrame:
    """The days (at, values) and before them `earlier` (track, day, values; no day: no row), with own; sorted by at.

    The days come in that order.
    """
    own = days.with_columns_seq(own=pl.lit(value=True))
    marks = earlier.filter(pl.col("day").is_not_null()).with_columns_seq(at=_at(), own=pl.lit(value=False))
    marks = marks.select_seq(own.columns).sort("at", maintain_order=True)
    return codes.merged(own, own["at"].to_numpy(), marks, marks["at"].to_numpy())


def _at() -> pl.Expr:
    return codes.slot(pl.col("track"), pl.col("day"))
