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
_ASKED = (
    "lift", "track", "at", "effort", "heaviest_kg", "volume_ug", "estimated_1rm_kg", "reach_kg", "reach_reps",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tracks:
    """The days and the bests before them, both with lift and track (Int64), the days with `at`, their `codes.slot`."""

    facts: pl.DataFrame  # all columns, by user, lift and day
    days: pl.DataFrame  # what the rules ask for, by track and day; place is the row in `facts`
    bests: pl.DataFrame


def tracks(facts: dy.DataFrame[LiftDays], bests: dy.DataFrame[LiftBests]) -> Tracks:
    """The days of `facts` with a set that counts for any use."""
    numbered, earlier = _numbered(facts.filter(pl.col("told") | worked()), bests)
    numbered = numbered.with_columns(at=_at())
    days = numbered.lazy().select(*_ASKED, place=pl.int_range(pl.len())).sort("at").collect(engine="in-memory")
    return Tracks(numbered, days, earlier)


def deloads(tracks: Tracks) -> pl.Series:
    """Whether each day is a deload day."""
    light = tracks.bests.select("track", day="light_day", heaviest_kg="light_kg")
    light = light.filter(pl.col("day").list.len() > 0).explode("day", "heaviest_kg")
    loads = with_earlier(tracks.days.select("at", "heaviest_kg"), light)
    before = pl.col("heaviest_kg").rolling_max_by("at", f"{DELOAD_DAYS}i", closed="left")
    is_light = loads.select("own", light=pl.col("heaviest_kg") < DELOAD_SHARE * before).filter("own")["light"]
    return (is_light & ~tracks.days["effort"]).fill_null(value=False).alias("deload")


def asked(tracks: Tracks, deload: pl.Series) -> pl.DataFrame:
    """The estimates that jumps and the known 1RM ask for, none of a deload day: at, estimate, own. By track and day."""
    own = tracks.days.select("at", estimate="estimated_1rm_kg").filter(pl.col("estimate").is_not_null() & ~deload)
    earlier = [
        tracks.bests.select("track", day=f"estimate_{back}_day", estimate=f"estimate_{back}_kg")
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
    found = asked.select("at", "own", jump=jump).filter("own", "jump")["at"]
    is_jump = np.zeros(tracks.days.height, dtype=np.bool_)
    is_jump[np.searchsorted(tracks.days["at"].to_numpy(), found.to_numpy())] = True
    return pl.Series("jump", is_jump)


def reps_marks(days: pl.DataFrame, bests: pl.DataFrame) -> pl.DataFrame:
    """The sets that reps records compare, of the days and of what stood before: at, reach, reps; sorted."""
    sets = days.select("at", reach="reach_kg", reps="reach_reps").filter(pl.col("reach").list.len() > 0)
    front = bests.select("track", day="front_day", reach="front_kg", reps="front_reps")
    front = front.filter(pl.col("day").list.len() > 0).explode("day", "reach", "reps")
    return with_earlier(sets.explode("reach", "reps"), front).sort("at", "reach").drop("own")


def with_earlier(days: pl.DataFrame, earlier: pl.DataFrame) -> pl.DataFrame:
    """The days (at, values) and before them `earlier` (track, day, values; no day: no row), with own; sorted by at."""
    marks = earlier.filter(pl.col("day").is_not_null()).with_columns(at=_at(), own=pl.lit(value=False))
    own = days.with_columns(own=pl.lit(value=True))
    return pl.concat([marks.select(own.columns), own]).sort("at")


def _at() -> pl.Expr:
    return codes.slot(pl.col("track"), pl.col("day"))


def _numbered(*frames: pl.DataFrame) -> list[pl.DataFrame]:
    """The frames with lift, the place of user_id and exercise_id among those of all frames, and track."""
    return [
        frame.with_columns(lift.alias("lift")).with_columns(
            track=pl.col("lift") * 2 + pl.col("with_body_weight").cast(pl.Int64)
        )
        for frame, lift in zip(frames, codes.numbered(frames, _LIFT), strict=True)
    ]
