from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise, permutations
from math import exp
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.oracle import consistency as oracle
from tests.oracle import context as oracle_context
from tests.oracle import logs

from insights.science import correlations as science
from insights.science.context import FACTORS, context_days

Row = dict[str, Any]
AS_OF = date(2025, 6, 30)
USER, LIFT = b"u" * 16, b"e" * 16
TYPES = {"user_id": pl.Binary, "exercise_id": pl.Binary, "day": pl.Date, "estimated_1rm_kg": pl.Float64}
Factors = dict[str, list[float | None]]


def lift_of(noise: list[float], slope: float = 0.4, lift: bytes = LIFT) -> list[Row]:
    days = [AS_OF - timedelta(days=5 * age) for age in range(len(noise))][::-1]
    kg = [100 * exp((slope * 5 / 7 * n + extra) / 100) for n, extra in enumerate(noise)]
    plain = {"user_id": USER, "exercise_id": lift, "deload": False, "segment": 0}
    return [plain | {"day": day, "estimated_1rm_kg": value} for day, value in zip(days, kg, strict=True)]


def context_of(days: list[date], factors: Factors) -> pl.DataFrame:
    empty: list[float | None] = [None] * len(days)
    columns = {name: factors.get(name, empty) for name in FACTORS}
    frame = pl.DataFrame({"day": days} | columns, schema_overrides=dict.fromkeys(FACTORS, pl.Float64))
    return frame.with_columns(user_id=pl.lit(USER))


def tried(noise: list[float], factors: Factors, slope: float = 0.4, lifts: int = 1) -> list[Row]:
    rows = [row for n in range(lifts) for row in lift_of(noise, slope, bytes([n]) * 16)]
    lift_days = pl.DataFrame(rows, schema_overrides=TYPES)
    context = context_of(lift_days["day"].unique().sort().to_list(), factors)
    return science.correlations(lift_days, context, AS_OF).to_dicts()


def random(seed: int, size: int) -> list[float]:
    return [float(value) for value in np.random.default_rng(seed).normal(0, 2, size)]


def along(noise: list[float], seed: int, share: float) -> list[float | None]:
    return [
        round(share * one + (1 - share) * other, 1) for one, other in zip(noise, random(seed, len(noise)), strict=True)
    ]


def test_what_goes_along_is_told_whatever_the_trend() -> None:
    noise = random(1, 30)
    (row,) = tried(noise, {"sleep_hours": [7 + value / 2 for value in noise]}, slope=1.0)
    assert (row["factor"], row["n"], row["told"]) == ("sleep_hours", 30, True)
    assert (row["first_day"], row["last_day"]) == (AS_OF - timedelta(days=145), AS_OF)
    assert row["rho"] > 0.9
    assert row["p"] == row["p_holm"] == 1 / 10_000


def test_progress_beside_better_sleep_is_no_correlation() -> None:
    (row,) = tried(random(2, 30), {"sleep_hours": [5 + n / 10 for n in range(30)]}, slope=1.0)
    assert (row["told"], row["p"], row["p_holm"]) == (False, None, None)
    assert abs(row["rho"]) < 0.5


@pytest.mark.parametrize(("known", "pairs"), [(19, 0), (20, 1)])
def test_twenty_days_are_needed(known: int, pairs: int) -> None:
    noise = random(3, 30)
    sleep = [value if n < known else None for n, value in enumerate(noise)]
    assert len(tried(noise, {"sleep_hours": sleep, "stress_level": [3.0] * 30})) == pairs


def test_many_pairs_ask_for_more_permutations_and_still_tell() -> None:
    noise = random(1, 24)
    rows = tried(noise, {name: [*noise] for name in FACTORS}, lifts=27)
    assert len(rows) == 108
    assert {row["p"] for row in rows} == {1 / (200 * 108)}
    assert all(row["told"] for row in rows)


def test_a_day_passes_without_a_set_and_nothing_changes() -> None:
    noise = random(6, 30)
    lift_days = pl.DataFrame(lift_of(noise), schema_overrides=TYPES)
    context = context_of(lift_days["day"].to_list(), {"sleep_hours": along(noise, 7, 0.7)})
    now, later = (science.correlations(lift_days, context, AS_OF + timedelta(days=day)) for day in (0, 9))
    assert now.height == 1
    assert now.equals(later)


