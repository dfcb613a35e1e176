from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import dataframely as dy
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.conftest import examples
from tests.oracle import logs, verdicts

from insights.frames import SET_TYPES, JudgedSets, Sets
from insights.science import reasons, sets

Row = dict[str, Any]
NAN = float("nan")
KNOWN = [logs.a_body_weight(date(2023, 12, 1), 80.0)]


def judged(
    rows: list[Row], lift: Row | None = None, zone: str = "UTC", weights: list[Row] | None = None
) -> dy.DataFrame[JudgedSets]:
    return sets.judge(*logs.frames(rows, [logs.a_user(time_zone=zone)], [lift or logs.a_lift()], weights or []))


def uses(row: Row, lift: Row | None = None, weights: list[Row] | None = None) -> tuple[str, ...]:
    return judged([row], lift, weights=weights).select(reasons.USES).row(0)


TYPES: dict[str, tuple[str, str, str, str]] = {
    "working": ("counted", "counted", "counted", "counted"),
    "superset": ("counted", "counted", "counted", "counted"),
    "amrap": ("counted", "counted", "counted", "counted"),
    "warmup": ("warmup", "warmup", "warmup", "warmup"),
    "dropset": ("counted", "counted", "extended_set", "extended_set"),
    "mechanical_drop": ("counted", "counted", "extended_set", "extended_set"),
    "rest_pause": ("counted", "counted", "extended_set", "extended_set"),
    "cluster": ("counted", "counted", "extended_set", "extended_set"),
    "tempo": ("counted", "counted", "tempo_set", "tempo_set"),
    "partial": ("counted", "counted", "partial_range", "partial_range"),
    "isometric": ("timed", "short_hold", "timed", "timed"),
    "negative": ("negative_set", "counted", "negative_set", "negative_set"),
    "assisted": ("counted", "counted", "counted", "assisted_set"),
}


def test_every_set_type_has_a_case() -> None:
    assert set(TYPES) == set(SET_TYPES)


@pytest.mark.parametrize(("set_type", "expected"), TYPES.items())
def test_set_types(set_type: str, expected: tuple[str, ...]) -> None:
    assert uses(logs.a_set(set_type=set_type)) == expected


