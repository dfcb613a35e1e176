"""Facts: what one day says of a lift, and of a user, so that no later rule has to see a set again.

Facts of a day rest on the sets of that day alone, but for the typo rule, which looks 60 days both ways. Sums are
whole numbers, so facts are the same bits whatever the order of the sets.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import dataframely as dy
import polars as pl

from insights.frames import ContextDays, LiftDays, SessionContexts, UserDays
from insights.science import codes, one_rm, sums
from insights.science.context import context_days
from insights.science.reasons import COUNTED, DOUBTS
from insights.science.runs import Runs
from insights.science.sets import Judged

SHORTEST_SESSION = timedelta(minutes=5)  # a session's length outside these two is unknown (convention)
LONGEST_SESSION = timedelta(hours=6)
HARD_DAY_RPE = 9.0  # a day with such a set is hard, however light

_LAST_MOMENT = (1 << 63) - 1  # in microseconds: later than any


@dataclass(frozen=True, slots=True)
class Facts:
    """The facts of some days."""

    lift_days: dy.DataFrame[LiftDays]
    user_days: dy.DataFrame[UserDays]
    context_days: dy.DataFrame[ContextDays]

    @classmethod
    def none(cls) -> "Facts":
        """Of no day."""
        return cls(LiftDays.create_empty(), UserDays.create_empty(), ContextDays.create_empty())


def collect(judged: Judged, contexts: dy.DataFrame[SessionContexts]) -> Facts:
    """The facts of all days of `judged`. A day must be there with all sets of its user."""
    used = _used(judged)
    sessions = judged.sessions.with_columns_seq(judged.user_ids.gather(judged.sessions["user"]).alias("user_id"))
    return Facts(_lift_days(used, judged), _user_days(used, judged), ContextDays.cast(context_days(sessions, contexts)))


def worked() -> pl.Expr:
    """Whether a lift-day has a set that counts for tonnage or as hard: the user has trained on that day."""
    return (pl.col("hard_sets") > 0) | pl.col("volume_ug").is_not_null()


def changed(before: Facts, after: Facts) -> pl.DataFrame:
    """Where facts differ: user_id, exercise_id, day, the first day that does. Facts of both must cover the same days.

    exercise_id is null where a user's day differs, and perhaps no lift's.
    """
    lifts = _differing(before.lift_days, after.lift_days, ["user_id", "exercise_id"])
    users = _differing(before.user_days, after.user_days, ["user_id"])
    return pl.concat([lifts, users], how="diagonal").select_seq("user_id", "exercise_id", "day")


def _differing(before: pl.DataFrame, after: pl.DataFrame, key: list[str]) -> pl.DataFrame:
    return (
        pl.concat([before, after])
        .group_by(pl.all())
        .agg(copies=pl.len())
        .filter(pl.col("copies") == 1)
        .group_by(key)
        .agg(pl.col("day").min())
        .sort(key)
    )


def _used(judged: Judged) -> pl.DataFrame:
    """The sets of which facts are made, by slot: those that count, are suspect, or were looked at for typos."""
    kind, load = pl.col("load_kind"), pl.col("load_kg")
    tonnage, hard = pl.col("tonnage") == COUNTED, pl.col("hard_set") == COUNTED
    doubtful = pl.col("tonnage").is_in(DOUBTS)
    counts = tonnage | hard | (pl.col("one_rm") == COUNTED) | (pl.col("records") == COUNTED)
    added = pl.col("weight").fill_null(0.0)
    carried = ((kind == "bodyweight") & (load > added)) | ((kind == "assisted") & load.is_not_null())
    lifts = len(judged.exercise_ids)
    return (
        judged.rows.lazy()
        .filter(counts | doubtful | pl.col("typed_kg").is_not_null())
        .select_seq(
            "session", "start_time", "set_number", "set_id", "rir", "load_kg", "typed_kg", "unassisted", "is_deadlift",
            "tonnage_reps", "reps",
            slot=codes.slot(pl.col("user").cast(pl.Int64) * lifts + pl.col("lift"), pl.col("day")),
            rpe="usable_rpe",
            volume_ug=pl.when(tonnage).then(sums.to_micrograms(load * pl.col("tonnage_reps"))),
            hard=hard,
            checked=tonnage | hard | doubtful,
            doubtful=doubtful,
            with_body_weight=carried.fill_null(value=False) & counts,
            effort=hard & ((pl.col("set_type") == "amrap") | (pl.col("usable_rpe") >= HARD_DAY_RPE)).fill_null(False),
            for_1rm=pl.col("one_rm") == COUNTED,
            for_records=pl.col("records") == COUNTED,
            record_kg=pl.when(pl.col("records") == COUNTED).then(load),
            reach=pl.when(kind == "band").then(added).otherwise(pl.coalesce(load, -added.abs())),
        )
        .sort("slot")
        .collect(engine="in-memory")
    )  # fmt: skip


def _lift_days(used: pl.DataFrame, judged: Judged) -> dy.DataFrame[LiftDays]:
    lifts, runs = len(judged.exercise_ids), Runs.of(used["slot"])
    key = codes.key_of(pl.col("slot"))
    days = (
        pl.DataFrame([runs.first(used["slot"]), *_day_sums(used, runs)])
        .lazy()
        .with_columns_seq(volume_ug=pl.when(pl.col("tonnage_sets") > 0).then("volume_ug"))
        .join(_best_sets(used).lazy(), on="slot", how="left", maintain_order="left")
        .join(_reaches(used), on="slot", how="left", maintain_order="left")
        .join(_typed_weights(used).lazy(), on="slot", how="left", maintain_order="left")
        .with_columns_seq(pl.col("reach_kg", "reach_reps", "typed_kg").fill_null([]), day=codes.day_of(pl.col("slot")))
        .with_columns_seq(user=key // lifts, lift=key % lifts)
        .collect(engine="in-memory")
    )
    named = days.with_columns_seq(
        judged.user_ids.gather(days["user"]).alias("user_id"),
        judged.exercise_ids.gather(days["lift"]).alias("exercise_id"),
    )
    return LiftDays.cast(named.select_seq(LiftDays.column_names()))


def _day_sums(used: pl.DataFrame, runs: Runs) -> Iterator[pl.Series]:
    """The facts of a slot that are sums and extremes of its sets."""
    yield runs.any(used["with_body_weight"])
    yield runs.total(used["hard"]).alias("hard_sets")
    yield runs.total(used["tonnage_reps"]).alias("reps")
    yield runs.total(used["volume_ug"])
    yield runs.total(used["volume_ug"].is_not_null()).alias("tonnage_sets")
    yield runs.total(used["checked"]).alias("checked_sets")
    yield runs.total(used["doubtful"]).alias("doubtful_sets")
    yield runs.any(used["effort"])
    yield runs.any(used["for_1rm"] | used["for_records"]).alias("told")
    yield runs.highest(used["record_kg"]).alias("heaviest_kg")


def _typed_weights(used: pl.DataFrame) -> pl.DataFrame:
    """By slot, the weights that the typo rule looks at, ascending."""
    typed = used.lazy().select_seq("slot", "typed_kg").drop_nulls().sort("slot", "typed_kg").collect(engine="in-memory")
    runs = Runs.of(typed["slot"])
    return pl.DataFrame([runs.first(typed["slot"]), runs.lists(typed["typed_kg"])])


def _best_sets(used: pl.DataFrame) -> pl.DataFrame:
    """By slot, the set with the highest 1RM: ties go to the lower sigma, start_time (null last), set_number, set_id."""
    of_set = ["load_kg", "unassisted", "rir", "rpe"]
    sets = (
        used.lazy()
        .filter("for_1rm")
        .select("slot", *of_set, "is_deadlift", "start_time", "set_number", "set_id", estimate=one_rm.estimate(*of_set))
        .collect(engine="in-memory")
    )
    runs = Runs.of(sets["slot"])
    sets = sets.filter(sets["estimate"] == runs.spread(runs.highest(sets["estimate"])))
    sets = sets.with_columns_seq(sigma=one_rm.sigma("unassisted", "rir", "is_deadlift"))
    for order in (pl.col("sigma"), pl.col("start_time").to_physical().fill_null(_LAST_MOMENT), pl.col("set_number")):
        runs = Runs.of(sets["slot"])
        if runs.count == sets.height:
            break
        place = sets.select_seq(order).to_series()
        sets = sets.filter(place == runs.spread(runs.lowest(place)))
    return _lowest_id(sets).select_seq(
        "slot",
        "sigma",
        estimated_1rm_kg="estimate",
        estimation_method=one_rm.method(*of_set[1:]),
        base_weight_kg="load_kg",
        base_reps="unassisted",
        base_rpe="rpe",
    )


def _lowest_id(sets: pl.DataFrame) -> pl.DataFrame:
    """Of each slot the set with the lowest set_id."""
    is_tied = sets["slot"].is_duplicated()
    if not is_tied.any():
        return sets
    lowest = sets.filter(is_tied).sort("slot", "set_id").unique("slot", keep="first", maintain_order=True)
    return pl.concat([sets.filter(~is_tied), lowest])


def _reaches(used: pl.DataFrame) -> pl.LazyFrame:
    """By slot, the weights of its record-counted sets, ascending, and the most reps at each."""
    return (
        used.lazy()
        .filter("for_records")
        .group_by("slot", "reach")
        .agg(pl.col("reps").max())
        .sort("slot", "reach")
        .group_by("slot", maintain_order=True)
        .agg(reach_kg="reach", reach_reps="reps")
    )


def _user_days(used: pl.DataFrame, judged: Judged) -> dy.DataFrame[UserDays]:
    length = pl.col("ended") - pl.col("started")
    work = (
        used.lazy()
        .filter(pl.col("hard") | pl.col("volume_ug").is_not_null())
        .group_by("session")
        .agg(hard_sets=pl.col("hard").sum(), volume_ug=pl.col("volume_ug").sum())
        .collect(engine="in-memory")
    )
    days = (
        judged.sessions.lazy()
        .filter(length.is_between(SHORTEST_SESSION, LONGEST_SESSION))
        .join(work.lazy(), on="session")
        .group_by("user", "day")
        .agg(
            timed_us=length.dt.total_microseconds().sum(),
            timed_volume_ug=pl.col("volume_ug").sum(),
            timed_hard_sets=pl.col("hard_sets").sum(),
        )
        .sort("user", "day")
        .collect(engine="in-memory")
    )
    named = days.with_columns_seq(judged.user_ids.gather(days["user"]).alias("user_id"))
    return UserDays.cast(named.select_seq(UserDays.column_names()))
