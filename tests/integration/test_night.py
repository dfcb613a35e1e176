import json
import shutil
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg.rows import dict_row

from insights import assets, narrative
from insights.db import ledger, migrate
from insights.db.connection import connect
from insights.errors import BadInput, BadSettings, Busy
from insights.llm.endpoint import Endpoint
from insights.llm.fake import FakeEndpoint, Fault
from insights.pipeline import job as jobs
from insights.pipeline import run as runs
from insights.pipeline.telling import FEATURE_OF
from insights.simulate.store import Cohort

AS_OF = date(2025, 6, 1)  # a Sunday
NOW = datetime(2031, 6, 2, 3, 0, tzinfo=UTC)  # after the lifters' subscriptions began, which is when the test runs
COHORT = Cohort(lifters=3, weeks=30, seed=7, until=AS_OF, ugliness=0.3)
TABLES = ("volume_analytics", "strength_progressions", "insight_data_points", "user_insights")


@pytest.fixture
def lifters(lifters_of: Callable[..., tuple[str, list[UUID]]]) -> tuple[str, list[UUID]]:
    return lifters_of(COHORT)


def contents(url: str) -> dict[str, list[Any]]:
    with psycopg.connect(url) as connection:
        return {
            table: connection.execute(f"SELECT t.*, t.ctid, t.xmin FROM {table} t ORDER BY id").fetchall()  # type: ignore[arg-type]
            for table in TABLES
        }


def rows(url: str, query: str, *parameters: Any) -> list[dict[str, Any]]:
    with psycopg.connect(url, row_factory=dict_row) as connection:
        return connection.execute(query, parameters).fetchall()  # type: ignore[arg-type]


def execute(url: str, statement: str, *parameters: Any) -> None:
    with psycopg.connect(url) as connection:
        connection.execute(statement, parameters)  # type: ignore[arg-type]


def night(url: str, **options: Any) -> runs.Report:
    job = jobs.read("nightly")
    part = job.insights.model_copy(update={"price": jobs.ModelPrice(prompt=Decimal(1), completion=Decimal(2))})
    return runs.run(url, job.model_copy(update={"insights": part}), **({"now": NOW, "as_of": AS_OF} | options))


def test_a_second_night_over_the_same_data_touches_no_row(lifters: tuple[str, list[UUID]]) -> None:
    url, users = lifters
    first = night(url)
    before = contents(url)
    second = night(url)
    assert contents(url) == before
    assert all(before[table] for table in TABLES)
    assert first.users == second.users == len(users)
    assert second.told.unchanged == second.told.wanted == first.told.wanted > 0
    assert {name for counts in second.written.values() for name, count in counts.items() if count} == set()


def test_verdicts_of_every_use_add_up_to_all_sets(lifters: tuple[str, list[UUID]]) -> None:
    report = night(lifters[0])
    assert report.sets == rows(lifters[0], "SELECT count(*) AS n FROM set_executions")[0]["n"]
    assert {use: sum(verdicts.values()) for use, verdicts in report.verdicts.items()} == dict.fromkeys(
        ("tonnage", "hard_set", "one_rm", "records"), report.sets
    )


def test_every_insight_cites_facts_of_its_own_user(lifters: tuple[str, list[UUID]]) -> None:
    url, _ = lifters
    night(url)
    told = rows(url, "SELECT * FROM user_insights")
    assert told
    for insight in told:
        cited = rows(url, "SELECT user_id FROM insight_data_points WHERE id = ANY (%s)", insight["supporting_data_ids"])
        assert {row["user_id"] for row in cited} == {insight["user_id"]}
        assert len(cited) == len(set(insight["supporting_data_ids"])) > 0
        assert insight["generator"] == "rules"
        assert insight["chart_data"]["$schema"].startswith("https://vega.github.io/schema/vega-lite/")


def test_a_deleted_session_takes_its_numbers_along(lifters: tuple[str, list[UUID]]) -> None:
    url, users = lifters
    night(url)
    day = rows(
        url,
        "SELECT max(calculation_date) AS d FROM volume_analytics WHERE user_id = %s AND period_type = 'daily'",
        users[0],
    )[0]["d"]
    execute(
        url,
        "DELETE FROM workout_sessions WHERE user_id = %s AND (start_time AT TIME ZONE"
        " (SELECT tz FROM users WHERE id = %s))::date = %s",
        users[0],
        users[0],
        day,
    )
    report = night(url)
    assert report.written["volume_analytics"]["removed"] >= 1
    left = rows(
        url,
        "SELECT 1 AS x FROM volume_analytics WHERE user_id = %s AND calculation_date = %s AND period_type = 'daily'",
        users[0],
        day,
    )
    assert left == []


