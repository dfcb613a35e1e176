"""Claims about recovery's context: the load of the closed week, and what went along with a lift's good and bad days.

These are reports. No claim reads a risk, an injury or an advice from a load, and none names a cause.
"""

from datetime import date, timedelta
from typing import Final

from insights.narrative.claims import FRESH, Claim, make
from insights.narrative.facts import Fact, FactTable, Lift

_WEEK_FRESH: Final = timedelta(days=7)
# What makes a deload week (data_types.CATALOGUE, deload_week): hard sets of the baseline, light lift-days in per cent
_DELOAD_SETS: Final = 0.6
_DELOAD_DAYS: Final = 50.0
# The factors of session_context that a correlation may be told of; the name is also that of the clause
_FACTORS: Final = ("sleep_hours", "sleep_quality", "stress_level", "energy_level")
_ASSOCIATIONS_TOLD: Final = 2


def was_deload(facts: FactTable, as_of: date) -> bool:
    """Whether the last closed week counts as a deload week."""
    rule = _of_week(facts, "deload_week", as_of)
    return rule is not None and rule.text_value == "deload"


def load(facts: FactTable, as_of: date) -> list[Claim]:
    """The last closed week: deload or regular, monotony and strain, and its load against that of four weeks."""
    found = (_deload(facts, as_of), _spread(facts, as_of), _against_four_weeks(facts, as_of))
    return [claim for claim in found if claim is not None]


def along(facts: FactTable, as_of: date) -> list[Claim]:
    """What went along with the days of a lift, the strongest first. Only what a permutation test has let through."""
    found: list[tuple[float, Claim]] = []
    for factor in _FACTORS:
        data_type = f"e1rm_{factor}_rho"
        for lift in facts.lifts_with(data_type):
            rho = facts.newest(data_type, lift=lift.id)
            if rho is not None and as_of - FRESH <= rho.window_end <= as_of and 0 < abs(rho.value) <= 1:
                found.append((-abs(rho.value), _association(factor, lift, rho)))
    found.sort(key=lambda pair: (pair[0], pair[1].metric, pair[1].subject))
    return [claim for _, claim in found[:_ASSOCIATIONS_TOLD]]


def _association(factor: str, lift: Lift, rho: Fact) -> Claim:
    direction = "up" if rho.value > 0 else "down"
    return make("association", f"along_{factor}", direction, [("rho", rho)], lift=lift, open_window=True)


def _deload(facts: FactTable, as_of: date) -> Claim | None:
    """Deload or regular, with the figures that the rule rests on; None where they contradict it."""
    rule, sets = _of_week(facts, "deload_week", as_of), _of_week(facts, "weekly_hard_sets", as_of)
    baseline, share = (
        _of_week(facts, "deload_baseline_hard_sets", as_of),
        _of_week(facts, "deload_days_share_pct", as_of),
    )
    if rule is None or sets is None:
        return None
    few = baseline is not None and sets.value <= _DELOAD_SETS * baseline.value
    light = share is not None and share.value >= _DELOAD_DAYS
    if rule.text_value == "deload" and few:
        roles = [("sets", sets), ("baseline", baseline), ("rule", rule)]
        return make("compare", "deload_week", "sets", roles)
    if rule.text_value == "deload" and light:
        found = [("share", share), ("sets", sets), ("baseline", baseline), ("rule", rule)]
        return make("compare", "deload_week", "days", found)
    if rule.text_value == "regular" and baseline is not None and not few and not light:
        roles = [("sets", sets), ("baseline", baseline), ("rule", rule)]
        return make("compare", "deload_week", "regular", roles)
    return None


def _spread(facts: FactTable, as_of: date) -> Claim | None:
    monotony, strain = _of_week(facts, "weekly_monotony", as_of), _of_week(facts, "weekly_strain_kg", as_of)
    if monotony is None or strain is None or monotony.value <= 0 or strain.value <= 0:
        return None
    return make("load", "load_spread", "none", [("monotony", monotony), ("strain", strain)])


def _against_four_weeks(facts: FactTable, as_of: date) -> Claim | None:
    """The ratio as it is: a description of the past, from which nothing is read (Impellizzeri 2020)."""
    ratio = _of_week(facts, "acute_chronic_ratio", as_of)
    if ratio is None or ratio.value <= 0:
        return None
    return make("load", "acute_chronic", "none", [("ratio", ratio)])


def _of_week(facts: FactTable, data_type: str, as_of: date) -> Fact | None:
    fact = facts.newest(data_type)
    return fact if fact and as_of - _WEEK_FRESH <= fact.window_end <= as_of else None
