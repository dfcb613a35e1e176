"""Set verdicts: every set judged for each of four uses, with the reason where it does not count.

The rules stand in the order in which they are asked; the first that holds gives the verdict. `reasons` defines the
words.
"""

from dataclasses import dataclass
from datetime import date

import dataframely as dy
import polars as pl

from insights.frames import BodyWeights, Exercises, JudgedSets, Sets, Users, validated
from insights.science import codes, loads, one_rm, sums, typos
from insights.science.reasons import COUNTED, USES, VERDICTS

FREE_LIMIT_KG = 600.0
MACHINE_LIMIT_KG = 1500.0
REPS_LIMIT = 1000
DURATION_LIMIT_S = 6 * 3600
HARD_RPE = 6.0
HARD_HOLD_S = 10
FAILURE_RPE = 9.0  # a set logged as a failure cannot have been easier than this

_FAILURE_WORDS = ("failure", "f")  # Hevy's and Strong's, in lower case
_EXTENDED = ("dropset", "mechanical_drop", "rest_pause", "cluster")
_STRAIGHT = ("working", "superset", "amrap")

Rules = dict[str, pl.Expr]  # reason -> condition, in the order of asking


@dataclass(frozen=True, slots=True)
class Judged:
    """Sets with their verdicts, in the form in which the facts are made of them.

    rows: the columns of JudgedSets, the verdicts as Enum(VERDICTS), with what the rules read, and user, lift, session:
    the places of their ids in `user_ids`, `exercise_ids` and among `sessions`. sessions: see `loads.sessions`.
    """

    rows: pl.DataFrame
    sessions: pl.DataFrame
    user_ids: pl.Series  # ascending
    exercise_ids: pl.Series  # ascending


def judge(
    sets: dy.DataFrame[Sets],
    users: dy.DataFrame[Users],
    exercises: dy.DataFrame[Exercises],
    body_weights: dy.DataFrame[BodyWeights],
) -> dy.DataFrame[JudgedSets]:
    """Every set with its verdicts, load, RIR and local day, for people. Rows keep their order.

    Every user and exercise that a set names must be in the other frames. The typo rule looks 60 days both ways, so a
    set's verdicts are final only if the sets of its lift in that window are there too.
    """
    rows = verdicts(sets, users, exercises, body_weights).rows
    return validated(
        JudgedSets, rows.with_columns_seq(pl.col(USES).cast(pl.String)).select_seq(JudgedSets.column_names())
    )


def verdicts(
    sets: dy.DataFrame[Sets],
    users: dy.DataFrame[Users],
    exercises: dy.DataFrame[Exercises],
    body_weights: dy.DataFrame[BodyWeights],
    as_of: date | None = None,
    beside: pl.DataFrame | None = None,
) -> Judged:
    """Every set of days up to `as_of` (all where there is none) with its verdicts; see `judge`.

    `beside` (user_id, exercise_id, day, typed_kg: as in frames.LiftDays) tells of other days of these users and lifts,
    by whose weights the typo rule judges too. Where it tells of a day that has sets here, their verdicts are void.
    """
    users, exercises = Users.cast(users.sort("user_id")), Exercises.cast(exercises.sort("exercise_id"))
    coded = _coded(sets, users, exercises)
    sessions = loads.sessions(coded, users)
    described = _described(coded, exercises, _with_body_weights(sessions, users, body_weights), as_of)
    every = _code(_every_use_rules())
    typed = pl.when(every.is_null() & (pl.col("weight") > 0)).then("weight")
    asked = described.lazy().select_seq("user", "lift", "day", every=every, typed_kg=typed).collect(engine="in-memory")
    others = None if beside is None else _beside(beside, users, exercises)
    found = typos.suspects(asked.select_seq("user", "lift", "day", weight="typed_kg"), others)
    typo = pl.Series("typo", [False], dtype=pl.Boolean).new_from_index(0, described.height).scatter(found, True)
    judged = described.lazy().with_columns_seq(asked["every"], asked["typed_kg"], typo)
    judged = judged.with_columns_seq(
        every=pl.coalesce("every", _code({"typo": pl.col("typo") & ~pl.col("weight_confirmed")}))
    )
    rules = {
        "tonnage": _tonnage_rules(),
        "hard_set": _hard_set_rules(),
        "one_rm": _one_rm_rules(),
        "records": _records_rules(),
    }
    judged = judged.with_columns_seq(_verdict(reasons).alias(use) for use, reasons in rules.items())
    counts = pl.col("tonnage") == COUNTED
    judged = judged.with_columns_seq(tonnage_reps=pl.when(counts).then("unassisted").otherwise(0).cast(pl.Int32))
    return Judged(judged.collect(engine="in-memory"), sessions, users["user_id"], exercises["exercise_id"])


