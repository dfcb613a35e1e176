"""The way of a question through the queue: into the ledger, through the money, and back with what is known of it.

`Counter` is the desk where an endpoint's calls are recorded: each before it is made, with the worst that it can cost
reserved, and each as it ended, in few transactions.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby
from typing import Final, Literal, Self
from uuid import UUID, uuid4

from insights.db import insights as store
from insights.db import queue
from insights.db.connection import connect
from insights.llm.calls import Call, Outcome, Reply
from insights.llm.prices import Price
from insights.pipeline.planning import Terms
from insights.pipeline.settling import Settler, kept_reply
from insights.pipeline.spending import Purse, cost
from insights.pipeline.tasks import Task

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
    """Tasks by what is to be done: asked, settled from a reply that is there already, or waited for."""

    ask: list[Task]
    settle: list[tuple[Task, Reply]]
    waiting: int


def enqueue(connection: store.Connection, tasks: Sequence[Task], terms: Terms, in_hand: set[UUID]) -> Sorted:
    """Put tasks of one day and model into the queue, prompts included; what is to be done about each.

    What this run has `in_hand` already is left out, and the rest is in its hands from now on. Where this raises,
    nothing is in hand that was not before, and it may be repeated.
    """
    first = tasks[0]
    questions = [task.question for task in tasks]
    found = _sort(tasks, queue.want(connection, first.model or "", questions, job=terms.job, as_of=first.as_of))
    ask = [task for task in found.ask if task.row.id not in in_hand]
    settle = [pair for pair in found.settle if pair[0].row.id not in in_hand]
    prepare(connection, ask, terms)
    in_hand |= {task.row.id for task in (*ask, *(task for task, _ in settle))}
    return Sorted(ask, settle, found.waiting)


def enqueued(
    connection: store.Connection, tasks: Sequence[Task], terms: Terms, in_hand: set[UUID], settler: Settler
) -> Iterator[Sorted]:
    """The tasks of many users, queued. Where that fails, each user's by themselves; a user who fails is recorded."""
    if not tasks:
        return
    try:
        found = enqueue(connection, tasks, terms, in_hand)
    except Exception as error:
        if connection.closed:
            raise
        by_user = [list(group) for _, group in groupby(tasks, key=lambda task: task.reader.id)]
        if len(by_user) == 1:
            settler.on_failure(tasks[0].reader.id, error)
        else:
            for group in by_user:
                yield from enqueued(connection, group, terms, in_hand, settler)
    else:
        settler.told.waiting += found.waiting
        yield found


def look_up(connection: store.Connection, tasks: Sequence[Task]) -> Sorted:
    """The tasks with their rows in the ledger; those without a row are to be asked."""
    return _sort(tasks, queue.entries(connection, tasks[0].model or "", [task.question for task in tasks]))


def _sort(tasks: Sequence[Task], entries: Mapping[queue.Question, queue.Entry]) -> Sorted:
    ask: list[Task] = []
    settle: list[tuple[Task, Reply]] = []
    waiting = 0
    for task in tasks:
        entry = entries.get(task.question)
        known = replace(task, entry=entry)
        step = _step(entry)
        if step == "settle" and entry is not None:
            settle.append((known, kept_reply(entry)))
        elif step == "ask":
            ask.append(known)
        else:
            waiting += 1
    return Sorted(ask, settle, waiting)


def prepare(connection: store.Connection, tasks: Iterable[Task], terms: Terms) -> None:
    """Keep the prompts of tasks that are about to be asked."""
    by_day: dict[date, dict[UUID, str]] = {}
    for task in tasks:
        prompt = json.dumps(task.messages, ensure_ascii=False)
        by_day.setdefault(task.as_of, {})[task.row.id] = prompt
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
