"""Kilograms or pounds: what a log without a unit was written in.

An app that keeps kilograms and writes pounds prints 44.0924... for 20 kg. Such weights become multiples of half a
kilogram when they are read as pounds, and are none as they stand. A lifter's own pounds (45, 135, 225) cannot be told
by that; barbell weights that nearly all end in 5 are no proof either, but reason enough to ask.
"""

from collections.abc import Iterable, Sequence
from typing import Literal

from insights.files.values import KG_PER_LB

Found = Literal["kg", "lb", "unclear"]

STEP = 0.5
TOLERANCE = 0.012  # of the unit read into: exports round to two decimals
MANY = 0.80
FEW = 0.20
ENOUGH = 20  # barbell weights before their last digits say anything
HEAVY = 45.0  # the empty bar in pounds


def on_steps(weights: Iterable[float], factor: float) -> float:
    """The share of the weights, zeros apart, that are multiples of 0.5 after multiplication; 0 of none."""
    loads = [weight * factor / STEP for weight in weights if weight]
    near = sum(abs(load - round(load)) * STEP <= TOLERANCE for load in loads)
    return near / len(loads) if loads else 0.0


def found_unit(weights: Sequence[float], barbell: Sequence[float] = ()) -> Found:
    """The unit of weights as typed; `barbell` are those of barbell lifts.

    Pounds: at least 80 % of the weights are multiples of 0.5 kg when read as pounds, and less than 20 % as kilograms.
    Unclear: neither reading fits, or the barbell weights look like plates of 45 lb.
    """
    typed = [weight for weight in weights if weight]
    as_kg, as_lb = on_steps(typed, 1.0), on_steps(typed, KG_PER_LB)
    if as_lb >= MANY and as_kg < FEW:
        return "lb"
    if on_steps(typed, 1 / KG_PER_LB) >= MANY and as_kg < FEW:
        return "kg"  # pounds that the app has turned into kilograms
    if typed and as_kg < 0.5:
        return "unclear"
    return "unclear" if _pound_plates(barbell) else "kg"


def _pound_plates(barbell: Sequence[float]) -> bool:
    """Whether barbell weights are what a 45 lb bar and pound plates give: nearly all whole fives, most ending in 5."""
    heavy = [weight for weight in barbell if weight >= HEAVY]
    if len(heavy) < ENOUGH:
        return False
    fives = sum(weight % 5 == 0 for weight in heavy) / len(heavy)
    ends_in_5 = sum(weight % 10 == 5 for weight in heavy) / len(heavy)
    return fives >= 0.95 and ends_in_5 >= 0.6
