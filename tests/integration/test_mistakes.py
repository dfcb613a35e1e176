from datetime import UTC, date, datetime
from pathlib import Path

import psycopg
import pytest
from tests.acceptance import road
from tests.acceptance.line import run

from insights.cli import context
from insights.db.connection import connect
from insights.errors import BadInput
from insights.pipeline import job as jobs
from insights.pipeline import run as runs
from insights.simulate.store import Cohort, write_cohort

COHORT = Cohort(lifters=2, weeks=8, seed=11, until=date(2025, 6, 1), ugliness=0.3)


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("demo", "--database", "nonsense"), 2, "not a postgresql:// URL"),
        (("run", "nightly", "--database", "postgresql://me:hunter2@127.0.0.1:1/app"), 4, "refused"),
        (("run", "nightly", "--user", "", "--database", "{database}"), 2, "no user"),
        (("run", "nightly", "--as-of", "0001-01-01", "--database", "{database}"), 2, "beyond"),
        (("run", "nightly", "--database", "{empty}"), 2, "lacks the schema"),
        (("report", "--user", "me@example.org", "--out", "x.html", "--database", "{empty}"), 2, "lacks the schema"),
    ],
    ids=lambda value: " ".join(value[:2]) if isinstance(value, tuple) else None,
)
def test_a_mistake_is_told_in_words(
    tmp_path: Path,
    session_home: Path,
    database: str,
    empty_database: str,
    arguments: tuple[str, ...],
    code: int,
    says: str,
) -> None:
    given = [part.format(database=database, empty=empty_database) for part in arguments]
    done = run([road.INSIGHTS, *given], cwd=tmp_path, home=session_home, expect=code)
    assert done.stdout == ""
    assert done.stderr.startswith("error:") and says in done.stderr
    assert "Traceback" not in done.stderr and "hunter2" not in done.stderr


@pytest.mark.parametrize("text", ["0001-01-01", "1969-12-31", "2100-01-01", "tomorrow", "2025-02-29", ""])
def test_days_that_nobody_can_mean_are_refused(text: str) -> None:
    with pytest.raises(BadInput, match="--as-of"):
        context.day(text, "--as-of")


def test_lifters_of_one_seed_and_two_labels_stand_side_by_side(database: str) -> None:
    with connect(database, autocommit=True) as connection:
        first = write_cohort(connection, COHORT)
        later = Cohort(lifters=2, weeks=9, seed=11, until=date(2025, 6, 8), ugliness=0.3, label="demo-2025-06-08")
        second = write_cohort(connection, later)
    assert not set(first.users) & set(second.users)


def test_moments_that_no_calendar_holds_and_numbers_that_no_float_holds_do_not_stop_a_night(database: str) -> None:
    with connect(database, autocommit=True) as connection:
        user = write_cohort(connection, COHORT).users[0]
    with psycopg.connect(database) as connection:
        for order, moment in (("ASC", "infinity"), ("DESC", "0044-03-15 BC")):
            connection.execute(
                "UPDATE workout_sessions SET start_time = %s, end_time = NULL WHERE id ="
                f" (SELECT id FROM workout_sessions WHERE user_id = %s ORDER BY id {order} LIMIT 1)",
                (moment, user),
            )
        connection.execute("""UPDATE exercise_biomechanics SET secondary_muscles = '{"chest": 1e400, "lats": "x"}'""")
        connection.execute("UPDATE exercise_biomechanics SET stabilizer_muscles = '[1, null]'")
    now = datetime(2031, 6, 2, 3, 0, tzinfo=UTC)
    report = runs.run(database, jobs.read("nightly"), now=now, as_of=COHORT.until)
    assert report.failures == []
    assert report.users == COHORT.lifters
    assert report.written["volume_analytics"]["added"] > 0
