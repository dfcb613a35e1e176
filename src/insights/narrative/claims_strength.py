"""Claims about one lift: its trend, plateau and level, and the records of a day."""

from datetime import date

from insights.narrative.claims import (
    FRESH,
    LEVEL_CONFIDENCE_MIN,
    PLATEAU_CONFIDENCE,
    TREND_CONFIDENCE_MAX,
    TREND_CONFIDENCE_MIN,
    Claim,
    make,
)
from insights.narrative.facts import FactTable, Lift

# Below this an estimate is called rough (convention): a set of five with its RPE has 0.47 to 0.64, one without 0.28.
ROUGH_BELOW = 0.40

RECORD_TYPES = ("weight_record_kg", "reps_record_reps", "volume_record_kg")


def trend(facts: FactTable, lift: Lift, as_of: date) -> Claim | None:
    """What the trend rule decided for a lift, plateau and undecided included; None where it had nothing fresh."""
    kind = facts.newest("e1rm_trend_kind", lift=lift.id)
    count = facts.newest("e1rm_trend_estimates", lift=lift.id)
    if kind is None or count is None or not as_of - FRESH <= kind.window_end <= as_of:
        return None
    mdc = facts.newest("e1rm_trend_mdc_pct_week", lift=lift.id)
    low, high = (facts.newest(f"e1rm_trend_{end}_pct_week", lift=lift.id) for end in ("low", "high"))
    if kind.text_value == "undecided":
        if mdc is None:
            return None
        roles = [("count", count), ("mdc", mdc), ("rule", kind)]
        return make(
            "insufficient",
            "e1rm_undecided",
            "none",
            roles,
            lift=lift,
            confidence=1.0,
            open_window=True,
            decided=False,
        )
    if low is None or high is None:
        return None
    if kind.text_value == "plateau":
        bounds = {"count": count, "low": low, "high": high, "rule": kind, "mdc": mdc}.items()
        return make(
            "plateau", "e1rm_plateau", "level", bounds, lift=lift, confidence=PLATEAU_CONFIDENCE, open_window=True
        )
    return _slope(facts, lift, rising=kind.text_value == "rising") if kind.text_value in {"rising", "falling"} else None


def _slope(facts: FactTable, lift: Lift, *, rising: bool) -> Claim | None:
    names = {
        "slope": "e1rm_trend_pct_week",
        "count": "e1rm_trend_estimates",
        "low": "e1rm_trend_low_pct_week",
        "high": "e1rm_trend_high_pct_week",
        "rule": "e1rm_trend_kind",
        "mdc": "e1rm_trend_mdc_pct_week",
    }
    found = {role: facts.newest(data_type, lift=lift.id) for role, data_type in names.items()}
    slope, low, high, mdc = found["slope"], found["low"], found["high"], found["mdc"]
    if slope is None or low is None or high is None or mdc is None:
        return None
    ordered = 0 < low.value <= slope.value <= high.value if rising else low.value <= slope.value <= high.value < 0
    if not ordered:  # the kind and the numbers contradict each other: nothing is told
        return None
    return make(
        "trend",
        "e1rm_trend",
        "up" if rising else "down",
        found.items(),
        lift=lift,
        valence="positive" if rising else "negative",
        confidence=min(TREND_CONFIDENCE_MAX, slope.confidence_score or TREND_CONFIDENCE_MIN),
        effect=slope.value / (2 * mdc.value) if mdc.value > 0 else 1.0,
        open_window=True,
    )


def level(facts: FactTable, lift: Lift, as_of: date) -> Claim | None:
    """The newest estimate of a lift with its confidence, where that is high enough to be cited."""
    latest = facts.newest("e1rm_latest_kg", lift=lift.id)
    confidence = facts.newest("e1rm_latest_confidence", lift=lift.id)
    if latest is None or confidence is None or not as_of - FRESH <= latest.window_end <= as_of or latest.value <= 0:
        return None
    if confidence.value < LEVEL_CONFIDENCE_MIN:
        return None
    direction = "rough" if confidence.value < ROUGH_BELOW else "sound"
    roles = [("level", latest), ("confidence", confidence)]
    metric = "e1rm_level_total" if latest.with_body_weight else "e1rm_level"
    return make("level", metric, direction, roles, lift=lift, confidence=confidence.value, open_window=True)


def too_few(facts: FactTable, lift: Lift, as_of: date) -> Claim | None:
    """That a lift has too few estimates for a trend."""
    count = facts.newest("e1rm_estimates", lift=lift.id)
    if count is None or not as_of - FRESH <= count.window_end <= as_of:
        return None
    return make("insufficient", "e1rm_few", "none", [("count", count)], lift=lift, confidence=1.0, open_window=True)


def record_days(facts: FactTable, lift: Lift) -> list[date]:
    """The days on which a lift has a record, oldest first."""
    return sorted({f.measurement_date for t in RECORD_TYPES for f in facts.all(t) if f.entity_id == lift.id})


def records(facts: FactTable, lift: Lift, day: date) -> list[Claim]:
    """The records of a lift on a day, each with what stood before: weight first, then reps, then volume."""
    found = (_weight_record(facts, lift, day), _reps_record(facts, lift, day), _volume_record(facts, lift, day))
    return [claim for claim in found if claim is not None]


def _weight_record(facts: FactTable, lift: Lift, day: date) -> Claim | None:
    value = facts.on_day("weight_record_kg", lift.id, day)
    before = facts.on_day("weight_record_previous_kg", lift.id, day)
    reps = facts.on_day("weight_record_reps", lift.id, day)
    if value is None or before is None or reps is None or not value.value > before.value >= 0:
        return None
    roles = [("weight", value), ("reps", reps), ("previous", before)]
    metric = "weight_record_total" if value.with_body_weight else "weight_record"
    return make("record", metric, "up", roles, lift=lift, valence="positive")


def _reps_record(facts: FactTable, lift: Lift, day: date) -> Claim | None:
    value = facts.on_day("reps_record_reps", lift.id, day)
    before = facts.on_day("reps_record_previous_reps", lift.id, day)
    weight = facts.on_day("reps_record_weight_kg", lift.id, day)
    if value is None or before is None or weight is None or not value.value > before.value >= 0:
        return None
    roles = [("reps", value), ("weight", weight), ("previous", before)]
    metric = "reps_record"
    if weight.value <= 0:  # a body-weight lift, or assistance, which counts against the lifter's own weight
        metric = "reps_record_bare" if weight.value == 0 else "reps_record_assisted"
    return make("record", metric, "up", roles, lift=lift, valence="positive")


def _volume_record(facts: FactTable, lift: Lift, day: date) -> Claim | None:
    value = facts.on_day("volume_record_kg", lift.id, day)
    before = facts.on_day("volume_record_previous_kg", lift.id, day)
    if value is None or before is None or not value.value > before.value >= 0:
        return None
    roles = [("volume", value), ("previous", before)]
    metric = "volume_record_total" if value.with_body_weight else "volume_record"
    return make("record", metric, "up", roles, lift=lift, valence="positive")
