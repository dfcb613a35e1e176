from datetime import date, timedelta
from typing import Any

import polars as pl
from hypothesis import event, given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from tests.conftest import examples
from tests.oracle import logs

from insights.data_types import CATALOGUE
from insights.frames import LiftBests, LiftDays, Movements, Muscles, Sets
from insights.science import periods, strength, typos
from insights.science.derive import Derived, derive, users_due
from insights.science.facts import Facts, changed, collect
from insights.science.history import LOOK_BACK_DAYS, STRADDLE_DAYS, Bests, fold
from insights.science.sets import verdicts
from insights.science.tracks import JUMP_DAYS

Row = dict[str, Any]
Log = tuple[list[Row], list[Row], list[Row], list[Row]]
A, B, U, V = b"a" * 16, b"b" * 16, b"u" * 16, b"v" * 16
MUSCLES = [(A, "chest", "primary", 90.0), (A, "triceps", "secondary", 40.0), (B, "quadriceps", "primary", 90.0)]
MOVEMENTS = [(A, "horizontal_push"), (B, "squat"), (B, "lunge")]
FIRST = logs.START.date()
KEY = ["user_id", "exercise_id", "day"]
_A_DAY = pl.duration(days=1)


def rows_of(
    facts: Facts, bests: Bests, as_of: date, since: pl.DataFrame | None = None, due: pl.Series | None = None
) -> Derived:
    users = logs.frames([], [logs.a_user(U), logs.a_user(V)], [], [])[1]
    muscles = Muscles.validate(pl.DataFrame(MUSCLES, schema=Muscles.create_empty().schema, orient="row"))
    movements = Movements.validate(pl.DataFrame(MOVEMENTS, schema=Movements.create_empty().schema, orient="row"))
    return derive(facts, bests, users, muscles, movements, as_of, since, due)


@st.composite
def histories(draw: st.DrawFn) -> Log:
    """Two users and two lifts over some two years: levels that drift, dip and jump, breaks, body weight that comes."""
    sets: list[Row] = []
    kind = draw(st.sampled_from(["free", "free", "bodyweight", "assisted"]))
    for user in (U, V):
        level, day = 100.0, 0
        for _ in range(draw(st.integers(10, 60))):
            day += draw(st.sampled_from([1, 2, 2, 3, 3, 4, 7, 7, 30, 90]))
            level *= draw(st.sampled_from([1.0, 1.0, 1.0, 1.02, 0.98, 1.25, 0.78]))
            for _ in range(draw(st.integers(1, 3))):
                weight = round(level * draw(st.sampled_from([1.0, 1.0, 0.8, 0.95, 0.5])) / 2.5) * 2.5
                sets.append(
                    logs.a_set(
                        len(sets), day, user_id=user, session_id=user[:8] + b"%08d" % day, weight_kg=weight,
                        exercise_id=draw(st.sampled_from([A, A, B])), reps_completed=draw(st.integers(1, 13)),
                        rpe_value=draw(st.sampled_from([None, 7.0, 8.5, 9.0, 10.0])),
                        set_type=draw(st.sampled_from(["working"] * 5 + ["warmup", "dropset", "amrap"])),
                        session_end=draw(st.sampled_from([None, logs.START + timedelta(days=day, hours=1)])),
                    )
                )  # fmt: skip
    weights = [logs.a_body_weight(FIRST + timedelta(days=draw(st.integers(0, 300))), 77.7)]
    lifts = [logs.a_lift(A, load_kind=kind, bodyweight_share=0.67), logs.a_lift(B, is_deadlift=True)]
    return sets, [logs.a_user(U), logs.a_user(V, "Pacific/Auckland")], lifts, weights


def since_all(facts: Facts, cut: date) -> pl.DataFrame:
    lifts = facts.lift_days.select("user_id", "exercise_id").unique()
    return lifts.with_columns(day=pl.lit(cut))


def from_day(rows: Derived, cut: date) -> tuple[pl.DataFrame, pl.DataFrame]:
    firsts = {period: pl.select(periods.first_day(pl.lit(cut), period)).item() for period in ("weekly", "monthly")}
    held = pl.col("calculation_date") >= pl.col("period_type").cast(pl.String).replace_strict({"daily": cut} | firsts)
    return rows.progressions.filter(pl.col("measurement_date") >= cut), rows.volumes.filter(held)