def test_a_changed_value_supersedes_the_cited_point_and_tells_the_insight_anew(lifters: tuple[str, list[UUID]]) -> None:
    url, users = lifters
    night(url)
    weekly = (
        "SELECT * FROM user_insights WHERE user_id = %s AND insight_type = 'weekly_summary'"
        " ORDER BY superseded_at NULLS LAST"
    )
    old = rows(url, weekly, users[0])
    assert len(old) == 1
    execute(url, "UPDATE user_insights SET is_read = true WHERE id = %s", old[0]["id"])
    execute(
        url,
        "UPDATE set_executions AS e SET reps_completed = reps_completed + 1 FROM exercise_performances AS p"
        " JOIN workout_sessions AS s ON s.id = p.workout_session_id WHERE p.id = e.exercise_performance_id"
        " AND s.user_id = %s AND s.start_time >= %s",
        users[0],
        old[0]["period_start"],
    )
    night(url)
    replaced, new = rows(url, weekly, users[0])
    assert (replaced["id"], replaced["is_read"], replaced["stale"]) == (old[0]["id"], True, True)
    assert (new["supersedes"], new["stale"], new["is_read"]) == (replaced["id"], False, False)
    points = rows(
        url,
        "SELECT d.id, EXISTS (SELECT FROM user_insights AS i WHERE d.id = ANY (i.supporting_data_ids)) AS cited"
        " FROM insight_data_points AS d WHERE superseded_at IS NOT NULL",
    )
    assert points
    assert all(point["cited"] for point in points)


def test_the_night_brings_derived_columns_up_to_their_definition(lifters: tuple[str, list[UUID]]) -> None:
    url, _ = lifters
    night(url)
    assert migrate.verify(url) == []
    execute(url, "UPDATE exercise_performances SET total_reps = 0, total_volume_kg = NULL")
    execute(url, "UPDATE session_context SET days_since_last_workout = 1000")
    night(url)
    assert rows(url, "SELECT 1 FROM session_context WHERE days_since_last_workout = 1000") == []
    assert rows(url, "SELECT sum(total_reps) AS n FROM exercise_performances")[0]["n"] > 0
    assert migrate.verify(url) == []


def test_days_after_as_of_are_not_known(lifters: tuple[str, list[UUID]]) -> None:
    url, _ = lifters
    night(url)
    earlier = date(2025, 4, 13)
    night(url, as_of=earlier)
    for table, column in (("strength_progressions", "measurement_date"), ("volume_analytics", "calculation_date")):
        assert rows(url, f"SELECT max({column}) AS d FROM {table}")[0]["d"] <= earlier
    live = rows(url, "SELECT max(window_end) AS d FROM insight_data_points WHERE superseded_at IS NULL")
    assert live[0]["d"] <= earlier


def test_without_as_of_a_run_ends_with_each_users_own_yesterday(lifters: tuple[str, list[UUID]]) -> None:
    url, users = lifters
    for user, zone in zip(users, ("Pacific/Auckland", "America/New_York", "Mars/Olympus"), strict=True):
        execute(url, "UPDATE users SET tz = %s WHERE id = %s", zone, user)
    # 15:00 on 2 June in Auckland, 23:00 on 1 June in New York, and an unknown zone is read as UTC
    report = night(url, now=datetime(2025, 6, 2, 3, 0, tzinfo=UTC), as_of=None)
    assert report.as_of == [date(2025, 5, 31), date(2025, 6, 1)]


def test_a_dry_run_writes_nothing_but_its_own_record(lifters: tuple[str, list[UUID]]) -> None:
    url, _ = lifters
    before = contents(url)
    report = night(url, dry_run=True)
    assert contents(url) == before
    assert report.written["volume_analytics"]["added"] > 0


def test_one_bad_user_is_recorded_and_the_others_go_on(lifters: tuple[str, list[UUID]]) -> None:
    url, users = lifters
    execute(
        url,
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no room for this one'; END $$",
    )
    execute(
        url,
        f"CREATE TRIGGER refuse BEFORE INSERT ON volume_analytics FOR EACH ROW WHEN (NEW.user_id = '{users[1]}')"
        " EXECUTE FUNCTION refuse()",
    )
    report = night(url)
    assert [(user, stage) for user, stage, _ in report.failures] == [(users[1], "analytics")]
    failures = rows(url, "SELECT user_id, reason FROM analytics_failures")
    assert [row["user_id"] for row in failures] == [users[1]]
    assert "no room for this one" in failures[0]["reason"]
    told = {row["user_id"] for row in rows(url, "SELECT DISTINCT user_id FROM user_insights")}
    assert told == {users[0], users[2]}


