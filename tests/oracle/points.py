"""The live rows of insight_data_points once more, in loops over the judged sets and the lift days of one user.

`source` says which row a point was read from: ("volume_analytics", period, first day), ("strength_progressions",
exercise, day), "users", or None.
"""

from collections import defaultdict
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from tests.oracle import consistency as rules
from tests.oracle import context, strength, trends
from tests.oracle.volume import credits, hard, kilograms, period_starts, rounded

Row = dict[str, Any]
DOUBTS = ("not_a_number", "beyond_limits", "typo", "negative_weight")
PUSH = ("push", "horizontal_push", "vertical_push")
PULL = ("pull", "horizontal_pull", "vertical_pull")
RULES = {"weight": "weight_record/1", "reps": "reps_record/1", "volume": "volume_record/1"}


class Points:
    """What is collected for one user."""

    def __init__(self, judged: list[Row], days: list[Row], muscles: list[Row], movements: list[Row], as_of: date):
        self.judged = [row for row in judged if row["day"] <= as_of]
        self.days = [row for row in days if row["day"] <= as_of]
        self.credit = credits(muscles)
        self.patterns: dict[bytes, set[str]] = defaultdict(set)
        for row in movements:
            self.patterns[row["exercise_id"]].add(row["pattern"])
        self.as_of = as_of
        self.rows: list[Row] = []
        self.counted = [row for row in self.judged if "counted" in (row["tonnage"], row["hard_set"])]
        self.trained = sorted({row["day"] for row in self.counted})

    def add(
        self, data_type: str, value: Any, window: tuple[date, date], n: int, sure: float, how: str, **more: Any
    ) -> None:
        if value is None:
            return
        text = value if isinstance(value, str) else None
        number = None if text is not None else rounded(value, 4)
        if number is not None and abs(number) >= 1e12:
            return
        row = {"measurement_date": window[1], "entity_id": None, "entity": None, "source": None} | more
        row |= {"data_type": data_type, "window_start": window[0], "window_end": window[1], "n": n}
        row |= {"confidence_score": rounded(sure), "calculation_method": how}
        self.rows.append(row | {"numeric_value": number, "text_value": text})

    def inside(self, window: tuple[date, date], rows: list[Row]) -> list[Row]:
        return [row for row in rows if window[0] <= row["day"] <= window[1]]

    def trust(self, rows: list[Row]) -> float | None:
        doubtful = [row["tonnage"] in DOUBTS for row in rows]
        counts = ["counted" in (row["tonnage"], row["hard_set"]) for row in rows]
        looked_at = [d for d, c in zip(doubtful, counts, strict=True) if d or c]
        return 1 - sum(looked_at) / len(looked_at) if looked_at else None

    def training_days(self, window: tuple[date, date]) -> int:
        return sum(window[0] <= day <= window[1] for day in self.trained)


def points(
    user: Row,
    judged: list[Row],
    days: list[Row],
    muscles: list[Row],
    movements: list[Row],
    contexts: list[Row],
    as_of: date,
) -> list[Row]:
    made = Points(judged, days, muscles, movements, as_of)
    week(made)
    months(made)
    for exercise in sorted({row["exercise_id"] for row in made.days}):
        mine = [row for row in made.days if row["exercise_id"] == exercise]
        trend(made, exercise, mine, 1.0 if (user["training_experience"] or "").lower() == "beginner" else 0.5)
        level(made, exercise, mine)
        records(made, exercise, mine)
    balance(made)
    consistency(made, user)
    deload(made)
    load(made)
    correlations(made, contexts)
    return [row | {"user_id": user["user_id"]} for row in made.rows]


def last_sunday(as_of: date) -> date:
    while as_of.isoweekday() != 7:
        as_of -= timedelta(days=1)
    return as_of


def last_weeks(as_of: date, count: int, skip: int = 0) -> tuple[date, date]:
    end = last_sunday(as_of) - timedelta(weeks=skip)
    return end - timedelta(days=7 * count - 1), end


def monday(day: date) -> date:
    return period_starts(day)["weekly"]


