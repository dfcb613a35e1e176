from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insights import assets
from insights.catalogue import Catalogue, parse
from insights.frames import ImportedSets
from insights.simulate import PROFILES, Lifter, simulate, simulate_lifter
from insights.simulate.blemishes import SESSION_BLEMISHES, SET_BLEMISHES
from insights.simulate.person import POUND_KG, TIME_ZONES
from insights.simulate.programs import LIFTS, SPLITS

UNTIL = date(2025, 9, 14)
BARBELL = "Bench Press (Barbell)"  # every split has it


def lifter(index: int = 0, *, weeks: int = 26, seed: int = 7, ugliness: float = 0.0, until: date = UNTIL) -> Lifter:
    return simulate_lifter(index, weeks=weeks, seed=seed, until=until, ugliness=ugliness)


@pytest.fixture(scope="module")
def cohort() -> list[Lifter]:
    return list(simulate(24, weeks=40, seed=3, until=UNTIL, ugliness=1.0))


def with_truth(one: Lifter) -> pl.DataFrame:
    return one.sets.join(one.truth.sets, on="line", validate="1:1")


def test_same_seed_gives_the_same_lifters_and_another_seed_gives_others() -> None:
    first, again, other = (list(simulate(4, weeks=12, seed=s, until=UNTIL, ugliness=1.0)) for s in (5, 5, 6))
    for a, b, c in zip(first, again, other, strict=True):
        assert a.sets.equals(b.sets)
        assert a.truth.sets.equals(b.truth.sets)
        assert a.body_weights.equals(b.body_weights)
        assert (a.email, a.truth.person, a.truth.one_rm) == (b.email, b.truth.person, b.truth.one_rm)
        assert not a.sets.equals(c.sets)
        assert a.email != c.email


def test_a_lifter_does_not_depend_on_how_many_are_made() -> None:
    few, many = (list(simulate(n, weeks=8, seed=11, until=UNTIL)) for n in (3, 6))
    assert all(a.sets.equals(b.sets) for a, b in zip(few, many, strict=False))
    assert simulate_lifter(5, weeks=8, seed=11, until=UNTIL).sets.equals(many[5].sets)


def test_ugliness_changes_the_log_and_not_the_lifter() -> None:
    clean, ugly = lifter(), lifter(ugliness=1.0)
    assert clean.truth.person == ugly.truth.person
    assert set(clean.truth.one_rm.values()) == set(ugly.truth.one_rm.values())
    assert clean.truth.sets.select("set_blemish", "session_blemish").null_count().row(0) == (clean.sets.height,) * 2
    assert not clean.sets.equals(ugly.sets)


@pytest.mark.parametrize("seed", range(5))
def test_first_three_lifters_progress_stall_and_are_inconsistent(seed: int) -> None:
    profiles = [one.truth.person.profile for one in simulate(3, weeks=4, seed=seed, until=UNTIL)]
    assert profiles == ["progresses", "stalls", "inconsistent"]


def test_all_profiles_and_both_units_come_up(cohort: list[Lifter]) -> None:
    assert {one.truth.person.profile for one in cohort} == set(PROFILES)
    assert {one.units for one in cohort} == {"kg", "lb"}
    assert len({one.time_zone for one in cohort}) > len(TIME_ZONES) / 2
    assert {one.body_weights.is_empty() for one in cohort} == {True, False}


def test_slopes_are_those_of_the_profile() -> None:
    progresses, stalls = lifter(0, weeks=80), lifter(1, weeks=80)
    for path in progresses.truth.one_rm.values():
        year_ago = path.one_rm_kg(UNTIL - timedelta(weeks=10))
        assert 100 * np.log(path.one_rm_kg(UNTIL) / year_ago) / 10 == pytest.approx(path.slope_pct_week(UNTIL))
        assert path.slope_pct_week(UNTIL) > 0.2
    for path in stalls.truth.one_rm.values():
        assert path.slope_pct_week(UNTIL) == 0
        assert path.one_rm_kg(UNTIL) == path.one_rm_kg(UNTIL - timedelta(weeks=16))
        assert path.slope_pct_week(UNTIL - timedelta(weeks=40)) > 0.2


def estimate_slope(one: Lifter, title: str) -> float:
    reserve = pl.lit(10) - pl.col("rpe").fill_null(8)
    best = (
        one.sets.filter((pl.col("exercise_title") == title) & (pl.col("set_type") == "working"))
        .with_columns((pl.col("weight_kg") * (1 + (pl.col("reps") + reserve) / 30)).alias("estimate"))
        .join(one.truth.sets.filter(~pl.col("deload")), on="line")
        .group_by("day")
        .agg(pl.col("estimate").max())
        .sort("day")
    )
    weeks = best["day"].to_physical().to_numpy() / 7
    return float(np.polyfit(weeks, 100 * np.log(best["estimate"].to_numpy()), 1)[0])