ALL = ("counted",) * 4
FAILURE: Row = {"source_set_type": "failure", "set_type": "amrap"}
CASES: list[tuple[Row, Row, tuple[str, ...]]] = [
    ({"session_status": "NOT_STARTED"}, {}, ("not_started",) * 4),
    ({"session_status": "ABANDONED"}, {}, ALL),
    ({"weight_kg": NAN}, {}, ("not_a_number",) * 4),
    ({"weight_kg": float("inf")}, {}, ("not_a_number",) * 4),
    ({"weight_kg": 600.0}, {}, ALL),
    ({"weight_kg": 600.5}, {}, ("beyond_limits",) * 4),
    ({"weight_kg": 1500.0}, {"load_kind": "machine"}, ALL),
    ({"weight_kg": 1500.5}, {"load_kind": "machine"}, ("beyond_limits",) * 4),
    ({"reps_completed": 1001}, {}, ("beyond_limits",) * 4),
    ({"duration_s": 21601}, {}, ("beyond_limits",) * 4),
    ({}, {"modality": "cardio"}, ("cardio",) * 4),
    ({}, {"modality": "mobility"}, ("mobility",) * 4),
    ({"reps_completed": None}, {}, ("no_reps",) * 4),
    ({"reps_completed": 0}, {}, ("no_reps",) * 4),
    ({"reps_completed": 0, "duration_s": 30}, {}, ("timed", "counted", "timed", "timed")),
    ({"reps_completed": None, "duration_s": 9}, {}, ("timed", "short_hold", "timed", "timed")),
    ({"duration_s": 30}, {}, ALL),
    ({"duration_s": 30}, {"modality": "timed"}, ("timed", "counted", "timed", "timed")),
    ({"rpe_value": 5.5}, {}, ("counted", "low_effort", "counted", "counted")),
    ({"rpe_value": 6.0}, {}, ALL),
    ({"rpe_value": NAN}, {}, ALL),
    ({"rpe_value": 5.5, "set_type": "dropset"}, {}, ("counted", "counted", "extended_set", "extended_set")),
    ({"rpe_value": 13.0, "rpe_scale": "rpe_20"}, {}, ALL),
    ({"rpe_value": 5.0, "rpe_scale": "percentage"}, {}, ALL),
    ({"rom_quality": "half"}, {}, ("counted", "counted", "partial_range", "partial_range")),
    ({"rom_quality": None}, {}, ALL),
    ({"assisted_reps": 2}, {}, ("counted", "counted", "counted", "assisted_set")),
    ({"assisted_reps": 5}, {}, ("no_unassisted_reps", "counted", "no_unassisted_reps", "assisted_set")),
    ({}, {"load_kind": "band"}, ("band", "counted", "band", "counted")),
    ({"weight_kg": None}, {}, ("no_weight", "counted", "no_weight", "no_weight")),
    ({"weight_kg": 0.0}, {"load_kind": "machine"}, ("no_weight", "counted", "no_weight", "no_weight")),
    ({"weight_kg": -5.0}, {}, ("negative_weight", "counted", "negative_weight", "negative_weight")),
    ({"weight_kg": None}, {"load_kind": "bodyweight"}, ("counted", "counted", "no_body_weight", "counted")),
    ({}, {"load_kind": "assisted"}, ("no_body_weight", "counted", "no_body_weight", "counted")),
    ({"reps_completed": 13}, {}, ("counted", "counted", "too_many_reps", "counted")),
    ({"reps_completed": 10, "rpe_value": 7.5}, {}, ("counted", "counted", "too_many_reps", "counted")),
    (FAILURE | {"rpe_value": 8.5}, {}, ("counted", "counted", "contradictory_effort", "counted")),
    (FAILURE | {"rpe_value": 5.0}, {}, ("counted", "low_effort", "contradictory_effort", "counted")),
    (FAILURE, {}, ALL),
    ({"source_set_type": "F", "set_type": "amrap", "rpe_value": 9.0}, {}, ALL),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "lift", "expected"), CASES)
def test_verdicts(changes: Row, lift: Row, expected: tuple[str, ...]) -> None:
    assert uses(logs.a_set(**changes), logs.a_lift(**lift)) == expected


@pytest.mark.parametrize("rom", ["three_quarter", "half", "quarter", "partial_top", "partial_bottom", "variable"])
def test_partial_range_is_no_maximum(rom: str) -> None:
    assert uses(logs.a_set(rom_quality=rom)) == ("counted", "counted", "partial_range", "partial_range")


LOADS: list[tuple[float | None, Row, list[Row], float | None]] = [
    (62.5, {}, [], 62.5),
    (None, {"load_kind": "bodyweight", "bodyweight_share": 0.67}, KNOWN, 80 * 0.67),
    (10.0, {"load_kind": "bodyweight", "bodyweight_share": 1.0}, KNOWN, 90.0),
    (10.0, {"load_kind": "bodyweight", "bodyweight_share": 1.0}, [], 10.0),
    (10.0, {"load_kind": "bodyweight"}, KNOWN, 10.0),
    (None, {"load_kind": "bodyweight"}, [], 0.0),
    (-10.0, {"load_kind": "bodyweight", "bodyweight_share": 1.0}, KNOWN, None),
    (30.0, {"load_kind": "assisted"}, KNOWN, 50.0),
    (-30.0, {"load_kind": "assisted"}, KNOWN, 50.0),
    (80.0, {"load_kind": "assisted"}, KNOWN, None),
    (30.0, {"load_kind": "assisted"}, [], None),
    (30.0, {"load_kind": "band"}, KNOWN, None),
    (30.0, {"load_kind": "assisted"}, [logs.a_body_weight(date(2024, 1, 2), 80.0)], None),  # not yet known
]


