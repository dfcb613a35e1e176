"""The verifier: an answer is refused unless every character of it is allowed. Fail-closed, on the literal text.

A sentence has one of two shapes, and nothing else:

    [opener] token { joiner [opener] token } [tail] "."
    a closing of the lexicon (at most one in an answer)
"""

import unicodedata
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from pydantic import ValidationError

from insights.narrative import checked
from insights.narrative.advice import OPTIONS_MAX
from insights.narrative.claims import Claim
from insights.narrative.contract import SENTENCES, TEXT_MAX, Answer, Sentence
from insights.narrative.lexicon import Entry, Lexicon
from insights.narrative.pieces import Token, split, tokens
from insights.narrative.render import Rendered, check, is_digit, render
from insights.narrative.wanted import Wanted

ANSWER_MAX: Final = 8_000


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether an answer may be published, why not (fit to be told to the narrator), and what it says."""

    ok: bool
    reasons: tuple[str, ...]
    answer: Answer | None = None
    rendered: Rendered | None = None


def verify(answer_json: str, wanted: Wanted, lexicon: Lexicon, nonce: str) -> Verdict:
    """Judge the literal text of an answer against the one request that it claims to answer. Never raises."""
    if len(answer_json) > ANSWER_MAX:
        return Verdict(False, (f"the answer is longer than {ANSWER_MAX} characters",))
    try:
        answer = Answer.model_validate_json(answer_json)
    except ValidationError as error:
        return Verdict(False, tuple(_schema_reason(item["loc"], item["msg"]) for item in error.errors()[:5]))
    if answer.nonce != nonce:
        return Verdict(False, ("the nonce is not that of this request",))
    reasons = _answer_reasons(answer, wanted, lexicon)
    if reasons and wanted.grade == "checked":
        reasons = checked.reasons(answer, wanted, lexicon.denied)
    if reasons:
        return Verdict(False, tuple(reasons))
    rendered = render(wanted, answer)
    wrong = check(rendered, wanted)
    return Verdict(not wrong, tuple(wrong), answer, None if wrong else rendered)


def _schema_reason(where: tuple[int | str, ...], message: str) -> str:
    return f"not the schema: {'.'.join(map(str, where)) or 'answer'}: {message}"


def _answer_reasons(answer: Answer, wanted: Wanted, lexicon: Lexicon) -> list[str]:
    reasons = []
    if not SENTENCES[0] <= len(answer.sentences) <= SENTENCES[1]:
        reasons.append(f"there must be {SENTENCES[0]} to {SENTENCES[1]} sentences, not {len(answer.sentences)}")
    told = [token.claim_id for sentence in answer.sentences for token in tokens(sentence.text)]
    if len(told) != len(set(told)):
        reasons.append("a claim is told twice")
    if sum(not tokens(sentence.text) for sentence in answer.sentences) > 1:
        reasons.append("more than one sentence holds no token")
    missing = [claim.id for claim in wanted.most_salient() if claim.id not in told]
    if missing:
        reasons.append(f"the most important claims are not told: {', '.join(missing)}")
    if not set(answer.recommendations) <= set(wanted.recommendations):
        reasons.append("a recommendation is not among those offered")
    if len(answer.recommendations) > OPTIONS_MAX:
        reasons.append(f"more than {OPTIONS_MAX} recommendations are given")
    if len(answer.recommendations) != len(set(answer.recommendations)):
        reasons.append("a recommendation is given twice")
    before: Claim | None = None
    praised = any(claim.valence == "positive" for i in told if (claim := wanted.claim(i)))
    for number, sentence in enumerate(answer.sentences, 1):
        judge = _Judge(wanted, lexicon, before, praised)
        reasons += [f"sentence {number}: {reason}" for reason in judge.reasons(sentence)]
        last = [claim for token in tokens(sentence.text) if (claim := wanted.claim(token.claim_id))]
        before = last[-1] if last else before
    return reasons


@dataclass(frozen=True, slots=True)
class _Judge:
    """Judges one sentence; `before` is the claim told last, `praised` whether a good thing is told at all."""

    wanted: Wanted
    lexicon: Lexicon
    before: Claim | None
    praised: bool

    def reasons(self, sentence: Sentence) -> list[str]:
        text = sentence.text
        reasons = _character_reasons(text)
        cited = {token.claim_id for token in tokens(text)}
        if set(sentence.cites) != cited or len(sentence.cites) != len(set(sentence.cites)):
            reasons.append("cites are not exactly the claims of its tokens")
        unknown = sorted(i for i in cited if self.wanted.claim(i) is None)
        if unknown:
            return [*reasons, f"there is no claim {', '.join(unknown)}"]
        return reasons or (self._placement(text) if cited else self._closing(text))

    def _closing(self, text: str) -> list[str]:
        entry = self.lexicon.find("closing", text)
        if entry is None:
            return ["a sentence without a token must be one of the listed ones, to the letter"]
        return ["it praises, but no claim told is a good one"] if entry.needs == "positive" and not self.praised else []

    def _placement(self, text: str) -> list[str]:
        pieces = split(text)
        placed = [piece for piece in pieces if isinstance(piece, Token)]
        literals = [piece for piece in pieces if not isinstance(piece, Token)]
        claims = [claim for token in placed if (claim := self.wanted.claim(token.claim_id))]
        reasons = self._start(literals[0], placed[0], claims)
        for (left, right), claim_pair, literal in zip(pairwise(placed), pairwise(claims), literals[1:-1], strict=True):
            reasons += self._join(literal, left, right, claim_pair, claims)
        reasons += self._tail(literals[-1], claims)
        for token, claim, before in zip(placed, claims, [self.before, *claims], strict=False):
            reasons += self._form(token, claim, before)
        return reasons

    def _start(self, literal: str, token: Token, claims: list[Claim]) -> list[str]:
        if not literal:
            return ["a noun phrase needs one of its openers before it"] if token.form == "noun" else []
        entry = self.lexicon.find("noun_opener" if token.form == "noun" else "opener", literal)
        if entry is None or not literal[0].isupper():
            return [f"{literal!r} is no opener of the list, or has no capital"]
        return self._needs(entry, claims[0], claims)

    def _join(
        self, literal: str, left: Token, right: Token, pair: tuple[Claim, Claim], claims: list[Claim]
    ) -> list[str]:
        if right.form == "noun":
            entry = self.lexicon.find("noun_joiner", literal)
            if entry is None or (entry.needs != "same" and left.form != "noun"):
                return [f"{literal!r} does not join a noun phrase here"]
            return self._same(entry, pair)
        for joiner in self.lexicon.phrases("joiner"):
            stem = f"{joiner.phrase} " if joiner.phrase[0] in ",;" else f" {joiner.phrase} "
            rest = literal.removeprefix(stem)
            opener = self.lexicon.find("opener", rest)
            if literal == stem:
                return self._same(joiner, pair)
            if literal.startswith(stem) and opener is not None and not rest[0].isupper():
                return self._same(joiner, pair) + self._needs(opener, pair[1], claims)
        return [f"{literal!r} is no joiner of the list"]

    def _tail(self, literal: str, claims: list[Claim]) -> list[str]:
        if literal == ".":
            return []
        entry = self.lexicon.find("tail", literal)
        return [f"{literal!r} is no ending of the list"] if entry is None else self._needs(entry, claims[-1], claims)

    def _needs(self, entry: Entry, beside: Claim, claims: list[Claim]) -> list[str]:
        if entry.needs == "record" and beside.kind != "record":
            return [f"{entry.phrase!r} stands only beside a record"]
        if entry.needs == "newest" and not self.wanted.is_newest_record(beside):
            return [f"{entry.phrase!r} stands only beside the newest record"]
        if entry.needs == "latest" and not self._is_latest(beside):
            return [f"{entry.phrase!r} stands only beside a record that nothing is newer than"]
        if entry.needs == "positive" and any(claim.valence != "positive" for claim in claims):
            return [f"{entry.phrase!r} praises, but a claim of the sentence is no good one"]
        return []

    def _is_latest(self, claim: Claim) -> bool:
        """Whether a claim is a record and no fact of the insight ends later than its day."""
        ends = [fact.window_end for other in self.wanted.claims for _, fact in other.facts]
        return claim.kind == "record" and claim.main.window_end >= max(ends)

    def _same(self, entry: Entry, pair: tuple[Claim, Claim]) -> list[str]:
        if entry.needs == "same" and (pair[0].lift is None or pair[0].lift != pair[1].lift):
            return [f"{entry.phrase!r} joins only claims about one lift"]
        return []

    def _form(self, token: Token, claim: Claim, before: Claim | None) -> list[str]:
        clause = self.wanted.voice.locale.clauses[claim.metric, claim.direction]
        if token.form == "it" and (not clause.it or before is None or before.subject != claim.subject):
            return [f"{{{claim.id}.it}} has nothing just before it that it could stand for"]
        if token.form == "noun" and not clause.noun:
            return [f"there is no {{{claim.id}.noun}}"]
        if not claim.decided and len(self.wanted.claims) > 1 and any(c.decided for c in self.wanted.claims):
            return [f"{claim.id} is undecided and stands only alone"]
        return []


def _character_reasons(text: str) -> list[str]:
    """What no literal text may hold, whatever the words: the tokens' own digits and braces are taken out first."""
    bare = "".join(piece for piece in split(text) if isinstance(piece, str))
    reasons = []
    if len(text) > TEXT_MAX:
        reasons.append(f"longer than {TEXT_MAX} characters")
    if plain(text) != text:
        reasons.append("holds characters that are not in plain form (full-width, zero-width or control characters)")
    if any(is_digit(character) for character in plain(bare)):
        reasons.append("holds a digit outside a token")
    if any(mark in bare for mark in "{}<>[]%$#`\\"):
        reasons.append("holds template or markup syntax, or a token that does not exist")
    return reasons


def plain(text: str) -> str:
    """The text in NFKC, without control and zero-width characters."""
    normal = unicodedata.normalize("NFKC", text)
    return "".join(character for character in normal if unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Co"})