def test_an_empty_database_and_a_user_without_sets_are_fine(database: str) -> None:
    assert night(database).users == 0
    execute(
        database,
        "INSERT INTO users (id, email, username, is_active, is_superuser)"
        " VALUES (gen_random_uuid(), 'a@b.cd', 'a', true, false)",
    )
    assert night(database).users == 0


def test_the_same_job_twice_at_once_is_busy(lifters: tuple[str, list[UUID]]) -> None:
    url, _ = lifters
    with connect(url, autocommit=True) as other, ledger.only_one(other, "nightly"), pytest.raises(Busy):
        night(url)


def test_a_job_for_one_user_does_not_wait_for_the_job_for_all(lifters: tuple[str, list[UUID]]) -> None:
    url, users = lifters
    with connect(url, autocommit=True) as other, ledger.only_one(other, "nightly"):
        assert night(url, user_id=users[0]).users == 1


def test_the_record_of_a_killed_run_is_closed_by_the_next(lifters: tuple[str, list[UUID]]) -> None:
    url, users = lifters
    with connect(url, autocommit=True) as connection:
        killed = ledger.start(connection, "nightly", AS_OF, {"user_id": None})
        other = ledger.start(connection, "nightly", AS_OF, {"user_id": str(users[0])})
    night(url)
    states = {row["id"]: (row["status"], row["error"]) for row in rows(url, "SELECT * FROM analytics_runs")}
    assert states[killed.id] == ("failed", "the process ended without a word")
    assert states[other.id] == ("running", None)


def test_a_write_of_the_app_during_the_night_makes_the_shard_run_again(lifters: tuple[str, list[UUID]]) -> None:
    url, users = lifters
    night(url)
    execute(url, "UPDATE set_executions SET reps_completed = reps_completed + 1")
    with psycopg.connect(url) as other:
        other.execute("UPDATE volume_analytics SET total_sets = 0 WHERE user_id = %s", (users[0],))
        with ThreadPoolExecutor(1) as pool:
            running = pool.submit(night, url)
            wait_until_blocked(url)
            other.commit()
            report = running.result(timeout=60)
    assert report.failures == []
    assert rows(url, "SELECT 1 FROM volume_analytics WHERE total_sets = 0 AND total_volume_kg > 0") == []


def wait_until_blocked(url: str) -> None:
    for _ in range(600):
        if rows(url, "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'"):
            return
        time.sleep(0.05)
    raise AssertionError("nobody waits for a lock")


