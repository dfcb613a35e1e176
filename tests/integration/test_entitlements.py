from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from itertools import count
from threading import Barrier
from typing import Any, get_args
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo, available_timezones

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import sql

from insights import assets
from insights.db import entitlements, migrate, queries
from insights.db.connection import connect
from insights.errors import BadInput

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
START, END = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)
PLUS = {"rpe", "rom_quality", "advanced_set_types", "weekly_analytics", "monthly_analytics"}
PRO = {
    "tempo_seconds", "partial_reps", "assisted_reps", "measured_rom", "biomechanics", "plateau_detection",
    "llm_insights", "on_demand",
}  # fmt: skip
NUMBERS = count(1)
KEPT = "SELECT usage_count, daily_limit, monthly_limit FROM feature_usage WHERE user_id = %s"
Connection = psycopg.Connection[Any]


@pytest.fixture(scope="module")
def shared(server_url: str, migrated_template: str) -> Iterator[str]:
    # one database for all tests that only add users; each puts the limits back
    name, template = sql.Identifier("entitlements"), sql.Identifier(migrated_template)
    with psycopg.connect(server_url, autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(name, template))
        yield f"{server_url.rsplit('/', 1)[0]}/entitlements"
        server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


@pytest.fixture
def connection(shared: str) -> Iterator[Connection]:
    with connect(shared, autocommit=True) as connection:
        yield connection
        connection.execute("UPDATE plan_feature_limits SET daily_limit = NULL, monthly_limit = NULL")


@pytest.fixture
def own_connection(database: str) -> Iterator[Connection]:
    with connect(database, autocommit=True) as connection:
        yield connection


def add_user(connection: Connection, zone: str | None = "UTC") -> UUID:
    user, name = uuid4(), f"u{next(NUMBERS)}"
    connection.execute(
        "INSERT INTO users (id, email, username, tz) VALUES (%s, %s, %s, %s)", (user, f"{name}@b.c", name, zone)
    )
    return user


def subscribe(
    connection: Connection,
    user: UUID,
    plan_type: str,
    start: datetime | None = None,
    end: datetime | None = None,
    *,
    is_active: bool = True,
) -> None:
    plan = uuid4()
    connection.execute("INSERT INTO plans (id, name, type) VALUES (%s, 'a plan', %s)", (plan, plan_type))
    connection.execute(
        "INSERT INTO subscriptions (id, user_id, plan_id, is_active, current_period_start, current_period_end)"
        " VALUES (%s, %s, %s, %s, %s, %s)",
        (uuid4(), user, plan, is_active, start, end),
    )


def add_pro(connection: Connection, zone: str | None = "UTC") -> UUID:
    user = add_user(connection, zone)
    subscribe(connection, user, "pro")
    return user


def limit(connection: Connection, daily: int | None, monthly: int | None, feature: str = "on_demand") -> None:
    touched = connection.execute(
        "UPDATE plan_feature_limits SET daily_limit = %s, monthly_limit = %s"
        " WHERE plan_type = 'pro' AND feature_name = %s",
        (daily, monthly, feature),
    )
    assert touched.rowcount == 1


def use(connection: Connection, user: UUID, at: datetime = NOON, n: int = 1) -> entitlements.Consumption:
    return entitlements.consume(connection, user, "on_demand", at=at, n=n)


def ledger(connection: Connection, user: UUID) -> dict[date, int]:
    rows = connection.execute("SELECT usage_date, usage_count FROM feature_usage WHERE user_id = %s", (user,))
    return dict(rows.fetchall())


def at_once(url: str, connections: int, work: Callable[[Connection, int], Sequence[Any]]) -> list[Any]:
    barrier = Barrier(connections)

    def one(number: int) -> Sequence[Any]:
        with connect(url, autocommit=True) as connection:
            barrier.wait(30)
            return work(connection, number)

    with ThreadPoolExecutor(connections) as pool:
        return [result for results in pool.map(one, range(connections)) for result in results]


# the tiers


