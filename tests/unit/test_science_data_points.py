from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import mean, stdev
from typing import Any
from uuid import UUID

import dataframely as dy
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.conftest import examples
from tests.oracle import logs

from insights import ids
from insights.data_types import CATALOGUE
from insights.frames import DataPoints, Movements, Muscles
from insights.science.derive import derive
from insights.science.history import Bests
from insights.science.rounding import stored

Row = dict[str, Any]
PUSH, PULL, LEGS, OWN = b"a" * 16, b"b" * 16, b"c" * 16, b"d" * 16
MUSCLES = [(PUSH, "chest", "primary", 90.0), (PULL, "lats", "primary", 90.0), (LEGS, "quadriceps", "primary", 90.0)]
MUSCLES += [(LEGS, "hamstrings", "secondary", 40.0)]
MOVEMENTS = [(PUSH, "horizontal_push"), (PULL, "vertical_pull"), (LEGS, "squat")]
MONDAY = logs.START.date()  # 1 January 2024
LIGHTER = [(0, 30.0, 5), (30, 25.0, 5), (35, 20.0, 5), (40, 15.0, 5), (45, 10.0, 5), (50, 10.0, 6)]  # day, kg, reps


def compute(log: tuple[list[Row], ...], as_of: date, logged: list[Row] | None = None) -> dy.DataFrame[DataPoints]:
    facts = logs.facts(log, logged, as_of)
    users = logs.frames(*log)[1]
    muscles = Muscles.validate(pl.DataFrame(MUSCLES, schema=Muscles.create_empty().schema, orient="row"))
    movements = Movements.validate(pl.DataFrame(MOVEMENTS, schema=Movements.create_empty().schema, orient="row"))
    return derive(facts, Bests.none(), users, muscles, movements, as_of).data_points()


def plan(days: list[int], lifts: dict[bytes, int], **changes: Any) -> Iterator[Row]:
    number = 0
    for day in days:
        for lift, count in lifts.items():
            for _ in range(count):
                number += 1
                yield logs.a_set(number + 1000 * day, day, exercise_id=lift, **changes)


def facts(rows: list[Row], as_of: date, frequency: int | None = None) -> dict[tuple[str, Any], Row]:
    lifts = [logs.a_lift(lift) for lift in (PUSH, PULL, LEGS, OWN)]
    table = compute((rows, [logs.a_user() | {"training_frequency": frequency}], lifts, []), as_of)
    return {(row["data_type"], row["entity"] or row["window_start"]): row for row in table.to_dicts()}


def by_type(rows: list[Row], as_of: date, **changes: Any) -> dict[str, Row]:
    return {name: row for (name, _), row in facts(rows, as_of, **changes).items()}


def test_the_document_is_the_catalogue() -> None:
    text = (Path(__file__).parents[2] / "docs" / "data-points.md").read_text(encoding="utf-8")
    table = [line for line in text.splitlines() if line.startswith("| `")]
    assert table == [
        f"| `{t.name}` | {t.about} | {t.unit} | {t.definition} | {t.source_table} | {t.minimum_n} |"
        for t in CATALOGUE.values()
    ]


def test_the_squat_of_the_hevy_log_reads_as_in_the_example(shared_data: Path) -> None:
    log = logs.hevy(shared_data)
    squat = next(lift["exercise_id"] for lift in log[2] if lift["name"] == "Squat (Barbell)")
    table = compute(log, date(2025, 9, 16)).filter(pl.col("entity_id") == squat)
    rows = {row["data_type"]: row for row in table.to_dicts()}
    slope, low, high = (rows[f"e1rm_trend_{x}pct_week"] for x in ("", "low_", "high_"))
    assert [round(row["numeric_value"], 2) for row in (slope, low, high)] == [1.24, 0.75, 1.64]
    assert (slope["window_start"], slope["window_end"], slope["n"]) == (date(2025, 5, 2), date(2025, 9, 15), 20)
    assert (rows["e1rm_trend_kind"]["text_value"], rows["e1rm_trend_estimates"]["numeric_value"]) == ("rising", 20)
    assert round(rows["e1rm_latest_kg"]["numeric_value"], 1) == 109.6
    assert rows["e1rm_latest_kg"]["confidence_score"] == 0.27
    record, before = rows["reps_record_reps"], rows["reps_record_previous_reps"]
    assert (record["numeric_value"], before["numeric_value"]) == (10, 9)
    assert (rows["reps_record_weight_kg"]["numeric_value"], before["window_end"]) == (77.5, date(2025, 9, 8))
    assert record["measurement_date"] == before["measurement_date"] == date(2025, 9, 15)