def tally(judged: pl.DataFrame) -> pl.DataFrame:
    """Counts of verdicts: use, verdict (String), sets (UInt32), logged_kg; one row a use and verdict that occurs.

    For each use the sets add up to all rows, and logged_kg to all that was logged.
    """
    combined = (
        judged.lazy()
        .group_by(USES)
        .agg(sets=pl.len(), units=sums.to_units(pl.col("logged_kg")).sum())
        .collect(engine="in-memory")
    )
    counted = [
        combined.group_by(verdict=pl.col(use).cast(pl.String))
        .agg(sets=pl.col("sets").sum(), logged_kg=sums.from_units(pl.col("units").sum()))
        .select_seq(use=pl.lit(use), verdict="verdict", sets="sets", logged_kg="logged_kg")
        .sort("verdict")
        for use in USES
    ]
    return pl.concat(counted)


def _coded(sets: dy.DataFrame[Sets], users: dy.DataFrame[Users], exercises: dy.DataFrame[Exercises]) -> pl.DataFrame:
    """The sets with the codes user, lift and session."""
    user = codes.places(sets["user_id"], users["user_id"])
    lift = codes.places(sets["exercise_id"], exercises["exercise_id"])
    if user.has_nulls() or lift.has_nulls():
        raise ValueError("a set names a user or an exercise that is not in the frames")
    session = codes.places(sets["session_id"], sets["session_id"].unique())
    return sets.with_columns_seq(user.alias("user"), lift.alias("lift"), session.alias("session"))


def _beside(days: pl.DataFrame, users: dy.DataFrame[Users], exercises: dy.DataFrame[Exercises]) -> pl.DataFrame:
    """The days with the codes user and lift, of those that are in the frames."""
    user = codes.places(days["user_id"], users["user_id"]).alias("user")
    lift = codes.places(days["exercise_id"], exercises["exercise_id"]).alias("lift")
    return days.select_seq("day", user, lift, weights="typed_kg").drop_nulls(["user", "lift"])


def _with_body_weights(
    sessions: pl.DataFrame, users: dy.DataFrame[Users], body_weights: dy.DataFrame[BodyWeights]
) -> pl.DataFrame:
    return sessions.with_columns_seq(loads.body_weights_of(sessions, users, body_weights).alias("body_weight_kg"))


def _described(
    coded: pl.DataFrame, exercises: dy.DataFrame[Exercises], sessions: pl.DataFrame, as_of: date | None
) -> pl.DataFrame:
    """The sets of days up to `as_of` with all that the rules ask for, bad values read as missing."""
    lift, session = coded["lift"], coded["session"]
    traits = [exercises[name].gather(lift) for name in ("load_kind", "modality", "bodyweight_share", "is_deadlift")]
    dated = coded.with_columns_seq(*traits, *(sessions[name].gather(session) for name in ("day", "body_weight_kg")))
    return (
        dated.lazy()
        .filter(pl.col("day") <= as_of if as_of else True)
        .with_columns_seq(
            body_weight_kg=pl.when(loads.carries_body_weight()).then("body_weight_kg"),
            weight=_finite("weight_kg"),
            reps=pl.col("reps_completed").fill_null(0).clip(lower_bound=0),
            assisted=pl.col("assisted_reps").fill_null(0).clip(lower_bound=0),
            seconds=pl.col("duration_s").fill_null(0),
            rpe=rpe_of_ten(),
            usable_rpe=usable_rpe(),
            contradictory=contradictory(),
        )
        .with_columns_seq(
            unassisted=(pl.col("reps") - pl.col("assisted")).clip(lower_bound=0),
            timed=(pl.col("modality") == "timed") | (pl.col("set_type") == "isometric") | (pl.col("reps") == 0),
            body_part=loads.body_weight_part(),
            load_kg=pl.when(pl.col("weight_kg").is_null() | pl.col("weight_kg").is_finite()).then(loads.load_kg()),
            logged_kg=pl.when(pl.col("set_type") != "warmup").then(pl.col("weight") * pl.col("reps")).fill_null(0.0),
        )
        .with_columns_seq(rir=_rir())
        .collect(engine="in-memory")
    )


def _finite(column: str) -> pl.Expr:
    return pl.when(pl.col(column).is_finite()).then(pl.col(column))


def rpe_of_ten() -> pl.Expr:
    """The RPE on the scale of ten, whatever its value; null for other scales, warm-ups and what is no number."""
    of_ten = (pl.col("rpe_scale") == "rpe_10") & (pl.col("set_type") != "warmup")
    return pl.when(of_ten).then(_finite("rpe_value"))


def contradictory() -> pl.Expr:
    """Whether the log's own word says failure and the RPE says that it was none; null without an RPE."""
    return _failure_word() & (rpe_of_ten() < FAILURE_RPE)


def _failure_word() -> pl.Expr:
    return pl.col("source_set_type").str.to_lowercase().is_in(_FAILURE_WORDS).fill_null(False)