def period(made: Points, name: str, window: tuple[date, date]) -> Row | None:
    rows = made.inside(window, made.counted)
    if not rows:
        return None
    sure = made.trust(made.inside(window, made.judged))
    assert sure is not None
    return {
        "sets": hard(rows),
        "kg": float(sum(map(kilograms, rows), Fraction(0))),
        "days": made.training_days(window),
        "sure": sure,
        "source": ("volume_analytics", name, window[0]),
    }


def week(made: Points) -> None:
    last = last_weeks(made.as_of, 1)
    found = period(made, "weekly", last)
    if found:
        more = {"window": last, "n": found["days"], "sure": found["sure"], "how": "period_sum/1"}
        more["source"] = found["source"]
        made.add("weekly_hard_sets", found["sets"], **more)
        made.add("weekly_tonnage_kg", found["kg"], **more)
        made.add("weekly_sessions", found["days"], **more)
    before = last_weeks(made.as_of, 4, skip=1)
    begun = bool(made.trained) and monday(made.trained[0]) <= before[0]
    if begun and made.training_days((before[0], last[1])):
        rows = made.inside(before, made.counted)
        sure = made.trust(made.inside(before, made.judged))
        more = {"window": before, "n": 4, "sure": 1.0 if sure is None else sure, "how": "period_mean/1"}
        made.add("weekly_hard_sets_usual", hard(rows) / 4, **more)
        made.add("weekly_tonnage_usual_kg", float(sum(map(kilograms, rows), Fraction(0))) / 4, **more)
        made.add("weekly_sessions_usual", made.training_days(before) / 4, **more)


def months(made: Points) -> None:
    windows = []
    end = (made.as_of + timedelta(days=1)).replace(day=1) - timedelta(days=1)
    for _ in range(2):
        windows.append((end.replace(day=1), end))
        end = end.replace(day=1) - timedelta(days=1)
    found = [period(made, "monthly", window) for window in windows]
    for window, one in zip(windows, found, strict=True):
        if one:
            more = {"window": window, "n": one["days"], "sure": one["sure"], "how": "period_sum/1"}
            more["source"] = one["source"]
            made.add("monthly_hard_sets", one["sets"], **more)
            made.add("monthly_tonnage_kg", one["kg"], **more)
            made.add("monthly_sessions", one["days"], **more)
    now, before = found
    if now and before and before["kg"] > 0:
        change = 100 * (now["kg"] - before["kg"]) / before["kg"]
        sure = min(now["sure"], before["sure"])
        made.add(
            "monthly_tonnage_change_pct", change, windows[0], now["days"] + before["days"], sure, "period_change/1"
        )


def trend(made: Points, exercise: bytes, days: list[Row], delta: float) -> None:
    now = trends.look(days, made.as_of, delta)
    if now is None:
        return
    window, n = (now["first_day"], now["last_day"]), now["estimates"]
    if now["kind"] is None:
        made.add("e1rm_estimates", n, window, n, 1.0, "trend/1", entity_id=exercise)
        return
    before = trends.look(days, made.as_of - timedelta(days=28), delta)
    kind = now["kind"] if before is not None and before["kind"] == now["kind"] else "undecided"
    sure = {"undecided": 1.0, "plateau": 0.95}.get(kind, min(1 - now["p"], 0.99))
    more = {"window": window, "n": n, "sure": sure, "how": "trend/1", "entity_id": exercise}
    made.add("e1rm_trend_kind", kind, **more)
    made.add("e1rm_trend_estimates", n, **more)
    made.add("e1rm_trend_mdc_pct_week", now["mdc"], **more)
    if kind != "undecided":
        made.add("e1rm_trend_pct_week", now["slope"], **more)
        made.add("e1rm_trend_low_pct_week", now["low"], **more)
        made.add("e1rm_trend_high_pct_week", now["high"], **more)


