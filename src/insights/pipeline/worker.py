"""A process of this machine that works on shards, one at a time, and the pipe that leads to it.

Nothing is shared with other workers: neither a queue nor a lock that one who is killed could take with it.
"""

import multiprocessing
import os
import signal
import threading
import traceback
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.connection import wait as wait_for_process
from pickle import PicklingError

from insights.pipeline.shards import Outcome, work_here


class WorkerDied(Exception):
    """The process has ended, and what it worked on is as if it had not been begun."""


class WasDead(WorkerDied):
    """It had ended while it waited: the shard that was meant for it has not reached it."""


class Worker:
    """The process, seen from the engine. Spawned, never forked: Polars hangs after a fork."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, its_end = context.Pipe()
        self._process = context.Process(target=_serve, args=(its_end,), daemon=True)
        self._process.start()
        its_end.close()  # else the pipe would not end with the process
        self._has_worked = False

    def work(self, run_id: str, shard: int) -> Outcome:
        """Wait for the process to work on a shard.

        Raises:
            WasDead: it has worked before, and ended before this shard had reached it.
            WorkerDied: it ended before it answered.
            Exception: what `work_here` raised there.
        """
        received = False
        try:
            self._pipe.send((run_id, shard))
            received = self._pipe.recv()
            answer: Outcome | Exception = self._pipe.recv()
        except (EOFError, OSError) as error:
            raise (WasDead if self._has_worked and not received else WorkerDied) from error
        self._has_worked = True
        if isinstance(answer, Exception):
            raise answer
        return answer

    def end(self) -> None:
        """End the process, whatever it is doing. Whoever waits in `work` is told that it has died."""
        self._process.kill()  # it has nothing to put away: what it works on is rolled back
        self._process.join()


def _serve(pipe: Connection) -> None:
    """In the process: work on what comes through the pipe. Ctrl-C is the engine's business."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_engine, daemon=True).start()
    with suppress(EOFError):
        while True:
            run_id, shard = pipe.recv()
            pipe.send(True)  # received: whoever dies from here on may have died of it
            tell(pipe, _answer(run_id, shard))


def tell(pipe: Connection, answer: Outcome | Exception) -> None:
    """Send an answer; of an error that cannot be pickled, what it says."""
    try:
        pipe.send(answer)
    except (PicklingError, TypeError, AttributeError):
        pipe.send(RuntimeError(f"{type(answer).__name__}: {answer}"))


def _answer(run_id: str, shard: int) -> Outcome | Exception:
    try:
        return work_here(run_id, shard)
    except Exception as error:  # noqa: BLE001 - whatever it is, the engine hears of it
        error.add_note(f"In a worker:\n{traceback.format_exc()}")
        return error


def _end_with_engine() -> None:
    """Without the engine there is nothing to work for."""
    engine = multiprocessing.parent_process()
    if engine is not None:
        wait_for_process([engine.sentinel])
        os._exit(1)
