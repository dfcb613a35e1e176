from collections import defaultdict
from datetime import date
from math import isfinite
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

Row = dict[str, Any]


def days(sets: list[Row], users: list[Row]) -> list[date]:
    zones = {user["user_id"]: ZoneInfo(user["time_zone"]) for user in users}
    sessions = defaultdict(list)
    for row in sets:
        sessions[row["session_id"]].append(row)
    return [moment(sessions[row["session_id"]]).astimezone(zones[row["user_id"]]).date() for row in sets]


def judge(sets: list[Row], users: list[Row], exercises: list[Row], body_weights: list[Row]) -> list[Row]:
    lifts = {exercise["exercise_id"]: exercise for exercise in exercises}
    judged = []
    for row, day in zip(sets, days(sets, users), strict=True):
        lift = lifts[row["exercise_id"]]
        body_weight = known_body_weight(body_weights, row["user_id"], day)
        judged.append(describe(row, lift, day, body_weight) | {"lift": lift, "body_weight": body_weight})
    for row in judged:
        row["every"] = every_use(row)
    near: dict[Any, dict[date, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for row in judged:
        if has_weight(row):
            near[row["user_id"], row["exercise_id"]][row["day"]].append(row)
    typos = [is_typo(row, near[row["user_id"], row["exercise_id"]]) for row in judged]
    for row, typo in zip(judged, typos, strict=True):
        every = row["every"] or ("typo" if typo else None)
        row["tonnage"] = every or tonnage(row) or "counted"
        row["hard_set"] = every or hard_set(row) or "counted"
        row["one_rm"] = every or one_rm(row) or "counted"
        row["records"] = every or records(row) or "counted"
        row["tonnage_reps"] = row["n"] if row["tonnage"] == "counted" else 0
    return judged


def moment(session: list[Row]) -> Any:
    if session[0]["session_start"] is not None:
        return session[0]["session_start"]
    starts = [row["start_time"] for row in session if row["start_time"] is not None]
    return min(starts) if starts else min(row["created_at"] for row in session)


def known_body_weight(body_weights: list[Row], user: bytes, day: date) -> float | None:
    best = None
    for row in body_weights:
        if row["user_id"] == user and row["measured_on"] <= day and row["weight_kg"] > 0:
            best = max(best, (row["measured_on"], row["weight_kg"])) if best else (row["measured_on"], row["weight_kg"])
    return best[1] if best else None


def describe(row: Row, lift: Row, day: date, body_weight: float | None) -> Row:
    typed = row["weight_kg"]
    weight = typed if typed is not None and isfinite(typed) else None
    reps = max(row["reps_completed"] or 0, 0)
    assisted = max(row["assisted_reps"] or 0, 0)
    rpe = row["rpe_value"]
    if row["rpe_scale"] != "rpe_10" or row["set_type"] == "warmup" or rpe is None or not isfinite(rpe):
        rpe = None
    failure = (row["source_set_type"] or "").lower() in ("failure", "f")
    contradictory = failure and rpe is not None and rpe < 9
    is_assisted = row["set_type"] == "assisted" or assisted > 0
    failed = row["set_type"] == "amrap" or (row["reps_attempted"] is not None and row["reps_attempted"] > reps)
    usable_rpe = rpe if rpe is not None and 6 <= rpe <= 10 else None
    if row["set_type"] == "warmup" or contradictory:
        rir = None
    elif failed or is_assisted:
        rir = 0.0
    else:
        rir = 10.0 - usable_rpe if usable_rpe is not None else None
    part = None
    if lift["load_kind"] == "bodyweight" and body_weight is not None and (lift["bodyweight_share"] or 0) > 0:
        part = body_weight * lift["bodyweight_share"]
    return row | {
        "day": day,
        "weight": weight,
        "bad_weight": typed is not None and weight is None,
        "reps": reps,
        "n": max(reps - assisted, 0),
        "is_assisted": is_assisted,
        "seconds": row["duration_s"] or 0,
        "rpe": rpe,
        "usable_rpe": usable_rpe,
        "contradictory": contradictory,
        "rir": rir,
        "part": part,
        "timed": lift["modality"] == "timed" or row["set_type"] == "isometric" or reps == 0,
        "load_kg": None if typed is not None and weight is None else load(lift, weight, body_weight, part),
        "logged_kg": 0.0 if row["set_type"] == "warmup" or weight is None else weight * reps,
    }


def load(lift: Row, weight: float | None, body_weight: float | None, part: float | None) -> float | None:
    kind = lift["load_kind"]
    if kind in ("free", "machine"):
        return weight if weight is not None and weight > 0 else None
    if kind == "bodyweight":
        return None if (weight or 0.0) < 0 else (part or 0.0) + (weight or 0.0)
    if kind == "assisted" and weight is not None and body_weight is not None:
        left = body_weight - abs(weight)
        return left if left > 0 else None
    return None


def every_use(row: Row) -> str | None:  # noqa: PLR0911
    limit = 1500 if row["lift"]["load_kind"] == "machine" else 600
    if row["session_status"] == "NOT_STARTED":
        return "not_started"
    if row["bad_weight"]:
        return "not_a_number"
    if abs(row["weight"] or 0) > limit or row["reps"] > 1000 or row["seconds"] > 6 * 3600:
        return "beyond_limits"
    if row["lift"]["modality"] in ("cardio", "mobility"):
        return str(row["lift"]["modality"])
    if row["set_type"] == "warmup":
        return "warmup"
    if row["reps"] == 0 and row["seconds"] <= 0:
        return "no_reps"
    return None


def has_weight(row: Row) -> bool:
    return row["every"] is None and row["weight"] is not None and row["weight"] > 0


def is_typo(row: Row, near: dict[date, list[Row]]) -> bool:
    if row["weight_confirmed"] or not has_weight(row):
        return False
    days = [day for day in near if abs((day - row["day"]).days) <= 60]
    others = [other["weight"] for day in days for other in near[day] if other is not row]
    if len(others) < 5:
        return False
    ratio: float = row["weight"] / median(others)
    return 8 <= ratio <= 12.5 or 0.08 <= ratio <= 0.125


def weight_problem(row: Row) -> str | None:  # noqa: PLR0911
    kind, weight = row["lift"]["load_kind"], row["weight"]
    if kind != "assisted" and weight is not None and weight < 0:
        return "negative_weight"
    if kind == "band":
        return "band"
    if kind in ("free", "machine") and not weight:
        return "no_weight"
    if kind == "assisted":
        if weight is None:
            return "no_weight"
        if row["body_weight"] is None:
            return "no_body_weight"
        if row["load_kg"] is None:
            return "no_weight"
    return None


def manner(row: Row) -> str | None:
    if row["timed"]:
        return "timed"
    if row["set_type"] in ("dropset", "mechanical_drop", "rest_pause", "cluster"):
        return "extended_set"
    if row["set_type"] == "tempo":
        return "tempo_set"
    if row["set_type"] == "partial" or row["rom_quality"] not in (None, "full"):
        return "partial_range"
    if row["set_type"] == "negative":
        return "negative_set"
    return None


def tonnage(row: Row) -> str | None:
    if row["timed"]:
        return "timed"
    if row["set_type"] == "negative":
        return "negative_set"
    return weight_problem(row) or ("no_unassisted_reps" if row["n"] == 0 else None)


def hard_set(row: Row) -> str | None:
    if row["timed"]:
        return "short_hold" if row["seconds"] < 10 else None
    if row["set_type"] in ("working", "superset", "amrap") and row["rpe"] is not None and row["rpe"] < 6:
        return "low_effort"
    return None


def one_rm(row: Row) -> str | None:
    problem = manner(row) or weight_problem(row)
    if problem:
        return problem
    if row["lift"]["load_kind"] == "bodyweight" and row["part"] is None:
        return "no_body_weight"
    if row["n"] == 0:
        return "no_unassisted_reps"
    if row["contradictory"]:
        return "contradictory_effort"
    if row["n"] + (row["rir"] or 0) > 12:
        return "too_many_reps"
    return None


def records(row: Row) -> str | None:
    problem = manner(row)
    if problem:
        return problem
    if row["is_assisted"]:
        return "assisted_set"
    problem = weight_problem(row)
    return problem if problem in ("negative_weight", "no_weight") else None
