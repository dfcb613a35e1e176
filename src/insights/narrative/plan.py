"""Which insights a user's facts are good for: type, key, period, claims in the order of telling, title, chart.

A key holds what an insight is about and when: the closed week or month, or the record's day. What has no period of its
own (a lift's trend, balance, consistency) is looked at once a calendar month and keyed by the last closed one, so that
an unchanged finding is not told again every night.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import count
from typing import Final

from insights.narrative import claims_recovery as recovery
from insights.narrative import claims_strength as strength
from insights.narrative import claims_training as training
from insights.narrative.advice import Counsel, Offer
from insights.narrative.claims import FRESH, Claim, input_hash
from insights.narrative.contract import MAX_CLAIMS
from insights.narrative.facts import Fact, FactTable, Lift
from insights.narrative.figures import Units, Voice
from insights.narrative.locale import Locale
from insights.narrative.memory import Dismissed
from insights.narrative.wanted import NAME_LENGTHS, TITLE_MAX, Category, Chart, InsightType, Wanted, pick

LIFTS_TOLD: Final = {"strength_progress": 3, "record": 3, "plateau": 2}
_RECORD_FRESH: Final = timedelta(days=14)
_WEEK_RECORDS: Final = 2
_VALID: Final = timedelta(days=21)
_DATED: Final = frozenset({"weekly_summary", "monthly_review", "record", "recovery"})


def wanted(
    facts: FactTable,
    *,
    as_of: date,
    units: Units,
    locale: Locale,
    counsel: Counsel | None = None,
    dismissed: Collection[Dismissed] = (),
) -> list[Wanted]:
    """Everything worth telling a user on a day, most general first. Deterministic; empty where nothing is fresh.

    Without `counsel`, what may be recommended to this user, nothing is recommended. An insight that leads with a claim
    that is dismissed is not wanted; from others such a claim is left out.
    """
    facts = _with_short_names(facts, locale)
    planner = _Planner(Voice(locale, units, as_of), counsel, tuple(dismissed))
    told = [planner.week(facts), planner.month(facts)]
    told += planner.records(facts)
    told += planner.strength(facts)
    told += [planner.balance(facts), planner.consistency(facts), planner.recovery(facts)]
    return [insight for insight in told if insight is not None]


def _with_short_names(facts: FactTable, locale: Locale) -> FactTable:
    """The facts with another name for lifts whose own is too long to be told."""
    longest = NAME_LENGTHS[1]
    if all(len(lift.name) <= longest for lift in facts.lifts.values()):
        return facts
    lifts = facts.lifts.items()
    named = {i: lift if len(lift.name) <= longest else replace(lift, name=locale.long_name) for i, lift in lifts}
    return FactTable(facts.facts, named)


@dataclass(frozen=True, slots=True)
class _Planner:
    voice: Voice
    counsel: Counsel | None
    dismissed: tuple[Dismissed, ...]

    def week(self, facts: FactTable) -> Wanted | None:
        claims = training.week(facts, self.voice.as_of)
        if not claims:
            return None
        window = claims[0].main
        records = []
        for lift in facts.lifts_with(*strength.RECORD_TYPES):
            days = [d for d in strength.record_days(facts, lift) if window.window_start <= d <= window.window_end]
            if days:
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
        return self._insight(
            kind, category, claims, "e1rm", rank=rank, lift=lead.lift, offers=self._offers(facts, lead)
        )

    def _offers(self, facts: FactTable, lead: Claim) -> tuple[Offer, ...]:
        """What may be recommended beside a claim about a lift."""
        if self.counsel is None:
            return ()
        as_of = self.voice.as_of
        # Which variation is named moves on with the month, so that it stays while the insight stands.
        turn = as_of.year * 12 + as_of.month
        return self.counsel.offers(lead, deloaded=recovery.was_deload(facts, as_of), turn=turn)

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

    def recovery(self, facts: FactTable) -> Wanted | None:
        """The load of the closed week, and what went along with good and bad days."""
        claims = recovery.load(facts, self.voice.as_of)
        if not claims:
            return None
        return self._insight(
            "recovery",
            "recovery",
            claims + recovery.along(facts, self.voice.as_of),
            "weekly",
            valid_until=claims[0].main.window_end + training.WEEK_FRESH,
        )

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
        offers: tuple[Offer, ...] = (),
    ) -> Wanted | None:
        lead, *rest = claims
        if self._is_dismissed(lead):
            return None
        rest = [claim for claim in rest if not self._is_dismissed(claim)]
        ordered = [lead, *sorted(rest, key=lambda claim: -claim.salience)][:MAX_CLAIMS]
        numbered = tuple(replace(claim, id=f"c{i}") for i, claim in zip(count(1), ordered, strict=False))
        window = period or lead.main
        start, end = (when, when) if when else (window.window_start, window.window_end)
        dated = insight_type in _DATED
        key_day = start if dated else _last_month(self.voice.as_of)
        turn = end.toordinal() // 7 + 6 * rank  # apart enough that the phrasings of one rank do not follow another's
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
            input_hash=input_hash(
                numbered, insight_type, self.voice.units, self.voice.locale.code, *(o.identity() for o in offers)
            ),
            voice=self.voice,
            turn=turn,
            lift=lift,
            offers=offers,
        )

    def _is_dismissed(self, claim: Claim) -> bool:
        return any(one.covers(claim) for one in self.dismissed)


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
