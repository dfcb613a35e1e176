"""The gate for a change of the prompts: the rubric over the cohort, for the rule narrator and for recorded answers.

A recorded answer is one to a request of a kind: an insight type and the metrics of its claims, in their order, where a
record is a record whatever it is of, and so is what goes along with good days. It says where it comes from; those
written by hand say so. Its nonce is set to that of the request in which it is tried.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from insights.errors import BadInput, InsightsError
from insights.narrative import cohort
from insights.narrative.advice import AdviceCatalogue, Counsel
from insights.narrative.afresh import afresh
from insights.narrative.contract import Answer, Sentence
from insights.narrative.facts import table
from insights.narrative.lexicon import Lexicon
from insights.narrative.locale import Locale
from insights.narrative.memory import Past, lately, remembered, told_again
from insights.narrative.pieces import tokens
from insights.narrative.plan import wanted
from insights.narrative.rubric import QUESTIONS, Case, judge, shares
from insights.narrative.rules import RULES_NONCE, tell
from insights.narrative.verify import Verdict, verify
from insights.narrative.wanted import Wanted

HAND_WRITTEN: Final = "hand-written"
WEEKS: Final = 6
SEED: Final = 1
UNTIL: Final = date(2025, 9, 30)
PASSES_FROM: Final = 0.95  # of the cases, each question
TIER: Final = "pro"
REFUSALS_SHOWN: Final = 5

_WHATEVER: Final = frozenset({"record", "association"})  # kinds of claims that are told alike whatever they are of

Request = tuple[str, tuple[str, ...]]  # insight type, metrics of the claims (of these kinds: the kind)
Narrator = Callable[[Wanted], Answer | None]


@dataclass(frozen=True, slots=True)
class Recorded:
    """An answer to a request of a kind, and where it comes from: `hand-written`, or the model that gave it."""

    request: Request
    texts: tuple[str, ...]
    origin: str

    def answer(self) -> Answer:
        """The answer, for whichever request it is tried in."""
        sentences = [Sentence(text=t, cites=list(dict.fromkeys(k.claim_id for k in tokens(t)))) for t in self.texts]
        return Answer(nonce=RULES_NONCE, sentences=sentences, recommendations=[])


def recorded(text: str) -> list[Recorded]:
    """The recorded answers of a file of JSON lines: insight_type, claims, sentences, origin.

    Raises BadInput at a line that is none, naming it.
    """
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            raw = json.loads(line)
            request = raw["insight_type"], tuple(raw["claims"])
            found.append(Recorded(request, tuple(raw["sentences"]), raw["origin"]))
        except (ValueError, KeyError, TypeError) as error:
            raise BadInput(f"line {number} of the recorded answers cannot be used: {error!r}") from error
    return found


@dataclass(slots=True)
class Outcome:
    """How one narrator fared: insights judged, the share that passes each question, requests without an answer."""

    judged: int = 0
    unanswered: int = 0
    shares: dict[int, float] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)  # the first answers that the verifier refuses, with the reasons
    failures: Counter[tuple[int, str]] = field(default_factory=Counter)  # question and insight type
    origins: Counter[str] = field(default_factory=Counter)

    @property
    def weakest(self) -> float:
        """The lowest share of a question; 0 where nothing was judged."""
        return min(self.shares.values(), default=0.0)


@dataclass(slots=True)
class _Reader:
    """What one lifter of the cohort has been told so far, by key."""

    past: dict[str, Past] = field(default_factory=dict)
    hashes: dict[str, str] = field(default_factory=dict)

    def knows(self, insight: Wanted) -> bool:
        """Whether the insight stands unchanged, or says what was told under another key."""
        return self.hashes.get(insight.insight_key) == insight.input_hash or told_again(insight, self.past.values())

    def reads(self, insight: Wanted, told: Past) -> None:
        self.hashes[insight.insight_key] = insight.input_hash
        self.past.setdefault(insight.insight_key, told)


@dataclass(frozen=True, slots=True)
class Trial:
    """The cohort's wanted insights, week by week, with what decides their recommendations."""

    weeks: Sequence[Mapping[int, Sequence[Wanted]]]  # by lifter
    counsels: Mapping[int, Counsel]
    lexicon: Lexicon

    def run(self, narrator: Narrator, origin: Callable[[Wanted], str] = lambda _: "rules") -> Outcome:
        """Tell everything that is new in each week, and judge it. An unchanged insight is not told again."""
        outcome, rows = Outcome(), []
        readers: dict[int, _Reader] = defaultdict(_Reader)
        for week in self.weeks:
            others = _by_type(week)
            for index, insight in ((i, insight) for i, insights in week.items() for insight in insights):
                reader = readers[index]
                if reader.knows(insight):
                    continue
                if narrator(insight) is None:
                    outcome.unanswered += 1
                    continue
                outcome.origins[origin(insight)] += 1
                foreign = [other for i, other in others[insight.insight_type] if i != index]
                row = self._judged(insight, narrator, reader, foreign, self.counsels[index], outcome)
                outcome.failures.update((number, insight.insight_type) for number, ok in row.items() if not ok)
                rows.append(row)
        outcome.judged, outcome.shares = len(rows), shares(rows)
        return outcome

    def _judged(
        self,
        insight: Wanted,
        narrator: Narrator,
        reader: "_Reader",
        others: Sequence[Wanted],
        counsel: Counsel,
        outcome: Outcome,
    ) -> dict[int, bool]:
        past = tuple(reader.past.values())
        recent = lately(past, insight.voice.as_of)
        used = {one.skeleton for one in recent if one.insight_key != insight.insight_key}
        told, verdict = afresh(insight, lambda turned: self._verdict(turned, narrator), used)
        if verdict.rendered is None or verdict.answer is None:
            # nothing stands that could be judged: the rules would tell it instead
            if len(outcome.refused) < REFUSALS_SHOWN:
                outcome.refused.append(f"{insight.insight_key}: {'; '.join(verdict.reasons)}")
            return dict.fromkeys(QUESTIONS, False)
        case = Case(told, verdict.answer, verdict.rendered, self.lexicon, verdict.ok, past, others, counsel)
        row = judge(case)
        reader.reads(insight, remembered(insight, verdict.rendered))
        return row

    def _verdict(self, insight: Wanted, narrator: Narrator) -> Verdict:
        answer = narrator(insight)
        if answer is None:
            return Verdict(False, ("there is no answer",))
        return verify(answer.model_dump_json(), insight, self.lexicon, answer.nonce)

    def by_rules(self) -> Outcome:
        """The rule narrator."""
        return self.run(_rules)

    def by_record(self, answers: Iterable[Recorded]) -> Outcome:
        """The recorded answers, the next of its kind at each turn."""
        kinds: dict[Request, list[Recorded]] = defaultdict(list)
        for one in answers:
            kinds[one.request].append(one)

        def found(insight: Wanted) -> Recorded | None:
            options = kinds.get(request_of(insight), [])
            return options[insight.turn % len(options)] if options else None

        def narrate(insight: Wanted) -> Answer | None:
            one = found(insight)
            return one.answer() if one else None

        return self.run(narrate, lambda insight: one.origin if (one := found(insight)) else "")


