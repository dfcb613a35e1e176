"""The lifts that simulated lifters train, and the weekly splits made of them.

Strength levels are typical ratios of a trained lifter's 1RM to the body weight (strength standards of common
calculators, rounded); they only have to be plausible, the truth is drawn around them. Loads are what a lifter types:
one dumbbell, the pin of a machine.
"""

from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class TrainedLift:
    """One lift: how it is loaded, how strong a trained lifter is in it, and how it is trained."""

    title: str
    kind: str  # one of frames.LOAD_KINDS
    ratio: float  # 1RM of a trained lifter / body weight; for timed lifts the seconds that are held
    step_kg: float = 2.5
    step_lb: float = 5.0
    least_steps: int = 1  # the lightest load, in steps: the empty bar, the first plate
    warmups: int = 0
    share: float = 0.0  # of the body weight that is lifted
    reps: tuple[int, ...] = (8, 10, 12)  # targets, in turn from week to week
    sets: int = 3
    timed: bool = False
    own_name: str | None = None  # what a lifter calls it who spells lifts in a way of his own


def _barbell(title: str, ratio: float, reps: tuple[int, ...] = (5, 8, 6), warmups: int = 2) -> TrainedLift:
    # The empty bar weighs 20 kg, or 45 lb: eight steps, or nine; nobody loads less than eight of either.
    return TrainedLift(title, "free", ratio, least_steps=8, warmups=warmups, reps=reps)


def _dumbbell(title: str, ratio: float, own_name: str | None = None) -> TrainedLift:
    return TrainedLift(title, "free", ratio, reps=(10, 12, 8), own_name=own_name)


def _machine(title: str, ratio: float, own_name: str | None = None) -> TrainedLift:
    return TrainedLift(
        title, "machine", ratio, step_kg=5.0, step_lb=10.0, warmups=1, reps=(10, 12, 8), own_name=own_name
    )


LIFTS = MappingProxyType(
    {
        lift.title: lift
        for lift in (
            _barbell("Squat (Barbell)", 1.45),
            _barbell("Bench Press (Barbell)", 1.10),
            _barbell("Deadlift (Barbell)", 1.75, reps=(3, 5, 4)),
            _barbell("Overhead Press (Barbell)", 0.70),
            _barbell("Bent Over Row (Barbell)", 1.00, reps=(8, 10, 6), warmups=1),
            _barbell("Romanian Deadlift (Barbell)", 1.35, reps=(8, 10, 8), warmups=1),
            _dumbbell("Incline Bench Press (Dumbbell)", 0.42),
            _dumbbell("Bicep Curl (Dumbbell)", 0.26),
            _dumbbell("Lateral Raise (Dumbbell)", 0.19, own_name="Raises like my brother does them"),
            _machine("Lat Pulldown (Cable)", 0.95),
            _machine("Triceps Pushdown", 0.55),
            _machine("Leg Press (Machine)", 2.60),
            _machine("Leg Extension (Machine)", 0.95),
            _machine("Seated Leg Curl (Machine)", 0.85, own_name="Curl machine by the window"),
            _machine("Standing Calf Raise (Machine)", 1.50),
            TrainedLift("Pull Up", "bodyweight", 1.35, share=1.0, reps=(6, 8, 5)),
            TrainedLift("Push Up", "bodyweight", 1.05, share=0.66, reps=(15, 20, 12)),
            TrainedLift("Pull Up (Assisted)", "assisted", 0.95, step_kg=5.0, step_lb=10.0, share=1.0),
            TrainedLift("Plank", "bodyweight", 80.0, timed=True),
        )
    }
)

Workout = tuple[str, tuple[str, ...]]  # its name, and its lifts in the order of training

_PRESSES = ("Bench Press (Barbell)", "Overhead Press (Barbell)", "Incline Bench Press (Dumbbell)")
_UPPER = ("Bench Press (Barbell)", "Bent Over Row (Barbell)", "Overhead Press (Barbell)")
_LOWER = ("Squat (Barbell)", "Romanian Deadlift (Barbell)", "Leg Press (Machine)")
_SMALL = ("Triceps Pushdown", "Lateral Raise (Dumbbell)", "Push Up")
_PULLS = ("Deadlift (Barbell)", "Bent Over Row (Barbell)", "Pull Up", "Lat Pulldown (Cable)")

_FULL_A = ("Squat (Barbell)", *_UPPER[:2], "Pull Up (Assisted)", "Lateral Raise (Dumbbell)", "Plank")
_FULL_B = (
    "Deadlift (Barbell)",
    *_PRESSES[:2],
    "Pull Up",
    "Seated Leg Curl (Machine)",
    "Bicep Curl (Dumbbell)",
    "Push Up",
)
_UPPER_A = (*_UPPER, "Pull Up", "Bicep Curl (Dumbbell)", "Triceps Pushdown")
_UPPER_B = (_PRESSES[0], "Lat Pulldown (Cable)", _PRESSES[2], "Pull Up (Assisted)", *_SMALL[1:])
_LOWER_A = (*_LOWER, "Seated Leg Curl (Machine)", "Standing Calf Raise (Machine)", "Plank")
_LOWER_B = ("Deadlift (Barbell)", "Squat (Barbell)", "Leg Extension (Machine)", "Seated Leg Curl (Machine)", "Plank")
_PULL = (*_PULLS, "Bicep Curl (Dumbbell)", "Pull Up (Assisted)")
_LEGS = (*_LOWER, "Leg Extension (Machine)", "Seated Leg Curl (Machine)", "Plank")

SPLITS: tuple[tuple[Workout, ...], ...] = (
    (("Full Body A", _FULL_A), ("Full Body B", _FULL_B)),  # two or three sessions a week
    (("Upper A", _UPPER_A), ("Lower A", _LOWER_A), ("Upper B", _UPPER_B), ("Lower B", _LOWER_B)),  # four
    (("Push", (*_PRESSES, *_SMALL)), ("Pull", _PULL), ("Legs", _LEGS)),  # five or six
)


def split_for(sessions_per_week: int) -> tuple[Workout, ...]:
    """The workouts that a lifter with this many sessions a week takes in turn."""
    return SPLITS[0 if sessions_per_week <= 3 else 1 if sessions_per_week == 4 else 2]
