"""What insights say, at full size: no lie gets through, every numeral is a cited fact's, the rubric holds."""

import os
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import psycopg

from insights import assets, narrative
from insights.db import insights as store
from insights.db.connection import connect
from insights.narrative import trial
from insights.narrative.rubric import QUESTIONS
from insights.pipeline.planning import Planner, terms_of
from insights.pipeline.prompts import Library
from insights.pipeline.telling import tell
from insights.simulate.store import Cohort, write_cohort
from tests.acceptance.line import ROOT, line, run, shared
from tests.acceptance.road import CHINESE, HEVY, INSIGHTS, url_of, workplace
from tests.integration import numerals
from tests.integration.insight_fixture import job_of
from tests.oracle import nights

LIFTERS_COUNTED = int(os.environ.get("INSIGHTS_ACCEPTANCE_COUNTED", "1000"))
LIFTERS_JUDGED = int(os.environ.get("INSIGHTS_ACCEPTANCE_JUDGED", "200"))
ROUNDS_OF_LIES = 200
SUNDAY = date(2025, 6, 1)
ENDS = {HEVY: date(2025, 9, 15), CHINESE: date(2023, 12, 18)}  # the last day of each log
LATER = datetime(2031, 6, 2, 3, 0, tzinfo=UTC)


@contextmanager
def database() -> Iterator[str]:
    """A server of its own with every migration applied; its URL."""
    with workplace() as (folder, home):
        run([INSIGHTS, "migrate", "up"], cwd=folder, home=home)
        yield url_of(folder, home)


@line("no lie of any kind gets through the verifier or the engine")
def lies() -> str:
    """Every kind 2,000 times against the verifier, and thousands of lies by an endpoint that never tells the truth."""
    command: list[str | Path] = ["env", f"LIES_ROUNDS={ROUNDS_OF_LIES}", "HYPOTHESIS_PROFILE=thorough", sys.executable]
    command += ["-m", "pytest", "-q", "-k", "mutation", "tests/unit", "tests/integration/test_insight_mutations.py"]
    return run(command, cwd=ROOT, timeout_s=3600).stdout.strip().splitlines()[-1]


@line(f"every numeral of every insight of {LIFTERS_COUNTED} simulated lifters is a cited fact's value, window or date")
def every_numeral() -> str:
    """Counted by a script that shares no code with the package; every third lifter reads pounds."""
    with database() as url:
        cohort = Cohort(lifters=LIFTERS_COUNTED, weeks=30, seed=31, until=SUNDAY, ugliness=1.0)
        with connect(url, autocommit=True) as connection:
            users = [UUID(user) for user in write_cohort(connection, cohort).users]
            third = "UPDATE user_preferences SET preferred_units = 'imperial' WHERE user_id = ANY (%s)"
            connection.execute(third, [users[::3]])
        nights.night(url, SUNDAY)
        done = tell(url, [(SUNDAY, users)], terms=terms_of(job_of(), None, LATER), on_failure=refuse)
        with psycopg.connect(url) as connection:
            insights, counted, found = numerals.strangers(connection)
    assert not found, found[:5]
    assert insights == done.wanted > LIFTERS_COUNTED
    return f"{insights} insights, {counted} numerals"


@line(f"each question of the rubric holds for 95 % of six weeks' insights of {LIFTERS_JUDGED} lifters and of both logs")
def rubric() -> str:
    """For the rule narrator and for the recorded answers, on the facts that the engine derives."""
    answers = trial.recorded(assets.text("prompts", "cohort", "answers.jsonl"))
    figures = []
    with database() as url:
        logs = {log: nights.imported(url, shared(*log), "lb" if log == CHINESE else "auto") for log in ENDS}
        cohort = Cohort(lifters=LIFTERS_JUDGED, weeks=40, seed=37, until=SUNDAY, ugliness=1.0)
        with connect(url, autocommit=True) as connection:
            lifters = [UUID(user) for user in write_cohort(connection, cohort).users]
        groups = [("lifters", lifters, SUNDAY), *((log[0], [user], ENDS[log]) for log, user in logs.items())]
        for name, users, until in groups:
            made = told_weekly(url, users, until)
            for narrator, outcome in (("rules", made.by_rules()), ("recorded", made.by_record(answers))):
                weak = [f"{QUESTIONS[n]} {share:.1%}" for n, share in outcome.shares.items() if share < 0.95]
                assert outcome.judged, (name, narrator)
                assert not weak, f"{name}, {narrator}, {outcome.judged} insights: {', '.join(weak)}; {outcome.failures}"
                answered = outcome.judged / (outcome.judged + outcome.unanswered)
                assert answered >= 0.95, f"{name}, {narrator}: {outcome.unanswered} requests have no recorded answer"
                figures.append(f"{name} by {narrator}: {outcome.judged} insights, weakest {outcome.weakest:.1%}")
    return "; ".join(figures)


def told_weekly(url: str, users: Sequence[UUID], until: date) -> trial.Trial:
    """What the engine would tell these users on each of six weeks' ends."""
    weeks: list[dict[int, list[narrative.Wanted]]] = []
    counsels: dict[int, narrative.Counsel] = {}
    library = Library(assets.path("prompts"))
    for week in reversed(range(trial.WEEKS)):
        as_of = until - timedelta(weeks=week)
        nights.night(url, as_of)
        told: dict[int, list[narrative.Wanted]] = defaultdict(list)
        with connect(url, autocommit=True) as connection:
            readers = store.readers(connection, users, LATER)
            planner = Planner.of(connection, readers, as_of, terms_of(job_of(), None, LATER))
            for reader in readers:
                index = users.index(reader.id)
                told[index] = planner.wanted(reader)
                counsels[index] = planner.counsel(reader)
        weeks.append(told)
    return trial.Trial(weeks, counsels, library.lexicon)


def refuse(user: object, error: Exception) -> None:
    """No user may fail here."""
    raise AssertionError(f"{user}: {error}")
