"""Who a simulated lifter is: profile, habits, place, body. Drawn from one generator, known without looking at a set."""

from dataclasses import dataclass

import numpy as np

POUND_KG = 0.45359237

PROFILES = ("progresses", "stalls", "inconsistent", "declines")
EXPERIENCES = ("beginner", "intermediate", "advanced")
TIME_ZONES = (
    "Europe/Berlin", "America/New_York", "Pacific/Auckland", "America/Los_Angeles", "Asia/Kolkata", "Asia/Tokyo",
    "Australia/Sydney", "America/Bogota", "Pacific/Honolulu", "UTC",
)  # fmt: skip


@dataclass(frozen=True)
class Person:
    """What is true of a lifter for the whole time that is simulated. Shares and probabilities are fractions."""

    profile: str  # one of PROFILES
    experience: str  # one of EXPERIENCES
    sessions_per_week: int  # as planned
    units: str  # "kg" or "lb"
    time_zone: str
    body_weight_kg: float  # on the last day
    body_weight_pct_week: float  # its drift
    knows_body_weight: bool
    strength: float  # multiplies the ratios of the lifts
    slope_pct_week: float  # of the true 1RM while it moves
    endurance: float  # repetitions that the lifter loses faster (> 1) or slower (< 1) than Epley's rule
    missed_session: float
    missed_week: float
    session_noise: float  # SD of a session's form, as a share of the 1RM
    mesocycle_weeks: int  # the last week of each is a deload; 0: never
    rpe_share: float  # of the work sets that carry an RPE
    rpe_bias: float  # repetitions that the lifter believes to have left too few, far from failure
    start_minute: int  # of the day, when a session usually starts
    supersets: bool
    dropsets: bool


def draw_person(rng: np.random.Generator, index: int) -> Person:
    """Draw one lifter. The first three are one each who progresses, stalls and is inconsistent; the rest at random.

    The bias of 0.95 repetitions: Halperin 2022.
    """
    profile = PROFILES[index] if index < 3 else str(rng.choice(PROFILES, p=(0.35, 0.30, 0.20, 0.15)))
    experience = str(rng.choice(EXPERIENCES, p=(0.3, 0.5, 0.2)))
    frequency = int(rng.choice((2, 3, 4, 5, 6), p=(0.1, 0.35, 0.3, 0.15, 0.1)))
    missed_session, missed_week, noise = _steadiness(profile)
    return Person(
        profile=profile,
        experience=experience,
        sessions_per_week=frequency,
        units="lb" if rng.random() < 0.35 else "kg",
        time_zone=str(rng.choice(TIME_ZONES)),
        body_weight_kg=float(np.clip(rng.normal(78, 13), 48, 130)),
        body_weight_pct_week=float(rng.normal(0, 0.05)),
        knows_body_weight=bool(rng.random() < 0.6),
        strength={"beginner": 0.65, "intermediate": 0.9, "advanced": 1.1}[experience] * float(rng.uniform(0.85, 1.15)),
        slope_pct_week=_slope(rng, profile, experience),
        endurance=float(np.clip(rng.normal(1.1, 0.1), 0.8, 1.4)),
        missed_session=missed_session,
        missed_week=missed_week,
        session_noise=noise,
        mesocycle_weeks=int(rng.choice((0, 5, 6, 8), p=(0.25, 0.25, 0.3, 0.2))),
        rpe_share=0.95 if index < 3 else float(rng.choice((0.95, 0.5, 0.0), p=(0.6, 0.25, 0.15))),
        rpe_bias=float(np.clip(rng.normal(0.95, 0.4), 0.0, 2.0)),
        start_minute=int(rng.choice((6 * 60 + 30, 12 * 60, 18 * 60))),
        supersets=bool(rng.random() < 0.5),
        dropsets=bool(rng.random() < 0.5),
    )


def _steadiness(profile: str) -> tuple[float, float, float]:
    """Missed sessions, missed weeks, and the SD of a session's form."""
    return (0.30, 0.15, 0.030) if profile == "inconsistent" else (0.06, 0.02, 0.012)


def _slope(rng: np.random.Generator, profile: str, experience: str) -> float:
    """Per cent a week. Who is inconsistent goes nowhere; the others move by what their experience allows."""
    if profile == "inconsistent":
        return float(rng.uniform(-0.1, 0.15))
    low, high = {"beginner": (0.8, 1.4), "intermediate": (0.5, 0.9), "advanced": (0.35, 0.6)}[experience]
    return float(rng.uniform(low, high)) * (-1.0 if profile == "declines" else 1.0)
