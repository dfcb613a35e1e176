"""The rubric of an insight as code: eleven questions, each answered true or false, the same on every machine.

The questions are those of a reader who distrusts the narrator, so the answers are worked out anew from the text and the
facts, and not taken from what the plan or the verifier have already decided. Question 9 alone is the verifier's own.

    1 every figure of the text is a value or part of a date of a cited fact of this user    7 a claim with a baseline
    2 every unit is the reader's, and every window fresh                                    8 recommendations allowed
    3 directions, names and dates are those of the claims                                   9 form and allow-list
    4 the two most salient told, nothing undecided beside the decided                     10 says something of this user
    5 enough observations, confidence recomputed                                           11 praise only of good news
    6 nothing told again within 30 days, no sentences' skeleton used twice in them
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from insights.data_types import CATALOGUE
from insights.narrative.advice import Counsel
from insights.narrative.claims import PLATEAU_CONFIDENCE, TREND_CONFIDENCE_MAX, TREND_CONFIDENCE_MIN, Claim
from insights.narrative.contract import Answer
from insights.narrative.facts import Fact
from insights.narrative.figures import POUND_KG
from insights.narrative.lexicon import Lexicon
from insights.narrative.memory import Past, lately, remembered, told_again
from insights.narrative.pieces import split
from insights.narrative.render import Rendered, render
from insights.narrative.wanted import Wanted

QUESTIONS: Final[Mapping[int, str]] = {
    1: "every figure is a cited fact's",
    2: "right unit, fresh window",
    3: "direction, name, date from claims",
    4: "most salient told",
    5: "enough data, right confidence",
    6: "not told before",
    7: "has a baseline",
    8: "recommendations allowed",
    9: "form and allow-list",
    10: "says something of this user",
    11: "praise is deserved",
}
FRESH_DAYS: Final = {"weekly_summary": 7, "recovery": 7, "monthly_review": 35}
FRESH_DAYS_OTHERS: Final = 21
NEAREST: Final = 3
# What a value is held against: what stood before, what is usual or planned, a landmark, or what the data could show
_BASELINES: Final = frozenset(
    {"previous", "usual", "before", "target", "landmark", "baseline", "mdc", "weeks", "ratio"}
)
_NUMERAL: Final = re.compile(r"\d[\d,]*(?:\.\d+)?")
_PRAISED: Final = "positive"


@dataclass(frozen=True, slots=True)
class Case:
    """One told insight, as the verifier has passed it, with what it is judged against.

    `past` are the insights that the user has read before it; `others` are insights of the same type of other users;
    `counsel` is what decides this user's recommendations.
    """

    wanted: Wanted
    answer: Answer
    rendered: Rendered
    lexicon: Lexicon
    verified: bool
    past: Sequence[Past] = ()
    others: Sequence[Wanted] = ()
    counsel: Counsel | None = None

    @property
    def told(self) -> tuple[Claim, ...]:
        """The claims that the text tells."""
        return tuple(claim for claim in self.wanted.claims if claim.id in self.rendered.claim_ids)


def judge(case: Case) -> dict[int, bool]:
    """The answers to all questions, by number."""
    return {number: ask(case) for number, ask in _ASKED.items()}


def shares(judged: Iterable[Mapping[int, bool]]) -> dict[int, float]:
    """The share of cases that pass each question; empty where there is no case."""
    rows = list(judged)
    return {number: sum(row[number] for row in rows) / len(rows) for number in QUESTIONS} if rows else {}


def _figures(case: Case) -> bool:
    cited = [fact for claim in case.told for _, fact in claim.facts]
    values = [v for fact in cited if (v := _shown(fact, case.wanted)) is not None]
    parts = {part for fact in cited for day in (fact.window_start, fact.window_end) for part in (day.day, day.year)}
    return all(_is_one_of(numeral, values, parts) for numeral in _numerals(case.rendered, case.told))


def _shown(fact: Fact, wanted: Wanted) -> float | None:
    if fact.numeric_value is None:
        return None
    pounds = fact.unit == "kg" and wanted.voice.units == "lb"
    return abs(fact.numeric_value) / (POUND_KG if pounds else 1.0)


def _is_one_of(numeral: str, values: Iterable[float], parts: set[int]) -> bool:
    number = float(numeral.replace(",", ""))
    half = 0.5 * 10.0 ** -len(numeral.partition(".")[2]) * (1 + 1e-9)
    return ("." not in numeral and number in parts) or any(abs(number - value) <= half for value in values)


def _units(case: Case) -> bool:
    """The reader's unit behind every weight, nowhere the other one, and the main windows of told claims fresh."""
    mine, other = ("lb", "kg") if case.wanted.voice.units == "lb" else ("kg", "lb")
    words = case.wanted.voice.locale.units
    literal = re.findall(r"[A-Za-z]+", _without_names(case))
    if set(literal) & (set(words[other]) - set(words[mine])):
        return False
    days = FRESH_DAYS.get(case.wanted.insight_type, FRESH_DAYS_OTHERS)
    as_of = case.wanted.voice.as_of
    mains = [claim.main for claim in case.told if claim.kind != "association"]
    return all(as_of - timedelta(days=days) <= fact.window_end <= as_of for fact in mains)