@pytest.mark.parametrize("seed", range(6))
def test_best_sets_of_a_clean_log_follow_the_true_slope(seed: int) -> None:
    one = lifter(0, seed=seed, weeks=40)
    true_slope = one.truth.one_rm[BARBELL].slope_pct_week(UNTIL)
    assert estimate_slope(one, BARBELL) == pytest.approx(true_slope, abs=0.25)


def test_best_sets_of_those_who_decline_fall(cohort: list[Lifter]) -> None:
    declining = [one.index for one in cohort if one.truth.person.profile == "declines"]
    assert declining
    assert all(estimate_slope(lifter(i, seed=3, weeks=40), BARBELL) < 0 for i in declining)


def test_no_set_beats_the_true_one_rm_by_more_than_form(cohort: list[Lifter]) -> None:
    for one in cohort:
        sets = with_truth(one).filter(pl.col("set_blemish").is_null() & (pl.col("exercise_title") == BARBELL))
        path = one.truth.one_rm[BARBELL]
        heaviest = sets.group_by("day").agg(pl.col("weight_kg").max())
        assert all(weight < 1.1 * path.one_rm_kg(day) for day, weight in heaviest.iter_rows())


def test_typos_of_the_truth_are_in_the_log(cohort: list[Lifter]) -> None:
    for one in cohort:
        typos = with_truth(one).filter(pl.col("line").is_in(one.truth.typo_lines))
        ratio = typos["weight_kg"] / typos["meant_kg"]
        tenfold = pl.Series([10.0 if name == "typo_x10" else 0.1 for name in typos["set_blemish"]])
        assert typos.height >= 2
        assert np.allclose(ratio, tenfold)
    others = with_truth(cohort[0]).filter(pl.col("set_blemish").is_null())
    assert others["weight_kg"].equals(others["meant_kg"], check_names=False)


def test_every_ugliness_is_there_at_1(cohort: list[Lifter]) -> None:
    rows = pl.concat([with_truth(one) for one in cohort])
    named = {one.name for one in SET_BLEMISHES} | {"other_machine"}
    assert set(rows["set_blemish"].drop_nulls()) == named
    assert set(rows["session_blemish"].drop_nulls()) == {one.name for one in SESSION_BLEMISHES}
    assert set(rows["set_type"].cast(pl.String)) == set(ImportedSets.set_type.categories)
    own_names = {lift.own_name for lift in LIFTS.values() if lift.own_name}
    assert own_names <= set(rows["exercise_title"])
    assert own_names <= {title for one in cohort for title in one.truth.one_rm}


def test_each_lifter_has_typos_missing_values_and_odd_sessions_at_1(cohort: list[Lifter]) -> None:
    for one in cohort:
        rows = with_truth(one)
        assert {"typo_x10", "typo_tenth", "no_weight", "no_reps"} <= set(rows["set_blemish"].drop_nulls())
        assert rows["session_end"].null_count() > 0
        over = rows.filter(pl.col("session_blemish") == "over_midnight")
        assert (over["session_end"].dt.date() > over["day"]).all()
        assert (over["session_start"].dt.date() == over["day"]).all()
        starts = rows.group_by("day").agg(pl.col("session_start").n_unique())
        assert starts["session_start"].max() == 2


def test_leap_day_is_trained_by_the_ugly() -> None:
    until = date(2024, 3, 10)
    for index in range(6):
        one = lifter(index, weeks=8, ugliness=0.5, until=until)
        assert date(2024, 2, 29) in set(one.truth.sets["day"])


def test_features_of_training_come_up_without_ugliness() -> None:
    logs = pl.concat([one.sets for one in simulate(24, weeks=12, seed=2, until=UNTIL, ugliness=0.0)])
    assert set(logs["set_type"].cast(pl.String)) == {"warmup", "working", "amrap", "dropset"}
    assert logs.filter(pl.col("set_type") == "warmup")["rpe"].drop_nulls().unique().to_list() == [6.0]
    assert logs.filter(pl.col("exercise_title") == "Plank")["duration_s"].null_count() == 0
    assert set(logs.filter(pl.col("superset").is_not_null())["superset"]) == {"0"}
    assert (logs.filter(pl.col("exercise_title") == "Pull Up (Assisted)")["weight_kg"] > 0).all()
    pull_ups = logs.filter(pl.col("exercise_title") == "Pull Up")["weight_kg"]
    assert 0 < pull_ups.null_count() < len(pull_ups)


def test_weights_are_whole_plates_in_the_unit_of_the_lifter() -> None:
    seen = set()
    for one in simulate(12, weeks=6, seed=4, until=UNTIL, ugliness=0.0):
        in_unit = one.sets["weight_kg"].drop_nulls() / (POUND_KG if one.units == "lb" else 1)
        steps = in_unit / (5 if one.units == "lb" else 2.5)
        assert np.allclose(steps, steps.round())
        seen.add(one.units)
    assert seen == {"kg", "lb"}


