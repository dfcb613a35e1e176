"""Why a set does not count: the vocabulary of verdicts, each with its one-line definition.

A verdict is `COUNTED` or one of `REASONS`. Of several reasons that apply, the first in the order below is given; the
reasons of `EVERY_USE` hold for all four uses alike, the others for the uses that name them.
"""

from typing import Final

COUNTED: Final = "counted"

# The uses, as columns of JudgedSets.
USES: Final = ("tonnage", "hard_set", "one_rm", "records")

EVERY_USE: Final[dict[str, str]] = {
    "not_started": "Its session was planned but never started.",
    "not_a_number": "The weight is not a finite number.",
    "beyond_limits": "More than 600 kg (1,500 kg on a machine), 1,000 reps or 6 hours: nobody did this.",
    "cardio": "Cardio work, which is no strength training.",
    "mobility": "Mobility work or a general warm-up, whatever type the log gave it.",
    "warmup": "A warm-up set; it is summed apart.",
    "no_reps": "Neither a repetition nor a duration was logged.",
    "typo": "About ten times, or a tenth, of what is usual for this lift within 60 days: a misplaced decimal point.",
}

BY_USE: Final[dict[str, str]] = {
    "timed": "An isometric or timed set: it has a duration instead of repetitions.",
    "short_hold": "An isometric or timed set shorter than 10 seconds, or of unknown duration.",
    "low_effort": "An RPE below 6.",
    "extended_set": "A drop set, mechanical drop, rest-pause or cluster row: the fatigue before it hides the maximum.",
    "tempo_set": "Slowed on purpose.",
    "partial_range": "Not through the full range of motion.",
    "negative_set": "Lowering only; it is summed apart.",
    "assisted_set": "A partner helped.",
    "negative_weight": "A negative weight on a lift that knows no assistance.",
    "band": "A band has no weight in kilograms.",
    "no_weight": "No weight was logged, or the assistance left nothing to lift.",
    "no_body_weight": "Body weight is part of the load, and it (or its share) is not known on this day.",
    "no_unassisted_reps": "Every repetition was assisted.",
    "contradictory_effort": "Logged as a failure with an RPE below 9: one of the two is wrong.",
    "too_many_reps": "More than 12 repetitions to failure: no formula holds there.",
}

# Left out because the weight, the reps or the duration cannot be right: such sets lower the trust in what is told.
DOUBTS: Final = ("not_a_number", "beyond_limits", "typo", "negative_weight")

REASONS: Final[dict[str, str]] = EVERY_USE | BY_USE
VERDICTS: Final = (COUNTED, *REASONS)
