"""Who works on the shards: threads of this process, processes of this machine, or a dask cluster.

    inline:             threads of this process, three; `inline:N` for N
    local:N             N processes of this machine
    dask://host:port    the workers of a dask cluster
    dasks://host:port   the same under mutual TLS

At most a window of tasks is under way, and each is forgotten as it ends.
"""

import os
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from urllib.parse import urlsplit
from uuid import UUID

from insights import settings
from insights.db import ledger
from insights.errors import BadSettings, InsightsError, Unreachable
from insights.pipeline.crews import Cluster, Crew, Processes, Threads
from insights.pipeline.shards import Outcome

THREADS = 3  # one computes while the others read and write
SIGNALS_SEEN_EVERY_S = 0.1
KNOWN = "Known: inline:, inline:N, local:N, dask://host:port, dasks://host:port."


@contextmanager
def crew(executor_url: str, database_url: str) -> Iterator[Crew]:
    """The crew that an executor's URL names.

    Raises:
        BadSettings: it names none, or one that lacks something.
        Unreachable: nobody answers at a cluster's address.
    """
    with opener(executor_url)(database_url) as found, found as entered:
        yield entered


def opener(executor_url: str) -> Callable[[str], AbstractContextManager[Crew]]:
    """What opens the crew of an executor's URL, given the database's. Opens nothing itself.

    Raises:
        BadSettings: the URL names no executor.
    """
    kind, colon, rest = executor_url.partition(":")
    if kind == "inline" and colon and (rest == "" or _is_count(rest)):
        return partial(_threads, int(rest or THREADS))
    if kind == "local" and _is_count(rest):
        return partial(_processes, int(rest))
    if kind in ("dask", "dasks") and _is_address(executor_url):
        return partial(_cluster, executor_url)
    raise BadSettings(f"there is no executor {executor_url}", hint=KNOWN)


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdigit() and 1 <= int(text) <= 1024


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return bool(parts.hostname and parts.port) and parts.path in ("", "/") and "@" not in parts.netloc
    except ValueError:
        return False


@contextmanager
def _threads(count: int, database_url: str) -> Iterator[Crew]:
    yield Threads(database_url, count)


@contextmanager
def _processes(count: int, database_url: str) -> Iterator[Crew]:
    cores = max(1, (os.cpu_count() or 1) // count)
    with _environment(DATABASE_URL=database_url, POLARS_MAX_THREADS=os.environ.get("POLARS_MAX_THREADS", str(cores))):
        yield Processes(count)


@contextmanager
def _cluster(executor_url: str, _: str) -> Iterator[Crew]:
    host = urlsplit(executor_url).netloc
    if executor_url.startswith("dasks:"):
        yield Cluster(f"tls://{host}", _certificates())
    else:
        yield Cluster(f"tcp://{host}", None)


def _certificates() -> dict[str, str]:
    own = settings.load()
    files = {
        "tls_ca_file": own.dask_ca_file,
        "tls_client_cert": own.dask_cert_file,
        "tls_client_key": own.dask_key_file,
    }
    if missing := [name for name, file in files.items() if file is None or not file.is_file()]:
        raise BadSettings(
            f"dasks:// needs certificates; not there: {', '.join(missing)}",
            hint="INSIGHTS_DASK_CA_FILE, INSIGHTS_DASK_CERT_FILE and INSIGHTS_DASK_KEY_FILE name PEM files.",
        )
    return {name: str(file) for name, file in files.items()}


@contextmanager
def _environment(**variables: str) -> Iterator[None]:
    """What processes that are started meanwhile find in their environment."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def drive(crew: Crew, run_id: UUID, shards: Iterable[int], settled: Callable[[], None]) -> None:
    """Have every shard worked on; `settled` is called as each ends.

    Shards that were under way when a worker died are given out again one at a time, so that one that kills shows.

    Raises:
        Unreachable: the database or the cluster went away.
        InsightsError: workers end before they have begun a shard.
    """
    queue, suspects, losses = deque(shards), deque[int](), Counter[int]()
    flying: dict[Future[Outcome], int] = {}
    while queue or suspects or flying:
        room = int(not flying) if suspects else crew.window - len(flying)
        for _ in range(min(room, len(source := suspects or queue))):
            shard = source.popleft()
            flying[crew.submit(run_id, shard)] = shard
        # A signal that the system gives to another thread does not end a wait: look again.
        for future in wait(flying, timeout=SIGNALS_SEEN_EVERY_S, return_when=FIRST_COMPLETED).done:
            shard = flying.pop(future)
            try:
                outcome = future.result()
            except CancelledError as error:
                raise Unreachable("the cluster has dropped the run", hint="Run the job again.") from error
            except crew.lost as error:
                losses[shard] += 1
                if losses[shard] > ledger.KILLS_ENDURED:  # begun once more, it would be dead by now
                    raise InsightsError(
                        "workers end before they have begun a shard", hint="`--executor inline:` would show the reason."
                    ) from error
                suspects.append(shard)
            else:
                queue.extendleft(outcome.more)
                settled()