def test_weeks_and_what_is_usual_count_the_weeks_without_training() -> None:
    rows = [*plan([0, 2, 8, 28, 30], {PUSH: 4}), *plan([35], {PUSH: 40})]
    found = by_type(rows, MONDAY + timedelta(days=34 + 2))
    assert found["weekly_hard_sets"]["numeric_value"] == 8
    assert found["weekly_sessions"]["numeric_value"] == found["weekly_sessions"]["n"] == 2
    assert found["weekly_hard_sets_usual"]["numeric_value"] == 3.0
    assert found["weekly_sessions_usual"]["numeric_value"] == 0.75
    assert found["weekly_tonnage_usual_kg"]["numeric_value"] == 1500.0
    assert found["weekly_hard_sets_usual"]["window_start"] == MONDAY
    assert found["weekly_hard_sets_usual"]["window_end"] == MONDAY + timedelta(days=27)
    assert found["consistency_weeks"]["numeric_value"] == 5
    assert found["trained_weeks"]["numeric_value"] == 3
    assert found["sessions_per_week"]["numeric_value"] == 1.0


def test_nothing_is_usual_before_four_weeks() -> None:
    found = by_type(list(plan([0, 7, 14, 21], {PUSH: 4})), MONDAY + timedelta(days=27))
    assert found["weekly_hard_sets"]["numeric_value"] == 4
    assert "weekly_hard_sets_usual" not in found


def test_the_first_week_says_that_no_week_is_closed() -> None:
    found = by_type(list(plan([0], {PUSH: 4})), MONDAY + timedelta(days=5), frequency=3)
    assert found["consistency_weeks"]["numeric_value"] == found["consistency_weeks"]["n"] == 0
    assert not {"trained_weeks", "sessions_per_week", "target_sessions_per_week"} & set(found)


def test_months_and_their_change() -> None:
    rows = [*plan([3, 10], {PUSH: 4}), *plan([31, 59], {PUSH: 6})]
    found = facts(rows, date(2024, 3, 14))
    january, february = date(2024, 1, 1), date(2024, 2, 1)
    assert found["monthly_tonnage_kg", january]["numeric_value"] == 4000
    assert found["monthly_tonnage_kg", february]["numeric_value"] == 6000
    assert found["monthly_sessions", february]["window_end"] == date(2024, 2, 29)
    assert found["monthly_tonnage_change_pct", february]["numeric_value"] == 50.0


@pytest.mark.parametrize(
    ("lifts", "push_pull", "quads_hams"),
    [
        ({PUSH: 4, PULL: 2, LEGS: 4}, 2.0, 2.0),
        ({PUSH: 4, PULL: 1, LEGS: 4}, None, 2.0),
        ({PUSH: 4, PULL: 2, LEGS: 2, OWN: 2}, 2.0, None),
        ({PUSH: 4, PULL: 2, LEGS: 4, OWN: 3}, None, None),
    ],
)
def test_balance_needs_sets_on_both_sides_and_known_muscles(
    lifts: dict[bytes, int], push_pull: float | None, quads_hams: float | None
) -> None:
    found = by_type(list(plan([0, 7, 14, 21], lifts)), MONDAY + timedelta(days=27))
    ratios = [found.get(name, {}).get("numeric_value") for name in ("push_pull_ratio", "quads_hamstrings_ratio")]
    assert ratios == [push_pull, quads_hams]
    assert found["attributed_share"]["numeric_value"] == round(100 - 100 * lifts.get(OWN, 0) / sum(lifts.values()), 4)


