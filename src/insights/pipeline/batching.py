"""Batches in the life of a run: questions are sent in files, and what finished batches bring is collected by every run.

The intent of a batch, its lines and the money reserved for them are one transaction, before anything is sent. A batch
whose creation was not heard of is looked for by its mark before another is made. Each line ends once, in the row of its
own question: by the custom_id, which is the call, and by the nonce of the answer, which is the question's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby, islice
from operator import attrgetter
from typing import TYPE_CHECKING, Final
from uuid import UUID, uuid4

from insights.db import batches, queue
from insights.db import insights as store
from insights.llm.batch import BYTES_MAX, LINES_MAX, Batches, ServerBatch, line
from insights.llm.calls import PASSING, Outcome, Reply, Usage
from insights.llm.endpoint import Endpoint
from insights.pipeline.asking import end_of, enqueued, prepare
from insights.pipeline.planning import PLANNED_AT_ONCE, Planner, Terms
from insights.pipeline.settling import Settler
from insights.pipeline.spending import Purse
from insights.pipeline.tasks import Task

if TYPE_CHECKING:
    import openai
else:
    from insights.llm import sdk as openai

SENDINGS: Final = 2  # a question that a batch leaves without a result is sent so often in all
SENT_AGAIN: Final = PASSING | {Outcome.RATE_LIMITED}
PASSING_STATUS: Final = frozenset({408, 409, 429})


class Mailing:
    """Questions that go out in batches. `put` gathers them, `finish` sends what is gathered."""

    def __init__(
        self,
        connection: store.Connection,
        terms: Terms,
        settler: Settler,
        purse: Purse,
        endpoint: Endpoint,
        worker: int,
    ) -> None:
        self.connection, self.terms, self.settler = connection, terms, settler
        self.purse, self.endpoint, self.worker = purse, endpoint, worker
        self.server = Batches(endpoint)
        self.gathered: list[Task] = []
        self.in_hand: set[UUID] = set()

    def put(self, tasks: Sequence[Task]) -> None:
        """Gather tasks, or settle them from replies that are there."""
        for found in enqueued(self.connection, tasks, self.terms, self.in_hand, self.settler):
            again = self.settler.settle(found.settle)
            prepare(self.connection, again, self.terms)
            self.gathered += [*found.ask, *again]
        if len(self.gathered) >= LINES_MAX:
            self.finish()

    def finish(self) -> None:
        """Send everything that is gathered, in as few batches as the limits allow."""
        gathered, self.gathered = self.gathered, []
        for tasks in _cut(gathered, self.endpoint.model):
            self._send(tasks)

    def _send(self, tasks: list[Task]) -> None:
        """One batch: intend, upload, create."""
        batch_id, by_call = uuid4(), {uuid4(): task for task in tasks}
        price = self.purse.batch_price
        begun = [queue.Begun(task.row.id, price.worst(task.call), call_id) for call_id, task in by_call.items()]
        with self.connection.transaction():
            model, url = self.endpoint.model, self.endpoint.url
            batches.intend(self.connection, batch_id, self.purse.account, endpoint=url, model=model, worker=self.worker)
            stopped = queue.begin(
                self.connection, self.purse.account, begun, price=price.version, worker=None, batch_id=batch_id
            )
            sent = [call.call_id for call in begun if call.ledger_id not in stopped]
            state: batches.State | None = None if sent else "failed"
            batches.save(self.connection, batch_id, lines=len(sent), state=state)
        refused = [
            (task, Reply(str(task.row.id), _why(stopped[task.row.id]), attempts=0))
            for task in tasks
            if task.row.id in stopped
        ]
        self.settler.settle(refused)
        if not sent:
            return
        lines = [line(replace(by_call[call_id].call, key=str(call_id)), model) for call_id in sent]
        refusal = self._hand_in(batch_id, b"".join(lines))
        if refusal is None:
            self.settler.told.waiting += len(sent)
            return
        replies = {call_id: Reply("", Outcome.BAD_REQUEST, reason=refusal, usage=Usage()) for call_id in sent}
        with self.connection.transaction():
            queue.hold_account(self.connection, self.purse.account)
            queue.end(self.connection, [end_of(reply, price, call_id=key) for key, reply in replies.items()])
            batches.save(self.connection, batch_id, state="failed", reason=refusal)
        self.settler.settle([(by_call[key], reply) for key, reply in replies.items()])

    def _hand_in(self, batch_id: UUID, data: bytes) -> str | None:
        """Upload and create; why the server refuses it, if it does.

        What is not heard stays intended: whoever collects next looks for it, and sends its lines anew if there is none.
        """
        try:
            file_id = self.server.upload(data, str(batch_id))
            batches.save(self.connection, batch_id, input_file_id=file_id)
            made = self.server.create(file_id, str(batch_id))
        except openai.APIStatusError as error:
            final = error.status_code < 500 and error.status_code not in PASSING_STATUS
            return f"{error.status_code}: {error.message}"[:500] if final else None
        except openai.APIError:
            return None
        batches.save(self.connection, batch_id, state="created", server_id=made.id, server_status=made.status)
        return None


class Collector:
    """Sees to the batches of an endpoint that are under way and in nobody's hands."""

    def __init__(self, connection: store.Connection, purse: Purse, endpoint: Endpoint, worker: int) -> None:
        self.connection, self.purse, self.endpoint, self.worker = connection, purse, endpoint, worker
        self.server = Batches(endpoint)

    def collect(self) -> int:
        """End the lines of every batch that has ended, and adopt those whose creation was not heard of; how many ended.

        A batch that cannot be looked at now stays as it is.
        """
        ended = 0
        for batch in batches.claim(self.connection, self.endpoint.url, self.worker):
            try:
                ended += self._see_to(batch)
            except openai.APIError:
                continue
        return ended

    def _see_to(self, batch: batches.Batch) -> int:
        found = self.server.look(batch.server_id) if batch.server_id else self.server.find(str(batch.id))
        if found is None:  # it was never made: nothing is paid, and its questions are sent anew
            unsent = Reply("", Outcome.MISSING, reason="the batch was never made", usage=Usage())
            self._end(batch, {}, otherwise=unsent, state="failed")
            return 1
        batches.save(self.connection, batch.id, state="created", server_id=found.id, server_status=found.status)
        if not found.ended:
            return 0
        if found.status == "failed":
            refused = Reply("", Outcome.SERVER_ERROR, reason=found.reason or "the batch failed", usage=Usage())
            self._end(batch, {}, otherwise=refused, state="failed")
        else:
            missing = Reply("", Outcome.MISSING, reason="in neither file of the batch", usage=None)
            self._end(batch, self.server.replies(found), otherwise=missing, state="collected")
        self._tidy(found, batch)
        return 1

    def _end(self, batch: batches.Batch, replies: dict[str, Reply], *, otherwise: Reply, state: batches.State) -> None:
        """End every line that has no end yet, in one transaction with the batch's own."""
        price = self.purse.batch_price
        known = batch.model == self.endpoint.model  # another model's price is not at hand: then the worst case counts
        with self.connection.transaction():
            queue.hold_accounts(self.connection)
            ended = []
            for call_id, attempts in batches.open_calls(self.connection, batch.id).items():
                reply = replies.get(str(call_id), otherwise)
                reply = reply if known or reply.usage == Usage() else replace(reply, usage=None)
                again = reply.outcome in SENT_AGAIN and attempts + reply.attempts < SENDINGS
                ended.append(end_of(reply, price, again=again, call_id=call_id))
            if ended:
                queue.end(self.connection, ended)
            batches.save(self.connection, batch.id, state=state, reason=otherwise.reason if not replies else None)

    def _tidy(self, found: ServerBatch, batch: batches.Batch) -> None:
        self.server.tidy(found, batch.input_file_id)