def request_of(insight: Wanted) -> Request:
    """The kind of request that an insight makes; body weight in a load changes the clause, not what is asked."""
    return insight.insight_type, tuple(
        claim.kind if claim.kind in _WHATEVER else claim.metric.removesuffix("_total") for claim in insight.claims
    )


def trial(
    lifters: int,
    *,
    locale: Locale,
    lexicon: Lexicon,
    advice: AdviceCatalogue,
    seed: int = SEED,
    until: date = UNTIL,
) -> Trial:
    """The cohort of a seed, over six weeks."""
    weeks: list[dict[int, Sequence[Wanted]]] = [{} for _ in range(WEEKS)]
    counsels: dict[int, Counsel] = {}
    others = {lift.id: [other for other in cohort.LIFTS if other != lift] for lift in cohort.LIFTS}
    for drawn in cohort.draw(lifters, weeks=WEEKS, seed=seed, until=until):
        counsels[drawn[0].index] = counsel = Counsel(advice, TIER, drawn[0].injuries, others)
        for week, one in zip(weeks, drawn, strict=True):
            facts = table(one.facts, cohort.LIFTS)
            week[one.index] = wanted(facts, as_of=one.as_of, units=one.units, locale=locale, counsel=counsel)
    return Trial(weeks, counsels, lexicon)


def _by_type(week: Mapping[int, Sequence[Wanted]]) -> Mapping[str, list[tuple[int, Wanted]]]:
    found: dict[str, list[tuple[int, Wanted]]] = defaultdict(list)
    for index, insights in week.items():
        for insight in insights:
            found[insight.insight_type].append((index, insight))
    return found


def _rules(insight: Wanted) -> Answer | None:
    try:
        return tell(insight)
    except InsightsError:
        return None


def requests(made: Trial) -> Iterator[Wanted]:
    """Every insight of the trial."""
    for week in made.weeks:
        for insights in week.values():
            yield from insights