@given(log=histories(), back=st.integers(0, 150), age=st.integers(0, 90))
@examples(5)
def test_what_is_kept_gives_the_rows_that_all_facts_give(log: Log, back: int, age: int) -> None:
    as_of = max(row["session_start"] for row in log[0]).date() + timedelta(days=1 + age % 3)
    facts = logs.facts(log)
    horizon = as_of - timedelta(days=LOOK_BACK_DAYS + back)
    cut = min(as_of, horizon + timedelta(days=STRADDLE_DAYS + 2 * age))
    whole = rows_of(facts, Bests.none(), as_of)
    kept = rows_of(*fold(facts, Bests.none(), horizon), as_of, since_all(facts, cut))
    for expected, found in zip(from_day(whole, cut), from_day(kept, cut), strict=True):
        assert_frame_equal(expected, found)
    assert_frame_equal(whole.data_points(), kept.data_points())
    # the open days before the cut come back too, as they are
    columns = whole.progressions.columns
    assert kept.progressions.join(whole.progressions, on=columns, how="anti", nulls_equal=True).is_empty()


@given(log=histories(), place=st.floats(0, 1), later=st.integers(0, 9), gone=st.integers(0, 60))
@examples(5)
def test_points_on_closed_periods_stay_as_they_are_for_users_who_are_not_due(
    log: Log, place: float, later: int, gone: int
) -> None:
    days = sorted(row["session_start"].date() for row in log[0])
    then = days[int(place * (len(days) - 1))]
    now = then + timedelta(days=later)
    removed = then - timedelta(days=gone)  # a session of that day is deleted
    edited = [row for row in log[0] if row["session_start"].date() != removed]
    before, after = logs.facts(log, as_of=then), logs.facts((edited, *log[1:]), as_of=now)
    told = pl.DataFrame({"user_id": [U, V]}).with_columns(closed_through=pl.lit(periods.closed_through(then)))
    due = users_due(told, after, Bests.none(), changed(before, after), now)
    lifts = [of.name for of in CATALOGUE.values() if of.about == "lift"]
    stay = ~pl.col("data_type").is_in(lifts) & ~pl.col("user_id").is_in(due.implode())
    old, new = (rows_of(facts, Bests.none(), day).data_points() for facts, day in ((before, then), (after, now)))
    assert_frame_equal(new.filter(stay), old.filter(stay))
    # and what comes back of those who are due is all that they have
    some = rows_of(after, Bests.none(), now, since_all(after, now), due).data_points()
    assert_frame_equal(some, new.filter(~stay))
    if periods.closed_through(now) != periods.closed_through(then):
        assert due.to_list() == [U, V]


@given(log=histories(), place=st.floats(0, 1))
@examples(10)
def test_what_is_kept_of_the_lifts_tells_their_days_as_all_facts_do(log: Log, place: float) -> None:
    facts = logs.facts(log)
    days = facts.lift_days["day"].unique().sort()
    horizon = days[int(place * (len(days) - 1))] + timedelta(days=1)
    kept, bests = fold(facts, Bests.none(), horizon)
    whole, found = strength.lift_days(facts.lift_days), strength.lift_days(kept.lift_days, bests.lifts)
    since = pl.col("day") >= horizon
    assert_frame_equal(found.filter(since).drop("segment"), whole.filter(since).drop("segment"))
    # the days before it whose jump is not yet decided
    lift = ["user_id", "exercise_id", "with_body_weight"]
    asked = whole.filter(~since, pl.col("estimated_1rm_kg").is_not_null(), ~pl.col("deload"))
    undecided = asked.group_by(lift).tail(JUMP_DAYS - 1).sort("user_id", "exercise_id", "day")
    again = found.filter(~since).join(undecided, on=[*lift, "day"], how="semi", maintain_order="left")
    before = ["segment", "known_1rm_kg"]
    assert_frame_equal(again.drop(before), undecided.select(found.columns).drop(before))