def test_muscles_stand_beside_the_landmark() -> None:
    found = facts(list(plan([0, 7, 14, 21], {PUSH: 3, LEGS: 2})), MONDAY + timedelta(days=27))
    weekly = {entity: row["numeric_value"] for (name, entity), row in found.items() if name.startswith("muscle_")}
    assert weekly == {"chest": 3.0, "quadriceps": 2.0, "hamstrings": 1.0}
    assert found["landmark_weekly_hard_sets", MONDAY]["numeric_value"] == 10


def test_of_several_records_the_newest_stands_with_what_stood_before() -> None:
    rows = [logs.a_set(day, day, weight_kg=100.0 + day, exercise_id=PUSH) for day in (0, 30, 40, 50)]
    found = by_type(rows, MONDAY + timedelta(days=55))
    assert found["weight_record_kg"]["numeric_value"] == 150.0
    assert found["weight_record_previous_kg"]["numeric_value"] == 140.0
    assert found["weight_record_previous_kg"]["window_end"] == MONDAY + timedelta(days=40)
    assert found["weight_record_previous_kg"]["measurement_date"] == MONDAY + timedelta(days=50)
    assert "weight_record_kg" not in by_type(rows, MONDAY + timedelta(days=78))


@pytest.mark.parametrize(("kind", "end"), [("free", ""), ("bodyweight", "+body_weight"), ("assisted", "+body_weight")])
def test_records_say_whether_body_weight_is_in_the_load_and_reps_go_by_the_weight_as_typed(kind: str, end: str) -> None:
    rows = [logs.a_set(day, day, weight_kg=w, exercise_id=PULL, reps_completed=r) for day, w, r in LIGHTER]
    if kind != "assisted":
        rows = [row | {"weight_kg": 60 - row["weight_kg"]} for row in rows]
    lifts = [logs.a_lift(PULL, load_kind=kind, bodyweight_share=None if kind == "free" else 1.0)]
    table = compute((rows, [logs.a_user()], lifts, [logs.a_body_weight(MONDAY, 80.0)]), MONDAY + timedelta(days=55))
    methods = {row["data_type"]: row["calculation_method"] for row in table.to_dicts()}
    assert {name: how for name, how in methods.items() if "record" in name or name.startswith("e1rm_l")} == {
        "e1rm_latest_kg": f"day_estimate/1{end}",
        "e1rm_latest_confidence": "day_estimate/1",
        **{f"weight_record_{what}": f"weight_record/1{end}" for what in ("kg", "reps", "previous_kg")},
        **{f"volume_record_{what}": f"volume_record/1{end}" for what in ("kg", "previous_kg")},
        **{f"reps_record_{what}": "reps_record/1" for what in ("reps", "weight_kg", "previous_reps")},
    }


def test_a_trend_on_which_two_looks_do_not_agree_is_told_as_undecided_without_a_slope() -> None:
    days = [*range(0, 120, 4)]
    rows = [
        logs.a_set(day, day, exercise_id=PUSH, weight_kg=100 + max((92 - day) / 4, day - 92.0), rpe_value=9.0)
        for day in days
    ]
    found = by_type(rows, MONDAY + timedelta(days=120))
    assert found["e1rm_trend_kind"]["text_value"] == "undecided"
    assert "e1rm_trend_pct_week" not in found
    assert found["e1rm_trend_mdc_pct_week"]["numeric_value"] > 0


def test_too_few_estimates_are_counted() -> None:
    found = by_type([logs.a_set(day, day, exercise_id=PUSH) for day in range(9)], MONDAY + timedelta(days=20))
    assert (found["e1rm_estimates"]["numeric_value"], found["e1rm_estimates"]["confidence_score"]) == (9, 1.0)
    assert "e1rm_trend_kind" not in found