def usable_rpe() -> pl.Expr:
    """The RPE from which reps in reserve follow: on the scale of ten, 6 to 10, not of a warm-up; else null."""
    usable = (pl.col("rpe_scale") == "rpe_10") & (pl.col("set_type") != "warmup")
    return pl.when(usable & pl.col("rpe_value").is_between(6.0, 10.0)).then(pl.col("rpe_value"))


def _rir() -> pl.Expr:
    """Reps in reserve: 0 for sets to failure and assisted ones, else 10 - RPE; null where unknown or contradictory."""
    failed = (pl.col("set_type") == "amrap") | (pl.col("reps_attempted") > pl.col("reps")).fill_null(False)
    return (
        pl.when((pl.col("set_type") == "warmup") | pl.col("contradictory").fill_null(False))
        .then(None)
        .when(failed | _is_assisted())
        .then(0.0)
        .otherwise(10.0 - pl.col("usable_rpe"))
    )


def _is_assisted() -> pl.Expr:
    return (pl.col("set_type") == "assisted") | (pl.col("assisted") > 0)


def _every_use_rules() -> Rules:
    limit = pl.when(pl.col("load_kind") == "machine").then(MACHINE_LIMIT_KG).otherwise(FREE_LIMIT_KG)
    return {
        "not_started": pl.col("session_status") == "NOT_STARTED",
        "not_a_number": ~pl.col("weight_kg").is_finite(),
        "beyond_limits": (pl.col("weight").abs() > limit).fill_null(False)
        | (pl.col("reps") > REPS_LIMIT)
        | (pl.col("seconds") > DURATION_LIMIT_S),
        "cardio": pl.col("modality") == "cardio",
        "mobility": pl.col("modality") == "mobility",
        "warmup": pl.col("set_type") == "warmup",
        "no_reps": (pl.col("reps") == 0) & (pl.col("seconds") <= 0),
    }


def _weight_rules() -> Rules:
    """What stands in the way of a load in kilograms."""
    kind, weight = pl.col("load_kind"), pl.col("weight")
    nothing_left = (kind == "assisted") & (pl.col("body_weight_kg") - weight.abs() <= 0)
    nothing_logged = kind.is_in(["free", "machine"]) & (weight.fill_null(0.0) == 0)
    return {
        "negative_weight": (kind != "assisted") & (weight < 0),
        "band": kind == "band",
        "no_weight": nothing_logged | ((kind == "assisted") & weight.is_null()) | nothing_left.fill_null(False),
        "no_body_weight": (kind == "assisted") & pl.col("body_weight_kg").is_null(),
    }


def _manner_rules() -> Rules:
    """What keeps a set from telling a maximum."""
    return {
        "timed": pl.col("timed"),
        "extended_set": pl.col("set_type").is_in(_EXTENDED),
        "tempo_set": pl.col("set_type") == "tempo",
        "partial_range": (pl.col("set_type") == "partial") | (pl.col("rom_quality") != "full").fill_null(False),
        "negative_set": pl.col("set_type") == "negative",
    }


def _tonnage_rules() -> Rules:
    return {
        "timed": pl.col("timed"),
        "negative_set": pl.col("set_type") == "negative",
        **_weight_rules(),
        "no_unassisted_reps": pl.col("unassisted") == 0,
    }


def _hard_set_rules() -> Rules:
    return {
        "short_hold": pl.col("timed") & (pl.col("seconds") < HARD_HOLD_S),
        "low_effort": ~pl.col("timed") & pl.col("set_type").is_in(_STRAIGHT) & (pl.col("rpe") < HARD_RPE),
    }


def _one_rm_rules() -> Rules:
    unknown_part = (pl.col("load_kind") == "bodyweight") & pl.col("body_part").is_null()
    weights = _weight_rules()
    n = one_rm.repetitions_to_failure("unassisted", "rir")
    return {
        **_manner_rules(),
        **weights,
        "no_body_weight": weights["no_body_weight"] | unknown_part,
        "no_unassisted_reps": pl.col("unassisted") == 0,
        "contradictory_effort": pl.col("contradictory"),
        "too_many_reps": n > one_rm.MAXIMUM_N,
    }


def _records_rules() -> Rules:
    weights = _weight_rules()
    return {
        **_manner_rules(),
        "assisted_set": _is_assisted(),
        "negative_weight": weights["negative_weight"],
        "no_weight": weights["no_weight"],
    }


def _code(rules: Rules) -> pl.Expr:
    """The place in VERDICTS (UInt8) of the first reason that holds; null where none does."""
    return pl.coalesce(
        pl.when(condition).then(pl.lit(VERDICTS.index(reason), dtype=pl.UInt8)) for reason, condition in rules.items()
    )


def _verdict(rules: Rules) -> pl.Expr:
    code = pl.coalesce("every", _code(rules), pl.lit(VERDICTS.index(COUNTED), dtype=pl.UInt8))
    return code.cat.to(pl.Enum(VERDICTS))
