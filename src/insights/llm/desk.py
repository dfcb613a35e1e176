"""Where calls are recorded: a desk that the caller provides, and what puts many wishes into few transactions."""

import asyncio
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

from insights.llm.calls import Call, Outcome, Reply


class Desk(Protocol):
    """Where calls are recorded. Called from one thread, never twice at once; each call of it is one transaction."""

    def record(self, begun: Sequence[Call], ended: Sequence[tuple[Reply, bool]]) -> Mapping[str, Outcome]:
        """Record the ends (True: the question will be tried again), then the beginnings; the keys that must not go on.

        Their outcome is OVER_BUDGET, NO_ROOM_YET or TAKEN. Once this returns, all of it outlives the process.
        """


class NoRecord:
    """A desk that lets everything pass and keeps nothing."""

    def record(self, begun: Sequence[Call], ended: Sequence[tuple[Reply, bool]]) -> Mapping[str, Outcome]:
        """Nothing is refused."""
        del begun, ended
        return {}


class Recorder:
    """Puts what many workers want recorded into few transactions, off the event loop."""

    def __init__(self, desk: Desk, thread: ThreadPoolExecutor) -> None:
        self._desk, self._thread = desk, thread
        self._begun: list[tuple[Call, asyncio.Future[Outcome | None]]] = []
        self._ended: list[tuple[Reply, bool, asyncio.Future[None]]] = []
        self._writer: asyncio.Task[None] | None = None

    async def begin(self, call: Call) -> Outcome | None:
        """None once the call is recorded and may be sent; else why it may not."""
        done: asyncio.Future[Outcome | None] = asyncio.get_running_loop().create_future()
        self._begun.append((call, done))
        self._wake()
        return await done

    async def end(self, reply: Reply, *, again: bool) -> None:
        """Returns once the reply outlives the process."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._ended.append((reply, again, done))
        self._wake()
        await done

    def _wake(self) -> None:
        if self._writer is None:
            self._writer = asyncio.create_task(self._write())

    async def _write(self) -> None:
        loop = asyncio.get_running_loop()
        while self._begun or self._ended:
            begun, self._begun = self._begun, []
            ended, self._ended = self._ended, []
            try:
                stopped = await loop.run_in_executor(
                    self._thread,
                    self._desk.record,
                    [call for call, _ in begun],
                    [(reply, again) for reply, again, _ in ended],
                )
            except Exception as error:  # noqa: BLE001 - raised in every worker that waits for the record
                for _, admitted in begun:
                    admitted.set_exception(error)
                for *_, recorded in ended:
                    recorded.set_exception(error)
                break
            for call, admitted in begun:
                admitted.set_result(stopped.get(call.key))
            for *_, recorded in ended:
                recorded.set_result(None)
        self._writer = None
