"""Windows of days over sorted rows, by searchsorted and reduceat."""

import numpy as np
import pandas as pd

from benchmarks.peers.dataframes import Array


def typos(sets: pd.DataFrame) -> Array:
    """Which sets are about ten times, or a tenth, of the median of the lift's others within 60 days."""
    weighed = np.flatnonzero((sets["weight_kg"] > 0).to_numpy())
    at, weight = sets["at"].to_numpy()[weighed], sets["weight_kg"].to_numpy()[weighed]
    found = np.zeros(len(sets), dtype=bool)
    if not len(at):
        return found
    days, first = np.unique(at, return_index=True)
    low, high = np.minimum.reduceat(weight, first), np.maximum.reduceat(weight, first)
    starts, ends = np.searchsorted(days, days - 60), np.searchsorted(days, days + 60, side="right")
    lowest, highest = over_windows(np.fmin, low, starts, ends), over_windows(np.fmax, high, starts, ends)
    bounds = np.append(first, len(at))
    for place in np.flatnonzero((high >= 7.9 * lowest) | (low * 7.9 <= highest)):
        near = np.sort(weight[bounds[starts[place]] : bounds[ends[place]]])
        others = len(near) - 1
        if others < 5:
            continue
        for row in range(bounds[place], bounds[place + 1]):
            own = int(np.searchsorted(near, weight[row]))
            upper = others // 2
            lower = upper if others % 2 else upper - 1
            ratio = weight[row] / ((near[lower + (lower >= own)] + near[upper + (upper >= own)]) / 2)
            found[weighed[row]] = 8 <= ratio <= 12.5 or 0.08 <= ratio <= 0.125
    return found


def over_windows(function: np.ufunc, values: Array, starts: Array, ends: Array) -> Array:
    """`function` over values[start:end] of each pair; NaN where that is empty."""
    padded = np.append(values, np.nan)
    result: Array = function.reduceat(padded, np.stack([starts, ends], axis=1).reshape(-1))[::2]
    return np.where(ends > starts, result, np.nan)
