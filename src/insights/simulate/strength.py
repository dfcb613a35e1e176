"""The truth about a simulated lifter's strength, and the rules by which it shows in a set."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from insights.simulate.person import Person

Floats = npt.NDArray[np.float64]

MOVING_WEEKS = 52  # nobody gains the same per cent for ever: before its last year of movement a lift moves an eighth
SLOW_SHARE = 0.125


@dataclass(frozen=True)
class StrengthPath:
    """The true 1RM of one lift: a line of straight pieces in 100 ln(1RM) over time.

    `knot_days` counts days from `origin` (the last simulated day, so mostly negative numbers), ascending.
    """

    origin: date
    knot_days: tuple[float, ...]
    knot_logs: tuple[float, ...]  # 100 ln(1RM in kg) at the knots

    def one_rm_kg(self, day: date) -> float:
        """The true 1RM of a day, in kilograms (for body-weight lifts: the body's share included)."""
        return float(self.one_rm_at(np.array([(day - self.origin).days], dtype=np.float64))[0])

    def slope_pct_week(self, day: date) -> float:
        """The true slope on a day, in per cent a week (difference of 100 ln); at a knot that of the piece before it."""
        days, logs = np.asarray(self.knot_days), np.asarray(self.knot_logs)
        piece = int(np.clip(np.searchsorted(days, (day - self.origin).days) - 1, 0, len(days) - 2))
        return float((logs[piece + 1] - logs[piece]) / (days[piece + 1] - days[piece]) * 7)

    def one_rm_at(self, days: Floats) -> Floats:
        """The true 1RM in kilograms for days counted from `origin`."""
        result: Floats = np.exp(np.interp(days, self.knot_days, self.knot_logs) / 100)
        return result


def draw_path(rng: np.random.Generator, person: Person, *, last_kg: float, weeks: int, until: date) -> StrengthPath:
    """A path over `weeks` that ends on `until` at `last_kg`.

    Who stalls has had a slope of 0 for 16 to 30 weeks, but for no more than three quarters of the time simulated.
    """
    slope = person.slope_pct_week * float(rng.uniform(0.85, 1.15))
    stalled = min(float(rng.integers(16, 31)), 0.75 * weeks) if person.profile == "stalls" else 0.0
    moving = min(float(MOVING_WEEKS), weeks - stalled)
    pieces = [(stalled, 0.0), (moving, slope), (weeks - stalled - moving, slope * SLOW_SHARE)]
    days, logs = [0.0], [100 * float(np.log(last_kg))]
    for length, piece_slope in pieces:
        if length > 0:
            days.append(days[-1] - 7 * length)
            logs.append(logs[-1] - piece_slope * length)
    return StrengthPath(until, tuple(reversed(days)), tuple(reversed(logs)))


def reps_to_failure(load_kg: Floats, one_rm_kg: Floats, endurance: float) -> Floats:
    """How many repetitions end in failure, not rounded: Epley's rule, shifted so that one repetition is the 1RM.

    1RM = w (1 + endurance (N - 1) / 30). Zero or less: the load cannot be lifted at all.
    """
    return 1 + (one_rm_kg / load_kg - 1) * 30 / endurance


def share_of_one_rm(reps: Floats, endurance: float) -> Floats:
    """The inverse of `reps_to_failure`: the load that allows so many repetitions, as a share of the 1RM."""
    return 1 / (1 + endurance * (reps - 1) / 30)


def felt_rir(rng: np.random.Generator, true_rir: Floats, bias: float) -> Floats:
    """The repetitions in reserve that a lifter believes to have.

    The bias (0.95 repetitions on average, Halperin 2022) grows in from failure, where nobody is wrong, to 4 in
    reserve; the absolute error at 1 to 3 in reserve is about 0.65 (Refalo 2023), and larger where more are left
    (Zourdos 2021).
    """
    error_sd = 0.25 + 0.20 * true_rir
    felt: Floats = true_rir - bias * np.minimum(true_rir / 4, 1) + rng.normal(0, 1, true_rir.shape) * error_sd
    return np.maximum(felt, 0)
