"""Which insights a user's facts are good for: type, key, period, claims in the order of telling, title, chart.

A key holds what an insight is about and when: the closed week or month, or the record's day. What has no period of its
own (a lift's trend, balance, consistency) is looked at once a calendar month and keyed by the last closed one, so that
an unchanged finding is not told again every night.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import count
from typing import Final, Literal

from insights.ids import word
from insights.narrative import claims_strength as strength
from insights.narrative import claims_training as training
from insights.narrative.claims import FRESH, Claim, input_hash
from insights.narrative.contract import MAX_CLAIMS
from insights.narrative.facts import Fact, FactTable, Lift
from insights.narrative.figures import Units, Voice
from insights.narrative.locale import Locale

InsightType = Literal[
    "weekly_summary", "monthly_review", "strength_progress", "record", "plateau", "balance", "consistency"
]
Category = Literal["progress", "plateau", "form", "recovery"]
Chart = Literal["e1rm", "weekly", "monthly", "muscles"]

TITLE_MAX: Final = 80
LIFTS_TOLD: Final = {"strength_progress": 3, "record": 3, "plateau": 2}
_RECORD_FRESH: Final = timedelta(days=14)
_WEEK_RECORDS: Final = 2
_WEEK_NAME_MAX: Final = 60  # characters: two records with their lifts' names must fit into one insight
_VALID: Final = timedelta(days=21)


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
    recommendations: tuple[str, ...] = ()

    @property
    def confidence_score(self) -> float:
        """The least confidence among the claims; of those that are cited, once an answer stands (`Rendered`)."""
        return min(claim.confidence for claim in self.claims)

    def claim(self, claim_id: str) -> Claim | None:
        """The claim of an id, or None."""
        return next((claim for claim in self.claims if claim.id == claim_id), None)

    def fact(self, fact_id: object) -> Fact | None:
        """The fact of a data point's id among the claims', or None."""
        return next((f for claim in self.claims for _, f in claim.facts if f.id == fact_id), None)

    def is_newest_record(self, claim: Claim) -> bool:
        """Whether a claim is a record, and no record of the insight is of a later day."""
        days = [other.main.measurement_date for other in self.claims if other.kind == "record"]
        return claim.kind == "record" and claim.main.measurement_date == max(days)

    def most_salient(self) -> tuple[Claim, ...]:
        """The two claims that every telling must hold (one where there is one)."""
        return tuple(sorted(self.claims, key=lambda claim: -claim.salience)[:2])


def wanted(facts: FactTable, *, as_of: date, units: Units, locale: Locale) -> list[Wanted]:
    """Everything worth telling a user on a day, most general first. Deterministic; empty where nothing is fresh."""
    planner = _Planner(Voice(locale, units, as_of))
    told = [planner.week(facts), planner.month(facts)]
    told += planner.records(facts)
    told += planner.strength(facts)
    told += [planner.balance(facts), planner.consistency(facts)]
    return [insight for insight in told if insight is not None]


@dataclass(frozen=True, slots=True)
class _Planner:
    voice: Voice

    def week(self, facts: FactTable) -> Wanted | None:
        claims = training.week(facts, self.voice.as_of)
        if not claims:
            return None
        window = claims[0].main
        records = []
        for lift in facts.lifts_with(*strength.RECORD_TYPES):
            days = [d for d in strength.record_days(facts, lift) if window.window_start <= d <= window.window_end]
            if days and len(lift.name) <= _WEEK_NAME_MAX:
                records += strength.records(facts, lift, days[-1])[:1]
        records.sort(key=_newest_and_largest)
        kept = claims + records[:_WEEK_RECORDS]
        return self._insight(
            "weekly_summary",
            "progress",
            kept,
            "weekly",
            period=window,
            valid_until=window.window_end + training.WEEK_FRESH,
        )

    def month(self, facts: FactTable) -> Wanted | None:
        claims = training.month(facts, self.voice.as_of)
        if not claims:
            return None
        return self._insight(
            "monthly_review",
            "progress",
            claims,
            "monthly",
            valid_until=claims[0].main.window_end + training.MONTH_FRESH,
        )

    def records(self, facts: FactTable) -> list[Wanted | None]:
        as_of = self.voice.as_of
        told = []
        for lift in facts.lifts_with(*strength.RECORD_TYPES):
            days = [d for d in strength.record_days(facts, lift) if as_of - _RECORD_FRESH <= d <= as_of]
            claims = strength.records(facts, lift, days[-1]) if days else []
            if claims:
                told.append(claims + _context(strength.level(facts, lift, as_of)))
        told.sort(key=lambda claims: (-len(claims), *_newest_and_largest(claims[0])))
        return [
            self._insight("record", "progress", claims, "e1rm", rank=rank, lift=claims[0].lift, when=_day(claims))
            for rank, claims in enumerate(told[: LIFTS_TOLD["record"]])
        ]

    def strength(self, facts: FactTable) -> list[Wanted | None]:
        """Trends and plateaus; where no lift has either, the best that can be said instead."""
        as_of = self.voice.as_of
        trends = [t for lift in facts.lifts_with("e1rm_trend_kind") if (t := strength.trend(facts, lift, as_of))]
        moving = sorted((t for t in trends if t.kind == "trend"), key=lambda t: (-t.salience, _tie(t)))
        still = sorted((t for t in trends if t.kind == "plateau"), key=lambda t: (-t.fact("count").value, _tie(t)))
        told = [
            self._lift_insight(facts, claim, "strength_progress", "progress", rank)
            for rank, claim in enumerate(moving[: LIFTS_TOLD["strength_progress"]])
        ]
        told += [
            self._lift_insight(facts, claim, "plateau", "plateau", rank)
            for rank, claim in enumerate(still[: LIFTS_TOLD["plateau"]])
        ]
        return told or self._undecided(facts, [t for t in trends if not t.decided])

    def _lift_insight(
        self, facts: FactTable, lead: Claim, kind: InsightType, category: Category, rank: int
    ) -> Wanted | None:
        assert lead.lift is not None
        as_of = self.voice.as_of
        days = [d for d in strength.record_days(facts, lead.lift) if as_of - FRESH <= d <= as_of]
        records = strength.records(facts, lead.lift, days[-1])[:1] if days else []
        claims = [lead, *records, *_context(strength.level(facts, lead.lift, as_of))]
        return self._insight(kind, category, claims, "e1rm", rank=rank, lift=lead.lift)

    def _undecided(self, facts: FactTable, undecided: list[Claim]) -> list[Wanted | None]:
        as_of = self.voice.as_of
        claims = undecided or [
            few for lift in facts.lifts_with("e1rm_estimates") if (few := strength.too_few(facts, lift, as_of))
        ]
        if not claims:
            return []
        lead = max(claims, key=lambda claim: (claim.fact("count").value, _tie(claim)))
        assert lead.lift is not None
        beside = [] if undecided else _context(strength.level(facts, lead.lift, as_of))
        return [self._insight("strength_progress", "progress", [lead, *beside], "e1rm", lift=lead.lift)]

    def balance(self, facts: FactTable) -> Wanted | None:
        claims = training.balance(facts, self.voice.as_of)
        return self._insight("balance", "form", claims, "muscles") if claims else None

    def consistency(self, facts: FactTable) -> Wanted | None:
        claims = training.consistency(facts, self.voice.as_of)
        return self._insight("consistency", "progress", claims, "weekly") if claims else None

    def _insight(
        self,
        insight_type: InsightType,
        category: Category,
        claims: list[Claim],
        chart: Chart,
        *,
        period: Fact | None = None,
        when: date | None = None,
        rank: int = 0,
        lift: Lift | None = None,
        valid_until: date | None = None,
    ) -> Wanted:
        lead, *rest = claims
        ordered = [lead, *sorted(rest, key=lambda claim: -claim.salience)][:MAX_CLAIMS]
        numbered = tuple(replace(claim, id=f"c{i}") for i, claim in zip(count(1), ordered, strict=False))
        window = period or lead.main
        start, end = (when, when) if when else (window.window_start, window.window_end)
        dated = insight_type in {"weekly_summary", "monthly_review", "record"}
        key_day = start if dated else _last_month(self.voice.as_of)
        turn = end.toordinal() // 7 + rank
        return Wanted(
            insight_type=insight_type,
            category=category,
            insight_key=":".join([insight_type, key_day.isoformat(), *([str(lift.id)] if lift else [])]),
            period_start=start,
            period_end=end,
            valid_until=valid_until or end + _VALID,
            title=_title(self.voice.locale, insight_type, numbered[0], lift, turn),
            claims=numbered,
            chart=chart,
            input_hash=input_hash(numbered, insight_type, self.voice.units, self.voice.locale.code),
            voice=self.voice,
            turn=turn,
            lift=lift,
        )


def _newest_and_largest(record: Claim) -> tuple[int, float, str]:
    """The order of records: the newest day first, then what moved most against what stood before."""
    before = record.fact("previous").value
    gain = record.main.value / before if before > 0 else 1.0
    return -record.main.measurement_date.toordinal(), -gain, _tie(record)


def _day(claims: list[Claim]) -> date:
    """The day of a record."""
    return claims[0].main.measurement_date


def _context(claim: Claim | None) -> list[Claim]:
    return [] if claim is None else [claim]


def _tie(claim: Claim) -> str:
    return claim.lift.id.hex if claim.lift else ""


def _last_month(as_of: date) -> date:
    return (as_of.replace(day=1) - timedelta(days=1)).replace(day=1)


def _title(locale: Locale, insight_type: str, lead: Claim, lift: Lift | None, turn: int) -> str:
    """A title by code, without a figure. Where the lift's name makes it too long, the one without a name stands."""
    choices = locale.titles.get(f"{insight_type}.{lead.metric}.{lead.direction}") or locale.titles[insight_type]
    entity = locale.entity(lead.main.entity) if lead.main.entity else ""
    names = {"{lift}": lift.name if lift else "", "{entity}": entity}
    named = re.sub(r"\{lift\}|\{entity\}", lambda slot: names[slot[0]], pick(choices, turn, lead.metric))
    return named if len(named) <= TITLE_MAX else locale.titles[f"{insight_type}.short"][0]


def pick(choices: Iterable[str], turn: int, *key: str) -> str:
    """One of several phrasings: never by chance, and the next one at the next turn."""
    options = tuple(choices)
    return options[(word(":".join(key)) + turn) % len(options)]
