"""The sets of a simulated lifter, computed for the whole time at once: plan a load, lift it, log it.

A lifter plans a load from what he believes his 1RM to be, a target of repetitions and of repetitions in reserve,
loads what plates or pins allow, does the target or fails before it, and writes down how hard it felt.
"""

from dataclasses import dataclass
from datetime import date, datetime, time

import numpy as np
import numpy.typing as npt
import polars as pl

from insights.simulate.calendar import Sessions
from insights.simulate.person import POUND_KG, Person
from insights.simulate.programs import LIFTS, TrainedLift, split_for
from insights.simulate.strength import Floats, StrengthPath, felt_rir, reps_to_failure, share_of_one_rm

Ints = npt.NDArray[np.int64]

# How strength wanes, as shares of the 1RM: with each work set of a lift, and with each lift of a session.
SET_FATIGUE = 0.012
LIFT_FATIGUE = 0.004
DROP_FATIGUE = 0.10
FORM_NOISE = 0.008  # SD of a lift's own form on a day
BELIEF_NOISE = 0.015  # SD of what a lifter believes his 1RM to be
CAUTION = 0.97  # he plans for a tired day

DELOAD_LOAD = 0.72
DROP_LOAD = 0.70
WARMUP_LOADS = ((0.6, 0.6), (0.5, 0.75))  # of the work load: with one warm-up set, with two
WARMUP_REPS = (8, 4)
MOST_REPS = 40
EASIEST_RPE = 5.0  # what feels easier is logged without an RPE
AUTOMATIC_RPE = 6.0  # what apps fill in for a warm-up

WARMUP, WORK, AMRAP, DROP = range(4)
SET_TYPES = ("warmup", "working", "amrap", "dropset")
SOURCE_WORDS = ("warmup", "normal", "failure", "dropset")
MINUTES = (1.5, 3.0, 3.5, 1.0)  # of a session, by kind of set


@dataclass(frozen=True)
class _Slots:
    """One lift in one session each: what is planned and what is there."""

    session: Ints
    position: Ints
    lift: Ints  # index into the lifter's lifts
    target_reps: Ints
    target_rir: Floats
    work_sets: Ints
    amrap: npt.NDArray[np.bool_]
    drop: npt.NDArray[np.bool_]
    one_rm_kg: Floats  # what is there on the day
    believed_kg: Floats
    base_kg: Floats  # the body's share of the load


def body_weight_at(person: Person, days: npt.NDArray[np.int64]) -> Floats:
    """The true body weight in kilograms, for days counted from the last."""
    result: Floats = person.body_weight_kg * (1 + person.body_weight_pct_week / 100 * days / 7)
    return result


def lifts_of(person: Person) -> tuple[TrainedLift, ...]:
    """The lifts that this lifter trains, each once, in the order in which they first come up."""
    titles = dict.fromkeys(title for _, workout in split_for(person.sessions_per_week) for title in workout)
    return tuple(LIFTS[title] for title in titles)


def draw_sets(
    rng: np.random.Generator, person: Person, sessions: Sessions, paths: dict[str, StrengthPath], *, until: date
) -> pl.DataFrame:
    """Every set of every session, in the order of training.

    Returns a frame with the columns of ImportedSets but `line` and `raw`, and `session` (index), `position` (of
    the lift in it), `day`, `deload`, `kind` (of load), `true_rir` (null where it has no meaning).
    """
    lifts = lifts_of(person)
    slots = _plan(rng, person, sessions, lifts=lifts, paths=paths)
    counts = np.array([lift.warmups for lift in lifts])[slots.lift] + slots.work_sets + slots.drop
    slot = np.repeat(np.arange(len(counts)), counts)
    order = np.arange(len(slot)) - np.repeat(np.cumsum(counts) - counts, counts)
    rows = _Rows(lifts=lifts, slots=slots, slot=slot, order=order)
    return _frame(person, sessions, rows, _lift(rng, person, rows), until)


