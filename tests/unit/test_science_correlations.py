from datetime import date, timedelta
from itertools import permutations
from math import exp
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.oracle import consistency as oracle

from insights.science import correlations as science

Row = dict[str, Any]
AS_OF = date(2025, 6, 30)
USER, LIFT = b"u" * 16, b"e" * 16
TYPES = {"user_id": pl.Binary, "exercise_id": pl.Binary, "day": pl.Date, "estimated_1rm_kg": pl.Float64}


def tried(noise: list[float], factors: dict[str, list[float | None]], slope: float = 0.4, **options: Any) -> list[Row]:
    days = [AS_OF - timedelta(days=5 * age) for age in range(len(noise))][::-1]
    kg = [100 * exp((slope * 5 / 7 * n + extra) / 100) for n, extra in enumerate(noise)]
    lift_days = pl.DataFrame(
        [(USER, LIFT, *row) for row in zip(days, kg, strict=True)], schema=TYPES, orient="row"
    ).with_columns(deload=pl.lit(value=False), segment=pl.lit(0))
    empty: list[float | None] = [None] * len(days)
    columns = {name: factors.get(name, empty) for name in science.FACTORS}
    context = pl.DataFrame({"day": days} | columns, schema_overrides=dict.fromkeys(science.FACTORS, pl.Float64))
    context = context.with_columns(user_id=pl.lit(USER))
    return science.correlations(lift_days, context, AS_OF, **({"seed": 7, "permutations": 999} | options)).to_dicts()


def random(seed: int, size: int) -> list[float]:
    return [float(value) for value in np.random.default_rng(seed).normal(0, 2, size)]


def test_what_goes_along_is_told_whatever_the_trend() -> None:
    noise = random(1, 30)
    (row,) = tried(noise, {"sleep_hours": [7 + value / 2 for value in noise]}, slope=1.0)
    assert (row["factor"], row["n"], row["told"]) == ("sleep_hours", 30, True)
    assert row["rho"] > 0.9
    assert row["p"] == row["p_holm"] == 1 / 1000


def test_progress_beside_better_sleep_is_no_correlation() -> None:
    (row,) = tried(random(2, 30), {"sleep_hours": [5 + n / 10 for n in range(30)]}, slope=1.0)
    assert not row["told"]
    assert abs(row["rho"]) < 0.5


@pytest.mark.parametrize(("known", "pairs"), [(19, 0), (20, 1)])
def test_twenty_days_are_needed(known: int, pairs: int) -> None:
    noise = random(3, 30)
    sleep = [value if n < known else None for n, value in enumerate(noise)]
    assert len(tried(noise, {"sleep_hours": sleep, "stress_level": [3.0] * 30})) == pairs


def test_the_same_seed_gives_the_same_p_and_another_may_not() -> None:
    noise, sleep = random(4, 25), random(5, 25)
    same = [tried(noise, {"energy_level": [*sleep]}, seed=seed)[0]["p"] for seed in (1, 1, 2, 3, 4)]
    assert same[0] == same[1]
    assert len(set(same)) > 1
    assert max(same) - min(same) < 0.1


@given(st.integers(0, 99), st.integers(20, 34))
@settings(max_examples=15)
def test_the_oracle_agrees_on_rho_and_holm(seed: int, count: int) -> None:
    noise = random(seed, count)
    factors = {name: [float(round(v)) for v in random(seed + i, count)] for i, name in enumerate(science.FACTORS, 1)}
    rows = tried(noise, {name: [*values] for name, values in factors.items()}, permutations=99)
    first = AS_OF - timedelta(days=5 * (count - 1))
    days = [(first + timedelta(days=5 * n), 0.4 * 5 / 7 * n + extra) for n, extra in enumerate(noise)]
    residuals = oracle.residuals(days)
    for row in rows:
        assert row["rho"] == pytest.approx(oracle.spearman(residuals, factors[row["factor"]]), abs=1e-9)
    assert [row["p_holm"] for row in rows] == pytest.approx(oracle.holm([row["p"] for row in rows]))
    assert [row["told"] for row in rows] == [row["p_holm"] < 0.01 for row in rows]


def test_the_permutations_are_spread_evenly() -> None:
    orders = np.argsort(science._scattered(11, 24_000, 4), axis=1, kind="stable")
    _, counts = np.unique(orders, axis=0, return_counts=True)
    assert len(counts) == len(list(permutations(range(4))))
    assert 850 < counts.min() <= counts.max() < 1150  # 1,000 each expected, SD 31