def test_new_texts_are_told_anew_and_the_old_row_is_kept(
    lifters: tuple[str, list[UUID]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, _ = lifters
    first = night(url)
    copy = shutil.copytree(assets.path("prompts"), tmp_path / "prompts")
    locale = copy / "locale" / "en.toml"
    locale.write_text(locale.read_text() + "\n# another version\n")
    found = assets.path
    monkeypatch.setattr(assets, "path", lambda *parts: copy if parts == ("prompts",) else found(*parts))
    assert night(url).told.by_rules == first.told.wanted
    assert len(rows(url, "SELECT 1 FROM user_insights WHERE superseded_at IS NOT NULL")) == first.told.wanted


def test_an_unknown_user_is_named(database: str) -> None:
    with pytest.raises(BadInput, match="there is no user nobody@example"):
        runs.find_user(database, "nobody@example")


# A model at the other end ------------------------------------------------------------------------------------------

Respond = Callable[[dict[str, Any]], str | Fault]


@pytest.fixture
def ask(lifters: tuple[str, list[UUID]]) -> Iterator[Callable[[Respond], tuple[runs.Report, FakeEndpoint]]]:
    url, users = lifters

    def run(respond: Respond) -> tuple[runs.Report, FakeEndpoint]:
        with FakeEndpoint(respond) as fake:
            return night(url, user_id=users[0], endpoint=Endpoint(fake.url, "fake", tries=2)), fake

    yield run


def honest(body: dict[str, Any]) -> str:
    """An answer in the form that the prompt shows: its own example."""
    prompt = "\n".join(message["content"] for message in body["messages"])
    decoder = json.JSONDecoder()
    starts = [i for i in range(len(prompt)) if prompt.startswith('{"nonce"', i)]
    found, _ = decoder.raw_decode(prompt[starts[-1] :])
    return json.dumps(found)


def test_a_models_words_are_stored_with_their_origin(
    lifters: tuple[str, list[UUID]], ask: Callable[[Respond], tuple[runs.Report, FakeEndpoint]]
) -> None:
    report, fake = ask(honest)
    assert report.told.by_model == report.told.wanted == len(fake.requests) > 0
    told = rows(lifters[0], "SELECT generator, model, prompt_hash, prompt_version, grade FROM user_insights")
    assert {(row["generator"], row["model"], row["grade"]) for row in told} == {("llm", "fake", "proved")}
    calls = rows(lifters[0], "SELECT state, outcome, prompt_tokens, raw_answer FROM insight_ledger")
    assert {(row["state"], row["outcome"]) for row in calls} == {("written", "answered")}
    again, quiet = ask(honest)
    assert (again.told.unchanged, len(quiet.requests)) == (report.told.wanted, 0)


LIES: dict[str, Respond] = {
    "prose": lambda _: "Your squat rose 500 kg!",
    "another request's nonce": lambda body: honest(body).replace('"nonce": "', '"nonce": "0'),
    "a number of its own": lambda body: honest(body).replace("{c1}", "{c1} by 12 kg"),
    "a negated claim": lambda body: honest(body).replace("{c1}", "It is not so that {c1}"),
    "a claim that is not there": lambda body: honest(body).replace("{c1}", "{c31}"),
    "half": lambda _: Fault(text='{"nonce"', finish_reason="length"),
    "nothing": lambda _: Fault(text=""),
    "a server error": lambda _: Fault(status=500),
    "a refusal": lambda _: Fault(refusal="I will not"),
}


@pytest.mark.parametrize("lie", LIES, ids=str)
def test_a_lying_model_never_gets_a_word_in(
    lifters: tuple[str, list[UUID]], ask: Callable[[Respond], tuple[runs.Report, FakeEndpoint]], lie: str
) -> None:
    report, fake = ask(LIES[lie])
    assert (report.told.by_model, report.told.fallbacks) == (0, report.told.wanted)
    assert len(fake.requests) <= 2 * report.told.wanted
    told = rows(lifters[0], "SELECT generator, description FROM user_insights")
    assert {row["generator"] for row in told} == {"rules"}
    assert {row["state"] for row in rows(lifters[0], "SELECT state FROM insight_ledger")} == {"fallback"}
    again, quiet = ask(LIES[lie])
    assert (again.told.unchanged, len(quiet.requests)) == (report.told.wanted, 0)


def test_facts_leave_the_machine_only_with_consent(lifters: tuple[str, list[UUID]]) -> None:
    url, users = lifters
    elsewhere = Endpoint("http://model.invalid/v1", "m", tries=1, timeout_s=1)
    report = night(url, user_id=users[0], endpoint=elsewhere)
    assert (report.told.calls, report.told.by_rules) == (0, report.told.wanted)
    execute(url, "UPDATE user_preferences SET llm_processing = true WHERE user_id = %s", users[0])
    execute(url, "DELETE FROM user_insights")
    consented = night(url, user_id=users[0], endpoint=elsewhere)
    assert consented.told.fallbacks == consented.told.wanted > 0
    assert set(consented.told.outcomes) == {"unreachable"}


@pytest.mark.parametrize(("tier", "types"), [("free", set()), ("plus", {"weekly_summary", "monthly_review"})])
def test_a_tier_gates_insights_and_never_the_analytics(
    lifters: tuple[str, list[UUID]], tier: str, types: set[str]
) -> None:
    url, users = lifters
    execute(url, "UPDATE plans SET type = %s", tier)
    report = night(url, user_id=users[0])
    assert report.written["strength_progressions"]["added"] > 0
    assert {row["insight_type"] for row in rows(url, "SELECT insight_type FROM user_insights")} == types


def test_every_insight_type_has_a_feature_that_gates_it() -> None:
    assert set(FEATURE_OF) == set(narrative.INSIGHT_TYPES)


def test_who_wants_no_insights_gets_none(lifters: tuple[str, list[UUID]]) -> None:
    url, users = lifters
    execute(url, "UPDATE user_preferences SET insight_notifications = false WHERE user_id = %s", users[0])
    assert night(url, user_id=users[0]).told.wanted == 0


# Job files ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["nightly", "backfill", "regenerate"])
def test_the_shipped_jobs_are_valid(name: str) -> None:
    assert jobs.read(name).name == name


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('name = "a"\nsteps = ["analytics"]\nshard_user = 3\n', "shard_user"),
        ('name = "a"\nsteps = ["analytic"]\n', "steps"),
        ('name = "a"\nsteps = []\n', "steps"),
        ("name = ", "not TOML"),
    ],
)
def test_a_wrong_job_file_is_refused(tmp_path: Any, text: str, complaint: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text)
    with pytest.raises(BadSettings, match=complaint):
        jobs.read(str(path))


def test_an_unknown_job_lists_the_known_ones() -> None:
    with pytest.raises(BadSettings, match="backfill, nightly, regenerate"):
        jobs.read("weekly")
