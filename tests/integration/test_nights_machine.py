"""Whatever happens, the nights leave what one backfill from nothing would leave.

MACHINE_EXAMPLES and MACHINE_STEPS make the search longer.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any, ClassVar
from uuid import UUID

import psycopg
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from tests.conftest import create, drop, named
from tests.integration import machine
from tests.integration.machine import LIFTS, START, USERS, Typed, key, run

from insights.db.connection import connect

EXAMPLES = int(os.environ.get("MACHINE_EXAMPLES", "5"))
STEPS = int(os.environ.get("MACHINE_STEPS", "14"))
SHRINK = bool(os.environ.get("MACHINE_SHRINK"))  # minutes, for a developer who has a failure at hand
HISTORY_DAYS = 420
# Distances at which rules begin or cease to see a day: jumps, deloads, typos, the known 1RM, months, the trend, the
# horizon; and days in between.
DISTANCES = (0, 1, 2, 4, 8, 21, 27, 28, 30, 41, 42, 43, 56, 59, 60, 61, 83, 84, 85, 115, 119, 120, 121, 130, 150, 182)
FAR = (183, 209, 210, 211, 235, 239, 240, 241, 250, 268, 269, 300, 360, 419)

people = st.sampled_from(USERS)
lifts = st.integers(0, len(LIFTS) - 1)
ago = st.sampled_from(DISTANCES) | st.sampled_from(DISTANCES + FAR)
# The lifters of the history lift about 50 kg: light days, records, jumps, and a tenth or ten times that.
weights = st.sampled_from((None, 0.0, -20.0, 5.0, 5.5, 6.25, 30.0, 42.5, 50.0, 55.0, 60.0, 80.0, 500.0, 550.0))
typed = st.builds(
    Typed,
    lift=st.sampled_from((0, 0, 0, 1, 2, 3, 4)),
    weight=weights,
    reps=st.sampled_from((None, 0, 1, 2, 3, 5, 8, 10, 12, 20)),
    rpe=st.sampled_from((None, None, 5.0, 7.0, 8.5, 9.0, 10.0)),
    set_type=st.sampled_from(("working", "working", "working", "amrap", "warmup", "dropset", "assisted")),
)
picks = st.integers(0, 10_000)
UPHEAVALS = (
    "UPDATE users SET tz = 'Pacific/Auckland' WHERE id = %(user)s",
    "UPDATE users SET tz = 'Mars/Olympus' WHERE id = %(user)s",
    "UPDATE users SET tz = NULL, training_frequency = 3 WHERE id = %(user)s",
    "UPDATE users SET units = 'lb' WHERE id = %(user)s",
    "UPDATE users SET training_experience = 'beginner' WHERE id = %(user)s",
    "DELETE FROM user_body_weights WHERE user_id = %(user)s",
    "UPDATE workout_block_exercises SET exercise_id = %(other)s WHERE id = %(place)s",
    "UPDATE exercise_traits SET load_kind = 'machine' WHERE exercise_id = %(lift)s",
    "UPDATE exercise_traits SET modality = 'timed' WHERE exercise_id = %(lift)s",
    "UPDATE exercise_traits SET is_deadlift = NOT is_deadlift WHERE exercise_id = %(lift)s",
    "DELETE FROM exercise_traits WHERE exercise_id = %(lift)s",
    "UPDATE exercise_biomechanics SET primary_muscles = '{\"chest\": 60}' WHERE exercise_id = %(lift)s",
    "DELETE FROM exercise_movement_patterns WHERE exercise_id = %(lift)s",
    "UPDATE exercise_catalog SET is_bodyweight = NOT is_bodyweight WHERE id = %(lift)s",
    "UPDATE movement_patterns SET name = name || '!'",
    "TRUNCATE user_body_weights",
)


class Nights(RuleBasedStateMachine):
    """An app at work by day, and nights between."""

    database: ClassVar[Callable[[], Any]]

    def __init__(self) -> None:
        super().__init__()
        self.held = self.database()
        self.url: str = self.held.__enter__()
        self.connection = psycopg.connect(self.url, autocommit=True)
        self.as_of = START

    def teardown(self) -> None:
        try:
            self.night(0)
        finally:
            self.connection.close()
            self.held.__exit__(None, None, None)

    def day(self, days: int) -> date:
        return self.as_of - timedelta(days=days)

    def pick(self, table: str, number: int, where: str = "true") -> UUID | None:
        """One of the rows, the newer ones more often."""
        count = self.connection.execute(f"SELECT count(*) FROM {table} WHERE {where}").fetchone()
        if not count or not count[0]:
            return None
        nth = number % count[0] if number % 2 else number % min(count[0], 40)
        found = self.connection.execute(
            f"SELECT id FROM {table} WHERE {where} ORDER BY created_at DESC, id OFFSET %s LIMIT 1", (nth,)
        ).fetchone()
        return found[0] if found else None

    def someone(self, user: UUID) -> bool:
        return bool(self.connection.execute("SELECT 1 FROM users WHERE id = %s", (user,)).fetchone())

    @initialize(days=st.sampled_from((0, 0, 3)))
    def begin(self, days: int) -> None:
        self.as_of += timedelta(days=days)

    @rule(user=people, days=ago, sets=st.lists(typed, min_size=1, max_size=4), hour=st.sampled_from((0, 12, 23)))
    def log(self, user: UUID, days: int, sets: list[Typed], hour: int) -> None:
        if self.someone(user):
            machine.session(self.connection, user, self.day(days), sets, hour=hour, nth=hour)

    @rule(user=people, days=st.sampled_from((-1, -2, -40)), sets=st.lists(typed, min_size=1, max_size=3))
    def log_ahead(self, user: UUID, days: int, sets: list[Typed]) -> None:
        if self.someone(user):
            machine.session(self.connection, user, self.day(days), sets)

    @rule(user=people, days=ago, lift=lifts, weight=st.sampled_from((5.0, 50.0, 500.0)), count=st.integers(5, 7))
    def log_many(self, user: UUID, days: int, lift: int, weight: float, count: int) -> None:
        if self.someone(user):
            machine.session(self.connection, user, self.day(days), [Typed(lift, weight, 5)] * count, nth=1)

    @rule(number=picks, weight=weights, reps=st.sampled_from((None, 1, 5, 9)))
    def correct(self, number: int, weight: float | None, reps: int | None) -> None:
        this = self.pick("set_executions", number)
        run(
            self.connection,
            "UPDATE set_executions SET weight_kg = %s, reps_completed = %s WHERE id = %s",
            *(weight, reps, this),
        )

    @rule(number=picks, factor=st.sampled_from((0.1, 0.4536, 0.8, 1.25, 10)))
    def scale(self, number: int, factor: float) -> None:
        this = self.pick("set_executions", number, "weight_kg < 1000")
        run(self.connection, "UPDATE set_executions SET weight_kg = weight_kg * %s WHERE id = %s", factor, this)

    @rule(user=people, days=ago, length=st.sampled_from((1, 10, 400)))
    def fix_units(self, user: UUID, days: int, length: int) -> None:
        run(
            self.connection,
            "UPDATE set_executions AS e SET weight_kg = e.weight_kg / 2 FROM exercise_performances AS p"
            " JOIN workout_sessions AS s ON s.id = p.workout_session_id WHERE p.id = e.exercise_performance_id"
            " AND s.user_id = %s AND s.start_time BETWEEN %s AND %s AND e.weight_kg < 1000",
            *(user, self.day(days) - timedelta(days=length), self.day(days)),
        )

    @rule(number=picks, stays=st.booleans())
    def confirm(self, number: int, stays: bool) -> None:
        """Somebody looks at a weight that may pass for a typo, and confirms it, or takes that back."""
        this = self.pick("set_executions", number, "weight_kg BETWEEN 4 AND 8 OR weight_kg > 300")
        run(self.connection, "DELETE FROM set_confirmations WHERE set_id = %s", this)
        if stays:
            run(
                self.connection,
                "INSERT INTO set_confirmations (set_id, user_id, weight_kg) SELECT e.id, s.user_id, e.weight_kg"
                " FROM set_executions AS e JOIN exercise_performances AS p ON p.id = e.exercise_performance_id"
                " JOIN workout_sessions AS s ON s.id = p.workout_session_id WHERE e.id = %s",
                this,
            )

    @rule(number=picks, table=st.sampled_from(("set_executions", "exercise_performances", "workout_sessions")))
    def delete(self, number: int, table: str) -> None:
        run(self.connection, f"DELETE FROM {table} WHERE id = %s", self.pick(table, number))

    @rule(number=picks, days=st.sampled_from((-61, -8, -1, 1, 8, 61, 300)))
    def move_session(self, number: int, days: int) -> None:
        this = self.pick("workout_sessions", number)
        run(
            self.connection,
            "UPDATE workout_sessions SET start_time = start_time - make_interval(days => %s),"
            " end_time = end_time - make_interval(days => %s) WHERE id = %s",
            *(days, days, this),
        )

    @rule(
        number=picks,
        change=st.sampled_from(
            (
                "start_time = NULL",
                "end_time = NULL",
                "end_time = start_time + interval '80 minutes'",
                "status = 'NOT_STARTED'",
                "status = 'COMPLETED'",
            )
        ),
    )
    def change_session(self, number: int, change: str) -> None:
        run(
            self.connection,
            f"UPDATE workout_sessions SET {change} WHERE id = %s",
            self.pick("workout_sessions", number),
        )

    @rule(number=picks, other=picks)
    def move_set(self, number: int, other: int) -> None:
        run(
            self.connection,
            "UPDATE set_executions SET exercise_performance_id = %s WHERE id = %s",
            *(self.pick("exercise_performances", other), self.pick("set_executions", number)),
        )

    @rule(user=people, days=ago | st.just(-2), weight=st.sampled_from((70, 82.5)))
    def weigh(self, user: UUID, days: int, weight: float) -> None:
        if self.someone(user):
            run(
                self.connection,
                "INSERT INTO user_body_weights (user_id, measured_on, weight_kg) VALUES (%s, %s, %s)"
                " ON CONFLICT (user_id, measured_on) DO UPDATE SET weight_kg = excluded.weight_kg",
                *(user, self.day(days), weight),
            )

    @rule(number=picks, sleep=st.sampled_from((None, 4.5, 8)))
    def tell_sleep(self, number: int, sleep: float | None) -> None:
        this = self.pick("workout_sessions", number)
        if this is not None:
            run(
                self.connection,
                "INSERT INTO session_context (workout_session_id, sleep_hours) VALUES (%s, %s)"
                " ON CONFLICT (workout_session_id) DO UPDATE SET sleep_hours = excluded.sleep_hours",
                *(this, sleep),
            )

    @rule(user=people)
    def cite(self, user: UUID) -> None:
        """An insight that cites some of the live points."""
        run(
            self.connection,
            "INSERT INTO user_insights (user_id, insight_type, insight_category, title, description,"
            " confidence_score, supporting_data_ids)"
            " SELECT %s, 'weekly_summary', 'progress', 'x', 'x', 1, array_agg(d.id) FROM (SELECT id"
            " FROM insight_data_points WHERE user_id = %s AND superseded_at IS NULL ORDER BY id LIMIT 5) AS d"
            " HAVING count(*) > 0",
            *(user, user),
        )

    @rule(user=people, change=st.sampled_from(UPHEAVALS), lift=lifts, other=lifts)
    def turn_upside_down(self, user: UUID, change: str, lift: int, other: int) -> None:
        """What concerns all days of a user, or of all who did a lift: one rule of many, for it hides what days do."""
        names = {"user": user, "lift": key("lift", lift), "other": key("lift", other), "place": key("be", user, lift)}
        self.connection.execute(change, names)  # type: ignore[arg-type]

    @rule(gone=st.just(USERS[2]))
    def lose_a_user(self, gone: UUID) -> None:
        for statement in machine.LEAVE:
            run(self.connection, statement, gone)

    @rule()
    def next_night(self) -> None:
        self.night(1)

    @rule()
    def same_night(self) -> None:
        self.night(0)

    @rule(days=st.sampled_from((2, 7, 35, 70, -3)))
    def night(self, days: int) -> None:
        self.as_of += timedelta(days=days)
        machine.spend_night(self.url, self.as_of)
        found = list(machine.differences(self.url, self.as_of))
        assert not found, f"as of {self.as_of}: {len(found)} differences, such as {found[0]}"


@pytest.fixture(scope="module")
def history(server_url: str, migrated_template: str) -> Iterator[str]:
    """Name of a database with users who have trained for more than a year, and one night behind them."""
    create(server_url, "history_of_nights", template=migrated_template)
    url = named(server_url, "history_of_nights")
    machine.seed(url, HISTORY_DAYS)
    machine.spend_night(url, START)
    assert not list(machine.differences(url, START))
    yield "history_of_nights"
    drop(server_url, "history_of_nights")


@pytest.mark.slow
@pytest.mark.timeout(0)
def test_any_sequence_of_changes_and_nights_leaves_what_one_backfill_leaves(
    server_url: str, history: str, fresh_names: Iterator[str]
) -> None:
    @contextmanager
    def database() -> Iterator[str]:
        name = next(fresh_names)
        create(server_url, name, template=history)
        try:
            yield named(server_url, name)
        finally:
            drop(server_url, name)

    Nights.database = staticmethod(database)
    run_state_machine_as_test(
        Nights,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            phases=[Phase.explicit, Phase.generate, *([Phase.shrink] if SHRINK else [])],
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_a_quiet_night_reads_no_set_and_leaves_no_dead_row(
    server_url: str, history: str, fresh_names: Iterator[str]
) -> None:
    name = next(fresh_names)
    create(server_url, name, template=history)
    url = named(server_url, name)
    tables = (*machine.STATE, *machine.TABLES[:2])
    with connect(url, autocommit=True) as connection:
        before = {t: connection.execute(f"SELECT ctid, xmin FROM {t} ORDER BY 1").fetchall() for t in tables}  # type: ignore[arg-type]
        machine.spend_night(url, START + timedelta(days=1))
        after = {t: connection.execute(f"SELECT ctid, xmin FROM {t} ORDER BY 1").fetchall() for t in tables}  # type: ignore[arg-type]
    assert after == before
    drop(server_url, name)