def level(made: Points, exercise: bytes, days: list[Row]) -> None:
    behind = [
        day
        for day in days
        if day["estimated_1rm_kg"] is not None and not day["deload"] and (made.as_of - day["day"]).days < 84
    ][-3:]
    if not behind:
        return
    newest = behind[-1]
    source = ("strength_progressions", exercise, newest["day"])
    window, sure = (behind[0]["day"], newest["day"]), newest["confidence_score"]
    more = {"n": len(behind), "sure": sure, "how": "known_1rm/1", "entity_id": exercise}
    known = strength.known(days, made.as_of + timedelta(days=1))
    made.add("e1rm_known_kg", known, window, **(more | {"how": of_track(more["how"], newest)}))
    made.add("e1rm_known_confidence", sure, window, **more, source=source)
    more |= {"n": 1, "how": "day_estimate/1", "source": source}
    own = more | {"how": of_track(more["how"], newest)}
    made.add("e1rm_latest_kg", newest["estimated_1rm_kg"], (newest["day"],) * 2, **own)
    made.add("e1rm_latest_confidence", sure, (newest["day"],) * 2, **more)


def of_track(how: str, day: Row) -> str:
    return how + "+body_weight" if day["with_body_weight"] else how


def records(made: Points, exercise: bytes, days: list[Row]) -> None:
    recent = [day for day in days if (made.as_of - day["day"]).days < 28]
    for kind, how in RULES.items():
        flagged = [day for day in recent if day[f"{kind}_pr"]]
        if not flagged:
            continue
        day = flagged[-1]
        sets = [row for row in made.judged if row["day"] == day["day"] and row["exercise_id"] == exercise]
        sure = made.trust(sets)
        if sure is None:
            continue
        source = ("strength_progressions", exercise, day["day"])
        own: Row = {"window": (day["day"],) * 2, "source": source}
        how_loaded = how if kind == "reps" else of_track(how, day)
        rest: Row = {"n": 1, "sure": sure, "how": how_loaded, "entity_id": exercise, "measurement_date": day["day"]}
        if kind == "weight":
            made.add("weight_record_kg", day["heaviest_kg"], **own, **rest)
            made.add("weight_record_reps", day["weight_record_reps"], own["window"], **rest)
            stood, name, value = day["previous_heaviest_day"], "weight_record_previous_kg", day["previous_heaviest_kg"]
        elif kind == "reps":
            made.add("reps_record_reps", day["reps_record_reps"], **own, **rest)
            made.add("reps_record_weight_kg", day["reps_record_weight_kg"], **own, **rest)
            stood, name = day["reps_record_previous_day"], "reps_record_previous_reps"
            value = day["reps_record_previous_reps"]
        else:
            made.add("volume_record_kg", day["volume_kg"], **own, **rest)
            stood, name, value = day["previous_volume_day"], "volume_record_previous_kg", day["previous_volume_kg"]
        made.add(name, value, (stood, stood), **rest)


def balance(made: Points) -> None:
    window = last_weeks(made.as_of, 4)
    rows = made.inside(window, made.counted)
    total = hard(rows)
    if not total or monday(made.trained[0]) > window[0]:
        return
    known = total - hard([row for row in rows if not made.credit.get(row["exercise_id"])])
    moved = total - hard([row for row in rows if not made.patterns.get(row["exercise_id"])])
    muscles: dict[str, Fraction] = defaultdict(Fraction)
    patterns: dict[str, Fraction] = defaultdict(Fraction)
    for row in rows:
        for name, share in made.credit.get(row["exercise_id"], {}).items():
            muscles[name] += share * hard([row])
        for name in made.patterns.get(row["exercise_id"], ()):
            patterns[name] += Fraction(hard([row]), len(made.patterns[row["exercise_id"]]))
    made.add("attributed_share", 100 * (1 - (total - known) / total), window, 4, known / total, "attributed/1")
    for name, value in muscles.items():
        if value > 0:
            made.add("muscle_weekly_hard_sets", value / 4, window, 4, known / total, "muscle_credit/1", entity=name)
    if muscles:
        made.add("landmark_weekly_hard_sets", 10, window, 4, 1.0, "schoenfeld_2017/1")
    push, pull = (sum((patterns[p] for p in names if p in patterns), Fraction(0)) for names in (PUSH, PULL))
    quads, hams = (muscles.get(name, Fraction(0)) for name in ("quadriceps", "hamstrings"))
    sides = (("push_hard_sets", "push", push), ("pull_hard_sets", "pull", pull))
    pair(made, window, sides, "push_pull_ratio", Fraction(moved, total))
    sides = (("quads_hard_sets", "quadriceps", quads), ("hamstrings_hard_sets", "hamstrings", hams))
    pair(made, window, sides, "quads_hamstrings_ratio", Fraction(known, total))