@pytest.mark.parametrize(
    ("tier", "expected"),
    [("free", set()), ("plus", PLUS), ("pro", PLUS | PRO)],
)
def test_each_tier_has_its_features_and_nothing_limits_them(
    connection: Connection, tier: str, expected: set[str]
) -> None:
    user = add_user(connection)
    subscribe(connection, user, tier)
    table = entitlements.features(connection, user, NOON)
    assert {name for name, limits in table.items() if limits.usable} == expected | {"basic_logging"}
    assert {(limits.daily_limit, limits.monthly_limit) for limits in table.values()} == {(None, None)}
    assert set(table) == set(get_args(entitlements.Feature))


@pytest.mark.parametrize(("daily", "monthly", "usable"), [(0, None, False), (None, 0, False), (1, 1, True)])
def test_a_limit_of_0_takes_a_feature_away(
    connection: Connection, daily: int | None, monthly: int | None, usable: bool
) -> None:
    user = add_pro(connection)
    limit(connection, daily, monthly, "llm_insights")
    assert entitlements.features(connection, user, NOON)["llm_insights"].usable is usable
    (row,) = queries.rows(connection, "insight_users", {"user_ids": [user], "at": NOON})
    assert ("llm_insights" in row["features"]) is usable
    assert set(row["features"]) | {"llm_insights"} == {"basic_logging"} | PLUS | PRO
    assert row["tier"] == "pro"


@pytest.mark.parametrize(
    ("subscriptions", "tier"),
    [
        ([], "free"),
        ([("plus", None, None, True)], "plus"),
        ([("free", None, None, True)], "free"),
        ([("plus", START, END, True), ("pro", START, END, True), ("free", None, None, True)], "pro"),
        ([("pro", START, END, False), ("plus", START, END, True)], "plus"),
        ([("pro", END, None, True), ("plus", None, END, True)], "plus"),
        ([("pro", None, START, True), ("plus", None, None, True)], "plus"),
        ([("pro", NOON, None, True)], "pro"),
        ([("pro", NOON + MOMENT, None, True)], "free"),
        ([("pro", None, NOON, True)], "free"),
        ([("pro", None, NOON + MOMENT, True)], "pro"),
        ([("pro", NOON, NOON, True)], "free"),
        ([("pro", None, None, False)], "free"),
        ([("PRO", None, None, True)], "pro"),
        ([(" Plus ", None, None, True)], "plus"),
        ([("enterprise", None, None, True)], "free"),
        ([("enterprise", None, None, True), ("plus", None, None, True)], "plus"),
        ([("", None, None, True)], "free"),
    ],
)
def test_the_tier_is_the_highest_that_is_active_at_the_instant(
    connection: Connection, subscriptions: list[tuple[str, datetime | None, datetime | None, bool]], tier: str
) -> None:
    user, other = add_user(connection), add_pro(connection)
    for plan_type, start, end, is_active in subscriptions:
        subscribe(connection, user, plan_type, start, end, is_active=is_active)
    assert entitlements.effective_tier(connection, user, NOON) == tier
    (row,) = queries.rows(connection, "insight_users", {"user_ids": [user], "at": NOON})
    assert row["tier"] == tier
    assert entitlements.effective_tier(connection, other, NOON) == "pro"


def test_a_user_who_does_not_exist_is_free_and_can_use_nothing(connection: Connection) -> None:
    assert entitlements.effective_tier(connection, uuid4(), NOON) == "free"
    with pytest.raises(BadInput, match="no user"):
        use(connection, uuid4())


def test_the_tier_is_that_of_the_instant_of_use(connection: Connection) -> None:
    user = add_user(connection)
    subscribe(connection, user, "pro", START, END)
    assert use(connection, user, END - MOMENT).granted
    denied = use(connection, user, END)
    assert (denied.granted, denied.reason, denied.tier, denied.remaining) == (False, "not_in_plan", "free", 0)
    assert ledger(connection, user) == {date(2026, 3, 31): 1}


# uses and limits


