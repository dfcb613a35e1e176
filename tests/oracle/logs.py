"""Logs for the tests: sets from a few words, ugly ones from hypothesis, and the Hevy export read with nothing but
csv."""

import csv
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import dataframely as dy
import polars as pl
from hypothesis import strategies as st

from insights.frames import (
    LOAD_KINDS,
    MODALITIES,
    ROM_QUALITIES,
    RPE_SCALES,
    SESSION_STATUSES,
    SET_TYPES,
    BodyWeights,
    Exercises,
    SessionContexts,
    Sets,
    Users,
)
from insights.science.facts import Facts, collect
from insights.science.sets import verdicts

Row = dict[str, Any]
START = datetime(2024, 1, 1, 18, tzinfo=UTC)
PLAIN: Row = {
    "user_id": b"u" * 16,
    "exercise_id": b"e" * 16,
    "session_status": "COMPLETED",
    "session_end": None,
    "set_number": 1,
    "set_type": "working",
    "source_set_type": None,
    "weight_kg": 100.0,
    "reps_completed": 5,
    "reps_attempted": None,
    "rpe_value": None,
    "rpe_scale": "rpe_10",
    "rom_quality": "full",
    "assisted_reps": 0,
    "duration_s": None,
    "start_time": None,
    "end_time": None,
    "created_at": START,
    "weight_confirmed": False,
}


def a_set(number: int = 0, day: int = 0, **changes: Any) -> Row:
    session = (b"%08d" % day) * 2
    start = START + timedelta(days=day)
    own = {"session_id": session, "set_id": b"%016d" % number, "session_start": start}
    return PLAIN | own | changes


def a_lift(exercise_id: bytes = b"e" * 16, **changes: Any) -> Row:
    plain = {
        "exercise_id": exercise_id,
        "name": "Lift",
        "is_custom": False,
        "load_kind": "free",
        "modality": "strength",
    }
    return plain | {"bodyweight_share": None, "is_deadlift": False} | changes


def a_user(user_id: bytes = b"u" * 16, time_zone: str = "UTC") -> Row:
    plain = {"user_id": user_id, "time_zone": time_zone, "units": "kg"}
    return plain | {"training_experience": None, "training_frequency": None}


def a_body_weight(on: date, weight_kg: float, user_id: bytes = b"u" * 16) -> Row:
    return {"user_id": user_id, "measured_on": on, "weight_kg": weight_kg}


def a_context(session_id: bytes, user_id: bytes = b"u" * 16, **levels: float | None) -> Row:
    plain = dict.fromkeys(("sleep_hours", "sleep_quality", "stress_level", "energy_level"))
    return {"user_id": user_id, "session_id": session_id} | plain | levels


def contexts(rows: list[Row]) -> dy.DataFrame[SessionContexts]:
    return SessionContexts.validate(pl.DataFrame(rows, schema=SessionContexts.create_empty().schema))


Frames = tuple[dy.DataFrame[Sets], dy.DataFrame[Users], dy.DataFrame[Exercises], dy.DataFrame[BodyWeights]]


def frames(sets: list[Row], users: list[Row], lifts: list[Row], body_weights: list[Row]) -> Frames:
    return (
        Sets.validate(pl.DataFrame(sets, schema=Sets.create_empty().schema)),
        Users.validate(pl.DataFrame(users, schema=Users.create_empty().schema)),
        Exercises.validate(pl.DataFrame(lifts, schema=Exercises.create_empty().schema)),
        BodyWeights.validate(pl.DataFrame(body_weights, schema=BodyWeights.create_empty().schema)),
    )


def facts(log: Any, logged: list[Row] | None = None, as_of: date | None = None) -> Facts:
    return collect(verdicts(*frames(*log), as_of), contexts(logged or []))


_USERS = [a_user(b"u" * 16, "Pacific/Auckland"), a_user(b"v" * 16, "America/New_York")]
_NAN, _INF = float("nan"), float("inf")
_WEIGHTS = st.sampled_from(
    [None, 0.0, -20.0, 5.0, 10.0, 20.0, 60.0, 62.5, 75.1, 80.0, 100.0, 125.0, 600.5, 1600.0, _NAN, _INF]
)
_RPES = st.sampled_from([None, None, 5.0, 6.0, 7.5, 8.0, 8.3, 9.0, 9.5, 10.0, 14.0, _NAN])


@st.composite
def _lift(draw: st.DrawFn, exercise_id: bytes) -> Row:
    kind = draw(st.sampled_from(LOAD_KINDS))
    modality = draw(st.sampled_from(["strength"] * 6 + list(MODALITIES)))
    share = draw(st.sampled_from([None, 0.67, 1.0])) if kind in ("bodyweight", "assisted") else None
    return a_lift(
        exercise_id, load_kind=kind, modality=modality, bodyweight_share=share, is_deadlift=draw(st.booleans())
    )