def test_a_day_after_a_long_break_decides_a_jump_before_the_horizon() -> None:
    single = {"exercise_id": A, "reps_completed": 1, "rpe_value": 10.0}
    rows = [logs.a_set(n, 3 * n, weight_kg=kg, **single) for n, kg in enumerate([100.0, 101.0, 102.0, 130.0, 131.0])]
    lifts, users = [logs.a_lift(A)], [logs.a_user(U)]
    kept, bests = fold(logs.facts((rows, users, lifts, [])), Bests.none(), FIRST + timedelta(days=100))
    back = logs.facts(([logs.a_set(9, 400, weight_kg=132.0, **single)], users, lifts, []))
    after = Facts(LiftDays.cast(pl.concat([kept.lift_days, back.lift_days])), back.user_days, back.context_days)
    rows_of_night = rows_of(after, bests, FIRST + timedelta(days=401), changed(kept, after)).progressions
    days = [FIRST + timedelta(days=day) for day in (9, 12, 400)]
    assert rows_of_night.select("measurement_date", "weight_pr").rows() == list(
        zip(days, [False, True, True], strict=True)
    )


@given(log=histories(), back=st.integers(0, 200), later=st.integers(0, 200))
@examples(6)
def test_folding_twice_is_folding_once_at_the_later_day(log: Log, back: int, later: int) -> None:
    facts = logs.facts(log)
    last = facts.lift_days["day"].max()
    assert isinstance(last, date)
    horizon = last - timedelta(days=back)
    once = fold(facts, Bests.none(), horizon)
    twice = fold(*fold(facts, Bests.none(), horizon - timedelta(days=later)), horizon)
    for name in ("lift_days", "user_days", "context_days"):
        assert_frame_equal(getattr(once[0], name), getattr(twice[0], name))
    for name in ("lifts", "users"):
        assert_frame_equal(getattr(once[1], name), getattr(twice[1], name))
    LiftBests.validate(twice[1].lifts)
    LiftDays.validate(twice[0].lift_days)


@st.composite
def edited(draw: st.DrawFn) -> tuple[Log, Log, date]:
    """A history, the same after some sets of its second half were changed, taken away or added, and its last day."""
    log = draw(histories())
    sets = log[0]
    day_of = {row["set_id"]: row["session_start"].date() for row in sets}
    last = max(day_of.values())
    late = [row for row in sets if day_of[row["set_id"]] >= last - timedelta(days=draw(st.integers(0, 120)))]
    after = {row["set_id"]: row for row in sets}
    for row in draw(st.lists(st.sampled_from(late), max_size=3, unique_by=lambda row: row["set_id"])):
        match draw(st.sampled_from(["gone", "light", "heavy", "typo", "lift", "day"])):
            case "gone":
                del after[row["set_id"]]
            case "lift":
                after[row["set_id"]] = row | {"exercise_id": B if row["exercise_id"] == A else A}
            case "day":
                start = row["session_start"] + timedelta(days=draw(st.integers(0, 2)))
                session = row["user_id"][:8] + b"%08d" % (start.date() - FIRST).days
                after[row["set_id"]] = row | {"session_start": start, "session_id": session}
            case what:
                factor = {"light": 0.6, "heavy": 1.3, "typo": 10.0}[what]
                after[row["set_id"]] = row | {"weight_kg": row["weight_kg"] * factor}
    return log, (list(after.values()), *log[1:]), last


@given(case=edited())
@examples(5)
def test_a_change_reaches_only_what_comes_back(case: tuple[Log, Log, date]) -> None:
    before, after, last = case
    as_of = last + timedelta(days=3)
    old, new = logs.facts(before), logs.facts(after)
    horizon = as_of - timedelta(days=LOOK_BACK_DAYS + 60 + STRADDLE_DAYS)
    kept, bests = fold(old, Bests.none(), horizon)
    renewed = fold(new, Bests.none(), horizon)
    assert_frame_equal(renewed[1].lifts, bests.lifts)  # no change lies before the horizon
    since = changed(kept, renewed[0])
    night = rows_of(renewed[0], bests, as_of, since)
    was, now = rows_of(old, Bests.none(), as_of), rows_of(new, Bests.none(), as_of)
    assert_frame_equal(night.data_points(), now.data_points())
    lift, starts = ["user_id", "exercise_id"], since.group_by("user_id").agg(first=pl.col("day").min())
    stays = was.progressions.join(since, on=lift, how="left", maintain_order="left")
    stays = stays.filter((pl.col("measurement_date") < pl.col("day")).fill_null(value=True)).drop("day")
    progressions = pl.concat([stays.join(night.progressions, on="id", how="anti"), night.progressions])
    assert_frame_equal(progressions.sort("id"), now.progressions.sort("id"))
    first = {name: periods.first_day(pl.col("first"), name) for name in ("daily", "weekly", "monthly")}
    begins = pl.coalesce(pl.when(pl.col("period_type") == name).then(day) for name, day in first.items())
    held = was.volumes.join(starts, on="user_id", how="left", maintain_order="left")
    held = held.filter((pl.col("calculation_date") < begins).fill_null(value=True)).drop("first")
    assert_frame_equal(pl.concat([held, night.volumes]).sort("id"), now.volumes.sort("id"))


