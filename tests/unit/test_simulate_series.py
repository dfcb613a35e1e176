import numpy as np
import pytest

from insights.simulate.series import Series, draw_series


def draw(seed: int = 1, **changes: float) -> Series:
    arguments = {"slope_pct_week": 0.5, "sd_pct": 2.0, "sessions_per_week": 2, "weeks": 26} | changes
    return draw_series(np.random.default_rng(seed), **arguments)  # type: ignore[arg-type]


@pytest.mark.parametrize("slope", [-1.0, 0.0, 0.5])
def test_noiseless_series_is_the_slope(slope: float) -> None:
    series = draw(slope_pct_week=slope, sd_pct=0.0)
    fitted = np.polyfit(series.days / 7, 100 * np.log(series.estimates_kg), 1)[0]
    assert fitted == pytest.approx(slope)
    assert series.days[-1] == 0
    assert series.estimates_kg[-1] == pytest.approx(100)
    assert (np.diff(series.days) > 0).all()
    assert len(series.days) == 52


def test_stall_ends_the_slope() -> None:
    series = draw(sd_pct=0.0, stalled_weeks=8)
    assert np.allclose(series.estimates_kg[series.days >= -56], 100)
    assert (np.diff(series.estimates_kg[series.days <= -56]) > 0).all()


@pytest.mark.parametrize("autocorrelation", [0.0, 0.3])
def test_noise_has_its_sd_and_its_memory(autocorrelation: float) -> None:
    series = draw(slope_pct_week=0.0, sd_pct=3.0, weeks=4000, autocorrelation=autocorrelation)
    noise = 100 * np.log(series.estimates_kg / 100)
    assert noise.std() == pytest.approx(3.0, rel=0.05)
    assert np.corrcoef(noise[:-1], noise[1:])[0, 1] == pytest.approx(autocorrelation, abs=0.04)


def test_missed_sessions_and_steps() -> None:
    series = draw(missed=0.25, step_kg=2.5, weeks=400)
    assert len(series.days) == pytest.approx(600, abs=60)
    assert np.allclose(series.estimates_kg % 2.5, 0)
    assert len(np.unique(series.estimates_kg)) > 10


def test_same_seed_same_series() -> None:
    assert np.array_equal(draw(3).estimates_kg, draw(3).estimates_kg)
    assert not np.array_equal(draw(3).estimates_kg, draw(4).estimates_kg)
