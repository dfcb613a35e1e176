"""What can be said: a claim binds facts to a kind, a direction and a certainty. All arithmetic on facts ends here.

Salience and confidence follow one rule each, so that no narrator weighs anything by itself.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal

from insights.narrative.facts import Fact, Lift

Kind = Literal[
    "record", "plateau", "trend", "compare", "balance", "association", "consistency", "load", "level", "insufficient"
]
Valence = Literal["positive", "neutral", "negative"]

# How much a kind weighs in the order of telling (convention).
WEIGHTS: Final[dict[Kind, float]] = {
    "record": 1.0,
    "plateau": 0.9,
    "trend": 0.8,
    "compare": 0.6,
    "balance": 0.5,
    "association": 0.45,
    "consistency": 0.4,
    "load": 0.35,
    "level": 0.3,
    "insufficient": 0.2,
}
TREND_CONFIDENCE_MAX: Final = 0.99
TREND_CONFIDENCE_MIN: Final = 0.95  # the level of the trend's own test, where no p-value is stored
PLATEAU_CONFIDENCE: Final = 0.95
LEVEL_CONFIDENCE_MIN: Final = 0.20  # below this a level is not cited
NOISE: Final = 0.10  # a week or month within a tenth of the usual is in line with it (convention)
FRESH: Final = timedelta(days=21)  # a claim about another window than a week or month must have ended this lately


@dataclass(frozen=True, slots=True)
class Claim:
    """One thing that the facts show. `facts` are named by their role in the clause; the first is what it is about.

    `metric` and `direction` name the clause in the locale. `open_window` marks facts whose window ends wherever as_of
    stands: their window is no part of the claim's identity.
    """

    kind: Kind
    metric: str
    direction: str
    facts: tuple[tuple[str, Fact], ...]
    confidence: float
    salience: float
    lift: Lift | None = None
    valence: Valence = "neutral"
    open_window: bool = False
    decided: bool = True
    id: str = ""

    @property
    def main(self) -> Fact:
        """The fact that the claim is about."""
        return self.facts[0][1]

    @property
    def subject(self) -> str:
        """What "it" would stand for: claims with the same subject may follow each other with a pronoun."""
        about = self.lift.id.hex if self.lift else (self.main.entity or "")
        return f"{self.metric.partition('_')[0] if self.open_window else self.metric}:{about}"

    def fact(self, role: str) -> Fact:
        """The fact in a role. Raises KeyError where the claim has none."""
        return dict(self.facts)[role]

    def identity(self) -> list[object]:
        """What makes this claim the same claim on another day, as plain JSON values."""
        facts = [
            [role, f.data_type, f.text_value, None if f.numeric_value is None else f"{f.numeric_value:.6f}"]
            + ([] if self.open_window else [f.window_start.isoformat(), f.window_end.isoformat()])
            for role, f in self.facts
        ]
        return [self.kind, self.metric, self.direction, self.lift.id.hex if self.lift else self.main.entity, facts]


def make(
    kind: Kind,
    metric: str,
    direction: str,
    facts: Iterable[tuple[str, Fact | None]],
    *,
    lift: Lift | None = None,
    valence: Valence = "neutral",
    confidence: float | None = None,
    effect: float = 1.0,
    open_window: bool = False,
    decided: bool = True,
) -> Claim:
    """A claim with its confidence and salience.

    Absent facts are left out. `effect` is |effect| / (2 MDC), 1 where there is no MDC. The confidence is by default the
    least of the facts' own: for records and counts the share of the sets behind them that raise no suspicion.
    """
    present = tuple((role, fact) for role, fact in facts if fact is not None)
    if confidence is None:
        confidence = min([1.0, *(f.confidence_score for _, f in present if f.confidence_score is not None)])
    return Claim(
        kind=kind,
        metric=metric,
        direction=direction,
        facts=present,
        confidence=max(0.0, min(1.0, confidence)),
        salience=min(1.0, abs(effect)) * WEIGHTS[kind],
        lift=lift,
        valence=valence,
        open_window=open_window,
        decided=decided,
    )


def compared(value: float, usual: float) -> str:
    """The direction of a value against what is usual: up, down, or level within the noise."""
    if abs(value - usual) <= NOISE * abs(usual):
        return "level"
    return "up" if value > usual else "down"


def input_hash(claims: Iterable[Claim], *context: str) -> str:
    """The hash of what an insight says, without the day on which it is said: SHA-256, hexadecimal."""
    text = json.dumps([list(context), [claim.identity() for claim in claims]], separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
