"""The second half of a run: facts, claims, words, proof, and the row that is stored.

Whoever finds the words, a model or the rules, gives an answer of the same form; it is verified and rendered by the same
code. One stream goes through all users: while the model answers for some, the next are planned and what has come is
written, so that no slot of the endpoint waits for a user.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from datetime import date, timedelta
from uuid import UUID

from insights.db import insights as store
from insights.db import queue
from insights.db.connection import connect
from insights.llm.calls import Reply
from insights.llm.chat import Asker
from insights.llm.endpoint import is_loopback
from insights.pipeline.asking import Counter, enqueued, look_up, prepare
from insights.pipeline.batching import Collector, Mailing, left_by_batches
from insights.pipeline.planning import FEATURE_OF, PLANNED_AT_ONCE, Plan, Planner, Terms
from insights.pipeline.settling import OnFailure, Settler, Told
from insights.pipeline.spending import Estimate
from insights.pipeline.tasks import Task

__all__ = ["FEATURE_OF", "Told", "estimate", "is_loopback", "tell"]

ASKED_AHEAD = 4  # questions kept ready for a slot: more would only take memory
SETTLED_AT_ONCE = 64
PATIENCE_S = 0.5

Who = Iterable[tuple[date, Sequence[UUID]]]  # users by the last day that counts for them
OnUsers = Callable[[int], None]  # so many more users are planned


def tell(url: str, who: Who, *, terms: Terms, on_failure: OnFailure, on_users: OnUsers = lambda _: None) -> Told:
    """Tell these users what is worth telling, each insight by itself. `on_failure` and `on_users` are called here.

    Raises:
        Unreachable: the database cannot be reached.
    """
    told = Told()
    with ExitStack() as held:
        connection = held.enter_context(connect(url, autocommit=True))
        settler = Settler(connection, told, on_failure)
        way = _way(held, url, connection, terms, settler)
        for as_of, users in _groups(who):
            planned: list[Task] = []
            for reader, planner in _planners(connection, users, as_of, terms):
                try:
                    planned += _counted(planner.plan(reader), told).tasks
                except Exception as error:  # noqa: BLE001 - one user's failure is recorded, the others go on
                    on_failure(reader.id, error)
            settler.by_rules(task for task in planned if task.prompt is None)
            if way is not None:
                way.put([task for task in planned if task.prompt is not None])
            on_users(len(users))
        if way is not None:
            way.finish()
        queue.forget(connection, terms.now - timedelta(days=terms.keep_days))
    return told


def _groups(who: Who) -> Iterator[tuple[date, Sequence[UUID]]]:
    """The users in groups that are planned together."""
    for as_of, users in who:
        for start in range(0, len(users), PLANNED_AT_ONCE):
            yield as_of, users[start : start + PLANNED_AT_ONCE]


def _planners(
    connection: store.Connection, users: Sequence[UUID], as_of: date, terms: Terms
) -> Iterator[tuple[store.Reader, Planner]]:
    readers = store.readers(connection, users, terms.now)
    planner = Planner.of(connection, readers, as_of, terms)
    return ((reader, planner) for reader in readers)


def _counted(made: Plan, told: Told) -> Plan:
    told.wanted += made.wanted
    told.unchanged += made.unchanged
    return made


def _way(
    held: ExitStack, url: str, connection: store.Connection, terms: Terms, settler: Settler
) -> "Conversation | Mailing | None":
    """The way of questions to the model, after finished batches are collected and dead workers' calls settled."""
    endpoint, purse = terms.endpoint, terms.purse
    if endpoint is None or purse is None:
        return None
    counter = held.enter_context(Counter.opened(url, purse))
    settler.told.unknown = counter.unknown
    Collector(connection, purse, endpoint, counter.worker).collect()
    way: Conversation | Mailing
    if terms.mode == "batch":
        way = Mailing(connection, terms, settler, purse, endpoint, counter.worker)
    else:
        way = Conversation(connection, terms, settler, held.enter_context(Asker(endpoint, counter)))
    for tasks in left_by_batches(connection, terms):
        way.put(tasks)
    return way


def estimate(url: str, who: Who, *, terms: Terms) -> Told:
    """What telling these users would ask and cost, from the facts that are stored. Asks nothing and writes nothing."""
    told = Told()
    with connect(url, autocommit=True) as connection:
        if terms.purse is not None:
            price = terms.purse.batch_price if terms.mode == "batch" else terms.purse.price
            a_byte, completion = queue.usage(connection, terms.endpoint.model if terms.endpoint else "")
            told.estimate = Estimate(budget_nano_usd=terms.purse.account.cap_nano_usd)
            told.estimate.prompt_tokens_a_byte = a_byte or told.estimate.prompt_tokens_a_byte
            told.estimate.completion_tokens_each = completion or told.estimate.completion_tokens_each
        for as_of, users in _groups(who):
            for reader, planner in _planners(connection, users, as_of, terms):
                made = _counted(planner.plan(reader), told)
                asked = [task for task in made.tasks if task.prompt is not None]
                told.by_rules += len(made.tasks) - len(asked)
                if asked and told.estimate is not None and terms.purse is not None:
                    found = look_up(connection, asked)
                    told.waiting += found.waiting
                    for task in found.ask:
                        told.estimate.add(task.call, price)
    return told


class Conversation:
    """Questions that are under way, and what to do with their replies."""

    def __init__(self, connection: store.Connection, terms: Terms, settler: Settler, asker: Asker) -> None:
        self.connection, self.terms, self.settler, self.asker = connection, terms, settler, asker
        self.tasks: dict[str, Task] = {}
        self.in_hand: set[UUID] = set()
        self.ahead = ASKED_AHEAD * asker.endpoint.concurrency

    def put(self, tasks: Sequence[Task]) -> None:
        """Ask for tasks, or settle them from replies that are there; then take what has come."""
        for found in enqueued(self.connection, tasks, self.terms, self.in_hand, self.settler):
            self._ask(self.settler.settle(found.settle))
            self._send(found.ask)
        self._take(wait=False)
        while self.asker.unanswered >= self.ahead:
            self._take(wait=True)

    def finish(self) -> None:
        """Wait for every reply."""
        while self.asker.unanswered:
            self._take(wait=True)

    def _take(self, *, wait: bool) -> None:
        replies: list[Reply] = []
        while len(replies) < SETTLED_AT_ONCE:
            reply = self.asker.next_reply(PATIENCE_S if wait and not replies else None)
            if reply is None:
                break
            replies.append(reply)
        if replies:
            self._ask(self.settler.settle([(self.tasks.pop(reply.key), reply) for reply in replies]))

    def _ask(self, tasks: Sequence[Task]) -> None:
        prepare(self.connection, tasks, self.terms)
        self._send(tasks)

    def _send(self, tasks: Sequence[Task]) -> None:
        for task in tasks:
            call = task.call
            self.tasks[call.key] = task
            self.asker.ask(call)