def of_days(log: Log, spans: pl.DataFrame, others: pl.DataFrame) -> pl.DataFrame:
    """The lift-days of the users' spans (user_id, first_day, last_day), of the sets of these days, beside others."""
    sets, users, lifts, weights = logs.frames(*log)
    day = verdicts(sets, users, lifts, weights).rows.select("set_id", "user_id", "day")
    near = day.join(spans, on="user_id").filter(
        pl.col("day").is_between(pl.col("first_day") - _A_DAY, pl.col("last_day") + _A_DAY)
    )
    read = Sets.validate(sets.filter(pl.col("set_id").is_in(near["set_id"].implode())))
    judged = verdicts(read, users, lifts, weights, beside=others)
    return inside(collect(judged, logs.contexts([])).lift_days, spans)


def inside(lift_days: pl.DataFrame, spans: pl.DataFrame) -> pl.DataFrame:
    held = lift_days.join(spans, on="user_id").filter(pl.col("day").is_between("first_day", "last_day"))
    return held.select(lift_days.columns).unique(["user_id", "exercise_id", "day"])


def outside(lift_days: pl.DataFrame, spans: pl.DataFrame) -> pl.DataFrame:
    return lift_days.join(inside(lift_days, spans), on=KEY, how="anti", maintain_order="left")


_typed = st.tuples(st.sampled_from([U, V]), st.integers(0, 90), st.sampled_from([40.0, 50.0, 50.0, 5.0, 500.0, 430.0]))


@given(
    stay=st.lists(_typed, min_size=8, max_size=20), gone=st.lists(_typed, max_size=8), new=st.lists(_typed, max_size=8)
)
@examples(10)
def test_the_days_that_a_change_turns_are_all_whose_facts_it_turns(
    stay: list[tuple[bytes, int, float]], gone: list[tuple[bytes, int, float]], new: list[tuple[bytes, int, float]]
) -> None:
    every = [
        logs.a_set(number, day, user_id=user, session_id=user[:8] + b"%08d" % day, exercise_id=A, weight_kg=weight)
        for number, (user, day, weight) in enumerate([*stay, *gone, *new])
    ]
    rest_of_log = ([logs.a_user(U), logs.a_user(V, "Pacific/Auckland")], [logs.a_lift(A)], [])
    before: Log = (every[: len(stay) + len(gone)], *rest_of_log)
    after: Log = (every[: len(stay)] + every[len(stay) + len(gone) :], *rest_of_log)
    if before[0] == after[0]:
        return
    touched = pl.concat(
        verdicts(*logs.frames([row for row in one[0] if row not in other[0]], *one[1:]))
        .rows.select("user_id", "exercise_id", "day")
        .unique()
        for one, other in ((before, after), (after, before))
    )
    changed = touched.select("user_id", first_day="day", last_day="day").unique()
    old = logs.facts(before).lift_days
    rest = outside(old, changed)
    now = of_days(after, changed, rest)
    days = typos.turned(rest, inside(old, changed), now)
    spans = days.select("user_id", first_day="day", last_day="day")
    event(f"{spans.height} days turned")
    kept = pl.concat([outside(rest, spans), now])
    found = pl.concat([kept, of_days(after, spans, kept)]).sort(KEY)
    assert_frame_equal(found, logs.facts(after).lift_days)