def left_by_batches(connection: store.Connection, terms: Terms) -> Iterator[list[Task]]:
    """The tasks that batches have left, by groups of users. A question that nobody would ask any more is dead."""
    for as_of, of_day in groupby(batches.left(connection), key=attrgetter("as_of")):
        by_user = groupby(of_day, key=attrgetter("user_id"))
        while users := {user_id: list(rows) for user_id, rows in islice(by_user, PLANNED_AT_ONCE)}:
            wanted = {
                (user_id, row.insight_key, row.input_hash, row.prompt_hash): row.id
                for user_id, rows in users.items()
                for row in rows
            }
            readers = store.readers(connection, list(users), terms.now)
            planner = Planner.of(connection, readers, as_of, terms)
            tasks = [task for reader in readers for task in planner.plan(reader).tasks]
            left = [task for task in tasks if task.prompt is not None and task.question.key in wanted]
            gone = set(wanted) - {task.question.key for task in left}
            if gone:
                why = ["what it was asked about has changed"]
                queue.settled(connection, [(wanted[key], "dead", None, why) for key in gone])
            if left:
                yield left


def _cut(tasks: Sequence[Task], model: str) -> Iterator[list[Task]]:
    """The tasks in parts, each within the limits of one batch."""
    part: list[Task] = []
    size = 0
    for task in tasks:
        length = len(line(task.call, model))
        if part and (len(part) >= LINES_MAX or size + length > BYTES_MAX):
            yield part
            part, size = [], 0
        part.append(task)
        size += length
    if part:
        yield part


def _why(stopped: queue.Stopped) -> Outcome:
    """Why a question is not sent; no batch waits for room, for others may be under way for a day."""
    return Outcome.OVER_BUDGET if stopped == "no_room_yet" else Outcome(stopped)
