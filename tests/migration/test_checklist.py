import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.migration import legacy_app

from insights.db.connection import connect
from insights.db.migrate import checklist, evidence, rehearse
from insights.db.migrate.checklist import Checklist
from insights.errors import BadInput

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
RUN = (
    "INSERT INTO analytics_runs (job, as_of, status, finished_at, failed_users) VALUES ('nightly', now(), '{}', {}, {})"
)


def missing(told: Checklist) -> set[str]:
    return {item.name for item in told.items if not item.ok}


def test_before_a_migration_each_item_needs_its_own_evidence(legacy: str) -> None:
    told = checklist.pre(legacy, now=NOW)
    assert missing(told) == {"backup", "staging", "rollback", "monitoring"}
    assert all(item.mend for item in told.items if not item.ok)
    named = checklist.pre(legacy, now=NOW, backup="s3://backups/17", alerts_ack="ada")
    assert missing(named) == {"staging", "rollback"}
    assert rehearse.rehearse(legacy, rows=5).passed
    assert missing(checklist.pre(legacy, now=NOW, backup="17", alerts_ack="ada")) == set()
    legacy_app.run(legacy, "ALTER TABLE users ADD COLUMN own int")
    assert missing(checklist.pre(legacy, now=NOW, backup="17", alerts_ack="ada")) >= {"staging", "rollback"}
    assert legacy_app.scalar(legacy, "SELECT count(*) FROM insights_checklists WHERE NOT passed") == 3


def test_with_all_evidence_it_passes(legacy: str) -> None:
    rehearse.rehearse(legacy, rows=5)
    told = checklist.pre(legacy, now=NOW, backup="17", alerts_ack="ada")
    assert told.passed
    assert [item.line for item in told.items] == [
        "Database backup completed",
        "Migration tested on staging environment",
        "Application feature flags configured",
        "Rollback plan prepared",
        "Monitoring alerts configured",
    ]
    assert told.items[2].evidence["flags"] == {"read_new": 0, "write_new": 0}  # as `up` will make them


def test_flags_that_stand_are_told_as_they_stand(carried: str) -> None:
    legacy_app.set_flags(carried, 5)
    assert checklist.pre(carried, now=NOW).items[2].evidence["flags"] == {"read_new": 5, "write_new": 5}
    legacy_app.run(carried, "DELETE FROM rollout_flags")
    assert not checklist.pre(carried, now=NOW).items[2].ok


@pytest.mark.parametrize(
    ("age", "ok"),
    [(timedelta(0), True), (timedelta(hours=23), True), (timedelta(hours=25), False), (-timedelta(hours=1), False)],
)
def test_a_backup_is_of_this_day(empty_database: str, tmp_path: Path, age: timedelta, ok: bool) -> None:
    at = NOW - age
    dumped = tmp_path / "app.dump"
    dumped.write_bytes(b"dump")
    os.utime(dumped, (at.timestamp(), at.timestamp()))
    by_name = checklist.pre(empty_database, now=NOW, backup="17", backup_at=at).items[0]
    by_file = checklist.pre(empty_database, now=NOW, backup=str(dumped)).items[0]
    assert (by_name.ok, by_file.ok) == (ok, ok)
    assert by_file.evidence["taken_at"] == at
    dumped.write_bytes(b"")
    os.utime(dumped, (at.timestamp(), at.timestamp()))
    assert not checklist.pre(empty_database, now=NOW, backup=str(dumped)).items[0].ok


def test_after_a_migration_all_is_asked_and_nothing_stays(carried: str) -> None:
    tables = ("users", "exercise_sets", "set_executions", "user_preferences", "plans", "migration_quarantine")
    before = legacy_app.content(carried, *tables)
    told = checklist.post(carried, now=NOW)
    assert missing(told) == {"analytics"}
    features = next(item.evidence for item in told.items if item.name == "features")
    assert {"set_executions", "user_insights", "exercise_variations", "feature_usage"} <= set(features["tables"])
    benchmarks = next(item.evidence for item in told.items if item.name == "benchmarks")
    assert benchmarks["queries"].keys() == {"newest_sets", "session_sets", "workout"}
    legacy_app.run(carried, RUN.format("done", "clock_timestamp()", 0))
    assert checklist.post(carried, now=NOW).passed
    assert legacy_app.content(carried, *tables) == before


@pytest.mark.parametrize(
    ("status", "at", "failed", "ok"),
    [
        ("done", "clock_timestamp()", 0, True),
        ("done", "clock_timestamp()", 1, False),
        ("failed", "clock_timestamp()", 0, False),
        ("running", "NULL", "NULL", False),
        ("done", "now() - interval '1 day'", 0, False),
    ],
)
def test_analytics_flow_when_a_run_ended_well_since(
    carried: str, status: str, at: str, failed: object, ok: bool
) -> None:
    legacy_app.run(carried, RUN.format(status, at, failed))
    with connect(carried) as connection:
        assert evidence.analytics_flow(connection)[0] is ok


def test_a_row_that_is_lost_is_found(carried: str) -> None:
    legacy_app.run(carried, "DELETE FROM set_executions WHERE set_number = 1")
    with connect(carried) as connection:
        ok, found = evidence.data_preserved(connection, carried, None)
    assert not ok
    assert found["lost"] == ["exercise_sets"]
    assert len(found["findings"]) == 20


def test_an_address_that_breaks_the_check_is_pending_and_no_loss(carried: str) -> None:
    legacy_app.run(
        carried,
        "ALTER TABLE users DROP CONSTRAINT users_email_check",
        "UPDATE users SET email = 'none' WHERE username = 'lifter1'",
        "ALTER TABLE users ADD CONSTRAINT users_email_check CHECK (email ~* '^.+@.+\\..+$') NOT VALID",
    )
    with connect(carried) as connection:
        ok, found = evidence.data_preserved(connection, carried, None)
    assert ok
    assert len(found["pending"]) == 1


def test_a_table_that_takes_no_row_is_found(carried: str) -> None:
    legacy_app.run(carried, "ALTER TABLE session_context ADD CHECK (created_at < '2000-01-01') NOT VALID")
    with connect(carried) as connection:
        ok, found = evidence.new_features(connection)
    assert not ok
    assert found["failed"].keys() == {"session_context"}


def test_a_statement_of_the_old_app_that_fails_is_found(carried: str) -> None:
    legacy_app.run(carried, "ALTER TABLE exercise_sets ADD CHECK (reps <> 7) NOT VALID")
    with connect(carried) as connection:
        ok, found = evidence.workflows(connection)
    assert not ok
    assert found["failed"].keys() == {"edit the set"}
    assert "record a set" in found["statements"]


def test_a_query_that_got_slower_is_found(carried: str) -> None:
    legacy_app.run(
        carried,
        "ALTER TABLE workout_blocks RENAME TO slow_blocks",
        "CREATE VIEW workout_blocks AS SELECT b.* FROM slow_blocks AS b, LATERAL (SELECT pg_sleep(0.02), b.id) AS s",
    )
    with connect(carried) as connection:
        ok, found = evidence.benchmarks(connection)
    assert not ok
    assert found["queries"]["workout"]["after_ms"] > 20 > found["queries"]["session_sets"]["after_ms"]


def test_the_second_list_is_for_after_up(legacy: str) -> None:
    with pytest.raises(BadInput, match=r"pending: 00\.01"):
        checklist.post(legacy, now=NOW)