@pytest.mark.parametrize(
    ("daily", "monthly", "days", "granted"),
    [
        (10, None, 1, 10),
        (None, 30, 20, 30),  # over twenty days: no conflict on one row, only the lock guards the sum
        (7, 30, 20, 30),
        (3, 200, 20, 60),
        (30, 10, 1, 10),
        (0, None, 1, 0),
        (None, 0, 20, 0),
        (None, None, 20, 500),
    ],
)
def test_twenty_connections_are_granted_exactly_the_limit(
    shared: str, connection: Connection, daily: int | None, monthly: int | None, days: int, granted: int
) -> None:
    user = add_pro(connection)
    limit(connection, daily, monthly)

    def work(own: Connection, number: int) -> list[entitlements.Consumption]:
        start = START + timedelta(hours=12)
        return [use(own, user, start + timedelta(days=(number + attempt) % days)) for attempt in range(25)]

    results = at_once(shared, 20, work)
    assert len(results) == 500
    assert sum(result.granted for result in results) == granted
    assert sum(ledger(connection, user).values()) == granted
    assert max(ledger(connection, user).values(), default=0) <= (500 if daily is None else daily)
    assert all((result.reason is None) is result.granted for result in results)


def test_uses_and_refunds_at_once_balance(shared: str, connection: Connection) -> None:
    user = add_pro(connection)
    limit(connection, 5, None)

    def work(own: Connection, number: int) -> list[int]:
        balance = 0
        for _ in range(25):
            balance += use(own, user).granted
            if number % 2:
                balance -= entitlements.refund(own, user, "on_demand", NOON.date())
        return [balance]

    total = sum(at_once(shared, 20, work))
    assert 0 <= total <= 5
    assert ledger(connection, user) == {NOON.date(): total}


@pytest.mark.parametrize("kept", [True, False])
def test_a_use_on_another_day_waits_for_the_open_one(shared: str, connection: Connection, kept: bool) -> None:
    user, other = add_pro(connection), add_pro(connection)
    limit(connection, None, 1)
    connection.execute("SET lock_timeout = '100ms'")
    with psycopg.connect(shared) as open_one:
        assert use(open_one, user).granted
        with pytest.raises(psycopg.errors.LockNotAvailable):
            use(connection, user, NOON + timedelta(days=1))
        assert use(connection, other).granted
        if not kept:
            open_one.rollback()
    assert use(connection, user, NOON + timedelta(days=1)).granted is not kept


def test_without_the_lock_a_month_passes_its_limit(database: str, own_connection: Connection) -> None:
    own_connection.execute(
        "CREATE OR REPLACE FUNCTION lock_feature(user_id uuid, feature text) RETURNS void LANGUAGE sql AS ''"
    )
    user = add_pro(own_connection)
    limit(own_connection, None, 1)
    with psycopg.connect(database) as open_one:
        assert use(open_one, user).granted
        assert use(own_connection, user, NOON + timedelta(days=1)).granted
    assert sum(ledger(own_connection, user).values()) == 2


def test_one_answer_says_all(connection: Connection) -> None:
    user = add_pro(connection)
    limit(connection, 3, 5)
    assert use(connection, user, n=2) == entitlements.Consumption(
        True, None, "pro", NOON.date(), used_today=2, used_this_month=2, daily_limit=3, monthly_limit=5, remaining=1
    )
    assert use(connection, user, n=2) == entitlements.Consumption(
        False, "daily_limit", "pro", NOON.date(), 2, 2, daily_limit=3, monthly_limit=5, remaining=1
    )
    tomorrow = NOON + timedelta(days=1)
    assert use(connection, user, tomorrow, n=3) == entitlements.Consumption(
        True, None, "pro", tomorrow.date(), 3, 5, daily_limit=3, monthly_limit=5, remaining=0
    )
    denied = use(connection, user)
    assert (denied.granted, denied.reason, denied.remaining) == (False, "monthly_limit", 0)


def test_a_row_of_the_ledger_keeps_the_limits_of_its_last_use(connection: Connection) -> None:
    user = add_pro(connection)
    snapshots = []
    for daily, monthly in ((3, 5), (4, None)):
        limit(connection, daily, monthly)
        use(connection, user)
        snapshots += connection.execute(KEPT, (user,)).fetchall()
    limit(connection, 1, 1)
    assert use(connection, user).remaining == 0
    snapshots += connection.execute(KEPT, (user,)).fetchall()
    assert snapshots == [(1, 3, 5), (2, 4, None), (2, 4, None)]


