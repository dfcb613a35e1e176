"""When a simulated lifter trains: days, clock, deload weeks, and the fatigue that one session leaves to the next."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from insights.simulate.person import Person
from insights.simulate.strength import Floats

WEEKDAYS = {2: (0, 3), 3: (0, 2, 4), 4: (0, 1, 3, 4), 5: (0, 1, 2, 4, 5), 6: (0, 1, 2, 3, 4, 5)}  # 0: Monday

# Fatigue, as a share of the 1RM: what one session leaves, and how it fades. Four sessions a week level off near 2 %.
SESSION_FATIGUE = 0.007
FATIGUE_DAYS = 5.0
DELOAD_FATIGUE_SHARE = 0.3


@dataclass(frozen=True)
class Sessions:
    """The sessions of one lifter, ascending in time; one entry a session in every array."""

    days: npt.NDArray[np.int64]  # from the last simulated day: 0, or negative
    weekdays: npt.NDArray[np.int64]
    weeks: npt.NDArray[np.int64]  # from the first simulated week, 0 ...
    start_minutes: npt.NDArray[np.int64]  # of the day
    deload: npt.NDArray[np.bool_]
    form: Floats  # the share of the true 1RM that is there on the day

    def __len__(self) -> int:
        return len(self.days)


def draw_sessions(rng: np.random.Generator, person: Person, *, weeks: int, until: date, leap_day: bool) -> Sessions:
    """The sessions of the `weeks` that end with `until`; at least one. `leap_day` adds every 29 February among them."""
    days = np.arange(1 - 7 * weeks, 1)
    weekdays = (days + until.weekday()) % 7
    week_of = (days + 7 * weeks - 1) // 7
    missed_weeks = rng.random(weeks) < person.missed_week
    wanted = np.isin(weekdays, WEEKDAYS[person.sessions_per_week])
    trained = wanted & ~missed_weeks[week_of] & (rng.random(len(days)) >= person.missed_session)
    if not trained.any():
        trained[rng.integers(len(days))] = True
    if leap_day:
        trained |= np.array([_is_leap_day(until + timedelta(days=int(day))) for day in days])
    start = np.clip(person.start_minute + rng.normal(0, 35, len(days)), 5 * 60, 21 * 60).astype(np.int64)
    noise = rng.normal(0, person.session_noise, len(days))

    days, week_of, start, weekdays = days[trained], week_of[trained], start[trained], weekdays[trained]
    meso = person.mesocycle_weeks
    deload = (week_of % meso == meso - 1) if meso else np.zeros(len(days), dtype=np.bool_)
    form = (1 - fatigue(days, deload)) * (1 + noise[trained])
    return Sessions(days, weekdays, week_of, start, deload, form)


def fatigue(days: npt.NDArray[np.int64], deload: npt.NDArray[np.bool_]) -> Floats:
    """The fatigue at the start of each session, as a share of the 1RM: every session adds some, and it fades."""
    left = np.zeros(len(days))
    for i in range(1, len(days)):
        added = SESSION_FATIGUE * (DELOAD_FATIGUE_SHARE if deload[i - 1] else 1.0)
        left[i] = (left[i - 1] + added) * np.exp(-(days[i] - days[i - 1]) / FATIGUE_DAYS)
    return left


def _is_leap_day(day: date) -> bool:
    return day.month == 2 and day.day == 29
