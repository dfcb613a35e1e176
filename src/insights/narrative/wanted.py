"""One insight to be told: what the plan decides and what every narrator, the verifier and the renderer work on."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal
from uuid import UUID

from insights.ids import word
from insights.narrative.advice import Offer
from insights.narrative.claims import Claim
from insights.narrative.facts import Fact, Lift
from insights.narrative.figures import Voice

InsightType = Literal[
    "weekly_summary", "monthly_review", "strength_progress", "record", "plateau", "balance", "consistency", "recovery"
]
Category = Literal["progress", "plateau", "form", "recovery"]
Chart = Literal["e1rm", "weekly", "monthly", "muscles"]
Grade = Literal["proved", "checked"]

TITLE_MAX: Final = 80
# Characters of a lift's name. With longer ones two records would not fit into one insight; and were they left out, the
# length of a name would change what a model is asked.
NAME_LENGTHS: Final = (1, 60)


@dataclass(frozen=True, slots=True)
class Wanted:
    """One insight to be told. `claims` are c1..cN, the lead first, then by salience; `turn` moves the phrasings on."""

    insight_type: InsightType
    category: Category
    insight_key: str
    period_start: date
    period_end: date
    valid_until: date
    title: str
    claims: tuple[Claim, ...]
    chart: Chart
    input_hash: str
    voice: Voice
    turn: int
    lift: Lift | None = None
    offers: tuple[Offer, ...] = ()
    grade: Grade = "proved"  # what a narrator may write around tokens: set from its prompt

    @property
    def confidence_score(self) -> float:
        """The least confidence among the claims; of those that are cited, once an answer stands (`Rendered`)."""
        return min(claim.confidence for claim in self.claims)

    @property
    def recommendations(self) -> tuple[str, ...]:
        """The ids of the recommendations that may be given."""
        return tuple(offer.id for offer in self.offers)

    def claim(self, claim_id: str) -> Claim | None:
        """The claim of an id, or None."""
        return next((claim for claim in self.claims if claim.id == claim_id), None)

    def fact(self, fact_id: object) -> Fact | None:
        """The fact of a data point's id among the claims', or None."""
        return next((f for claim in self.claims for _, f in claim.facts if f.id == fact_id), None)

    def short_facts(self) -> dict[str, tuple[Fact, Claim]]:
        """The facts by their short ids f1, f2, ..., each with the first claim that holds it."""
        first: dict[UUID, tuple[Fact, Claim]] = {}
        for claim in self.claims:
            for _, fact in claim.facts:
                first.setdefault(fact.id, (fact, claim))
        return {f"f{i}": found for i, found in enumerate(first.values(), 1)}

    def is_newest_record(self, claim: Claim) -> bool:
        """Whether a claim is a record, and no record of the insight is of a later day."""
        days = [other.main.measurement_date for other in self.claims if other.kind == "record"]
        return claim.kind == "record" and claim.main.measurement_date == max(days)

    def most_salient(self) -> tuple[Claim, ...]:
        """The two claims that every telling must hold (one where there is one)."""
        return tuple(sorted(self.claims, key=lambda claim: -claim.salience)[:2])


def pick(choices: Iterable[str], turn: int, *key: str) -> str:
    """One of several phrasings: never by chance, and the next one at the next turn."""
    options = tuple(choices)
    return options[(word(":".join(key)) + turn) % len(options)]