def _without_names(case: Case) -> str:
    text = case.rendered.description
    for span in sorted(case.rendered.spans, key=lambda span: -span.start):
        if span.kind == "name":
            text = text[: span.start] + text[span.end :]
    return text


def _from_claims(case: Case) -> bool:
    """The text is what code writes for these claims, and each direction is what the claim's own figures say."""
    again = render(case.wanted, case.answer)
    return again.description == case.rendered.description and all(_points_right(claim) for claim in case.told)


def _points_right(claim: Claim) -> bool:
    roles = dict(claim.facts)
    if claim.metric == "e1rm_trend":
        return (roles["slope"].value > 0) == (claim.direction == "up")
    if claim.kind == "association":
        return (roles["rho"].value > 0) == (claim.direction == "up")
    against = next((roles[role] for role in ("previous", "usual", "before", "target") if role in roles), None)
    if against is None or "change" in roles or claim.direction not in {"up", "down"}:
        return True
    return (claim.main.value > against.value) == (claim.direction == "up")


def _salient(case: Case) -> bool:
    told = {claim.id for claim in case.told}
    best = sorted(case.wanted.claims, key=lambda claim: -claim.salience)[:2]
    undecided = [claim for claim in case.told if not claim.decided]
    return all(claim.id in told for claim in best) and (not undecided or undecided == list(case.told))


def _enough(case: Case) -> bool:
    enough = all(fact.n >= CATALOGUE[fact.data_type].minimum_n for claim in case.told for _, fact in claim.facts)
    recomputed = min((_confidence(claim) for claim in case.told), default=0.0)
    return enough and abs(recomputed - case.rendered.confidence_score) < 1e-9


def _confidence(claim: Claim) -> float:
    """The confidence of a claim, worked out from its facts by the rule of its kind."""
    roles = dict(claim.facts)
    own = [fact.confidence_score for _, fact in claim.facts if fact.confidence_score is not None]
    match claim.kind:
        case "insufficient":
            return 1.0
        case "plateau":
            return PLATEAU_CONFIDENCE
        case "trend":
            return min(TREND_CONFIDENCE_MAX, roles["slope"].confidence_score or TREND_CONFIDENCE_MIN)
        case "level":
            return roles["confidence"].value
        case "balance":
            ratio = roles.get("ratio")
            stored = ratio.confidence_score if ratio else None
            return roles["share"].value / 100 if stored is None else stored
        case _:
            return min([1.0, *own])


def _new(case: Case) -> bool:
    now = remembered(case.wanted, case.rendered)
    recent = [past for past in lately(case.past, now.day) if past.insight_key != now.insight_key]
    return not told_again(case.wanted, recent) and all(past.skeleton != now.skeleton for past in recent)


def _baseline(case: Case) -> bool:
    roles = {role for claim in case.told for role, _ in claim.facts}
    lacking = all(claim.kind == "insufficient" for claim in case.told)
    return bool(roles & _BASELINES) or lacking