@pytest.mark.parametrize(("weight", "lift", "weights", "load"), LOADS)
def test_load(weight: float | None, lift: Row, weights: list[Row], load: float | None) -> None:
    frame = judged([logs.a_set(weight_kg=weight)], logs.a_lift(**lift), weights=weights)
    assert frame["load_kg"].item() == load


@pytest.mark.parametrize(
    ("changes", "rir"),
    [
        ({"rpe_value": 8.0}, 2.0),
        ({"rpe_value": 5.5}, None),
        ({"rpe_value": 10.5}, None),
        ({"rpe_value": 8.0, "rpe_scale": "rpe_20"}, None),
        ({"rpe_value": 8.0, "rpe_scale": None}, None),
        ({"set_type": "amrap"}, 0.0),
        ({"set_type": "amrap", "rpe_value": 8.0}, 0.0),
        ({"reps_attempted": 6, "rpe_value": 8.0}, 0.0),
        ({"reps_attempted": 5, "rpe_value": 8.0}, 2.0),
        ({"set_type": "assisted"}, 0.0),
        ({"set_type": "warmup", "rpe_value": 6.0}, None),
    ],
)
def test_reps_in_reserve(changes: Row, rir: float | None) -> None:
    assert judged([logs.a_set(**changes)])["rir"].item() == rir


DAYS = [
    ("UTC", datetime(2024, 2, 29, 23, 59, tzinfo=UTC), date(2024, 2, 29)),
    ("Pacific/Auckland", datetime(2024, 12, 31, 11, 0, tzinfo=UTC), date(2025, 1, 1)),
    ("America/New_York", datetime(2024, 3, 10, 4, 30, tzinfo=UTC), date(2024, 3, 9)),
    ("America/New_York", datetime(2024, 3, 11, 4, 30, tzinfo=UTC), date(2024, 3, 11)),
]


@pytest.mark.parametrize(("zone", "start", "day"), DAYS)
def test_day_is_the_local_date_of_the_start(zone: str, start: datetime, day: date) -> None:
    late: Row = {"session_start": None, "start_time": None, "created_at": start + timedelta(days=9)}
    first, second = start, start + timedelta(hours=3)  # over midnight
    by_session = [logs.a_set(n, session_start=start, start_time=first + timedelta(hours=n)) for n in range(3)]
    by_set = [
        logs.a_set(0, **late | {"start_time": second}),
        logs.a_set(1, **late | {"start_time": first}),
        logs.a_set(2, **late),
    ]
    by_row = [logs.a_set(n, session_start=None, created_at=moment) for n, moment in enumerate((second, first))]
    for rows in (by_session, by_set, by_row):
        assert judged(rows, zone=zone)["day"].unique().to_list() == [day]


def history(weight: float, others: list[tuple[int, float]], **changes: Any) -> list[Row]:
    rows = [logs.a_set(number, day, weight_kg=kg) for number, (day, kg) in enumerate(others)]
    return [*rows, logs.a_set(99, 100, weight_kg=weight, **changes)]


USUAL = [(99, 50.0)] * 5


@pytest.mark.parametrize(
    ("weight", "others", "suspect"),
    [
        (500.0, USUAL, True),
        (400.0, USUAL, True),
        (399.0, USUAL, False),
        (6.25, USUAL, True),
        (6.3, USUAL, False),
        (4.0, USUAL, True),
        (3.9, USUAL, False),
        (500.0, USUAL[:4], False),
        (500.0, [*USUAL[:4], (160, 50.0)], True),
        (500.0, [*USUAL[:4], (161, 50.0)], False),
        (500.0, [*USUAL[:4], (40, 50.0)], True),
        (500.0, [*USUAL[:4], (39, 50.0)], False),
        (500.0, [*USUAL[:3], (99, 100.0), (99, 100.0), (99, 100.0)], False),  # the median is 75
    ],
)
def test_typos(weight: float, others: list[tuple[int, float]], suspect: bool) -> None:
    frame = judged(history(weight, others))
    last = frame.select(reasons.USES).row(-1)
    assert last == (("typo",) * 4 if suspect else ALL)
    assert (frame["tonnage"] == "typo").sum() == suspect


