import csv
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.science import one_rm

FORMULAS = {
    "epley_guard": one_rm.epley,
    "brzycki": one_rm.brzycki,
    "lombardi": one_rm.lombardi,
    "oconner": one_rm.oconner,
    "lander": one_rm.lander,
    "mayhew": one_rm.mayhew,
    "wathan": one_rm.wathan,
    "rts": one_rm.rts,
}
HALVES = st.sampled_from([x / 2 for x in range(9)])


def value(expression: pl.Expr, **columns: object) -> Any:
    return pl.DataFrame({name: [item] for name, item in columns.items()}).select(expression).item()


def scores(cases: Sequence[tuple[int, float | None, bool]]) -> list[float]:
    types = {"n": pl.Int64, "rir": pl.Float64, "deadlift": pl.Boolean}
    frame = pl.DataFrame(cases, schema=types, orient="row")
    found = frame.select(s=one_rm.sigma("n", "rir", "deadlift")).select(one_rm.confidence("s"))
    return found.to_series().to_list()


def score(n: int, rir: float | None, deadlift: bool = False) -> float:
    return scores([(n, rir, deadlift)])[0]


@pytest.mark.parametrize("column", FORMULAS)
def test_formula_equals_the_grid(column: str, shared_data: Path) -> None:
    with (shared_data / "reference" / "formula_grid_100kg.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row[column]]
    assert len(rows) >= 16
    for row in rows:
        n = int(row["reps"])
        expected = 100.0 if n == 1 else float(row[column])
        assert value(FORMULAS[column]("w", "n"), w=100.0, n=n) == pytest.approx(expected, abs=5e-4), n


def test_all_cells_of_the_chart_lie_on_one_curve(shared_data: Path) -> None:
    with (shared_data / "reference" / "rts_rpe_chart.csv").open(encoding="utf-8", newline="") as file:
        cells = [
            (int(column.removeprefix("reps_")) + 10 - float(row["rpe"]), float(text))
            for row in csv.DictReader(file)
            for column, text in row.items()
            if column != "rpe"
        ]
    assert len(cells) == 108
    assert len({n for n, _ in cells}) == len(one_rm.RTS_CURVE) == 31
    frame = pl.DataFrame(cells, schema=["n", "percent"], orient="row")
    assert frame.select((one_rm.rts_percent("n") == pl.col("percent")).all()).item()


@pytest.mark.parametrize(("n", "percent"), [(1.25, 98.9), (15.75, 57.9), (0.5, None), (16.0, 57.2), (16.5, None)])
def test_curve_is_linear_between_points_and_ends(n: float, percent: float | None) -> None:
    assert value(one_rm.rts_percent("n"), n=n) == (None if percent is None else pytest.approx(percent))


@pytest.mark.parametrize("formula", FORMULAS.values())
@given(w=st.floats(1, 500), n=st.integers(1, 31))
def test_formulas_rise_with_n_and_scale_with_weight(formula: object, w: float, n: int) -> None:
    assert callable(formula)
    here, next_one = (value(formula("w", "n"), w=w, n=(n + step) / 2 + 0.5) for step in (0, 2))
    assert isinstance(here, float)
    assert next_one is None or (isinstance(next_one, float) and next_one > here >= w * (1 - 1e-12))


@pytest.mark.parametrize("formula", FORMULAS.values())
def test_formulas_have_nothing_under_one_repetition(formula: object) -> None:
    assert callable(formula)
    assert value(formula("w", "n"), w=100.0, n=0) is None


@pytest.mark.parametrize(("formula", "n"), [(one_rm.brzycki, 37), (one_rm.brzycki, 40), (one_rm.lander, 38)])
def test_formulas_are_never_negative(formula: object, n: int) -> None:
    assert callable(formula)
    assert value(formula("w", "n"), w=100.0, n=n) is None


METHODS = [
    (1, 0.0, 10.0, "measured", 100.0),
    (1, 0.0, None, "measured", 100.0),  # amrap
    (1, None, None, "brzycki", 100.0),
    (1, 1.0, 9.0, "rpe", 100 / 0.955),
    (5, 2.0, 8.0, "rpe", 100 / 0.811),
    (5, 0.0, 9.0, "rpe", 100 / 0.863),  # to failure beside an RPE
    (8, None, None, "brzycki", 3600 / 29),
    (10, None, None, "brzycki", 400 / 3),
    (11, 0.0, None, "epley", 100 * (1 + 11 / 30)),
    (12, None, None, "epley", 140.0),
    (10, 2.0, 8.0, "rpe", 100 / 0.68),
    (10, 2.5, 7.5, None, None),
    (13, None, None, None, None),
    (0, None, None, None, None),
]


@pytest.mark.parametrize(("reps", "rir", "rpe", "name", "expected"), METHODS)
def test_method_of_a_set(
    reps: int, rir: float | None, rpe: float | None, name: str | None, expected: float | None
) -> None:
    types = {"rir": pl.Float64, "rpe": pl.Float64}
    frame = pl.DataFrame({"w": [100.0], "reps": [reps], "rir": [rir], "rpe": [rpe]}, schema_overrides=types)
    found = frame.select(name=one_rm.method("reps", "rir", "rpe"), kg=one_rm.estimate("w", "reps", "rir", "rpe"))
    assert found["name"].item() == name
    assert found["kg"].item() == (None if expected is None else pytest.approx(expected, rel=1e-14))


SCORES = [
    (1, 0.0, 0.76), (3, 0.0, 0.72), (5, 0.0, 0.64), (5, 2.0, 0.47), (8, 0.0, 0.43), (8, 2.0, 0.31), (10, 0.0, 0.32),
    (12, 0.0, 0.24), (1, None, 0.35), (5, None, 0.28), (8, None, 0.21), (10, None, 0.14), (12, None, 0.09),
]  # fmt: skip


@pytest.mark.parametrize(("n", "rir", "expected"), SCORES)
def test_confidence_of_known_cases(n: int, rir: float | None, expected: float) -> None:
    assert math.floor(score(n, rir) * 100 + 0.5) / 100 == expected


@given(n=st.integers(1, 11), rir=HALVES, deadlift=st.booleans())
def test_confidence_never_rises_with_reps_or_reserve(n: int, rir: float, deadlift: bool) -> None:
    here = score(n, rir, deadlift)
    assert 0 < here <= score(1, 0.0)
    assert score(n + 1, rir, deadlift) <= here
    assert score(n, rir + 0.5, deadlift) <= here
    assert score(n + 1, None, deadlift) <= score(n, None, deadlift)


@given(n=st.integers(1, 12), rir=HALVES, deadlift=st.booleans())
def test_confidence_falls_without_the_rpe_and_for_the_deadlift(n: int, rir: float, deadlift: bool) -> None:
    if n + rir <= one_rm.MAXIMUM_N:
        assert score(n, None, deadlift) < score(n, rir, deadlift)
    assert score(n, rir, True) < score(n, rir, False)


@given(x=st.floats(-1, 1))
def test_erf_is_exact(x: float) -> None:
    assert value(one_rm.erf("x"), x=x) == pytest.approx(math.erf(x), abs=1e-15)


def test_no_score_lies_where_rounding_could_flip() -> None:
    rirs = [None, *(tenths / 10 for tenths in range(41))]
    cases = [(n, rir, dead) for n in range(1, 13) for rir in rirs for dead in (True, False)]
    hundredths = [score * 100 for score in scores(cases)]
    assert min(abs(x - math.floor(x) - 0.5) for x in hundredths) > 1e-9
