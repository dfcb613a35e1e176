"""Asking by chat: many questions at a time, in a thread of their own, each recorded before it is sent and when it ends.

    with Asker(endpoint, desk) as asker:
        asker.ask(call)
        reply = asker.next_reply()

A place in the gate is held from before the record of the beginning until after the record of the end, so that a
process that is killed leaves at most one unknown call a place. The policy: 429 is waited out, for as long as the server
asks and until the deadline; 5xx and lost connections are tried again with full jitter; everything else is final.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, suppress
from dataclasses import replace
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, Final, Self

import httpx2

from insights.llm.answers import read, refused, unreadable
from insights.llm.calls import ENDS_ALL, PASSING, Call, Outcome, Reply, Usage
from insights.llm.desk import Desk, NoRecord, Recorder
from insights.llm.endpoint import Endpoint, async_clients
from insights.llm.gate import Gate, exhausted_s, retry_after_s

if TYPE_CHECKING:
    import openai
else:
    from insights.llm import sdk as openai

BACKOFF_BASE_S: Final = 0.5
BACKOFF_CAP_S: Final = 20.0
# A thread that comes back from a system call waits so long for one that computes; by default ten times that, which
# made every call of the loop wait for the planning of others.
SWITCH_S: Final = 0.0005


class Asker:
    """Asks in the background. `unanswered` counts what was given to `ask` and has not come out of `next_reply`."""

    def __init__(self, endpoint: Endpoint, desk: Desk) -> None:
        self.endpoint = endpoint
        self.desk = desk
        self.unanswered = 0
        self._replies: SimpleQueue[Reply | BaseException] = SimpleQueue()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name="insights-ask", daemon=True)

    def __enter__(self) -> Self:
        self._switch_s = sys.getswitchinterval()
        sys.setswitchinterval(SWITCH_S)
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """End once everything is answered; after an error at once, and what is in flight stays recorded as that."""
        if self._thread.is_alive():
            with suppress(RuntimeError):  # it ends at this very moment
                self._loop.call_soon_threadsafe(self._island.stop if kind is None else self._task.cancel)
        self._thread.join()
        sys.setswitchinterval(self._switch_s)

    def ask(self, call: Call) -> None:
        """Put a question into the queue."""
        self.unanswered += 1
        self._loop.call_soon_threadsafe(self._island.inbox.put_nowait, call)

    def next_reply(self, timeout_s: float | None = None) -> Reply | None:
        """The next reply, in any order; None where none comes in time. Raises what ended the asking itself."""
        try:
            found = self._replies.get(timeout=timeout_s) if timeout_s else self._replies.get_nowait()
        except Empty:
            return None
        if isinstance(found, BaseException):
            raise found
        self.unanswered -= 1
        return found

    def _run(self) -> None:
        try:
            asyncio.run(self._main())
        except BaseException as error:  # noqa: BLE001 - it is raised where the replies are waited for
            self._replies.put(error)
        finally:
            self._ready.set()

    async def _main(self) -> None:
        self._loop, task = asyncio.get_running_loop(), asyncio.current_task()
        assert task is not None
        self._task = task
        with ThreadPoolExecutor(1, thread_name_prefix="insights-desk") as thread:
            async with async_clients(self.endpoint) as clients:
                self._island = _Island(self.endpoint, clients, Recorder(self.desk, thread), self._replies.put)
                self._ready.set()
                await self._island.run()


def ask_all(
    endpoint: Endpoint, calls: Iterable[Call], on_reply: Callable[[Reply], None], desk: Desk | None = None
) -> None:
    """Ask every call, `endpoint.concurrency` at a time at most; `on_reply` is told of each as it ends, in any order.

    Never raises for a call: every call ends in exactly one reply.
    """
    with Asker(endpoint, desk or NoRecord()) as asker:
        for call in calls:
            asker.ask(call)
        while asker.unanswered:
            reply = asker.next_reply(timeout_s=1)
            if reply is not None:
                on_reply(reply)


class _Island:
    """The one place of asyncio: workers that take questions, ask, and hand the replies out."""

    def __init__(
        self,
        endpoint: Endpoint,
        clients: list[openai.AsyncOpenAI],
        recorder: Recorder,
        hand_out: Callable[[Reply], None],
    ) -> None:
        self.endpoint, self.recorder, self.hand_out = endpoint, recorder, hand_out
        self.free = clients  # as many as may ask at a time; the one that was used last is used first
        self.inbox: asyncio.Queue[Call | None] = asyncio.Queue()
        self.gate = Gate(endpoint.concurrency)
        self.deadline = asyncio.get_running_loop().time() + endpoint.deadline_s
        self.under_way = 0  # calls that are recorded as begun and not as ended
        self.one_ended = asyncio.Event()
        self.broken: Reply | None = None  # the breaker: after a refused key or an exhausted quota nobody asks again

    def stop(self) -> None:
        """Let every worker end once the questions before this are answered."""
        for _ in range(self.endpoint.concurrency):
            self.inbox.put_nowait(None)

    async def run(self) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(self.endpoint.concurrency):
                    group.create_task(self._work())
        except BaseExceptionGroup as several:
            raise several.exceptions[0] from None

    async def _work(self) -> None:
        while (call := await self.inbox.get()) is not None:
            self.hand_out(await self._ask(call))

    async def _ask(self, call: Call) -> Reply:
        """Try until there is a reply to keep. The breaker and the deadline stand before every try."""
        last, sent = Reply(call.key, Outcome.PAST_DEADLINE, reason="the run's time was over", attempts=0), 0
        for attempt in range(1, self.endpoint.tries + 1):
            if self.broken is not None:
                return replace(self.broken, key=call.key, usage=Usage(), attempts=sent)
            if asyncio.get_running_loop().time() >= self.deadline:
                break
            reply = await self._try(call, last_try=attempt == self.endpoint.tries)
            sent += reply.attempts
            last = replace(reply, attempts=sent)
            if reply.outcome in ENDS_ALL:
                self.broken = reply
            if reply.outcome not in PASSING:
                break
            if attempt < self.endpoint.tries:
                await asyncio.sleep(random.uniform(0, min(BACKOFF_CAP_S, BACKOFF_BASE_S * 2**attempt)))  # noqa: S311
        return last

    async def _try(self, call: Call, *, last_try: bool) -> Reply:
        """One call that may be paid, from the record of its beginning to that of its end. 429 is waited out within."""
        sent, why = 0, Outcome.PAST_DEADLINE
        while True:
            async with AsyncExitStack() as held:
                try:
                    async with asyncio.timeout_at(self.deadline):
                        admitted_at = await held.enter_async_context(self.gate.slot())
                except TimeoutError:
                    return Reply(call.key, why, reason="the run's time was over", attempts=sent)
                stopped, one_ended = await self._begun(call)
                if stopped is None:
                    reply = await self._recorded(call, admitted_at, last_try=last_try)
                    sent += 1
                    if reply.outcome is not Outcome.RATE_LIMITED:
                        return replace(reply, attempts=sent)
                    why = reply.outcome
                    continue
                if stopped is not Outcome.NO_ROOM_YET:
                    return Reply(call.key, stopped, reason=stopped.value, attempts=sent)
            await one_ended.wait()

    async def _begun(self, call: Call) -> tuple[Outcome | None, asyncio.Event]:
        """Why a call must not be made, if it must not, and what tells that one under way has ended since.

        Where none is under way, what is reserved is not of this run, and no room will come.
        """
        stopped = await self.recorder.begin(call)
        if stopped is Outcome.NO_ROOM_YET:
            await asyncio.sleep(0)  # those that were admitted together with this refusal are under way from now on
            if not self.under_way:
                stopped = Outcome.OVER_BUDGET
        return stopped, self.one_ended

    async def _recorded(self, call: Call, admitted_at: float, *, last_try: bool) -> Reply:
        """One exchange whose beginning is recorded, until its end is."""
        self.under_way += 1
        try:
            reply, headers = await self._exchange(call)
            again = reply.outcome is Outcome.RATE_LIMITED or (reply.outcome in PASSING and not last_try)
            await self.recorder.end(reply, again=again)
        finally:
            self.under_way -= 1
            self.one_ended.set()
            self.one_ended = asyncio.Event()
        self._learn(reply, headers, admitted_at)
        return reply

    def _learn(self, reply: Reply, headers: Mapping[str, str], admitted_at: float) -> None:
        if reply.outcome is Outcome.RATE_LIMITED:
            self.gate.refused(retry_after_s(headers), admitted_at)
        elif reply.outcome is Outcome.ANSWERED:
            self.gate.succeeded()
            if wait_s := exhausted_s(headers):
                self.gate.pause(wait_s)

    async def _exchange(self, call: Call) -> tuple[Reply, Mapping[str, str]]:
        """Send it, and read what comes. The raw response is read: the client's own parser loses the usage of an answer
        that it cannot read. A time limit stands over the whole exchange, for the client's is for each read."""
        client = self.free.pop()
        try:
            async with asyncio.timeout_at(self.deadline), asyncio.timeout(self.endpoint.timeout_s):
                raw = await client.post(
                    "/chat/completions", body=call.body(self.endpoint.model), cast_to=httpx2.Response
                )
        except TimeoutError:
            return self._out_of_time(call), {}
        except openai.APIStatusError as error:
            headers = error.response.headers
            return refused(call.key, error.status_code, error.body, headers.get("x-request-id")), headers
        except openai.APIConnectionError as error:
            return _broken_off(call, error), {}
        except (openai.APIError, ValueError) as error:
            return unreadable(call.key, str(error)), {}
        finally:
            self.free.append(client)
        try:
            body = json.loads(raw.text)
        except ValueError as error:
            return unreadable(call.key, str(error)), raw.headers
        return read(call.key, body, raw.headers.get("x-request-id")), raw.headers

    def _out_of_time(self, call: Call) -> Reply:
        """The request was sent, so that it may be paid."""
        if asyncio.get_running_loop().time() >= self.deadline:
            return Reply(call.key, Outcome.PAST_DEADLINE, reason="the run's time was over", usage=None)
        why = f"no answer within {self.endpoint.timeout_s:g} s"
        return Reply(call.key, Outcome.TIMEOUT, reason=why, usage=None)


def _broken_off(call: Call, error: openai.APIConnectionError) -> Reply:
    """Where the connection was never made nothing is paid; one that broke off later may have been heard."""
    cause: Any = error.__cause__
    never_made = type(cause).__name__ in ("ConnectError", "ConnectTimeout", "PoolTimeout")
    usage = Usage() if never_made else None
    return Reply(call.key, Outcome.UNREACHABLE, reason=str(error), usage=usage)
