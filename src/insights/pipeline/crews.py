"""The crews that work on shards: each a `concurrent.futures.Executor` with how to give it shards, and how to end it.

A task carries the ids of a run and of a shard, nothing else.
"""

import threading
from abc import ABC, abstractmethod
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import suppress
from importlib import import_module
from typing import Any, Self, cast
from uuid import UUID

from insights.db import columns
from insights.errors import BadSettings, Unreachable
from insights.pipeline.shards import Outcome, work, work_here
from insights.pipeline.worker import WasDead, Worker, WorkerDied

ANSWER_WITHIN_S = 10  # a scheduler; and then its first worker


class Crew(ABC):
    """An executor, and how to give it shards. A context: left by an error, what is under way is given up."""

    lost: tuple[type[BaseException], ...] = ()  # what a task ends with when whoever worked on it has died
    executor: Executor

    @property
    @abstractmethod
    def window(self) -> int:
        """How many tasks to have under way at once."""

    @abstractmethod
    def submit(self, run_id: UUID, shard: int) -> Future[Outcome]:
        """Give out a shard."""

    def __enter__(self) -> Self:
        return self

    @abstractmethod
    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Wait for what is under way; after an error end it."""


class Threads(Crew):
    """`inline:`. The URL of the database is at hand."""

    def __init__(self, url: str, threads: int) -> None:
        self._url, self._threads = url, threads
        self._stop = threading.Event()
        self.executor = ThreadPoolExecutor(threads, initializer=columns.stop_on, initargs=(self._stop,))
        self._over = threading.Event()
        self._keeper = threading.Thread(target=self._keep, daemon=True)
        self._keeper.start()

    def _keep(self) -> None:
        """Hold a connection while the crew is there: it learns the database's types before the first shard asks."""
        with suppress(Unreachable), columns.types_kept(self._url):
            self._over.wait()

    @property
    def window(self) -> int:
        """One a thread: a shard that waits for a thread gains nothing."""
        return self._threads

    def submit(self, run_id: UUID, shard: int) -> Future[Outcome]:
        """Give a shard to a thread."""
        return self.executor.submit(work, self._url, run_id, shard)

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            self._stop.set()
        self.executor.shutdown(wait=True, cancel_futures=True)
        self._over.set()
        self._keeper.join()


class Processes(Crew):
    """`local:N`. Each process has a thread here that waits for it; one that dies takes nothing but its shard along."""

    lost = (WorkerDied,)

    def __init__(self, processes: int) -> None:
        self._processes = processes
        self.executor = ThreadPoolExecutor(processes)
        self._of_this_thread = threading.local()
        self._lock = threading.Lock()
        self._workers: list[Worker] | None = []  # None: the crew has ended

    @property
    def window(self) -> int:
        """One more than there are processes: one shard waits, so that no process does."""
        return self._processes + 1

    def submit(self, run_id: UUID, shard: int) -> Future[Outcome]:
        """Give a shard to a process."""
        return self.executor.submit(self._work, str(run_id), shard)

    def _work(self, run_id: str, shard: int) -> Outcome:
        mine = self._of_this_thread
        if getattr(mine, "worker", None) is None:
            mine.worker = self._hire()
        try:
            return cast("Worker", mine.worker).work(run_id, shard)
        except WorkerDied as died:
            mine.worker = None
            if isinstance(died, WasDead):  # of nothing that this shard has done: the next one gets it
                return self._work(run_id, shard)
            raise

    def _hire(self) -> Worker:
        with self._lock:
            if self._workers is None:
                raise WorkerDied
            self._workers.append(Worker())
            return self._workers[-1]

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self.executor.shutdown(wait=True)
        with self._lock:
            workers, self._workers = self._workers or [], None
        for worker in workers:
            worker.end()
        self.executor.shutdown(wait=True, cancel_futures=True)


class Cluster(Crew):
    """`dask://`. The scheduler gives the shard of a worker that died to another one, by itself."""

    def __init__(self, address: str, security: dict[str, str] | None) -> None:
        try:
            dask: Any = import_module("distributed")  # an extra
        except ImportError:
            raise BadSettings(
                "dask is not installed here", hint="`pip install 'insights[dask]'` brings it, here and to every worker."
            ) from None
        self.lost = (dask.KilledWorker,)
        try:
            secured = dask.Security(require_encryption=True, **security) if security else None
            self._client = dask.Client(address, security=secured, timeout=ANSWER_WITHIN_S, set_as_default=False)
        except (OSError, TimeoutError, ValueError) as error:
            raise Unreachable(f"no dask scheduler answers at {address}: {error}") from error
        try:
            self._client.wait_for_workers(1, timeout=ANSWER_WITHIN_S)
        except TimeoutError as error:
            self._client.close()
            raise Unreachable(
                f"the dask scheduler at {address} has no workers", hint="Start some: `dask worker`, with DATABASE_URL."
            ) from error
        self.executor = self._client.get_executor(pure=False)

    @property
    def window(self) -> int:
        """Two for each thread of the workers that there are now."""
        return max(2, 2 * sum(cast("dict[str, int]", self._client.nthreads()).values()))

    def submit(self, run_id: UUID, shard: int) -> Future[Outcome]:
        """Give a shard to the scheduler."""
        return self.executor.submit(work_here, str(run_id), shard)

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        cast("Any", self.executor).shutdown(wait=kind is None)
        self._client.close()