def test_rpe_errs_as_published() -> None:
    rows = pl.concat([with_truth(one) for one in simulate(60, weeks=20, seed=9, until=UNTIL, ugliness=0.0)])
    rated = rows.filter(pl.col("rpe").is_not_null() & pl.col("true_rir").is_not_null())
    error = rated.with_columns((10 - pl.col("rpe") - pl.col("true_rir")).alias("error"))
    near = error.filter(pl.col("true_rir").is_between(1, 3))["error"]
    far = error.filter(pl.col("true_rir").is_between(3.5, 4.5))["error"]
    assert near.abs().mean() == pytest.approx(0.65, abs=0.1)  # Refalo 2023
    assert far.mean() == pytest.approx(-0.95, abs=0.2)  # Halperin 2022


def test_fatigue_shows_within_a_session_and_deloads_are_light() -> None:
    one = lifter(0, weeks=40, seed=1)
    work = with_truth(one).filter(pl.col("set_type").is_in(["working", "amrap"]) & pl.col("true_rir").is_not_null())
    heavy = work.filter(~pl.col("deload") & (pl.col("exercise_title") == BARBELL))
    first, last = (heavy.filter(pl.col("set_order") == n)["true_rir"].mean() for n in (2, 4))
    assert isinstance(first, float)
    assert isinstance(last, float)
    assert first > last
    deload = work.filter(pl.col("deload") & (pl.col("exercise_title") == BARBELL))
    assert not deload.is_empty()
    assert deload["weight_kg"].max() < 0.85 * heavy["weight_kg"].max()  # type: ignore[operator]


def test_who_is_inconsistent_misses_more() -> None:
    def trained(index: int) -> float:
        ones = [lifter(index, weeks=30, seed=seed) for seed in range(8)]
        return sum(o.truth.sets["day"].n_unique() / (30 * o.training_frequency) for o in ones) / len(ones)

    assert trained(2) < 0.75 < trained(0)


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 2**63),
    index=st.integers(0, 10**6),
    weeks=st.integers(1, 60),
    ugliness=st.floats(0, 1),
    until=st.dates(date(2000, 1, 1), date(2100, 1, 1)),
)
def test_any_seed_gives_a_valid_log(seed: int, index: int, weeks: int, ugliness: float, until: date) -> None:
    one = simulate_lifter(index, weeks=weeks, seed=seed, until=until, ugliness=ugliness)
    assert ImportedSets.is_valid(one.sets)
    assert one.sets.height == one.truth.sets.height > 0
    first = until - timedelta(days=7 * weeks - 1)
    assert one.truth.sets["day"].is_between(first, until).all()
    assert one.sets["session_start"].dt.date().equals(one.truth.sets["day"], check_names=False)
    assert one.sets["session_start"].is_sorted()
    assert (
        one.sets["session_end"].drop_nulls() > one.sets["session_start"].filter(one.sets["session_end"].is_not_null())
    ).all()
    assert not any(one.sets[name].is_nan().any() for name in ("weight_kg", "rpe"))
    key = ["session_start", "workout_title", "exercise_title", "set_order"]
    assert not one.sets.select(key).is_duplicated().any()
    assert one.sets["rpe"].drop_nulls().is_between(5, 10).all()
    assert one.body_weights["measured_on"].is_between(first, until).all()
    assert all(0.5 < path.one_rm_kg(until) < 600 for path in one.truth.one_rm.values())


@pytest.mark.parametrize("wrong", [{"weeks": 0}, {"ugliness": 1.5}, {"ugliness": -0.1}, {"seed": -1}, {"index": -1}])
def test_senseless_arguments_are_refused(wrong: dict[str, float]) -> None:
    arguments = {"index": 0, "weeks": 4, "seed": 1, "ugliness": 0.5} | wrong
    with pytest.raises(ValueError, match="a lifter needs"):
        simulate_lifter(until=UNTIL, **arguments)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return parse(
        {file.name: file.read_text("utf-8") for file in sorted(assets.path("sql", "catalogue").glob("*.toml"))}
    )


@pytest.mark.parametrize("title", LIFTS)
def test_lifts_are_loaded_as_the_catalogue_says(catalogue: Catalogue, title: str) -> None:
    match, trained = catalogue.match(title), LIFTS[title]
    assert match is not None
    assert match.lift.name == title
    assert match.lift.load_kind == trained.kind
    assert (match.lift.modality == "timed") == trained.timed
    assert (match.lift.bodyweight_share or 0.0) == trained.share


def test_own_names_match_nothing_and_other_work_is_known(catalogue: Catalogue) -> None:
    own_names = [lift.own_name for lift in LIFTS.values() if lift.own_name]
    assert own_names
    assert [catalogue.match(name) for name in own_names] == [None] * len(own_names)
    found = [catalogue.match(title) for title in ("Running", "Warm Up")]
    assert [match and match.lift.modality for match in found] == ["cardio", "mobility"]


def test_splits_name_lifts_that_exist_and_no_lift_is_forgotten() -> None:
    trained = {title for split in SPLITS for _, titles in split for title in titles}
    assert trained == set(LIFTS)