@given(st.integers(0, 99), st.integers(20, 34), st.sampled_from([0.0, 0.3, 0.45, 0.6, 1.0]))
@settings(max_examples=12, deadline=None)
def test_the_oracle_agrees_on_what_is_told(seed: int, count: int, share: float) -> None:
    noise = random(seed, count)
    factors = {name: along(noise, seed + i, share) for i, name in enumerate(FACTORS, 1)}
    told = [row for row in tried(noise, factors) if row["told"]]
    days = lift_of(noise)
    context = {
        row["day"]: {
            name: Fraction(round(10 * value), 10) for name in FACTORS if (value := factors[name][n]) is not None
        }
        for n, row in enumerate(days)
    }
    expected = oracle_context.correlations(days, context, AS_OF)
    assert sorted(row["factor"] for row in told) == sorted(row["factor"] for row in expected)
    by_factor = {row["factor"]: row for row in expected}
    for row in told:
        assert row["rho"] == pytest.approx(by_factor[row["factor"]]["rho"], abs=1e-12)
        assert row["p_holm"] == float(by_factor[row["factor"]]["p"])


@given(st.lists(st.integers(0, 30), min_size=1, max_size=12))
def test_holm_steps_down_and_never_falls(beyond: list[int]) -> None:
    pairs = pl.DataFrame(
        {
            "user_id": [USER] * len(beyond),
            "exercise_id": [bytes([n]) * 16 for n in range(len(beyond))],
            "factor": ["sleep_hours"] * len(beyond),
            "beyond": beyond,
            "wanted": [10_000] * len(beyond),
        }
    )
    found = science._holm(pairs).sort("exercise_id")
    expected = oracle.holm([Fraction(1 + count, 10_000) for count in beyond])
    assert found["p_holm"].to_list() == [float(value) for value in expected]
    assert found["told"].to_list() == [value < Fraction(1, 100) for value in expected]
    in_order = found.sort("p")["p_holm"].to_list()
    assert all(one <= other for one, other in pairwise(in_order))


def test_chance_alone_is_told_as_seldom_as_promised() -> None:
    lift_days = [row for n in range(100) for row in lift_of(random(1000 + n, 25), lift=bytes([n]) * 16)]
    users = [bytes([n]) * 16 for n in range(100)]
    frame = pl.DataFrame(lift_days, schema_overrides=TYPES).with_columns(user_id="exercise_id")
    days = frame["day"].unique().sort().to_list()
    contexts = [
        context_of(days, {name: [*random(5000 + 4 * n + i, 25)] for i, name in enumerate(FACTORS)}).with_columns(
            user_id=pl.lit(user)
        )
        for n, user in enumerate(users)
    ]
    rows = science.correlations(frame, pl.concat(contexts), AS_OF)
    assert rows.height == 400
    assert rows.filter("told")["user_id"].n_unique() <= 4  # one in a hundred users, and three binomial errors


def test_the_permutations_are_spread_evenly_and_are_those_of_the_oracle() -> None:
    orders = np.argsort(science.permutation_keys(1, 24_000, 4), axis=1, kind="stable")
    _, counts = np.unique(orders, axis=0, return_counts=True)
    assert len(counts) == len(list(permutations(range(4))))
    assert 850 < counts.min() <= counts.max() < 1150  # 1,000 each expected, SD 31
    longer = np.argsort(science.permutation_keys(9_990, 20, 182), axis=1, kind="stable").tolist()
    assert [tuple(row) for row in longer] == [oracle.order(9_990 + n, 182) for n in range(20)]


# the days -------------------------------------------------------------------------------------------------------------


def day_of(rows: list[Row], statuses: list[str]) -> list[Row]:
    sets = pl.DataFrame(
        {
            "user_id": [USER] * len(statuses),
            "session_id": [bytes([n]) * 16 for n in range(len(statuses))],
            "session_status": statuses,
            "day": [AS_OF] * len(statuses),
        }
    )
    return context_days(sets, logs.contexts(rows)).drop("user_id").to_dicts()


def test_a_day_is_the_mean_of_its_sessions_that_know() -> None:
    rows = [
        logs.a_context(bytes([0]) * 16, sleep_hours=7.1, stress_level=2),
        logs.a_context(bytes([1]) * 16, sleep_hours=6.0, stress_level=None, energy_level=5),
        logs.a_context(bytes([2]) * 16, sleep_hours=1.0, stress_level=5),
        logs.a_context(bytes([9]) * 16, sleep_hours=1.0),  # a session without sets
    ]
    assert day_of(rows, ["COMPLETED", "ABANDONED", "NOT_STARTED"]) == [
        {"day": AS_OF, "sleep_hours": 6.55, "sleep_quality": None, "stress_level": 2.0, "energy_level": 5.0}
    ]


@pytest.mark.parametrize("sleep", [-0.5, 24.5, float("nan")])
def test_sleep_that_cannot_be_is_not_known(sleep: float) -> None:
    assert day_of([logs.a_context(bytes([0]) * 16, sleep_hours=sleep)], ["COMPLETED"]) == []
