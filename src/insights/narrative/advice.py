"""Recommendations: rows of a catalogue file, offered by what is claimed, allowed by tier and by injured body areas.

A narrator chooses ids among what is offered; code writes the words, with the exercise's name from exercise_variations.
The catalogue (`prompts/recommendations.toml`) holds conditions and sources; the words are the locale's.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypedDict, get_args
from uuid import UUID

from insights.errors import BadSettings
from insights.narrative.claims import Claim
from insights.narrative.contract import RECOMMENDATION_IDS
from insights.narrative.facts import Lift

Slot = Literal["lift", "variation"]

OPTIONS_MAX: Final = 3  # more than three options are no advice (convention)
_SLOT: Final = re.compile(r"\{([a-z]+)\}")
_NAME_MAX: Final = 80  # characters: with a longer name the text of a recommendation is no sentence any more


@dataclass(frozen=True, slots=True)
class Advice:
    """A row: for which lead claims (metric.direction) it is offered, to which tiers, what it loads, where it is from.

    `body_areas` says whose areas it puts load on: the lift's, the variation's, or nobody's (then it is no exercise
    advice). `not_after_deload`: senseless right after a deload week.
    """

    id: str
    claims: frozenset[str]
    tiers: frozenset[str]
    body_areas: tuple[Slot, ...]
    slots: tuple[Slot, ...]
    source: str
    not_after_deload: bool = False


@dataclass(frozen=True, slots=True)
class AdviceCatalogue:
    """The rows in their order, and the body areas that each muscle and movement loads."""

    rows: tuple[Advice, ...]
    areas: Mapping[str, frozenset[str]]

    @classmethod
    def parse(cls, text: str) -> "AdviceCatalogue":
        """The catalogue from the text of its file. Raises BadSettings where it is none."""
        try:
            raw = tomllib.loads(text)
            catalogue = cls(
                tuple(_row(advice_id, row) for advice_id, row in raw["advice"].items()),
                {name: frozenset(areas) for name, areas in raw["body_areas"].items()},
            )
        except (tomllib.TOMLDecodeError, KeyError, TypeError, AttributeError, ValueError) as error:
            raise BadSettings(f"the catalogue of recommendations cannot be used: {error!r}") from error
        if {row.id for row in catalogue.rows} != set(RECOMMENDATION_IDS):
            raise BadSettings(f"the catalogue of recommendations holds exactly {', '.join(RECOMMENDATION_IDS)}")
        return catalogue

    def injured(self, history: object) -> frozenset[str] | None:
        """The injured areas of users.injury_history, `{"areas": [...]}`; None where it cannot be read or names an
        area that the catalogue does not know. No history at all is no injury."""
        if history is None:
            return frozenset()
        if not isinstance(history, Mapping) or not isinstance(areas := history.get("areas"), list):
            return None
        if not all(isinstance(area, str) for area in areas):
            return None
        named = frozenset(area.strip().lower().replace(" ", "_") for area in areas)
        return named if named <= frozenset().union(*self.areas.values()) else None

    def loaded(self, lift: Lift | None) -> frozenset[str] | None:
        """The body areas that a lift loads; None where neither its muscle nor its movement is known."""
        words = [word for word in (lift.movement, lift.muscle) if word] if lift else []
        if not words or any(word not in self.areas for word in words):
            return None
        return frozenset().union(*(self.areas[word] for word in words))


class Given(TypedDict):
    """A recommendation as it is stored: plain JSON. `exercise_id` is that of the variation named in the text."""

    id: str
    text: str
    source: str
    exercise_id: str | None


@dataclass(frozen=True, slots=True)
class Offer:
    """A recommendation that may be given in one insight."""

    advice: Advice
    lift: Lift | None
    variation: Lift | None = None

    @property
    def id(self) -> str:
        """The catalogue's id."""
        return self.advice.id

    def identity(self) -> str:
        """What makes it the same offer on another day."""
        return f"{self.id}:{self.variation.id.hex if self.variation else ''}"

    def words(self, template: str) -> Given:
        """The recommendation in words. Raises KeyError at a slot that the row does not have."""
        names: dict[str, str] = {slot: lift.name for slot in self.advice.slots if (lift := self._of(slot))}
        text = _SLOT.sub(lambda slot: names[slot[1]], template)
        exercise_id = str(self.variation.id) if self.variation else None
        return Given(id=self.id, text=text, source=self.advice.source, exercise_id=exercise_id)

    def _of(self, slot: Slot) -> Lift | None:
        return self.lift if slot == "lift" else self.variation


@dataclass(frozen=True, slots=True)
class Counsel:
    """What decides which recommendations a user may get.

    `injuries` is users.injury_history as stored; `variations` are those of each lift in exercise_variations.
    """

    catalogue: AdviceCatalogue
    tier: str
    injuries: object = None
    variations: Mapping[UUID, Sequence[Lift]] = field(default_factory=dict)

    def offers(self, lead: Claim, *, deloaded: bool, turn: int) -> tuple[Offer, ...]:
        """What may be recommended beside a lead claim; the variation is the next one at the next turn."""
        found = (self._offer(row, lead, turn) for row in self.catalogue.rows if not (deloaded and row.not_after_deload))
        return tuple(offer for offer in found if offer is not None)

    def _offer(self, row: Advice, lead: Claim, turn: int) -> Offer | None:
        if f"{lead.metric}.{lead.direction}" not in row.claims or self.tier not in row.tiers:
            return None
        if "lift" in row.slots and (lead.lift is None or len(lead.lift.name) > _NAME_MAX):
            return None
        if "lift" in row.body_areas and not self._spares(lead.lift):
            return None
        if "variation" not in row.slots:
            return Offer(row, lead.lift)
        others = self.variations.get(lead.lift.id, ()) if lead.lift else ()
        named = sorted((v for v in others if len(v.name) <= _NAME_MAX), key=lambda v: (v.name, v.id))
        fit = [v for v in named if "variation" not in row.body_areas or self._spares(v)]
        return Offer(row, lead.lift, fit[turn % len(fit)]) if fit else None

    def _spares(self, lift: Lift | None) -> bool:
        """Whether a lift leaves every injured area alone. What is not known to be spared is not."""
        injured = self.catalogue.injured(self.injuries)
        if injured is None:
            return False
        loaded = self.catalogue.loaded(lift)
        return not injured or (loaded is not None and not injured & loaded)


def _row(advice_id: str, raw: dict[str, Any]) -> Advice:
    row = Advice(
        id=advice_id,
        claims=frozenset(raw["claims"]),
        tiers=frozenset(raw["tiers"]),
        body_areas=tuple(raw["body_areas"]),
        slots=tuple(raw["slots"]),
        source=raw["source"],
        not_after_deload=raw.get("not_after_deload", False),
    )
    known = set(get_args(Slot))
    if not row.claims or not row.tiers or not row.source or not {*row.body_areas, *row.slots} <= known:
        raise ValueError(f"{advice_id} lacks claims, tiers or a source, or names a slot that does not exist")
    return row