def test_a_suspicion_lowers_the_confidence_of_its_week() -> None:
    rows = list(plan([0], {PUSH: 9}))
    found = by_type([*rows, logs.a_set(99, 1, exercise_id=PUSH, weight_kg=9999.0)], MONDAY + timedelta(days=6))
    assert found["weekly_tonnage_kg"]["confidence_score"] == 0.9


def test_a_night_that_finds_nothing_new_makes_the_same_ids() -> None:
    rows = list(plan([0, 3, 7, 10, 14, 17, 21, 24, 28, 31, 35], {PUSH: 4, PULL: 4, LEGS: 4}))
    lifts = [logs.a_lift(lift) for lift in (PUSH, PULL, LEGS)]
    nights = [compute((rows, [logs.a_user()], lifts, []), MONDAY + timedelta(days=day)) for day in (37, 38)]
    assert nights[0].height > 20
    assert nights[0].equals(nights[1])


def test_the_load_of_the_last_closed_week_is_told_until_the_next_one_closes() -> None:
    rows = [*plan([0, 9, 16, 23], {PUSH: 2}), *plan([21, 25], {PUSH: 4})]  # 500 kg a set
    week = [2000.0, 0.0, 1000.0, 0.0, 2000.0, 0.0, 0.0]
    found = by_type(rows, MONDAY + timedelta(days=27))
    assert found["weekly_monotony"]["numeric_value"] == round(mean(week) / stdev(week), 4)
    assert found["weekly_strain_kg"]["numeric_value"] == round(5000 * mean(week) / stdev(week), 4)
    assert (found["weekly_monotony"]["window_start"], found["weekly_monotony"]["n"]) == (MONDAY + timedelta(days=21), 3)
    assert found["acute_chronic_ratio"]["numeric_value"] == 5000 / (8000 / 4)
    assert (found["acute_chronic_ratio"]["window_start"], found["acute_chronic_ratio"]["n"]) == (MONDAY, 6)
    quiet = by_type(rows, MONDAY + timedelta(days=33))
    assert {name: quiet[name]["id"] for name in LOAD} == {name: found[name]["id"] for name in LOAD}
    later = by_type(rows, MONDAY + timedelta(days=34))
    assert later["acute_chronic_ratio"]["numeric_value"] == 0
    assert not LOAD & set(later) - {"acute_chronic_ratio"}


def test_the_week_is_not_held_against_four_before_there_are_four() -> None:
    rows = list(plan([1, 9, 16, 23], {PUSH: 2}))
    assert "acute_chronic_ratio" not in by_type(rows, MONDAY + timedelta(days=27))
    assert by_type(rows, MONDAY + timedelta(days=34))["acute_chronic_ratio"]["numeric_value"] == 0


@pytest.mark.parametrize(("sets", "kind"), [(6, "deload"), (7, "regular")])
def test_a_deload_week_is_told_with_what_it_is_held_against(sets: int, kind: str) -> None:
    rows = [*plan([0, 7, 14], {PUSH: 10}), *plan([21], {PUSH: sets})]
    found = by_type(rows, MONDAY + timedelta(days=27))
    assert (found["deload_week"]["text_value"], found["deload_week"]["n"]) == (kind, 1)
    assert (found["deload_baseline_hard_sets"]["numeric_value"], found["deload_baseline_hard_sets"]["n"]) == (10.0, 3)
    assert found["deload_days_share_pct"]["numeric_value"] == 0
    assert "deload_week" not in by_type(rows, MONDAY + timedelta(days=20))


def test_a_week_of_light_days_is_a_deload_week() -> None:
    rows = [*plan([0], {PUSH: 4, PULL: 4}), *plan([7], {PUSH: 4}, weight_kg=80.0), *plan([9], {PULL: 4})]
    found = by_type(rows, MONDAY + timedelta(days=13))
    assert (found["deload_week"]["text_value"], found["deload_days_share_pct"]["numeric_value"]) == ("deload", 50.0)
    assert found["deload_days_share_pct"]["n"] == 2
    assert "deload_baseline_hard_sets" not in found