def _plan(
    rng: np.random.Generator,
    person: Person,
    sessions: Sessions,
    *,
    lifts: tuple[TrainedLift, ...],
    paths: dict[str, StrengthPath],
) -> _Slots:
    place = {lift.title: i for i, lift in enumerate(lifts)}
    workouts = [np.array([place[title] for title in titles]) for _, titles in split_for(person.sessions_per_week)]
    turns = [workouts[i % len(workouts)] for i in range(len(sessions))]
    lift = np.concatenate(turns)
    session = np.repeat(np.arange(len(sessions)), [len(turn) for turn in turns])
    position = np.concatenate([np.arange(len(turn)) for turn in turns])
    week, deload, days = sessions.weeks[session], sessions.deload[session], sessions.days[session]

    in_meso = week % person.mesocycle_weeks if person.mesocycle_weeks else np.ones_like(week)
    true_kg = np.empty(len(lift))
    for i, one in enumerate(lifts):
        true_kg[lift == i] = paths[one.title].one_rm_at(days[lift == i].astype(np.float64))
    form = sessions.form[session] * (1 - LIFT_FATIGUE * position) * (1 + rng.normal(0, FORM_NOISE, len(lift)))
    chance = rng.random((2, len(lift)))
    light = np.array([one.least_steps == 1 for one in lifts])[lift]  # nobody drops the plates of a barbell
    timed = np.array([one.timed for one in lifts])[lift]
    work_sets = np.array([one.sets for one in lifts])[lift]
    return _Slots(
        session=session,
        position=position,
        lift=lift,
        target_reps=np.array([one.reps for one in lifts])[lift, week % 3],
        target_rir=np.where(deload, 4.0, np.clip(3 - in_meso // 2, 1, 3)),
        work_sets=np.where(deload, (work_sets + 1) // 2, work_sets),
        amrap=(chance[0] < 0.15) & ~deload & ~timed,
        drop=(chance[1] < 0.25) & ~deload & ~timed & light & person.dropsets,
        one_rm_kg=true_kg * form,
        believed_kg=true_kg * CAUTION * (1 + rng.normal(0, BELIEF_NOISE, len(lift))) * np.where(deload, DELOAD_LOAD, 1),
        base_kg=np.array([one.share for one in lifts])[lift] * body_weight_at(person, days),
    )


@dataclass(frozen=True)
class _Rows:
    """The sets in the order of training: the slot of each, and its number within the slot, warm-ups first."""

    lifts: tuple[TrainedLift, ...]
    slots: _Slots
    slot: Ints
    order: Ints


@dataclass(frozen=True)
class _Done:
    """What was done and written down, one entry a set; NaN where nothing was."""

    kind: Ints
    typed_kg: Floats
    reps: Floats
    duration_s: Floats
    rpe: Floats
    true_rir: Floats


def _lift(rng: np.random.Generator, person: Person, rows: _Rows) -> _Done:
    lifts, slots, slot, order = rows.lifts, rows.slots, rows.slot, rows.order
    lift = slots.lift[slot]
    warmups = np.array([one.warmups for one in lifts])[lift]
    work = order - warmups  # the number of the work set; negative for warm-ups
    last = work == slots.work_sets[slot] - 1
    kind = np.select([work < 0, work >= slots.work_sets[slot], last & slots.amrap[slot]], [WARMUP, DROP, AMRAP], WORK)

    planned = slots.target_reps + slots.target_rir
    wanted = (slots.believed_kg * share_of_one_rm(planned, person.endurance))[slot]
    warm_share = np.array(WARMUP_LOADS)[np.clip(warmups - 1, 0, 1), np.clip(order, 0, 1)]
    wanted = wanted * np.select([kind == WARMUP, kind == DROP], [warm_share, np.full(len(slot), DROP_LOAD)], 1.0)
    typed, load = _loaded(person, lifts, lift, wanted, slots.base_kg[slot])

    waned = 1 - SET_FATIGUE * np.maximum(work, 0) - DROP_FATIGUE * (kind == DROP)
    to_failure = reps_to_failure(load, slots.one_rm_kg[slot] * waned, person.endurance)
    most = np.clip(np.floor(to_failure), 1, MOST_REPS)
    by_feel = np.clip(np.floor(to_failure - slots.target_rir[slot]), 1, MOST_REPS)
    target = np.where(np.isnan(typed), by_feel, slots.target_reps[slot])  # without added load only the feel decides
    warm_reps = np.array(WARMUP_REPS)[np.clip(order, 0, 1)]
    reps = np.select([kind == WARMUP, kind == WORK], [warm_reps, np.minimum(target, most)], most)
    true_rir = np.maximum(to_failure - reps, 0)

    timed = np.array([one.timed for one in lifts])[lift]
    held = np.round(slots.one_rm_kg[slot] * rng.uniform(0.6, 0.95, len(slot)))
    nothing = np.full(len(slot), np.nan)
    return _Done(
        kind=kind,
        typed_kg=np.where(timed, nothing, typed),
        reps=np.where(timed, nothing, reps),
        duration_s=np.where(timed, np.maximum(held, 5), nothing),
        rpe=np.where(timed, nothing, _rpe(rng, person, kind, true_rir)),
        true_rir=np.where(timed | (kind == WARMUP), nothing, true_rir),
    )


def _loaded(
    person: Person, lifts: tuple[TrainedLift, ...], lift: Ints, wanted_kg: Floats, base_kg: Floats
) -> tuple[Floats, Floats]:
    """What is typed (NaN: the body alone) and what is lifted, both in kilograms, in whole plates, pins or bells."""
    pounds = person.units == "lb"
    step = np.array([one.step_lb * POUND_KG if pounds else one.step_kg for one in lifts])[lift]
    least = np.array([one.least_steps for one in lifts])[lift] * step
    kind = np.array([one.kind for one in lifts])[lift]
    added = np.round((wanted_kg - base_kg) / step) * step
    help_kg = np.clip(np.ceil((base_kg - wanted_kg) / step), 1, np.floor(0.9 * base_kg / step)) * step
    own = kind == "bodyweight"
    typed = np.select([kind == "assisted", own & (added <= 0), own], [help_kg, np.nan, added], np.maximum(added, least))
    load = np.where(kind == "assisted", base_kg - typed, base_kg + np.nan_to_num(typed))
    return typed, np.maximum(load, 1.0)


def _rpe(rng: np.random.Generator, person: Person, kind: Ints, true_rir: Floats) -> Floats:
    felt = 10 - np.round(felt_rir(rng, true_rir, person.rpe_bias) * 2) / 2
    logged = (rng.random(len(kind)) < person.rpe_share) & (felt >= EASIEST_RPE)
    rpe = np.where(logged, felt, np.nan)
    return np.where(kind == WARMUP, AUTOMATIC_RPE if person.rpe_share > 0 else np.nan, rpe)


def _frame(person: Person, sessions: Sessions, rows: _Rows, done: _Done, until: date) -> pl.DataFrame:
    lifts, slots, slot, order = rows.lifts, rows.slots, rows.slot, rows.order
    session, lift = slots.session[slot], slots.lift[slot]
    minutes = 8 + np.bincount(session, weights=np.array(MINUTES)[done.kind], minlength=len(sessions))
    midnight = np.datetime64(datetime.combine(until, time()), "m")
    start = midnight + sessions.days.astype("m8[D]") + sessions.start_minutes.astype("m8[m]")
    end = start + np.round(minutes).astype(np.int64).astype("m8[m]")
    names = [name for name, _ in split_for(person.sessions_per_week)]
    paired = person.supersets & np.isin(slots.position[slot], (3, 4))
    text = pl.String
    return pl.DataFrame(
        {
            "session": session,
            "position": slots.position[slot],
            "day": (midnight + sessions.days.astype("m8[D]")).astype("M8[us]")[session],
            "deload": sessions.deload[session],
            "session_start": start.astype("M8[us]")[session],
            "session_end": end.astype("M8[us]")[session],
            "workout_title": _texts(names, session % len(names)),
            "exercise_title": _texts([one.title for one in lifts], lift),
            "kind": _texts([one.kind for one in lifts], lift),
            "superset": _texts([None, "0"], paired.astype(np.int64)),
            "set_order": order,
            "set_type": _texts(SET_TYPES, done.kind),
            "source_set_type": _texts(SOURCE_WORDS, done.kind),
            "weight_kg": done.typed_kg,
            "reps": done.reps,
            "duration_s": done.duration_s,
            "rpe": done.rpe,
            "true_rir": done.true_rir,
        },
        nan_to_null=True,
    ).with_columns(
        pl.col("day").cast(pl.Date),
        pl.col("set_order", "reps", "duration_s").cast(pl.Int32),
        pl.col("set_order").cast(text).alias("set_label"),
        *(pl.lit(None, text).alias(name) for name in ("session_notes", "exercise_notes", "set_notes")),
        pl.lit(None, pl.Float64).alias("distance_m"),
    )


def _texts(names: list[str] | list[str | None] | tuple[str, ...], index: Ints) -> pl.Series:
    """The names at an index each; gathered, so that a text is made once and not once a row."""
    return pl.Series(names, dtype=pl.String).gather(index)