def test_warmups_neither_are_typos_nor_make_them() -> None:
    rows = history(200.0, [(99, 200.0)] * 5) + [
        logs.a_set(200 + n, 100, weight_kg=20.0, set_type="warmup") for n in range(20)
    ]
    assert set(judged(rows)["tonnage"]) == {"counted", "warmup"}


def test_a_set_without_its_user_is_an_error() -> None:
    with pytest.raises(ValueError, match="a user or an exercise"):
        sets.judge(*logs.frames([logs.a_set()], [logs.a_user(b"x" * 16)], [logs.a_lift()], []))


COMPARED = ("day", "load_kg", "tonnage_reps", "logged_kg", "rir", *reasons.USES)


def compare(log: tuple[list[Row], list[Row], list[Row], list[Row]]) -> dy.DataFrame[JudgedSets]:
    found = sets.judge(*logs.frames(*log))
    expected = verdicts.judge(*log)
    assert found["set_id"].to_list() == [row["set_id"] for row in log[0]]
    for ours, theirs in zip(found.select(COMPARED).iter_rows(named=True), expected, strict=True):
        assert ours == {column: theirs[column] for column in COMPARED}
    return found


@given(log=logs.ugly_logs())
@examples(15)
def test_oracle_agrees_on_ugly_logs(log: tuple[list[Row], list[Row], list[Row], list[Row]]) -> None:
    found = compare(log)
    assert set(found.select(pl.concat_list(reasons.USES).explode()).to_series()) <= set(reasons.VERDICTS)
    tally = sets.tally(found)
    by_use = dict(tally.group_by("use").agg(pl.col("sets").sum()).iter_rows())
    assert not log[0] or by_use == dict.fromkeys(reasons.USES, len(log[0]))


@given(log=logs.ugly_logs(), seed=st.integers(0, 9))
@examples(15)
def test_row_order_does_not_matter(log: tuple[list[Row], list[Row], list[Row], list[Row]], seed: int) -> None:
    frames = logs.frames(*log)
    shuffled = Sets.cast(frames[0].sample(fraction=1, shuffle=True, seed=seed))
    here = sets.judge(*frames).sort("set_id")
    there = sets.judge(shuffled, *frames[1:]).sort("set_id")
    assert here.equals(there)


MONTHS = {
    "2024-07": 38181.0, "2024-08": 69712.0, "2024-09": 95364.0, "2024-10": 118680.5, "2024-11": 145285.0,
    "2024-12": 132867.5, "2025-01": 113258.5, "2025-02": 151605.5, "2025-03": 162212.0, "2025-04": 116017.25,
    "2025-05": 163663.5, "2025-06": 189742.5, "2025-07": 262521.0, "2025-08": 119239.5, "2025-09": 86392.0,
}  # fmt: skip


def test_hevy_log_to_the_last_kilogram(shared_data: Path) -> None:
    found = compare(logs.hevy(shared_data))
    assert found["logged_kg"].sum() == 1_964_741.75
    months = found.group_by(month=pl.col("day").dt.strftime("%Y-%m")).agg(pl.col("logged_kg").sum())
    assert dict(months.iter_rows()) == MONTHS
    counted = found.filter(pl.col("tonnage") == "counted")
    assert (counted["load_kg"] * counted["tonnage_reps"]).sum() == 1_960_667.25
    tally = {(use, verdict): (n, kg) for use, verdict, n, kg in sets.tally(found).iter_rows()}
    assert tally["tonnage", "no_body_weight"] == (37, 4074.5)
    logged = sum(kg for (use, _), (_, kg) in tally.items() if use == "tonnage")
    assert logged == 1_964_741.75
