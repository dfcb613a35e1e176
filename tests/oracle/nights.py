"""A log in a database, a night over it, and the stored rows held against the oracle."""

from collections import Counter
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Literal
from uuid import UUID

from insights.db.catalogue import Resolver, load_catalogue, shipped
from insights.db.connection import connect
from insights.db.log_writer import ensure_user, write_log
from insights.files.reading import read_log
from insights.pipeline import job as jobs
from insights.pipeline import run as runs
from insights.simulate.store import Cohort, write_cohort
from tests.oracle import tables

NOW = datetime(2031, 6, 2, 3, 0, tzinfo=UTC)


def imported(url: str, path: Path, unit: Literal["auto", "kg", "lb"], time_zone: str = "UTC") -> UUID:
    """Write an export for a user of its own."""
    log = read_log(path, unit=unit, quarantine=True)
    with connect(url, autocommit=True) as connection:
        load_catalogue(connection, shipped())
        email = f"{path.stem}-{unit}@example.org"
        user = ensure_user(connection, email=email, time_zone=time_zone, units="kg", made_by="import")
        resolve = partial(Resolver(shipped()), connection, user)
        with connection.transaction():
            write_log(connection, user_id=user, source=log.source, sets=log.sets, time_zone=time_zone, resolve=resolve)
    return user


def simulated(url: str, cohort: Cohort) -> list[UUID]:
    """Write simulated lifters."""
    with connect(url, autocommit=True) as connection:
        return [UUID(user) for user in write_cohort(connection, cohort).users]


def night(url: str, as_of: date) -> runs.Report:
    """The analytics of a night; every user must pass."""
    report = runs.run(url, jobs.read("nightly").model_copy(update={"steps": ("analytics",)}), now=NOW, as_of=as_of)
    assert not report.failures
    return report


def agreed(url: str, users: list[UUID], as_of: date) -> Counter[str]:
    """The stored rows of each table, all of which the oracle agrees with; AssertionError where one differs."""
    rows: Counter[str] = Counter()
    for user in users:
        stored = tables.stored(url, user.bytes)
        differences = tables.differences(stored, tables.derived(url, user.bytes, as_of))
        assert not differences, f"{len(differences)} rows differ for {user}:\n" + "\n".join(differences[:10])
        rows.update({table: len(keys) for table, keys in stored.items()})
    return rows