@st.composite
def _ugly_set(draw: st.DrawFn, number: int) -> Row:
    day = draw(st.integers(0, 30)) * draw(st.sampled_from([1, 3, 10]))
    user = draw(st.sampled_from(_USERS))["user_id"]
    start = START + timedelta(days=day, hours=draw(st.integers(-12, 12)))
    session = user[:8] + b"%08d" % day
    plain = draw(st.booleans())
    return a_set(
        number,
        day,
        user_id=user,
        exercise_id=draw(st.sampled_from([b"a" * 16, b"b" * 16])),
        session_id=session,
        session_start=START + timedelta(days=day) if day % 4 else None,
        session_status="COMPLETED" if day % 10 else draw(st.sampled_from(SESSION_STATUSES)),
        set_number=draw(st.integers(1, 3)),
        set_type="working" if plain else draw(st.sampled_from(SET_TYPES)),
        source_set_type=draw(st.sampled_from([None, None, "failure", "F", "D"])),
        weight_kg=draw(_WEIGHTS),
        reps_completed=draw(st.sampled_from([None, -1, 0, 1, 2, 3, 5, 5, 8, 10, 11, 12, 13, 1001])),
        reps_attempted=draw(st.sampled_from([None, None, 5, 9])),
        rpe_value=draw(_RPES),
        rpe_scale="rpe_10" if plain else draw(st.sampled_from([None, *RPE_SCALES])),
        rom_quality="full" if plain else draw(st.sampled_from([None, "full", *ROM_QUALITIES])),
        assisted_reps=0 if plain else draw(st.sampled_from([None, 0, 0, 2, -1])),
        duration_s=draw(st.sampled_from([None, None, 5, 10, 60, 30_000])),
        start_time=draw(st.sampled_from([None, start])),
        created_at=start + timedelta(hours=2),
        weight_confirmed=draw(st.sampled_from([False, False, True])),
    )  # fmt: skip


@st.composite
def ugly_logs(draw: st.DrawFn) -> tuple[list[Row], list[Row], list[Row], list[Row]]:
    sets = [draw(_ugly_set(number)) for number in range(draw(st.integers(0, 60)))]
    lifts = [draw(_lift(b"a" * 16)), draw(_lift(b"b" * 16))]
    days = draw(st.lists(st.integers(0, 60), max_size=3))
    weights = [a_body_weight(START.date() + timedelta(days=day), 70.1 + day) for day in days]
    return sets, _USERS, lifts, weights


_HEVY_TYPES = {"normal": "working", "failure": "amrap"}
_HEVY_BODYWEIGHT = ("Pull Up", "Wide Pull Up", "Crunch", "Dragon Flag", "Glute Ham Raise", "Lying Leg Raise")


def _hevy_lift(number: int, title: str) -> Row:
    kind = "machine" if "Machine" in title else "free"
    kind = "bodyweight" if title in _HEVY_BODYWEIGHT else kind
    return a_lift(
        b"%016d" % number,
        name=title,
        load_kind="assisted" if title == "Pull Up (Assisted)" else kind,
        modality="mobility" if title == "Warm Up" else "strength",
        bodyweight_share=1.0 if "Pull Up" in title else None,
        is_deadlift="Deadlift" in title,
    )


def hevy(shared_data: Path) -> tuple[list[Row], list[Row], list[Row], list[Row]]:
    with (shared_data / "hevy" / "strong-statistics.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    titles = sorted({line["exercise_title"] for line in lines})
    lifts = {title: _hevy_lift(number, title) for number, title in enumerate(titles)}
    sets = []
    for number, line in enumerate(lines):
        start = datetime.strptime(line["start_time"], "%d %b %Y, %H:%M").replace(tzinfo=UTC)
        sets.append(
            a_set(
                number,
                exercise_id=lifts[line["exercise_title"]]["exercise_id"],
                session_id=start.isoformat().encode()[:16],
                session_start=start,
                set_number=int(line["set_index"]),
                set_type=_HEVY_TYPES.get(line["set_type"], line["set_type"]),
                source_set_type=line["set_type"],
                weight_kg=float(line["weight_kg"]) if line["weight_kg"] else None,
                reps_completed=int(line["reps"]) if line["reps"] else None,
                rpe_value=float(line["rpe"]) if line["rpe"] else None,
                duration_s=int(line["duration_seconds"]) if line["duration_seconds"] else None,
            )
        )
    return sets, [a_user()], list(lifts.values()), []


@st.composite
def long_logs(draw: st.DrawFn) -> tuple[list[Row], list[Row], list[Row], list[Row]]:
    """A clean log of one lift over many days whose level drifts, jumps and dips."""
    level, day = 100.0, 0
    sets: list[Row] = []
    body_weight = [a_body_weight(START.date() + timedelta(days=40), 77.7)] if draw(st.booleans()) else []
    for _ in range(draw(st.integers(5, 25))):
        day += draw(st.sampled_from([1, 2, 3, 7, 45, 90]))
        level *= draw(st.sampled_from([1.0, 1.0, 1.0, 1.02, 0.98, 1.3, 0.75]))
        for _ in range(draw(st.integers(1, 3))):
            weight = round(level * draw(st.sampled_from([1.0, 1.0, 0.8, 0.95])) / 2.5) * 2.5
            reps, rpe = draw(st.integers(1, 14)), draw(st.sampled_from([None, 7.0, 8.5, 9.0, 10.0]))
            sets.append(a_set(len(sets), day, weight_kg=weight, reps_completed=reps, rpe_value=rpe))
    kind = draw(st.sampled_from(["free", "bodyweight", "assisted"]))
    return sets, [a_user()], [a_lift(load_kind=kind, bodyweight_share=1.0)], body_weight


@st.composite
def contexts_of(draw: st.DrawFn, sets: list[Row]) -> list[Row]:
    """Sleep, stress and energy of some of the sessions; hours of sleep follow the heaviest weight of the session."""
    heaviest: dict[tuple[bytes, bytes], float] = {}
    for row in sets:
        weight = row["weight_kg"] or 0.0
        key = row["session_id"], row["user_id"]
        heaviest[key] = max(heaviest.get(key, 0.0), weight if 0 < weight < 1000 else 0.0)
    level = st.none() | st.integers(1, 5)
    rows = []
    for (session, user), weight in heaviest.items():
        if draw(st.integers(0, 9)):
            sleep = draw(st.sampled_from([round(weight % 20 / 2, 1)] * 6 + [None, 7.5, 25.0, -1.0, float("nan")]))
            stress, energy = draw(level), draw(level)
            rows.append(a_context(session, user, sleep_hours=sleep, stress_level=stress, energy_level=energy))
    return rows
