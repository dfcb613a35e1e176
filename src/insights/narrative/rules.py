"""The rule narrator: an answer in the very contract of the model, so that one verifier and one renderer serve both."""

from collections.abc import Iterator
from typing import Final, get_args

from insights.errors import InsightsError
from insights.narrative.claims import Claim
from insights.narrative.contract import SENTENCES, Answer, RecommendationId, Sentence
from insights.narrative.render import DESCRIPTION, render
from insights.narrative.wanted import Wanted, pick

RULES_NONCE: Final = "rules"
_OPTIONS: Final = 2


def tell(wanted: Wanted, nonce: str = RULES_NONCE) -> Answer:
    """The insight told by rules: as many claims as fit, in their order, in 2 to 5 sentences of 120 to 600 characters.

    Raises InsightsError where the claims cannot be told within these lengths (the plan makes none such).
    """
    options = _options(wanted)
    for sentences in _tellings(wanted):
        answer = Answer(nonce=nonce, sentences=sentences, recommendations=options)
        length = len(render(wanted, answer).description)
        if DESCRIPTION[0] <= length <= DESCRIPTION[1] and SENTENCES[0] <= len(sentences) <= SENTENCES[1]:
            return answer
    raise InsightsError(f"{wanted.insight_key} cannot be told within {DESCRIPTION[1]} characters")


def _options(wanted: Wanted) -> list[RecommendationId]:
    """Two of the recommendations on offer (one where there is one), others at the next turn."""
    ids = [name for name in get_args(RecommendationId) if name in wanted.recommendations]
    first = wanted.turn % len(ids) if ids else 0
    return [*ids[first:], *ids[:first]][:_OPTIONS]


def _tellings(wanted: Wanted) -> Iterator[list[Sentence]]:
    """Tellings from the fullest to the barest; each also with a closing sentence, where it may be too short."""
    needed = {claim.id for claim in wanted.most_salient()}
    for most in range(len(wanted.claims), 0, -1):
        told = wanted.claims[:most]
        if not needed <= {claim.id for claim in told}:
            return
        used: set[str] = set()
        sentences = [_sentence(wanted, group, place, used) for place, group in enumerate(_groups(wanted, told))]
        yield sentences
        for shift in range(len(wanted.voice.locale.closings)):
            closing = pick(wanted.voice.locale.closings, wanted.turn + shift, wanted.insight_type)
            yield [*sentences, Sentence(text=closing, cites=[])]


def _groups(wanted: Wanted, claims: tuple[Claim, ...]) -> list[list[Claim]]:
    """The claims by sentence: the lead alone, then neighbours that belong together in pairs."""
    groups: list[list[Claim]] = []
    for claim in claims:
        if len(groups) > 1 and len(groups[-1]) == 1 and _belong_together(wanted, groups[-1][0], claim):
            groups[-1].append(claim)
        else:
            groups.append([claim])
    return groups


def _belong_together(wanted: Wanted, one: Claim, other: Claim) -> bool:
    """Whether the locale joins the kind of two claims, and they are about one window, or for balance one finding."""
    if one.kind != other.kind or f"joiner.{one.kind}" not in wanted.voice.locale.plans:
        return False
    return one.kind != "balance" or (one.metric, one.direction) == (other.metric, other.direction)


def _sentence(wanted: Wanted, group: list[Claim], place: int, used: set[str]) -> Sentence:
    """A group of claims as one sentence. Later places move on more slowly, so that the whole repeats late."""
    plans = wanted.voice.locale.plans
    lead = group[0]
    keys = [f"lead.{lead.kind}", "lead"] if place == 0 else [f"{lead.kind}.{lead.direction}", lead.kind]
    if place > 0 and wanted.is_newest_record(lead) and wanted.claims[0].kind != "record":
        keys.insert(0, f"{lead.kind}.newest")
    options = next((plans[key] for key in keys if key in plans), ("",))
    first = wanted.turn // 5 ** max(0, place - 1) + place
    turned = [options[(first + i) % len(options)] for i in range(len(options))]
    opener = next((option for option in turned if option not in used), "")
    used.update({opener} - {""})
    joiner = pick(plans[f"joiner.{lead.kind}"], wanted.turn, lead.kind) if len(group) > 1 else ""
    text = opener + joiner.join(f"{{{claim.id}}}" for claim in group) + "."
    return Sentence(text=text, cites=[claim.id for claim in group])
