"""The grade `checked`: a model's own words around clause tokens and fact tokens, held against a deny-list.

No number comes from the model here either: digits stand in tokens alone. But what its words claim about a number is
only looked over, not proved; the grade is stored on the insight and says so.
"""

import string
from itertools import pairwise
from typing import Final

from insights.narrative.advice import OPTIONS_MAX
from insights.narrative.claims import Claim
from insights.narrative.contract import SENTENCES, TEXT_MAX, Answer, Sentence
from insights.narrative.denied import DenyList, words_of
from insights.narrative.facts import Fact
from insights.narrative.pieces import FactToken, Token, View, split_checked
from insights.narrative.wanted import Wanted

_ALLOWED: Final = frozenset(string.ascii_letters + " ,.;:'()-")
_NAME_WORD_MIN: Final = 4  # letters: shorter words of a lift's name ("arm", "bar") are everyday words too


def reasons(answer: Answer, wanted: Wanted, denied: DenyList | None) -> list[str]:
    """Why an answer may not be published in this grade; empty where it may. Fit to be told to the narrator."""
    if denied is None:
        return ["the grade checked needs a deny-list, and none was handed in"]
    wrong = []
    if not SENTENCES[0] <= len(answer.sentences) <= SENTENCES[1]:
        wrong.append(f"there must be {SENTENCES[0]} to {SENTENCES[1]} sentences, not {len(answer.sentences)}")
    pieces = [piece for sentence in answer.sentences for piece in split_checked(sentence.text)]
    clauses = [piece.claim_id for piece in pieces if isinstance(piece, Token)]
    told = {*clauses, *_claims_of(pieces, wanted)}
    if len(clauses) != len(set(clauses)):
        wrong.append("a claim's clause is told twice")
    missing = [claim.id for claim in wanted.most_salient() if claim.id not in told]
    if missing:
        wrong.append(f"the most important claims are not told: {', '.join(missing)}")
    claims = [claim for claim in wanted.claims if claim.id in told]
    if len(claims) > 1 and any(not claim.decided for claim in claims) and any(claim.decided for claim in claims):
        wrong.append("an undecided claim stands only alone")
    wrong += _pronouns(pieces, wanted)
    if sum(not _tokens(sentence) for sentence in answer.sentences) > 1:
        wrong.append("more than one sentence holds no token")
    if not set(answer.recommendations) <= set(wanted.recommendations):
        wrong.append("a recommendation is not among those offered")
    if len(answer.recommendations) > OPTIONS_MAX or len(answer.recommendations) != len(set(answer.recommendations)):
        wrong.append("a recommendation is given twice, or too many are")
    for number, sentence in enumerate(answer.sentences, 1):
        wrong += [f"sentence {number}: {reason}" for reason in _sentence(sentence, wanted, denied)]
    return wrong


def _sentence(sentence: Sentence, wanted: Wanted, denied: DenyList) -> list[str]:
    text, pieces = sentence.text, split_checked(sentence.text)
    literals = [piece for piece in pieces if isinstance(piece, str)]
    wrong = _tokens_that_do_not_exist(pieces, wanted)
    cited = {piece.claim_id for piece in pieces if isinstance(piece, Token)} | _claims_of(pieces, wanted)
    if set(sentence.cites) != cited or len(sentence.cites) != len(set(sentence.cites)):
        wrong.append("cites are not exactly the claims of its tokens and of its facts")
    if len(text) > TEXT_MAX or not text.endswith(".") or text[:1].islower() or text[:1] == " ":
        wrong.append(
            f"a sentence begins with a capital or a token, ends with a full stop, has at most {TEXT_MAX} letters"
        )
    strange = sorted({character for literal in literals for character in literal} - _ALLOWED)
    if strange:
        wrong.append(f"holds {' '.join(map(ascii, strange))} outside tokens")
    # A token parts words, or "th{c1}irty" would be none; so each literal is read by itself, and then all in a row.
    found = {hit for literal in [*literals, " ".join(literals)] for hit in denied.find(literal)}
    wrong += [f"{word!r} ({kind}) may not stand outside tokens" for kind, word in sorted(found)]
    if _starts_with_a_muscle(pieces, wanted):
        wrong.append("a sentence does not begin with the name of a muscle, which has no capital")
    if any(_touches(left, right) for left, right in pairwise(pieces)):
        wrong.append("a token touches a word")
    names = {word for claim in wanted.claims if claim.lift for word in words_of(claim.lift.name)}
    named = sorted(names & {w for literal in literals for w in words_of(literal) if len(w) >= _NAME_WORD_MIN})
    wrong += [f"{word!r} is part of an exercise's name" for word in named]
    return wrong


def _pronouns(pieces: list[str | Token | FactToken], wanted: Wanted) -> list[str]:
    """The clauses with the subject "it" that have nothing just before them that it could stand for."""
    wrong, facts = [], wanted.short_facts()
    before: Claim | None = None
    for piece in pieces:
        if isinstance(piece, Token):
            claim = wanted.claim(piece.claim_id)
            if claim and piece.form == "it" and (before is None or before.subject != claim.subject):
                wrong.append(f"{{{claim.id}.it}} has nothing just before it that it could stand for")
            before = claim
        elif isinstance(piece, FactToken) and piece.fact_id in facts:
            before = facts[piece.fact_id][1]
    return wrong


def _starts_with_a_muscle(pieces: list[str | Token | FactToken], wanted: Wanted) -> bool:
    first = pieces[1] if len(pieces) > 1 and not pieces[0] else None
    if not isinstance(first, FactToken) or first.view != "exercise":
        return False
    fact, _ = wanted.short_facts().get(first.fact_id, (None, None))
    return fact is not None and fact.entity is not None


def _touches(left: str | Token | FactToken, right: str | Token | FactToken) -> bool:
    if isinstance(left, str) and not isinstance(right, str):
        return left[-1:].isalpha()
    return isinstance(right, str) and not isinstance(left, str) and right[:1].isalpha()


def _tokens(sentence: Sentence) -> list[Token | FactToken]:
    return [piece for piece in split_checked(sentence.text) if not isinstance(piece, str)]


def _claims_of(pieces: list[str | Token | FactToken], wanted: Wanted) -> set[str]:
    """The claims whose facts are shown by fact tokens."""
    facts = wanted.short_facts()
    return {facts[p.fact_id][1].id for p in pieces if isinstance(p, FactToken) and p.fact_id in facts}


def _tokens_that_do_not_exist(pieces: list[str | Token | FactToken], wanted: Wanted) -> list[str]:
    facts, wrong = wanted.short_facts(), []
    for piece in pieces:
        if isinstance(piece, Token):
            claim = wanted.claim(piece.claim_id)
            clause = wanted.voice.locale.clauses[claim.metric, claim.direction] if claim else None
            if clause is None or (piece.form != "sentence" and not getattr(clause, piece.form)):
                wrong.append(f"there is no {{{piece.claim_id}}} in the form {piece.form}")
        elif isinstance(piece, FactToken):
            known = facts.get(piece.fact_id)
            if known is None or not _has(*known, piece.view):
                wrong.append(f"there is no {{{piece.fact_id}.{piece.view}}}")
    return wrong


def _has(fact: Fact, claim: Claim, view: View) -> bool:
    if view == "value":
        return fact.numeric_value is not None
    return view == "when" or fact.entity is not None or (claim.lift is not None and claim.lift.id == fact.entity_id)
