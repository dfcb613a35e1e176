"""The way of a question through the queue: into the ledger, through the money, and back with what is known of it.

`Counter` is the desk where an endpoint's calls are recorded: each before it is made, with the worst that it can cost
reserved, and each as it ended, in few transactions.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, Literal, Self
from uuid import UUID, uuid4

from insights.db import insights as store
from insights.db import queue
from insights.db.connection import connect
from insights.llm.calls import Call, Outcome, Reply
from insights.llm.prices import Price
from insights.pipeline.planning import Task, Terms
from insights.pipeline.settling import kept_reply
from insights.pipeline.spending import Purse, cost

UNKNOWN_ENDURED: Final = 2  # a question whose calls end with their process that often is told by the rules
Step = Literal["ask", "settle", "wait"]


@dataclass(frozen=True, slots=True)
class Counter:
    """A desk on a connection of its own, in autocommit; the worker's number is held by that session."""

    connection: queue.Connection
    purse: Purse
    worker: int
    unknown: int  # calls of dead workers that were settled at the opening

    @classmethod
    @contextmanager
    def opened(cls, url: str, purse: Purse) -> Iterator[Self]:
        """A counter for the length of the block. What dead workers have left under way is settled first."""
        with connect(url, autocommit=True) as connection, queue.worker(connection) as number:
            yield cls(connection, purse, number, queue.recover(connection))

    def record(self, begun: Sequence[Call], ended: Sequence[tuple[Reply, bool]]) -> Mapping[str, Outcome]:
        """Record ends and beginnings in one transaction; the calls that must not be made, and why."""
        price = self.purse.price
        with self.connection.transaction():
            queue.hold_account(self.connection, self.purse.account)
            if ended:
                queue.end(self.connection, [end_of(reply, price, again=again) for reply, again in ended])
            if not begun:
                return {}
            calls = [queue.Begun(UUID(call.key), price.worst(call), uuid4()) for call in begun]
            stopped = queue.begin(self.connection, self.purse.account, calls, price=price.version, worker=self.worker)
        return {str(ledger_id): Outcome(why) for ledger_id, why in stopped.items()}


def end_of(reply: Reply, price: Price, *, again: bool = False, call_id: UUID | None = None) -> queue.Ended:
    """What the ledger keeps of a reply. A batch's line names its call, a chat's reply its row."""
    usage = reply.usage
    return queue.Ended(
        outcome=reply.outcome.value,
        ledger_id=None if call_id else UUID(reply.key),
        call_id=call_id,
        again=again,
        reason=reply.reason or None,
        cost_nano_usd=cost(reply, price),
        requests=reply.attempts,
        request_id=reply.request_id,
        model=reply.model,
        prompt_tokens=usage.prompt_tokens if usage else None,
        completion_tokens=usage.completion_tokens if usage else None,
        answer=reply.text or None,
    )


@dataclass(frozen=True, slots=True)
class Sorted:
    """Tasks of one user by what is to be done: asked, settled from a reply that is there already, or waited for."""

    ask: list[Task]
    settle: list[tuple[Task, Reply]]
    waiting: int


def enqueue(connection: store.Connection, tasks: Sequence[Task], terms: Terms, in_hand: set[UUID]) -> Sorted:
    """Put the tasks of one user into the queue, prompts included; what is to be done about each.

    What this run has `in_hand` already is left out, and the rest is in its hands from now on.
    """
    first = tasks[0]
    model, as_of = first.model or "", first.as_of
    questions = [task.question for task in tasks]
    with connection.transaction():
        queue.want(connection, first.reader.id, model, questions, job=terms.job, as_of=as_of)
    found = look_up(connection, tasks)
    ask = [task for task in found.ask if task.entry is not None and task.entry.id not in in_hand]
    settle = [pair for pair in found.settle if pair[0].entry is not None and pair[0].entry.id not in in_hand]
    in_hand |= {task.entry.id for task in (*ask, *(task for task, _ in settle)) if task.entry is not None}
    prepare(connection, ask, terms)
    return Sorted(ask, settle, found.waiting)


def look_up(connection: store.Connection, tasks: Sequence[Task]) -> Sorted:
    """The tasks of one user with their rows in the ledger; those without a row are to be asked."""
    first = tasks[0]
    keys = [task.wanted.insight_key for task in tasks]
    entries = queue.entries(connection, first.reader.id, first.model or "", keys)
    found = Sorted([], [], sum(_step(entries.get(task.key)) == "wait" for task in tasks))
    for task in tasks:
        entry = entries.get(task.key)
        known = replace(task, entry=entry)
        step = _step(entry)
        if step == "settle" and entry is not None:
            found.settle.append((known, kept_reply(entry)))
        elif step == "ask":
            found.ask.append(known)
    return found


def prepare(connection: store.Connection, tasks: Iterable[Task], terms: Terms) -> None:
    """Keep the prompts of tasks that are about to be asked."""
    by_day: dict[date, dict[UUID, str]] = {}
    for task in tasks:
        if task.entry is not None:
            prompt = json.dumps(task.messages, ensure_ascii=False)
            by_day.setdefault(task.as_of, {})[task.entry.id] = prompt
    for as_of, prompts in by_day.items():
        queue.rendered(connection, prompts, job=terms.job, as_of=as_of)


def _step(entry: queue.Entry | None) -> Step:
    """What is to be done about a question. What was received is never asked again."""
    if entry is None:
        return "ask"
    if entry.state == "submitted":
        return "wait"
    if entry.state in ("pending", "rendered"):
        return "settle" if entry.unknown >= UNKNOWN_ENDURED else "ask"
    if entry.raw_answer is None and entry.state in ("written", "fallback"):
        return "ask"  # the insight is gone, and so is the answer
    return "settle"
