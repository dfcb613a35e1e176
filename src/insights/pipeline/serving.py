"""Serving on demand: requests of the app within seconds, and the batches that finish meanwhile.

Whoever inserts a request notifies; a look at the table every few seconds finds what a notification did not reach. A
request whose worker was killed is taken by the next one, where the ledger knows what was received already.
"""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from threading import Event

import psycopg

from insights.db import queue, requests
from insights.db.connection import connect
from insights.errors import Busy, InsightsError
from insights.llm.endpoint import Endpoint
from insights.pipeline import run as runs
from insights.pipeline.job import Job
from insights.pipeline.planning import terms_of
from insights.pipeline.telling import tell

LOOK_S = 1.0  # a notification wakes at once; this is also how soon a stop is noticed
BUSY_WAIT_S = 2.0
COLLECT_EVERY_S = 30.0
ATTEMPTS = 3  # a request whose workers die that often has failed

Clock = Callable[[], datetime]
OnServed = Callable[[requests.Request, str], None]  # the request, and how it ended: done, failed: why, or put back


@dataclass(frozen=True)
class Service:
    """What serves requests: at which database, by which job and endpoint, how many at a time."""

    url: str
    job: Job
    clock: Clock
    endpoint: Endpoint | None = None
    at_once: int = 4
    collect_every_s: float = COLLECT_EVERY_S
    on_served: OnServed = lambda *_: None
    stop: Event = field(default_factory=Event)

    def serve(self) -> None:
        """Serve until `stop` is set; what is in hand by then is brought to its end.

        Raises:
            Unreachable: the database cannot be reached.
            BadSettings: nobody knows what the endpoint's model costs.
        """
        terms_of(self.job, self.endpoint, self.clock())
        with (
            connect(self.url, autocommit=True) as connection,
            queue.worker(connection) as worker,
            ThreadPoolExecutor(self.at_once, thread_name_prefix="insights-serve") as pool,
        ):
            connection.execute(f"LISTEN {requests.CHANNEL}")
            in_hand: set[Future[None]] = set()
            collected_at = -self.collect_every_s
            while not self.stop.is_set():
                in_hand = {future for future in in_hand if not _done(future)}
                while len(in_hand) < self.at_once and (request := requests.claim(connection, worker)):
                    in_hand.add(pool.submit(self._handle, request))
                if self.endpoint is not None and time.monotonic() - collected_at >= self.collect_every_s:
                    self._collect()
                    collected_at = time.monotonic()
                for _ in connection.notifies(timeout=LOOK_S, stop_after=1):
                    pass

    def _collect(self) -> None:
        """Collect finished batches and tell what they bring; a user's failure shows in the ledger."""
        tell(self.url, (), terms=terms_of(self.job, self.endpoint, self.clock()), on_failure=lambda *_: None)

    def _handle(self, request: requests.Request) -> None:
        if request.attempts > ATTEMPTS:
            ended = f"failed: {ATTEMPTS} workers have ended over it"
        else:
            ended = self._regenerate(request)
        with connect(self.url, autocommit=True) as connection:
            if ended == "put back":
                requests.put_back(connection, request)
            elif ended == "done":
                requests.close(connection, request, "done")
            else:
                requests.close(connection, request, "failed", ended.removeprefix("failed: "))
        self.on_served(request, ended)

    def _regenerate(self, request: requests.Request) -> str:
        """Bring one user up to date. While another run has this user in hand, wait for it."""
        while not self.stop.is_set():
            try:
                report = runs.run(self.url, self.job, now=self.clock(), user_id=request.user_id, endpoint=self.endpoint)
            except Busy:
                self.stop.wait(BUSY_WAIT_S)
                continue
            except (InsightsError, psycopg.Error) as error:
                return f"failed: {error}"
            return f"failed: {report.failures[0][2]}" if report.failures else "done"
        return "put back"


def _done(future: Future[None]) -> bool:
    """Whether it is done; raises what it raised, for that is no failure of a request but of the service."""
    if not future.done():
        return False
    future.result()
    return True
