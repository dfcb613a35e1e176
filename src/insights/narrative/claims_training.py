"""Claims about a user's training as a whole: the closed week and month, balance and consistency."""

from datetime import date, timedelta

from insights.narrative.claims import FRESH, Claim, Valence, compared, make
from insights.narrative.facts import Fact, FactTable

WEEK_FRESH = timedelta(days=7)
MONTH_FRESH = timedelta(days=35)
# From this ratio on one side is called the larger, below its inverse the other (convention).
BALANCED_RATIO = 1.25
_ATTRIBUTED_MIN = 80.0  # per cent of the hard sets: the balance rule's own limit
_MUSCLES_TOLD = 2
# The muscles that programmes are written for: the landmark is told of these, not of the small ones between them
_MAJOR_MUSCLES = frozenset(
    {"chest", "lats", "upper_back", "front_delts", "side_delts", "rear_delts"}
    | {"biceps", "triceps", "quadriceps", "hamstrings", "glutes", "calves"}
)
_CONSISTENCY_WEEKS_MIN = 4  # fewer closed weeks say nothing about consistency (convention)

_VALENCE: dict[str, Valence] = {"up": "positive", "down": "negative"}


def week(facts: FactTable, as_of: date) -> list[Claim]:
    """The last closed week against what is usual: hard sets, sessions, logged volume."""
    sessions = facts.newest("weekly_sessions")
    if sessions is None or not as_of - WEEK_FRESH <= sessions.window_end <= as_of:
        return []
    names = (
        ("weekly_hard_sets", "weekly_hard_sets_usual"),
        ("weekly_sessions", "weekly_sessions_usual"),
        ("weekly_tonnage_kg", "weekly_tonnage_usual_kg"),
    )
    claims = []
    for name, usual_name in names:
        value = facts.newest(name)
        if value is not None and value.window_end == sessions.window_end and value.value > 0:
            claims.append(_against(name.removesuffix("_kg"), value, facts.newest(usual_name)))
    return claims


def _beside(usual: Fact | None, value: Fact) -> Fact | None:
    """The usual, where it ends the day before the value's week begins and is no week of rest."""
    return usual if usual and usual.window_end + timedelta(days=1) == value.window_start and usual.value > 0 else None


def _against(metric: str, value: Fact, usual: Fact | None) -> Claim:
    beside = _beside(usual, value)
    if beside is None:
        return make("compare", metric, "alone", [("value", value)])
    direction = compared(value.value, beside.value)
    return make("compare", metric, direction, [("value", value), ("usual", beside)])


def month(facts: FactTable, as_of: date) -> list[Claim]:
    """The last closed month against the one before it: logged volume, hard sets, training days."""
    found: list[Claim] = []
    for name in ("monthly_hard_sets", "monthly_tonnage_kg", "monthly_sessions"):
        months = facts.all(name)
        value = months[-1] if months else None
        if value is None or not as_of - MONTH_FRESH <= value.window_end <= as_of or value.value <= 0:
            continue
        before = next((m for m in months if m.window_end + timedelta(days=1) == value.window_start), None)
        metric = name.removesuffix("_kg")
        if metric == "monthly_tonnage":
            found.append(_tonnage_change(facts, value, before))
        else:
            found.append(_month_against(metric, value, before))
    return found


def _month_against(metric: str, value: Fact, before: Fact | None) -> Claim:
    if before is None or before.value <= 0:
        return make("compare", metric, "alone", [("value", value)])
    return make("compare", metric, compared(value.value, before.value), [("value", value), ("before", before)])


def _tonnage_change(facts: FactTable, value: Fact, before: Fact | None) -> Claim:
    change = facts.newest("monthly_tonnage_change_pct")
    if change is None or before is None or change.window_end != value.window_end or before.value <= 0:
        return _month_against("monthly_tonnage", value, None)
    direction = compared(100 + change.value, 100)
    return make("compare", "monthly_tonnage", direction, [("change", change), ("before", before), ("value", value)])