def test_a_refund_gives_back_what_there_is_and_no_more(connection: Connection) -> None:
    user, other = add_pro(connection), add_pro(connection)
    limit(connection, 3, 3)
    day = use(connection, user, n=3).usage_date
    use(connection, other)
    assert entitlements.refund(connection, user, "on_demand", day + timedelta(days=1)) == 0
    assert entitlements.refund(connection, user, "llm_insights", day) == 0
    assert entitlements.refund(connection, user, "on_demand", day, n=2) == 2
    assert use(connection, user, n=2).granted
    assert entitlements.refund(connection, user, "on_demand", day, n=99) == 3
    assert entitlements.refund(connection, user, "on_demand", day) == 0
    assert (ledger(connection, user), ledger(connection, other)) == ({day: 0}, {day: 1})


@pytest.mark.parametrize(
    ("feature", "n", "message"),
    [("on_demnad", 1, "no feature 'on_demnad'"), ("on_demand", 0, "not 0 times"), ("on_demand", -1, "not -1 times")],
)
def test_nonsense_is_refused(connection: Connection, feature: str, n: int, message: str) -> None:
    user = add_pro(connection)
    with pytest.raises(BadInput, match=message):
        entitlements.consume(connection, user, feature, at=NOON, n=n)
    if n < 1:
        with pytest.raises(BadInput, match=message):
            entitlements.refund(connection, user, feature, NOON.date(), n=n)
    assert ledger(connection, user) == {}


@pytest.mark.parametrize("level", [psycopg.IsolationLevel.REPEATABLE_READ, psycopg.IsolationLevel.SERIALIZABLE])
def test_a_snapshot_older_than_the_lock_is_refused(
    shared: str, connection: Connection, level: psycopg.IsolationLevel
) -> None:
    user = add_pro(connection)
    with psycopg.connect(shared) as own:
        own.isolation_level = level
        with pytest.raises(BadInput, match="READ COMMITTED"):
            use(own, user)
        own.rollback()
        with pytest.raises(BadInput, match="READ COMMITTED"):
            entitlements.refund(own, user, "on_demand", NOON.date())


# days and months


HOURS = st.integers(0, 24 * 45)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("use"), HOURS, st.integers(1, 4)),
        st.tuples(st.just("refund"), HOURS, st.integers(1, 4)),
        st.tuples(st.just("limit"), st.none() | st.integers(0, 6), st.none() | st.integers(0, 12)),
    ),
    max_size=25,
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(steps=STEPS, zone=st.sampled_from(["UTC", "Pacific/Auckland", "America/New_York", "Asia/Kolkata"]))
def test_any_sequence_leaves_what_counting_by_hand_leaves(
    connection: Connection, steps: list[tuple[str, Any, Any]], zone: str
) -> None:
    user = add_pro(connection, zone)
    daily: int | None = None
    monthly: int | None = None
    limit(connection, daily, monthly)
    used: dict[date, int] = {}
    for step, first, second in steps:
        if step == "limit":
            daily, monthly = first, second
            limit(connection, daily, monthly)
            continue
        at = datetime(2024, 2, 10, tzinfo=UTC) + timedelta(hours=first)  # over a leap day
        day = at.astimezone(ZoneInfo(zone)).date()
        if step == "refund":
            back = min(second, used.get(day, 0))
            assert entitlements.refund(connection, user, "on_demand", day, n=second) == back
            used[day] = used.get(day, 0) - back
            continue
        month = sum(n for other, n in used.items() if (other.year, other.month) == (day.year, day.month))
        fits_day = daily is None or used.get(day, 0) + second <= daily
        fits_month = monthly is None or month + second <= monthly
        result = use(connection, user, at, second)
        assert (result.usage_date, result.granted) == (day, fits_day and fits_month)
        assert result.reason == (None if result.granted else "monthly_limit" if fits_day else "daily_limit")
        used[day] = used.get(day, 0) + second * result.granted
        month += second * result.granted
        left = [have - had for have, had in ((daily, used[day]), (monthly, month)) if have is not None]
        assert (result.used_today, result.used_this_month) == (used[day], month)
        assert result.remaining == (max(min(left), 0) if left else None)
    assert {day: n for day, n in ledger(connection, user).items() if n} == {day: n for day, n in used.items() if n}


