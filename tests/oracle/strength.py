from collections import defaultdict
from datetime import UTC, date, datetime
from math import erf, sqrt
from statistics import median
from typing import Any

Row = dict[str, Any]

HALF_STEPS = (
    "100 97.8 95.5 93.9 92.2 90.7 89.2 87.8 86.3 85 83.7 82.4 81.1 79.9 78.6 77.4 "
    "76.2 75.1 73.9 72.3 70.7 69.4 68 66.7 65.3 64 62.6 61.3 59.9 58.6 57.2"
)
CHART = [float(text) for text in HALF_STEPS.split()]
LATE = datetime.max.replace(tzinfo=UTC)


def estimate(load: float, n: int, rir: float | None, rpe: float | None) -> tuple[float, str] | None:
    total = n + (rir or 0)
    if total > 12:
        return None
    if total == 1 and rir is not None:
        return load, "measured"
    if rpe is not None:
        place = (total - 1) * 2
        point = int(place)
        after = CHART[min(point + 1, 30)]
        return 100 * load / (CHART[point] + (place - point) * (after - CHART[point])), "rpe"
    if total <= 10:
        return (load if total == 1 else 36 * load / (37 - total)), "brzycki"
    return load * (1 + total / 30), "epley"


def sigma(n: int, rir: float | None, deadlift: bool) -> float:
    total = n + 2 if rir is None else n + rir
    stretch = max(1, total / 10) ** 2
    sd_rir = 3.3 * stretch if rir is None else (0.3 + 0.25 * rir) * stretch
    sd_person = 2.5 * (total - 1) / 9
    slope = 0.03 + 0.003 * max(0, total - 5)
    return sqrt((slope * sd_rir) ** 2 + (slope * sd_person) ** 2 + 0.042**2 + (0.05**2 if deadlift else 0))


