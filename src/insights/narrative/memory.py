"""What a user has read or dismissed, so that nothing is told twice within 30 days unless it says something else.

An insight is the same one as long as it has the same key: a changed figure replaces it in its place. Under another key
(the next month, say) its lead claim has to be new: another kind, metric, direction, lift or muscle, or a value that has
moved by more than the least change that its data could show.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from insights.narrative.claims import Claim
from insights.narrative.render import Rendered
from insights.narrative.wanted import Wanted

REMEMBERED: Final = timedelta(days=30)
# Of these every period is an insight of its own: this week's is not last week's told again.
OF_A_PERIOD: Final = frozenset({"weekly_summary", "monthly_review", "recovery", "record"})

# To dismiss one week's summary says nothing of the next.
DISMISSED_WITH_PERIOD: Final = frozenset({"weekly_summary", "monthly_review"})

Key = tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Dismissed:
    """A claim that a user does not want to be told: the lead of a dismissed insight. With a period: that one alone."""

    claim: Key
    period: date | None = None

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> "Dismissed":
        """From insight_type, period_start and the lead claim's identity, as this engine stores them."""
        period = row["period_start"] if row["insight_type"] in DISMISSED_WITH_PERIOD else None
        return cls(tuple(row["identity"][:4]), period)

    def covers(self, claim: Claim) -> bool:
        """Whether a claim is the dismissed one: of the same kind, metric, direction, lift or muscle, and period."""
        return self.period in (None, claim.main.window_start) and self.claim == tuple(claim.identity()[:4])


@dataclass(frozen=True, slots=True)
class Past:
    """An insight that a user has read: its key, the day it was first told, its lead claim and its value, its words."""

    insight_key: str
    day: date
    lead: Key
    value: float | None
    skeleton: str = ""

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> "Past":
        """From a row of user_insights (insight_key, insight_type, claims, period_start) and `day`, when first told.

        With description and spans, where the row has them, also its skeleton.
        Raises KeyError, IndexError or ValueError where the claims are not as this engine stores them.
        """
        identity = row["claims"][0]["identity"]
        value = identity[4][0][3]
        period = row["period_start"] if row["insight_type"] in OF_A_PERIOD else None
        lead = _key(identity, period)
        spans = [(span["start"], span["end"]) for span in row.get("spans") or ()]
        bare = _without(row.get("description") or "", spans)
        return cls(row["insight_key"], row["day"], lead, None if value is None else float(value), bare)


def remembered(wanted: Wanted, rendered: Rendered) -> Past:
    """What a user has read, once this text is published on the day that it is told."""
    lead = wanted.claims[0]
    return Past(wanted.insight_key, wanted.voice.as_of, lead_key(wanted), lead.main.numeric_value, skeleton(rendered))


def lately(past: Iterable[Past], day: date) -> list[Past]:
    """What was first told so shortly before a day that it is not to be told again."""
    return [one for one in past if day - one.day < REMEMBERED]


def told_again(wanted: Wanted, past: Iterable[Past]) -> bool:
    """Whether a user has read the same under another key within 30 days, and nothing has moved since."""
    lead, key, day = wanted.claims[0], lead_key(wanted), wanted.voice.as_of
    return any(
        before.insight_key != wanted.insight_key
        and before.lead == key
        and timedelta(0) <= day - before.day < REMEMBERED
        and not _moved(lead, before)
        for before in past
    )


def lead_key(wanted: Wanted) -> Key:
    """What the lead claim is: kind, metric, direction and what it is about; of a period's insight, the period too."""
    period = wanted.period_start if wanted.insight_type in OF_A_PERIOD else None
    return _key(wanted.claims[0].identity(), period)


def skeleton(rendered: Rendered) -> str:
    """The text without its figures, dates and names."""
    return _without(rendered.description, [(span.start, span.end) for span in rendered.spans])


def _without(text: str, spans: Iterable[tuple[int, int]]) -> str:
    for start, end in sorted(spans, reverse=True):
        text = f"{text[:start]}_{text[end:]}"
    return text


def _key(identity: Sequence[Any], period: date | None) -> Key:
    kind, metric, direction, about = identity[:4]
    return kind, metric, direction, about, period.isoformat() if period else None


def _moved(lead: Claim, past: Past) -> bool:
    """Whether a claim says something else by more than the least change that its data could show."""
    mdc = dict(lead.facts).get("mdc")
    if mdc is None or lead.main.data_type != "e1rm_trend_pct_week" or past.value is None:
        return False
    return abs(lead.main.value - past.value) > mdc.value