@pytest.mark.parametrize(
    ("last", "first"),
    [
        (date(2024, 2, 29), date(2024, 3, 1)),
        (date(2023, 2, 28), date(2023, 3, 1)),
        (date(2024, 12, 31), date(2025, 1, 1)),
        (date(2024, 4, 30), date(2024, 5, 1)),
    ],
)
@pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_a_month_ends_at_midnight_of_its_last_day(connection: Connection, last: date, first: date, zone: str) -> None:
    user = add_pro(connection, zone)
    limit(connection, None, 1)
    midnight = datetime(first.year, first.month, first.day, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    month_start = datetime(last.year, last.month, 1, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    assert use(connection, user, midnight - MOMENT).usage_date == last
    assert use(connection, user, month_start).reason == "monthly_limit"
    assert use(connection, user, midnight).granted
    assert ledger(connection, user) == {last: 1, first: 1}


def test_a_day_is_the_users_whatever_the_session_says(shared: str, connection: Connection) -> None:
    user = add_pro(connection, "America/New_York")
    limit(connection, 1, None)
    with psycopg.connect(shared, options="-c timezone=Asia/Tokyo", autocommit=True) as own:
        spring = datetime(2026, 3, 8, 5, tzinfo=UTC)  # the day of 23 hours starts
        assert use(own, user, spring).granted
        assert not use(own, user, spring + timedelta(hours=23) - MOMENT).granted
        assert use(own, user, spring + timedelta(hours=23)).granted
        assert own.execute("SHOW timezone").fetchone() == ("Asia/Tokyo",)
    assert ledger(connection, user) == {date(2026, 3, 8): 1, date(2026, 3, 9): 1}


@pytest.mark.parametrize("at", [datetime(2024, 1, 15, 11, 30, tzinfo=UTC), datetime(2024, 7, 15, 23, 30, tzinfo=UTC)])
def test_every_zone_gives_the_day_that_the_analytics_give(connection: Connection, at: datetime) -> None:
    names = sorted(available_timezones() - {"localtime", "Factory"})
    days = connection.execute("SELECT zone, local_day(%s, zone) FROM unnest(%s::text[]) AS zone", (at, names))
    assert days.fetchall() == [(name, at.astimezone(ZoneInfo(name)).date()) for name in names]


@pytest.mark.parametrize("zone", [None, "", "Mars/Phobos", "UTC+3", "5", "+05:30", "<+14>-14", "IST", "a; b", "ABC-14"])
def test_what_is_no_zone_counts_as_utc(connection: Connection, zone: str | None) -> None:
    user = add_pro(connection, zone)
    for hour in (0, 23):
        assert use(connection, user, datetime(2026, 3, 10, hour, 30, tzinfo=UTC)).usage_date == date(2026, 3, 10)


def test_a_change_of_zone_leaves_the_ledger_and_grants_each_date_its_limit_once(connection: Connection) -> None:
    user = add_pro(connection, "Pacific/Auckland")
    limit(connection, 2, None)
    granted = 0
    for step in range(48):
        zone = ("Pacific/Auckland", "Pacific/Honolulu", "UTC")[step % 3]
        connection.execute("UPDATE users SET tz = %s WHERE id = %s", (zone, user))
        granted += use(connection, user, NOON + timedelta(minutes=step)).granted
    assert ledger(connection, user) == {date(2026, 3, 10): 2, date(2026, 3, 11): 2}
    assert granted == 4


def test_a_refund_finds_its_day_after_a_change_of_zone(connection: Connection) -> None:
    user = add_pro(connection, "Pacific/Auckland")
    day = use(connection, user).usage_date
    connection.execute("UPDATE users SET tz = 'Pacific/Honolulu' WHERE id = %s", (user,))
    assert entitlements.refund(connection, user, "on_demand", day) == 1
    assert ledger(connection, user) == {date(2026, 3, 11): 0}


# rights and the migration


@pytest.fixture
def app_role(connection: Connection) -> Iterator[str]:
    name = f"app_{uuid4().hex[:12]}"
    connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(name)))
    yield name
    connection.execute(sql.SQL("DROP OWNED BY {0}; DROP ROLE {0}").format(sql.Identifier(name)))


