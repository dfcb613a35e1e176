"""From an answer to the text that users read, with the data point behind every figure, date and name.

The literal text of the answer is copied byte for byte; only tokens are replaced, by clauses that code wrote. `check`
then reads every span back and compares it with what is stored.
"""

import unicodedata
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from insights.narrative import figures
from insights.narrative.advice import Given
from insights.narrative.claims import Claim
from insights.narrative.clauses import Span, show, write
from insights.narrative.contract import Answer
from insights.narrative.pieces import FactToken, split, split_checked
from insights.narrative.wanted import TITLE_MAX, Wanted, pick

DESCRIPTION: Final = (120, 600)


@dataclass(frozen=True, slots=True)
class Rendered:
    """One insight in words. Spans are offsets into `description`; confidence is the least of the cited claims."""

    title: str
    description: str
    spans: tuple[Span, ...]
    claim_ids: tuple[str, ...]
    supporting_data_ids: tuple[UUID, ...]
    confidence_score: float
    recommendations: tuple[Given, ...]


def render(wanted: Wanted, answer: Answer) -> Rendered:
    """The answer in words. Raises KeyError at a token that names no claim, or a form that its clause does not have."""
    text = ""
    spans: list[Span] = []
    told: list[Claim] = []  # by clauses, which follow each other
    cited: list[Claim] = []
    for sentence in answer.sentences:
        text += " " if text else ""
        begin = len(text)
        for piece in split_checked(sentence.text) if wanted.grade == "checked" else split(sentence.text):
            if isinstance(piece, str):
                text += piece
                continue
            if isinstance(piece, FactToken):
                fact, holder = wanted.short_facts()[piece.fact_id]
                shown, span = show(fact, holder, piece.view, wanted.voice)
                spans.append(span.moved(len(text)))
                text += shown
                cited.append(holder)
                continue
            claim = wanted.claim(piece.claim_id)
            if claim is None:
                raise KeyError(piece.claim_id)
            capital = len(text) == begin
            written = write(claim, piece.form, wanted.voice, turn=wanted.turn, told=told, capital=capital)
            spans += [span.moved(len(text)) for span in written.spans]
            text += written.text
            told.append(claim)
            cited.append(claim)
    supporting = dict.fromkeys(fact.id for claim in cited for _, fact in claim.facts)
    return Rendered(
        title=wanted.title,
        description=text,
        spans=tuple(spans),
        claim_ids=tuple(dict.fromkeys(claim.id for claim in cited)),
        supporting_data_ids=tuple(supporting),
        confidence_score=min((claim.confidence for claim in cited), default=0.0),
        recommendations=_given(wanted, answer),
    )


def _given(wanted: Wanted, answer: Answer) -> tuple[Given, ...]:
    """The recommendations of an answer in words. Raises KeyError at one that was not offered."""
    offers = {offer.id: offer for offer in wanted.offers}
    texts = wanted.voice.locale.recommendations
    return tuple(offers[name].words(pick(texts[name], wanted.turn, name)) for name in answer.recommendations)


def check(rendered: Rendered, wanted: Wanted) -> list[str]:
    """What is wrong with a rendered insight; empty where every span reads back to what is stored."""
    text = rendered.description
    wrong = [
        f"{text[span.start : span.end]!r} does not read back to its data point"
        for span in rendered.spans
        if not _reads_back(span, text, wanted)
    ]
    covered = {i for span in rendered.spans for i in range(span.start, span.end)}
    if any(is_digit(character) and i not in covered for i, character in enumerate(text)):
        wrong.append("a digit stands outside every span")
    bare_title = rendered.title.replace(wanted.lift.name, "") if wanted.lift else rendered.title
    if any(is_digit(character) for character in bare_title) or len(rendered.title) > TITLE_MAX:
        wrong.append("the title holds a figure or is too long")
    if not DESCRIPTION[0] <= len(text) <= DESCRIPTION[1]:
        wrong.append(f"the text has {len(text)} characters, not {DESCRIPTION[0]} to {DESCRIPTION[1]}")
    return wrong


def is_digit(character: str) -> bool:
    """Whether a character is a digit, letter number or other number in any script (Unicode Nd, Nl, No)."""
    return unicodedata.category(character) in {"Nd", "Nl", "No"}


def _reads_back(span: Span, text: str, wanted: Wanted) -> bool:
    shown, fact = text[span.start : span.end], wanted.fact(span.fact_id)
    if fact is None:
        return False
    if span.kind == "value":
        return figures.same_value(shown, fact, wanted.voice, size=span.sized)
    if span.kind == "name":
        names = {c.lift.name for c in wanted.claims if c.lift and c.lift.id == fact.entity_id}
        return shown in names or (fact.entity is not None and shown == wanted.voice.locale.entity(fact.entity))
    try:
        first, last = figures.parse_window(shown, wanted.voice)
    except ValueError:
        return False
    return (first, last) == (fact.window_start, fact.window_end) or first == last == fact.window_end