def balance(facts: FactTable, as_of: date) -> list[Claim]:
    """Pushing against pulling, quadriceps against hamstrings, and the muscles farthest from the landmark."""
    share = facts.newest("attributed_share")
    if share is None or not as_of - FRESH <= share.window_end <= as_of:
        return []
    if share.value < _ATTRIBUTED_MIN:
        return [make("insufficient", "attributed", "none", [("share", share)], confidence=1.0)]
    pairs = (
        ("push_pull", "push_pull_ratio", "push_hard_sets", "pull_hard_sets"),
        ("quads_hamstrings", "quads_hamstrings_ratio", "quads_hard_sets", "hamstrings_hard_sets"),
    )
    claims = [_pair(facts, share, *pair) for pair in pairs]
    return [claim for claim in claims if claim is not None] + _muscles(facts, share)


def _pair(facts: FactTable, share: Fact, metric: str, ratio_name: str, one_name: str, other_name: str) -> Claim | None:
    ratio = facts.newest(ratio_name)
    one, other = facts.newest(one_name), facts.newest(other_name)
    if ratio is None or one is None or other is None or ratio.window_end != share.window_end or ratio.value <= 0:
        return None
    direction = "level"
    if not 1 / BALANCED_RATIO < ratio.value < BALANCED_RATIO:
        direction = "up" if ratio.value > 1 else "down"
    roles = [("one", one), ("other", other), ("ratio", ratio), ("share", share)]
    # The point's own confidence is the share of the sets whose movement or muscle is known, whichever it rests on.
    attributed = share.value / 100 if ratio.confidence_score is None else ratio.confidence_score
    return make("balance", metric, direction, roles, confidence=attributed)


def _muscles(facts: FactTable, share: Fact) -> list[Claim]:
    """The muscles with the fewest sets below the landmark and the one with the most above it."""
    landmark = facts.newest("landmark_weekly_hard_sets")
    if landmark is None:
        return []
    current = [f for f in facts.all("muscle_weekly_hard_sets") if f.window_end == share.window_end]
    major = [f for f in current if f.entity in _MAJOR_MUSCLES]
    ranked = sorted(major, key=lambda f: (f.value, f.entity or ""))
    below = [f for f in ranked if f.value < landmark.value][:_MUSCLES_TOLD]
    above = [f for f in ranked if f.value >= landmark.value][-1:]
    told = [(f, "above") for f in above] + [(f, "below") for f in below]
    return [
        make(
            "balance",
            "muscle_sets",
            direction,
            [("value", f), ("landmark", landmark), ("share", share)],
            confidence=share.value / 100,
        )
        for f, direction in told
    ]


def consistency(facts: FactTable, as_of: date) -> list[Claim]:
    """In how many of the closed weeks the user trained, and how often a week against the plan."""
    weeks, trained = facts.newest("consistency_weeks"), facts.newest("trained_weeks")
    mean, target = facts.newest("sessions_per_week"), facts.newest("target_sessions_per_week")
    claims = []
    if (
        weeks
        and trained
        and weeks.value >= _CONSISTENCY_WEEKS_MIN
        and as_of - FRESH <= weeks.window_end <= as_of
        and 0 < trained.value <= weeks.value
    ):
        direction = "every" if trained.value == weeks.value else "some"
        valence: Valence = "positive" if direction == "every" else "neutral"
        roles = [("trained", trained), ("weeks", weeks)]
        claims.append(make("consistency", "trained_weeks", direction, roles, valence=valence))
    if claims and mean and mean.value > 0:
        if target is None or target.value <= 0:
            claims.append(make("consistency", "sessions_per_week", "alone", [("mean", mean)]))
        else:
            direction = compared(mean.value, target.value)
            claims.append(
                make(
                    "consistency",
                    "sessions_per_week",
                    direction,
                    [("mean", mean), ("target", target)],
                    valence=_VALENCE.get(direction, "neutral"),
                )
            )
    return claims