def test_the_app_needs_no_right_but_to_call(connection: Connection, app_role: str) -> None:
    user, free = add_pro(connection), add_user(connection)
    limit(connection, 1, None)
    role = sql.Identifier(app_role)
    become = sql.SQL("SET ROLE {}").format(role)
    for call in (
        lambda: use(connection, user),
        lambda: entitlements.refund(connection, user, "on_demand", NOON.date()),
    ):
        with connection.transaction(force_rollback=True):
            connection.execute(become)
            with pytest.raises(psycopg.errors.InsufficientPrivilege), connection.transaction():
                call()
    connection.execute(sql.SQL("GRANT EXECUTE ON FUNCTION consume_feature, refund_feature TO {}").format(role))
    connection.execute(sql.SQL("CREATE SCHEMA own AUTHORIZATION {}").format(role))
    connection.execute(become)
    try:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("SELECT FROM feature_usage")
        # look-alikes in front of the path change nothing
        connection.execute("CREATE TEMP TABLE plan_feature_limits AS SELECT 'free' AS plan_type, true AS enabled")
        connection.execute("CREATE FUNCTION own.lower(varchar) RETURNS text LANGUAGE sql RETURN 'pro'")
        connection.execute("SET search_path = pg_temp, own, public, pg_catalog")
        assert use(connection, user).granted
        assert not use(connection, user).granted
        assert not use(connection, free).granted
        assert entitlements.refund(connection, user, "on_demand", NOON.date()) == 1
    finally:
        connection.execute("RESET ROLE")
        connection.execute("RESET search_path")


def test_down_and_up_keep_the_ledger_and_refuse_to_lose_changed_limits(
    database: str, own_connection: Connection
) -> None:
    user = add_pro(own_connection)
    use(own_connection, user)
    limit(own_connection, 3, None)
    with pytest.raises(migrate.WouldLoseData, match="plan_feature_limits"):
        migrate.down(database, "07.04")
    limit(own_connection, None, None)
    migrate.down(database, "07.04")
    migrate.up(database)
    assert ledger(own_connection, user) == {NOON.date(): 1}
    assert use(own_connection, user).used_today == 2


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE plan_feature_limits SET enabled = true WHERE plan_type = 'free' AND feature_name = 'rpe'",
        "UPDATE plan_feature_limits SET monthly_limit = 0 WHERE plan_type = 'pro' AND feature_name = 'rpe'",
        "DELETE FROM plan_feature_limits WHERE plan_type = 'free' AND feature_name = 'rpe'",
        "INSERT INTO plan_feature_limits (plan_type, feature_name, enabled) VALUES ('pro', 'video', true)",
    ],
)
def test_each_changed_limit_would_be_lost(own_connection: Connection, change: str) -> None:
    loses = assets.text("sql", "migrations", "07.05_entitlements.loses.sql")
    assert own_connection.execute(loses.encode()).fetchall() == [("plan_feature_limits", 0)]
    own_connection.execute(change.encode())
    assert own_connection.execute(loses.encode()).fetchall() == [("plan_feature_limits", 1)]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ("UPDATE plans SET type = 'enterprise'", "is no tier"),
        ("DELETE FROM plan_feature_limits WHERE plan_type = 'free' AND feature_name = 'rpe'", "has no row"),
        ("DROP INDEX idx_subscriptions_user_active", "index is missing"),
    ],
)
def test_verify_finds_what_would_deny_what_was_paid_for(
    database: str, own_connection: Connection, change: str, problem: str
) -> None:
    add_pro(own_connection)
    assert "07.05" not in {finding.id for finding in migrate.verify(database)}
    own_connection.execute(change.encode())
    (found,) = (finding.problem for finding in migrate.verify(database) if finding.id == "07.05")
    assert problem in found
