"""volume_analytics once more, in loops over rows as dicts: exact fractions, no Polars."""

from collections import defaultdict
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import cache
from typing import Any

from tests.oracle import strength

Row = dict[str, Any]
Key = tuple[bytes, str, date]


def rounded(value: Fraction | float, places: int = 2) -> float:
    step = Decimal(1).scaleb(-places)
    return float(Decimal(f"{float(value):.15g}").quantize(step, ROUND_HALF_UP)) + 0.0


@cache
def period_starts(day: date) -> dict[str, date]:
    year, week, _ = day.isocalendar()
    return {"daily": day, "weekly": date.fromisocalendar(year, week, 1), "monthly": date(day.year, day.month, 1)}


def credits(muscles: list[Row]) -> dict[bytes, dict[str, Fraction]]:
    result: dict[bytes, dict[str, Fraction]] = defaultdict(dict)
    for row in muscles:
        value = {"primary": Fraction(1, 2), "secondary": Fraction(1, 2), "stabilizer": Fraction(0)}[row["role"]]
        if row["role"] == "primary" and row["activation"] >= 50:
            value = Fraction(1)
        if value > result[row["exercise_id"]].get(row["muscle"], Fraction(0)):
            result[row["exercise_id"]][row["muscle"]] = value
    return result


def lengths(judged: list[Row]) -> dict[bytes, timedelta]:
    starts, ends, sets = {}, {}, defaultdict(list)
    for row in judged:
        starts[row["session_id"]], ends[row["session_id"]] = row["session_start"], row["session_end"]
        sets[row["session_id"]].append(row)
    known = {}
    for session, rows in sets.items():
        first = [r["start_time"] for r in rows if r["start_time"]]
        last = [r["end_time"] for r in rows if r["end_time"]]
        start, end = starts[session] or min(first, default=None), ends[session] or max(last, default=None)
        if start and end and timedelta(minutes=5) <= end - start <= timedelta(hours=6):
            known[session] = end - start
    return known


def volumes(
    judged: list[Row], lift_days: list[Row], muscles: list[Row], movements: list[Row], as_of: date
) -> dict[Key, Row]:
    by_period: dict[Key, list[Row]] = defaultdict(list)
    for row in judged:
        if row["day"] <= as_of and "counted" in (row["tonnage"], row["hard_set"]):
            for period, start in period_starts(row["day"]).items():
                by_period[row["user_id"], period, start].append(row)
    days = defaultdict(list)
    for row in lift_days:
        days[row["user_id"], row["exercise_id"]].append(row)
    credit, patterns = credits(muscles), defaultdict(set)
    for row in movements:
        patterns[row["exercise_id"]].add(row["pattern"])
    known_lengths = lengths(judged)

    @cache
    def known(user: bytes, exercise: bytes, day: date) -> float | None:
        return strength.known(days[user, exercise], day)

    return {key: one(rows, known, credit, patterns, known_lengths) for key, rows in by_period.items()}


def kilograms(row: Row) -> Fraction:
    return product(row["load_kg"], row["tonnage_reps"]) if row["tonnage"] == "counted" else Fraction(0)


@cache
def product(load_kg: float, reps: int) -> Fraction:
    return Fraction(load_kg) * reps


def one(rows: list[Row], known_1rm: Any, credit: Any, patterns: Any, known_lengths: dict[bytes, timedelta]) -> Row:
    volume = sum(map(kilograms, rows), Fraction(0))
    per_cent, reps = Fraction(0), 0
    for row in rows:
        known = known_1rm(row["user_id"], row["exercise_id"], row["day"])
        if row["tonnage"] == "counted" and known:
            per_cent += 100 * kilograms(row) / Fraction(known)
            reps += row["tonnage_reps"]
    timed = [row for row in rows if row["session_id"] in known_lengths]
    seconds = sum(known_lengths[s].total_seconds() for s in {row["session_id"] for row in timed})
    hours = Fraction(seconds) / 3600
    return {
        "total_volume_kg": rounded(volume),
        "total_sets": hard(rows),
        "total_reps": sum(row["tonnage_reps"] for row in rows if row["tonnage"] == "counted"),
        "average_intensity": rounded(per_cent / reps) if reps else None,
        "intensity_reps": reps,
        "volume_by_muscle_group": by_muscle(rows, credit),
        "volume_by_movement": by_movement(rows, patterns),
        "volume_per_hour": rounded(sum(map(kilograms, timed), Fraction(0)) / hours) if hours else None,
        "sets_per_hour": rounded(hard(timed) / hours) if hours else None,
    }


def hard(rows: list[Row]) -> int:
    return sum(row["hard_set"] == "counted" for row in rows)


def by_muscle(rows: list[Row], credit: dict[bytes, dict[str, Fraction]]) -> Row:
    names = {name for row in rows for name in credit.get(row["exercise_id"], {})}
    result: Row = {}
    for name in names:
        mine = [(row, credit[row["exercise_id"]][name]) for row in rows if name in credit.get(row["exercise_id"], {})]
        direct = hard([row for row, share in mine if share == 1])
        indirect = hard([row for row, share in mine if share == Fraction(1, 2)])
        shares = [kilograms(row) * share for row, share in mine]
        result[name] = {"direct": direct, "indirect": indirect, "hard_sets": direct + indirect / 2}
        result[name]["volume_kg"] = rounded(sum(shares, Fraction(0)))
    return result | {"unattributed": rest([row for row in rows if not credit.get(row["exercise_id"])])}


def by_movement(rows: list[Row], patterns: dict[bytes, set[str]]) -> Row:
    result: Row = {}
    for name in {name for row in rows for name in patterns.get(row["exercise_id"], ())}:
        mine = [row for row in rows if name in patterns.get(row["exercise_id"], ())]
        sets = sum((Fraction(hard([row]), len(patterns[row["exercise_id"]])) for row in mine), Fraction(0))
        volume = sum((kilograms(row) / len(patterns[row["exercise_id"]]) for row in mine), Fraction(0))
        result[name] = {"sets": rounded(sets), "volume_kg": rounded(volume)}
    return result | {"unattributed": rest([row for row in rows if not patterns.get(row["exercise_id"])])}


def rest(rows: list[Row]) -> Row:
    return {"sets": hard(rows), "volume_kg": rounded(sum(map(kilograms, rows), Fraction(0)))}
