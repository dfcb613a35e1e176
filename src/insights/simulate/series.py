"""Bare series of a lift's day estimates with a known slope: what a trend test is measured with."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from insights.simulate.strength import Floats


@dataclass(frozen=True)
class Series:
    """Day estimates of one lift. `days` ascend and end near 0, the day as of which a trend is asked for."""

    days: npt.NDArray[np.int64]
    estimates_kg: Floats


def draw_series(
    rng: np.random.Generator,
    *,
    slope_pct_week: float,
    sd_pct: float,
    sessions_per_week: int,
    weeks: int,
    stalled_weeks: float = 0.0,
    missed: float = 0.0,
    step_kg: float = 0.0,
    autocorrelation: float = 0.0,
    last_kg: float = 100.0,
) -> Series:
    """A series around 100 ln(1RM) = a + slope x t, evenly spread over the weeks.

    Args:
        slope_pct_week: the slope until the stall, in per cent a week (of 100 ln).
        sd_pct: SD of the noise of one estimate, in per cent.
        stalled_weeks: the last weeks, in which the slope is 0.
        missed: the share of the sessions that are missed.
        step_kg: estimates are rounded to whole steps of it, as plates round loads; 0: not rounded.
        autocorrelation: AR(1) of the noise from one session to the next; its SD stays `sd_pct`.
        last_kg: the true 1RM on the last day.
    """
    count = weeks * sessions_per_week
    days = -np.round(np.arange(count)[::-1] * 7 / sessions_per_week).astype(np.int64)
    trend = slope_pct_week * np.minimum(days / 7 + stalled_weeks, 0)
    noise = _autoregressive(rng.normal(0, sd_pct, count), autocorrelation)
    estimates = last_kg * np.exp((trend + noise) / 100)
    if step_kg:
        estimates = np.maximum(np.round(estimates / step_kg), 1) * step_kg
    kept = rng.random(count) >= missed
    return Series(days[kept], estimates[kept])


def _autoregressive(shocks: Floats, autocorrelation: float) -> Floats:
    """AR(1) noise with the SD of the shocks."""
    noise = shocks.copy()
    for i in range(1, len(noise)):
        noise[i] = autocorrelation * noise[i - 1] + np.sqrt(1 - autocorrelation**2) * shocks[i]
    return noise