def pair(made: Points, window: tuple[date, date], sides: Any, ratio: str, share: Fraction) -> None:
    one, other = (value for _, _, value in sides)
    if min(one, other) < 8 or share < Fraction(4, 5):
        return
    for name, entity, value in sides:
        made.add(name, value, window, int(value), float(share), "balance/1", entity=entity)
    made.add(ratio, one / other, window, int(min(one, other)), float(share), "balance/1")


def consistency(made: Points, user: Row) -> None:
    if not made.trained:
        return
    window = last_weeks(made.as_of, 8)
    start = max(monday(made.trained[0]), window[0])
    weeks = max((window[1] - start).days + 1, 0) // 7
    days = [day for day in made.trained if window[0] <= day <= window[1]]
    if not days and weeks:
        return
    sure = made.trust(made.inside(window, made.judged))
    more: Row = {"window": (start if weeks else window[1], window[1]), "how": "consistency/1", "n": weeks}
    more["sure"] = 1.0 if sure is None else sure
    made.add("consistency_weeks", weeks, **more)
    if weeks:
        made.add("trained_weeks", len({monday(day) for day in days}), **more)
        made.add("sessions_per_week", len(days) / weeks, **more)
        more |= {"n": 1, "sure": 1.0, "how": "users/1", "source": "users"}
        made.add("target_sessions_per_week", user["training_frequency"], **more)


def deload(made: Points) -> None:
    window = last_weeks(made.as_of, 1)
    weeks = dict.fromkeys(map(monday, made.trained), 0)
    for row in made.counted:
        weeks[monday(row["day"])] += hard([row])
    found = rules.deload_week(weeks, [(day["day"], day["deload"]) for day in made.days], window[0])
    if found is None:
        return
    sure = made.trust(made.inside(window, made.judged))
    assert sure is not None
    more: Row = {"window": window, "sure": sure, "how": "deload/1"}
    kind = {True: "deload", False: "regular", None: None}[found["deload"]]
    made.add("deload_week", kind, n=made.training_days(window), **more)
    made.add("deload_baseline_hard_sets", found["baseline"], n=found["weeks"], **more)
    share = None if found["share"] is None else 100 * found["share"]
    made.add("deload_days_share_pct", share, n=found["lift_days"], **more)


def load(made: Points) -> None:
    week, weeks = last_weeks(made.as_of, 1), last_weeks(made.as_of, 4)
    loads = {
        day: rounded(sum((kilograms(row) for row in made.counted if row["day"] == day), Fraction(0)))
        for day in made.trained
    }
    found = rules.training_load(loads, week[1])
    if found is None:
        return
    sure = made.trust(made.inside(week, made.judged))
    if sure is not None:
        more: Row = {"window": week, "n": found["days_of_week"], "sure": sure, "how": "foster_1998/1"}
        made.add("weekly_monotony", found["monotony"], **more)
        made.add("weekly_strain_kg", found["strain"], **more)
    sure = made.trust(made.inside(weeks, made.judged))
    assert sure is not None
    made.add("acute_chronic_ratio", found["acwr"], weeks, found["days_of_month"], sure, "acute_chronic/1")


def correlations(made: Points, contexts: list[Row]) -> None:
    logged = context.by_day(made.judged, contexts)
    for row in context.correlations(made.days, logged, made.as_of):
        days, sure = row["days"], min(1 - row["p"], 0.99)
        more: Row = {"n": len(days), "sure": sure, "how": "spearman/1", "entity_id": row["exercise_id"]}
        made.add(f"e1rm_{row['factor']}_rho", row["rho"], (days[0], days[-1]), **more)