def _allowed(case: Case) -> bool:
    """Every recommendation is a row of the catalogue for this tier, and loads no area that is injured."""
    if not case.rendered.recommendations:
        return True
    counsel = case.counsel
    if counsel is None:
        return False
    rows = {row.id: row for row in counsel.catalogue.rows}
    injured = counsel.catalogue.injured(counsel.injuries)
    offers = {offer.id: offer for offer in case.wanted.offers}
    for given in case.rendered.recommendations:
        row, offer = rows.get(given["id"]), offers.get(given["id"])
        if row is None or offer is None or counsel.tier not in row.tiers or given["source"] != row.source:
            return False
        lifts = [offer.lift if slot == "lift" else offer.variation for slot in row.body_areas]
        loaded = [counsel.catalogue.loaded(lift) for lift in lifts]
        if lifts and (injured is None or (injured and any(areas is None or areas & injured for areas in loaded))):
            return False
    return True


def _form(case: Case) -> bool:
    """The verifier's word on the allow-list, and the lengths."""
    lengths = 120 <= len(case.rendered.description) <= 600 and len(case.rendered.title) <= 80
    return case.verified and lengths and 2 <= len(case.answer.sentences) <= 5


def _of_this_user(case: Case) -> bool:
    """The same answer rendered on the facts of the users who are nearest has at least one other figure each time."""
    mine = _numerals(case.rendered, case.told)
    lead = case.wanted.claims[0]
    same = (other for other in case.others if _claims_in_place(case, other))
    nearest = sorted(same, key=lambda other: (_distance(lead, other.claims[0]), other.insight_key))[:NEAREST]
    bare = case.answer.model_copy(update={"recommendations": []})
    for other in nearest:
        theirs = replace(other, claims=_claims_in_place(case, other), voice=case.wanted.voice)
        if _numerals(render(theirs, bare), theirs.claims) == mine:
            return False
    return True


def _distance(one: Claim, other: Claim) -> float:
    a, b = one.main.numeric_value or 0.0, other.main.numeric_value or 0.0
    return abs(a - b) / max(abs(a), abs(b), 1e-9)


def _claims_in_place(case: Case, other: Wanted) -> tuple[Claim, ...]:
    """The other user's claims under the ids of those that are told; empty where one has no counterpart."""
    left = list(other.claims)
    found = []
    for claim in case.told:
        match = next((o for o in left if (o.metric, o.direction) == (claim.metric, claim.direction)), None)
        if match is None:
            return ()
        left.remove(match)
        found.append(replace(match, id=claim.id))
    return tuple(found)


def _numerals(rendered: Rendered, claims: Iterable[Claim]) -> list[str]:
    """The figures of a text, names of exercises left out."""
    text = rendered.description
    for name in sorted({claim.lift.name for claim in claims if claim.lift}, key=len, reverse=True):
        text = text.replace(name, "")
    return _NUMERAL.findall(text)


def _praise(case: Case) -> bool:
    """Each listed word of praise in the literal text stands where every claim of its sentence is good news."""
    phrases = [entry.phrase.lower() for entry in case.lexicon.entries if entry.needs == _PRAISED]
    for sentence in case.answer.sentences:
        pieces = split(sentence.text)
        literal = " ".join(piece for piece in pieces if isinstance(piece, str)).lower()
        if not any(re.search(rf"(?<![a-z]){re.escape(phrase)}", literal) for phrase in phrases):
            continue
        beside = [c for c in case.told if c.id in sentence.cites] or [c for c in case.told if c.valence == _PRAISED]
        if not beside or any(claim.valence != _PRAISED for claim in beside):
            return False
    return True


_ASKED: Final[Mapping[int, Callable[[Case], bool]]] = {
    1: _figures,
    2: _units,
    3: _from_claims,
    4: _salient,
    5: _enough,
    6: _new,
    7: _baseline,
    8: _allowed,
    9: _form,
    10: _of_this_user,
    11: _praise,
}