def lift_days(judged: list[Row]) -> list[Row]:
    groups: dict[tuple[bytes, bytes], dict[date, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for row in judged:
        if "counted" in (row["tonnage"], row["hard_set"], row["one_rm"], row["records"]):
            groups[row["user_id"], row["exercise_id"]][row["day"]].append(row)
    result = []
    for (user, exercise), by_day in sorted(groups.items()):
        tracks: dict[bool, list[Row]] = {False: [], True: []}
        for day, sets in sorted(by_day.items()):
            summary = one_day(day, sets)
            tracks[summary["with_body_weight"]].append(summary)
        first = 0
        for days in tracks.values():
            deloads(days)
            first = jumps(days, first)
            flags(days)
        days = sorted(tracks[False] + tracks[True], key=lambda d: d["day"])
        for summary in days:
            summary["known_1rm_kg"] = known(days, summary["day"])
        result += [{"user_id": user, "exercise_id": exercise} | day for day in days if day["row"]]
    return result


def with_body_weight(row: Row) -> bool:
    kind, load = row["lift"]["load_kind"], row["load_kg"]
    if load is None:
        return False
    return bool(kind == "assisted" or (kind == "bodyweight" and load > (row["weight"] or 0)))


def one_day(day: date, sets: list[Row]) -> Row:
    best: tuple[Any, ...] | None = None
    for row in sets:
        if row["one_rm"] != "counted":
            continue
        found = estimate(row["load_kg"], row["n"], row["rir"], row["usable_rpe"])
        assert found is not None
        spread = sigma(row["n"], row["rir"], row["lift"]["is_deadlift"])
        order = (-found[0], spread, row["start_time"] or LATE, row["set_number"], row["set_id"])
        if best is None or order < best[0]:
            best = (order, found, spread, row)
    units = [round(r["load_kg"] * r["tonnage_reps"] * 1e12) for r in sets if r["tonnage"] == "counted"]
    marks = [mark(row) for row in sets if row["records"] == "counted"]
    loads = [row["load_kg"] for row in sets if row["records"] == "counted" and row["load_kg"] is not None]
    hard = [row for row in sets if row["hard_set"] == "counted"]
    return {
        "day": day,
        "with_body_weight": any(with_body_weight(row) for row in sets),
        "row": any("counted" in (row["one_rm"], row["records"]) for row in sets),
        "estimated_1rm_kg": best[1][0] if best else None,
        "estimation_method": best[1][1] if best else None,
        "confidence_score": erf(0.05 / (best[2] * sqrt(2))) if best else None,
        "sigma": best[2] if best else None,
        "base_weight_kg": best[3]["load_kg"] if best else None,
        "base_reps": best[3]["n"] if best else None,
        "base_rpe": best[3]["usable_rpe"] if best else None,
        "heaviest_kg": max(loads, default=None),
        "top_reps": max((n for w, n in marks if loads and w == max(loads)), default=None),
        "units": sum(units) if units else None,
        "volume_kg": sum(units) / 1e12,
        "marks": marks,
        "effort": any(r["set_type"] == "amrap" or (r["usable_rpe"] or 0) >= 9 for r in hard),
    }  # fmt: skip


def mark(row: Row) -> tuple[float, int]:
    if row["lift"]["load_kind"] == "band":
        return row["weight"] or 0.0, row["reps"]
    if row["load_kg"] is None:
        return -abs(row["weight"]), row["reps"]
    return row["load_kg"], row["reps"]


def deloads(days: list[Row]) -> None:
    for day in days:
        before = [
            d["heaviest_kg"] for d in days if d["heaviest_kg"] is not None and 1 <= (day["day"] - d["day"]).days <= 42
        ]
        light = day["heaviest_kg"] is not None and bool(before) and day["heaviest_kg"] < 0.85 * max(before)
        day["deload"] = light and not day["effort"]


def jumps(days: list[Row], segment: int) -> int:
    for day in days:
        day["jump"] = False
    asked = [day for day in days if day["estimated_1rm_kg"] is not None and not day["deload"]]
    for i in range(1, len(asked) - 2):
        before = [d["estimated_1rm_kg"] for d in asked[max(0, i - 3) : i]]
        lasting = [d["estimated_1rm_kg"] for d in asked[i : i + 3]]
        asked[i]["jump"] = min(lasting) > 1.2 * max(before) or max(lasting) < 0.8 * min(before)
    for day in days:
        segment += day["jump"]
        day["segment"] = segment
    return segment + 1 if days else segment


def flags(days: list[Row]) -> None:
    heaviest: tuple[float, date] | None = None
    volume: tuple[int, date] | None = None
    volume_days = 0
    marks: list[tuple[float, int, date]] = []
    for day in days:
        volume_days += day["units"] is not None
        load, units, told = day["heaviest_kg"], day["units"], not day["jump"]
        day["previous_heaviest_kg"], day["previous_heaviest_day"] = heaviest or (None, None)
        day["previous_volume_kg"] = volume[0] / 1e12 if volume else None
        day["previous_volume_day"] = volume[1] if volume else None
        day["weight_pr"] = told and load is not None and heaviest is not None and load > heaviest[0]
        day["weight_record_reps"] = day["top_reps"] if day["weight_pr"] else None
        day["volume_pr"] = told and units is not None and volume is not None and units > volume[0] and volume_days >= 5
        record = reps_record(day["marks"], marks) if told else None
        day["reps_pr"] = record is not None
        names = ("weight_kg", "reps", "previous_reps", "previous_day")
        day |= {f"reps_record_{name}": record[i] if record else None for i, name in enumerate(names)}
        if load is not None and (heaviest is None or load > heaviest[0]):
            heaviest = (load, day["day"])
        if units is not None and (volume is None or units > volume[0]):
            volume = (units, day["day"])
        marks += [(*one, day["day"]) for one in day["marks"]]


def reps_record(today: list[tuple[float, int]], earlier: list[tuple[float, int, date]]) -> tuple[Any, ...] | None:
    found = []
    for weight, reps in today:
        at_least = [(r, d) for w, r, d in earlier if w >= weight]
        if at_least and max(r for r, _ in at_least) < reps:
            most = max(r for r, _ in at_least)
            found.append((weight, reps, most, min(d for r, d in at_least if r == most)))
    return max(found, default=None)


def known(days: list[Row], on: date) -> float | None:
    usable = [
        d["estimated_1rm_kg"]
        for d in days
        if d["estimated_1rm_kg"] is not None and not d["deload"] and 1 <= (on - d["day"]).days <= 84
    ]
    return median(usable[-3:]) if usable else None
