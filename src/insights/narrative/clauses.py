"""Claims in words: each token becomes a clause in one of several phrasings, with a span around every figure and name.

The phrasing is chosen by code from the claim and the insight's turn, so that it varies from week to week and is the
same whenever it is rendered again.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, Literal
from uuid import UUID

from insights.narrative import figures
from insights.narrative.claims import Claim
from insights.narrative.facts import Fact
from insights.narrative.figures import Voice
from insights.narrative.locale import Clause
from insights.narrative.pieces import Form, View
from insights.narrative.wanted import pick

SpanKind = Literal["value", "date", "name"]

_SLOT: Final = re.compile(r"\{([a-z]+)(?:\.([a-z]+))?\}")


@dataclass(frozen=True, slots=True)
class Span:
    """Where a figure, date or name stands, and the data point behind it. `sized`: the words around carry the sign."""

    start: int
    end: int
    fact_id: UUID
    kind: SpanKind
    sized: bool = False

    def moved(self, by: int) -> "Span":
        """The span in a text that begins so many characters earlier."""
        return replace(self, start=self.start + by, end=self.end + by)


@dataclass(frozen=True, slots=True)
class Written:
    """A rendered clause: its text and the spans in it."""

    text: str
    spans: tuple[Span, ...]


def follows(claim: Claim, told: Sequence[Claim]) -> bool:
    """Whether the text has named what a claim is about: its lift just before, or anywhere before its window."""
    if claim.lift is not None:
        return bool(told) and told[-1].lift == claim.lift
    return any(before.lift is None and _window(before) == _window(claim) for before in told)


def _window(claim: Claim) -> tuple[date, date]:
    return claim.main.window_start, claim.main.window_end


def phrasings(clause: Clause, form: Form, *, again: bool) -> tuple[str, ...]:
    """The phrasings of a clause in a form; empty where the form does not exist."""
    if form == "it":
        return clause.it
    if form == "noun":
        return clause.noun
    return clause.again if again else clause.named


def write(claim: Claim, form: Form, voice: Voice, *, turn: int, told: Sequence[Claim], capital: bool) -> Written:
    """A claim as a clause. `told` are the claims told before it; `capital` starts a sentence.

    Raises KeyError where the locale holds no such clause, form or slot.
    """
    options = phrasings(voice.locale.clauses[claim.metric, claim.direction], form, again=follows(claim, told))
    if not options:
        raise KeyError(f"{claim.metric} has no form {form}")
    return fill(pick(options, turn, claim.metric, form), claim, voice, capital=capital)


def fill(template: str, claim: Claim, voice: Voice, *, capital: bool) -> Written:
    """A phrasing with its slots filled from the claim's facts. Raises KeyError at a slot that the claim lacks."""
    text, spans, read = "", [], 0
    for slot in _SLOT.finditer(template):
        text += template[read : slot.start()]
        shown, span = _slot(slot[1], slot[2] or "", claim, voice)
        spans.append(replace(span, start=len(text), end=len(text) + len(shown)))
        text, read = text + shown, slot.end()
    text += template[read:]
    starts_with_name = bool(spans) and spans[0].start == 0 and spans[0].kind == "name"
    if capital and not starts_with_name:
        text = text[:1].upper() + text[1:]
    return Written(text, tuple(spans))


def show(fact: Fact, claim: Claim, view: View, voice: Voice) -> tuple[str, Span]:
    """One fact alone, for a fact token: its value with unit, its exercise or muscle, or its day or window.

    Raises KeyError where the fact has no such thing.
    """
    if view == "value" and fact.numeric_value is not None:
        shown = figures.quantity(fact, voice)
        return shown, Span(0, len(shown), fact.id, "value")
    if view == "when":
        shown = figures.window_text(fact.window_start, fact.window_end, voice)
        return shown, Span(0, len(shown), fact.id, "date")
    if view == "exercise" and claim.lift is not None and fact.entity_id == claim.lift.id:
        return claim.lift.name, Span(0, len(claim.lift.name), fact.id, "name")
    if view == "exercise" and fact.entity is not None:
        shown = voice.locale.entity(fact.entity)
        return shown, Span(0, len(shown), fact.id, "name")
    raise KeyError(f"{fact.data_type} has no {view}")


def _slot(name: str, view: str, claim: Claim, voice: Voice) -> tuple[str, Span]:
    """What a slot shows, and its span at offset 0."""
    if name == "lift" and claim.lift is not None:
        return claim.lift.name, Span(0, 0, claim.main.id, "name")
    if name == "entity" and claim.main.entity:
        return voice.locale.entity(claim.main.entity), Span(0, 0, claim.main.id, "name")
    fact = claim.fact(name)
    if view in _VALUE_VIEWS:
        sized = view.startswith("size")
        shown = (figures.number if view.endswith("bare") else figures.quantity)(fact, voice, size=sized)
        return shown, Span(0, 0, fact.id, "value", sized=sized)
    return _DATE_VIEWS[view](fact, voice), Span(0, 0, fact.id, "date")


_VALUE_VIEWS: Final = frozenset({"", "bare", "size", "sizebare"})
_DATE_VIEWS: Final[dict[str, Callable[[Fact, Voice], str]]] = {
    "day": lambda fact, voice: figures.day_text(fact.window_end, voice),
    "window": lambda fact, voice: figures.window_text(fact.window_start, fact.window_end, voice),
    "month": lambda fact, voice: figures.month_text(fact.window_start, voice),
}
