"""The catalogue of data types of insight_data_points: the facts that insights may cite.

A clause can print only what stands here as a value, so the counts, ranges and rules that a sentence mentions are data
points of their own. docs/data-points.md is this table; a test holds code, docs and database together.
"""

# ruff: noqa: E501 - the catalogue is a table: one line a type
from dataclasses import dataclass
from typing import Literal

Unit = Literal[
    "kg", "sets", "reps", "sessions", "sessions/week", "weeks", "%/week", "%", "ratio", "estimates", "score", "rho"
]
About = Literal["user", "lift", "muscle", "movement"]


# The end of the calculation_method of a point whose loads body weight is part of: "weight_record/1+body_weight"
BODY_WEIGHT = "+body_weight"


@dataclass(frozen=True, slots=True)
class DataType:
    """One kind of fact: what it is about, its unit, what it means, where it comes from, how much data it needs."""

    name: str
    about: About
    unit: Unit
    definition: str
    source_table: str
    minimum_n: int = 1


_VOLUME, _STRENGTH, _SETS, _CONTEXT = "volume_analytics", "strength_progressions", "set_executions", "session_context"

CATALOGUE: dict[str, DataType] = {
    t.name: t
    for t in (
        # the last closed ISO week, and what is usual: the mean of the four closed weeks before it
        DataType("weekly_hard_sets", "user", "sets", "Hard sets in the last closed ISO week.", _VOLUME),
        DataType("weekly_hard_sets_usual", "user", "sets", "Mean hard sets a week over the four weeks before.", _VOLUME, 4),
        DataType("weekly_tonnage_kg", "user", "kg", "Logged volume in the last closed ISO week.", _VOLUME),
        DataType("weekly_tonnage_usual_kg", "user", "kg", "Mean logged volume a week over the four weeks before.", _VOLUME, 4),
        DataType("weekly_sessions", "user", "sessions", "Training days in the last closed ISO week.", _VOLUME),
        DataType("weekly_sessions_usual", "user", "sessions", "Mean training days a week over the four weeks before.", _VOLUME, 4),
        # the last closed calendar month and the one before it (the same types, told apart by their window)
        DataType("monthly_hard_sets", "user", "sets", "Hard sets in a closed calendar month.", _VOLUME),
        DataType("monthly_tonnage_kg", "user", "kg", "Logged volume in a closed calendar month.", _VOLUME),
        DataType("monthly_sessions", "user", "sessions", "Training days in a closed calendar month.", _VOLUME),
        DataType("monthly_tonnage_change_pct", "user", "%", "Change of the logged volume from the month before.", _VOLUME),
        # strength: the trend of a lift's day estimates, in per cent a week, and its level
        DataType("e1rm_trend_pct_week", "lift", "%/week", "Median pairwise slope of 100 ln(estimate) over the trend window.", _STRENGTH, 10),
        DataType("e1rm_trend_low_pct_week", "lift", "%/week", "Lower end of the slope's 95 % range.", _STRENGTH, 10),
        DataType("e1rm_trend_high_pct_week", "lift", "%/week", "Upper end of the slope's 95 % range.", _STRENGTH, 10),
        DataType("e1rm_trend_estimates", "lift", "estimates", "Day estimates in the trend window, deload days left out.", _STRENGTH, 10),
        DataType("e1rm_trend_mdc_pct_week", "lift", "%/week", "Smallest slope that these data could show.", _STRENGTH, 10),
        DataType("e1rm_trend_kind", "lift", "score", "rising, falling, plateau or undecided (text).", _STRENGTH, 10),
        DataType("e1rm_known_kg", "lift", "kg", "Known 1RM: median of the last up to three estimates of 84 days.", _STRENGTH),
        DataType("e1rm_known_confidence", "lift", "score", "Confidence of the newest of those estimates.", _STRENGTH),
        DataType("e1rm_latest_kg", "lift", "kg", "The newest of those estimates; its window is that day.", _STRENGTH),
        DataType("e1rm_latest_confidence", "lift", "score", "Confidence of the newest estimate.", _STRENGTH),
        DataType("e1rm_estimates", "lift", "estimates", "Day estimates of the last 26 weeks, told where they are too few for a trend.", _STRENGTH),
        # records of the last 28 days: the day's record, and what stood before it
        DataType("weight_record_kg", "lift", "kg", "Heaviest load, above all earlier days.", _STRENGTH),
        DataType("weight_record_reps", "lift", "reps", "Reps of the set that made the weight record.", _SETS),
        DataType("weight_record_previous_kg", "lift", "kg", "Heaviest load of all earlier days; its window is that day.", _STRENGTH),
        DataType("reps_record_reps", "lift", "reps", "Most reps at this weight or more.", _STRENGTH),
        DataType("reps_record_weight_kg", "lift", "kg", "The weight of the reps record.", _STRENGTH),
        DataType("reps_record_previous_reps", "lift", "reps", "Most reps of an earlier day at this weight or more; its window is that day.", _STRENGTH),
        DataType("volume_record_kg", "lift", "kg", "A day's volume load of a lift, above all earlier days.", _STRENGTH),
        DataType("volume_record_previous_kg", "lift", "kg", "Highest volume load of all earlier days; its window is that day.", _STRENGTH),
        # balance, over four closed weeks
        DataType("muscle_weekly_hard_sets", "muscle", "sets", "Hard sets a week (direct 1, indirect 0.5) over four closed weeks.", _VOLUME, 4),
        DataType("landmark_weekly_hard_sets", "user", "sets", "Weekly hard sets a muscle from which growth is well supported (Schoenfeld 2017).", _VOLUME),
        DataType("push_hard_sets", "movement", "sets", "Hard sets of pushing movements over four closed weeks.", _VOLUME, 8),
        DataType("pull_hard_sets", "movement", "sets", "Hard sets of pulling movements over four closed weeks.", _VOLUME, 8),
        DataType("push_pull_ratio", "user", "ratio", "push_hard_sets / pull_hard_sets.", _VOLUME, 8),
        DataType("quads_hard_sets", "muscle", "sets", "Hard sets of the quadriceps over four closed weeks.", _VOLUME, 8),
        DataType("hamstrings_hard_sets", "muscle", "sets", "Hard sets of the hamstrings over four closed weeks.", _VOLUME, 8),
        DataType("quads_hamstrings_ratio", "user", "ratio", "quads_hard_sets / hamstrings_hard_sets.", _VOLUME, 8),
        DataType("attributed_share", "user", "%", "Share of the hard sets of four closed weeks whose muscles are known.", _VOLUME, 4),
        # consistency, over up to eight closed weeks
        DataType("consistency_weeks", "user", "weeks", "Closed weeks looked at: eight, or those since the first day.", _VOLUME),
        DataType("trained_weeks", "user", "weeks", "Weeks among those with a training day.", _VOLUME),
        DataType("sessions_per_week", "user", "sessions/week", "Mean training days a week among those.", _VOLUME),
        DataType("target_sessions_per_week", "user", "sessions/week", "users.training_frequency.", "users"),
        # the load of the last closed week; load is logged volume, rest days are 0
        DataType("deload_week", "user", "score", "deload or regular (text): hard sets at most 60 % of the baseline, or half of the lift-days light.", _VOLUME),
        DataType("deload_baseline_hard_sets", "user", "sets", "Mean hard sets of the last four trained weeks (at least three) of the 26 before.", _VOLUME, 3),
        DataType("deload_days_share_pct", "user", "%", "Share of the week's lift-days that are deload days.", _STRENGTH),
        DataType("weekly_monotony", "user", "ratio", "Mean of the week's daily load / its standard deviation (Foster 1998).", _VOLUME),
        DataType("weekly_strain_kg", "user", "kg", "The week's load x weekly_monotony (Foster 1998).", _VOLUME),
        DataType("acute_chronic_ratio", "user", "ratio", "The week's load / a quarter of that of four weeks. A description: it foretells nothing.", _VOLUME),
        # what goes along with a lift's days, never a cause: told by a permutation test (Holm, p < 0.01) over 26 weeks
        DataType("e1rm_sleep_hours_rho", "lift", "rho", "Spearman's rho of the estimates' residuals from their trend with hours of sleep.", _CONTEXT, 20),
        DataType("e1rm_sleep_quality_rho", "lift", "rho", "Spearman's rho of the estimates' residuals from their trend with the quality of sleep (1-5).", _CONTEXT, 20),
        DataType("e1rm_stress_level_rho", "lift", "rho", "Spearman's rho of the estimates' residuals from their trend with stress (1-5).", _CONTEXT, 20),
        DataType("e1rm_energy_level_rho", "lift", "rho", "Spearman's rho of the estimates' residuals from their trend with energy (1-5).", _CONTEXT, 20),
    )
}  # fmt: skip