def test_what_goes_along_with_a_lift_is_told_of_days_that_know_both() -> None:
    days = list(range(0, 90, 3))
    offs = [(7 * n) % 11 - 5 for n in range(len(days))]
    rows = [
        logs.a_set(day, day, exercise_id=PUSH, weight_kg=100 + day / 5 + off, rpe_value=9.0)
        for day, off in zip(days, offs, strict=True)
    ]
    logged = [
        logs.a_context(row["session_id"], sleep_hours=7 + off / 4, stress_level=place % 3 + 1)
        for place, (row, off) in enumerate(zip(rows, offs, strict=True))
        if place
    ]
    log: tuple[list[Row], ...] = (rows, [logs.a_user()], [logs.a_lift(PUSH)], [])
    tables = [compute(log, MONDAY + timedelta(days=day), logged) for day in (87, 100)]
    (row,) = tables[0].filter(pl.col("data_type").str.ends_with("_rho")).to_dicts()
    assert (row["data_type"], row["entity_id"], row["n"]) == ("e1rm_sleep_hours_rho", PUSH, len(days) - 1)
    assert row["numeric_value"] > 0.95
    assert (row["window_start"], row["window_end"]) == (MONDAY + timedelta(days=3), MONDAY + timedelta(days=87))
    assert (row["confidence_score"], row["calculation_method"]) == (0.99, "spearman/1")
    assert row["id"] in tables[1]["id"].to_list()


def test_what_no_column_can_hold_is_no_fact() -> None:
    rows = list(plan(list(range(7)), {PUSH: 90}, weight_kg=600.0, reps_completed=1000))
    rows += list(plan([6], {PULL: 1}, weight_kg=0.01, reps_completed=1))
    found = by_type(rows, MONDAY + timedelta(days=6))
    assert found["weekly_monotony"]["numeric_value"] > 1e9
    assert "weekly_strain_kg" not in found


LOAD = {"weekly_monotony", "weekly_strain_kg", "acute_chronic_ratio", "deload_week", "deload_baseline_hard_sets"}


@given(log=logs.ugly_logs(), days=st.integers(0, 320), seed=st.integers(0, 9), data=st.data())
@examples(6)
def test_every_point_keeps_to_the_catalogue_and_to_its_id(log: Any, days: int, seed: int, data: st.DataObject) -> None:
    as_of = MONDAY + timedelta(days=days)
    logged = data.draw(logs.contexts_of(log[0]))
    table = compute(log, as_of, logged)
    assert table["id"].n_unique() == table.height
    assert table.filter(pl.col("numeric_value") != stored("numeric_value", 4)).is_empty()
    assert table.filter(pl.col("window_start") > pl.col("window_end")).is_empty()
    assert table.filter(pl.col("window_end") > as_of).is_empty()
    for row in table.to_dicts():
        kind = CATALOGUE[row["data_type"]]
        assert row["unit"] == kind.unit
        assert row["n"] >= kind.minimum_n or row["data_type"] == "consistency_weeks"
        assert (row["entity_id"] is not None) == (kind.about == "lift")
        assert (row["entity"] is not None) == (kind.about in ("muscle", "movement"))
        assert 0 <= row["confidence_score"] <= 1
    shuffled = (pl.Series(log[0], dtype=pl.Object).sample(fraction=1, shuffle=True, seed=seed).to_list(), *log[1:])
    assert compute(shuffled, as_of, logged[::-1]).equals(table)


def test_the_id_is_the_plain_hash_of_what_the_point_says() -> None:
    row = by_type(list(plan([0], {PUSH: 4})), MONDAY + timedelta(days=6))["weekly_tonnage_kg"]
    epoch = datetime(1970, 1, 1, tzinfo=UTC).date()
    days = [(row[name] - epoch).days for name in ("window_start", "window_end")]
    words = [ids.word("weekly_tonnage_kg"), 0, 0, 0, *days, 20_000_000, 0, 1, 100, ids.word("period_sum/1")]
    expected = ids.id_of("insight_data_points", user=UUID(bytes=row["user_id"]), day=row["measurement_date"], key=words)
    assert UUID(bytes=row["id"]) == expected
