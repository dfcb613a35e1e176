"""The plan's data moves, each as one function that can be run again at any time.

`up` makes the same moves, spread over the migrations that create their tables; here they run as a whole, with the same
statements, for an adopted database those that were rendered for its names: after the triggers were off (a bulk load, a
restored dump), or to see that nothing is missing. What stands is left alone, so a second run changes nothing. Each does
the first four of the plan's five steps and hands back the fourth, what the migrations' own questions find; the fifth,
the application, is docs/adopting.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from insights.db.migrate import adapter, contracted, ledger, quarantine
from insights.db.migrate.files import Migration, discover
from insights.db.migrate.runner import PATIENCE_S, Finding, findings
from insights.db.migrate.session import OnStep, Session, session
from insights.errors import BadInput

PREFERENCES = ("01.02",)
BLOCKS, EXERCISES, PROTOCOLS = "03.02", "03.03", "03.04"
TIMES, PERFORMANCES, SETS = "04.01", "04.02", "04.03"


@dataclass(frozen=True, slots=True)
class Moved:
    """A move that is done: the rows that it went through, and what its migrations still find wrong."""

    rows: int
    problems: tuple[Finding, ...]


def migrate_user_profiles_to_preferences(url: str, *, on_step: OnStep | None = None) -> Moved:
    """users.units and fitness_goal to user_preferences and primary_goals.

    Raises:
        BadInput: the migrations that make the tables are not applied, or the legacy tables were dropped.
        Busy, Unreachable, MigrationFailed: see `up`.
    """
    return _move(url, PREFERENCES, on_step)


def migrate_workout_exercises_to_blocks(url: str, *, on_step: OnStep | None = None) -> Moved:
    """The plan's template: 1. a block for each workout, 2. its exercises, 3. everything else (rep_scheme), 4. validate.

    Raises:
        BadInput: the migrations that make the tables are not applied, or the legacy tables were dropped.
        Busy, Unreachable, MigrationFailed: see `up`.
    """
    return _move(url, (BLOCKS, EXERCISES, PROTOCOLS), on_step)


def migrate_exercise_sets_to_executions(url: str, *, on_step: OnStep | None = None) -> Moved:
    """1. the times of each session, 2. its performances, 3. the sets and their totals, 4. validate.

    Raises:
        BadInput: the migrations that make the tables are not applied, or the legacy tables were dropped.
        Busy, Unreachable, MigrationFailed: see `up`.
    """
    return _move(url, (TIMES, PERFORMANCES, SETS), on_step)


def _move(url: str, numbers: Sequence[str], on_step: OnStep | None) -> Moved:
    with adapter.migrations_of(url) as folder:
        migrations = [migration for migration in discover(folder) if migration.id in numbers]
    with session(url, on_step, PATIENCE_S) as runner:
        contracted.refuse_after(runner.connection)
        standing = ledger.read(runner.connection)
        missing = [m.id for m in migrations if m.id not in standing or standing[m.id].state != "applied"]
        if missing:
            raise BadInput(
                f"{', '.join(missing)} is not applied yet", hint="`insights migrate up` makes this move too."
            )
        rows = sum(_batches(runner, migration) for migration in migrations)
        quarantine.drain(runner.connection, states=quarantine.BUSY)
        return Moved(rows, tuple(findings(runner.connection, migrations)))


def _batches(runner: Session, migration: Migration) -> int:
    return sum(
        runner.repeat(migration, number) for number, step in enumerate(migration.up, 1) if step.batches is not None
    )
