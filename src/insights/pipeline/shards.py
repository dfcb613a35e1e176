"""One shard, from claim to settlement, wherever it is worked on. What comes in and goes out are ids and numbers."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

import psycopg
from adbc_driver_manager import OperationalError as AdbcOperationalError
from polars.exceptions import PanicException

from insights import __version__, frames, settings
from insights.db import changes, ledger
from insights.db.connection import connect, reason_of
from insights.errors import BadSettings, Unreachable
from insights.files import parquet
from insights.pipeline import analytics, night
from insights.pipeline.analytics import NOTHING_BESIDE, Beside, ShardResult
from insights.pipeline.memory import give_back

PASSING = ("40001", "40P01", "23505")  # serialization failure, deadlock, a row that another wrote since our snapshot
CONFLICTS_ENDURED = 4
LOST = ("08", "57P")  # classes of SQLSTATE: the connection or the server went away


@dataclass(frozen=True, slots=True)
class Outcome:
    """A shard that is settled, or that has been replaced by others."""

    shard: int
    more: tuple[int, ...] = ()


class Step(Protocol):
    """Brings the stored analytics of a shard's users up to a day, in one transaction that settles the shard."""

    def __call__(
        self,
        url: str,
        run: ledger.Run,
        shard: int,
        users: list[UUID],
        *,
        as_of: date,
        dry_run: bool = False,
        periods: Sequence[str] = frames.PERIODS,
        beside: Beside = NOTHING_BESIDE,
    ) -> ShardResult:
        """The shard `shard` of `run`; with `dry_run` nothing is kept. Volumes of other periods are left alone.

        `beside` is begun once the shard has been read, and waited for before anything is kept.
        """


# By a job's `source`.
STEPS: dict[str, Step] = {"sets": analytics.run_shard, "changes": night.run_shard}


def work_here(run_id: str, shard: int) -> Outcome:
    """`work` in a process of its own, on the database that the process's own environment names.

    Raises:
        BadSettings: it names none.
    """
    url = settings.load().database_url
    if url is None:
        raise BadSettings("DATABASE_URL is not set for this worker", hint="Every worker reads its own environment.")
    return work(url.get_secret_value(), UUID(run_id), shard)


def work(url: str, run_id: UUID, shard: int) -> Outcome:
    """Claim a shard, bring its users up to its day, settle it. A shard that fails is replaced by its halves.

    So a failure comes down to the one user who caused it; that user is recorded, and the others are done.

    Raises:
        Unreachable: the database went away; nobody is blamed.
        BadSettings: the run was begun by another version of this program.
    """
    give_back()
    with connect(url, autocommit=True) as connection:
        claim = ledger.claim(connection, run_id, shard)
        if claim.state != "running":
            return Outcome(shard)
        _same_version(claim.parameters)
        try:
            _patiently(lambda: _bring_up(url, connection, claim, shard))
        except ledger.Settled:
            return Outcome(shard)
        except Unreachable:
            raise
        except (Exception, PanicException) as error:
            if _is_loss(error):
                raise Unreachable(
                    f"the database broke off: {reason_of(error)}", hint="What is stored is whole; run the job again."
                ) from error
            if len(claim.user_ids) > 1:
                return Outcome(shard, ledger.split(connection, claim.run, shard))
            reason = f"{type(error).__name__}: {error}"
            ledger.bury(connection, claim.run, shard, claim.user_ids[0], reason)
        return Outcome(shard)


def _bring_up(url: str, connection: ledger.Connection, claim: ledger.Claim, shard: int) -> None:
    users, dry_run = list(claim.user_ids), bool(claim.parameters["dry_run"])
    job = claim.parameters["job"]
    how: dict[str, Any] = {"periods": tuple(job["period_types"])}
    if paths := claim.parameters.get("files"):
        how["files"] = parquet.shared([Path(path) for path in paths])
    step = partial(STEPS[job["source"]], url, claim.run, shard, users, as_of=claim.as_of, dry_run=dry_run, **how)
    if not dry_run:
        # no analytics rest on what the app derives from the same changes
        with ThreadPoolExecutor(max_workers=1) as helper:
            step(beside=Beside(partial(changes.derive, connection, users), helper))
    else:
        result = step()
        written = {table: asdict(counts) for table, counts in result.written.items()}
        ledger.record_dry_shard(
            connection, claim.run, shard, sets=result.sets, written=written, verdicts=result.verdicts
        )


def _patiently(act: Callable[[], None]) -> None:
    """Act; once more where another transaction, of the app or of another job, came between."""
    for _ in range(CONFLICTS_ENDURED):
        try:
            return act()
        except Exception as error:
            if getattr(error, "sqlstate", None) not in PASSING:
                raise
    return act()


def _is_loss(error: BaseException) -> bool:
    """Whether an error says that the connection is gone, rather than anything about the shard."""
    if not isinstance(error, AdbcOperationalError | psycopg.OperationalError):
        return False
    return error.sqlstate is None or error.sqlstate.startswith(LOST)


def _same_version(parameters: dict[str, Any]) -> None:
    if parameters["version"] != __version__:
        raise BadSettings(
            f"the run was begun by insights {parameters['version']}, and this worker has {__version__}",
            hint="Install the same version everywhere.",
        )
