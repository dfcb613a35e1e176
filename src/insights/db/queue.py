"""The queue of wanted insights: rows of insight_ledger, the calls made for them, and the account of their money.

A row goes pending -> rendered -> submitted -> received -> verified -> written, or ends as fallback (told by the rules)
or dead. Whoever has a call in hand is named by a worker's number; a worker is there as long as its session holds the
lock of that number, so that a process that was killed is known at once and a slow one is never robbed.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Literal
from uuid import UUID, uuid4

import psycopg
from psycopg.types.json import Jsonb

from insights import ids
from insights.db import queries

Connection = psycopg.Connection[Any]
Stopped = Literal["over_budget", "no_room_yet", "taken"]
State = Literal["pending", "rendered", "submitted", "received", "verified", "written", "fallback", "dead"]
WORKER_SPACE: Final = ids.word("insights worker") % (1 << 31)
FORGET_BITE: Final = 5_000


@dataclass(frozen=True, slots=True)
class Question:
    """What is wanted for a user, by what makes it unique for a model."""

    user_id: UUID
    insight_key: str
    insight_type: str
    input_hash: str
    prompt_hash: str

    @property
    def key(self) -> tuple[UUID, str, str, str]:
        """What tells its row from others."""
        return self.user_id, self.insight_key, self.input_hash, self.prompt_hash


@dataclass(frozen=True, slots=True)
class Entry:
    """A question's row. `rejected` counts answers that did not verify, `unknown` calls whose end nobody saw."""

    id: UUID
    state: State
    rejected: int = 0
    unknown: int = 0
    outcome: str | None = None
    reasons: tuple[str, ...] = ()
    raw_answer: str | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """Whose money: a job and a day (UTC), and how much may be spent. 10^-9 USD; None: no limit."""

    job: str
    day: date
    cap_nano_usd: int | None = None


@dataclass(frozen=True, slots=True)
class Begun:
    """A call that is about to be made: for which row, and the most that it can cost."""

    ledger_id: UUID
    reserved_nano_usd: int
    call_id: UUID


@dataclass(frozen=True, slots=True)
class Ended:
    """How a call ended. A cost of None: nobody told, so that all that was reserved counts as spent."""

    outcome: str
    ledger_id: UUID | None = None  # one of the two names the call
    call_id: UUID | None = None
    again: bool = False
    reason: str | None = None
    cost_nano_usd: int | None = None
    requests: int = 1
    request_id: str | None = None
    model: str | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    answer: str | None = None


@contextmanager
def worker(connection: Connection) -> Iterator[int]:
    """A number for a worker, whose lock this session holds for the length of the block, or until it is gone."""
    while True:
        number = random.SystemRandom().randrange(1, 1 << 31)
        key = {"space": WORKER_SPACE, "worker": number}
        taken = connection.execute("SELECT pg_try_advisory_lock(%(space)s::int, %(worker)s::int)", key).fetchone()
        if taken is not None and taken[0]:
            break
    try:
        yield number
    finally:
        if not connection.closed:
            connection.execute("SELECT pg_advisory_unlock(%(space)s::int, %(worker)s::int)", key)


def want(
    connection: Connection, model: str, questions: Sequence[Question], *, job: str, as_of: date
) -> dict[Question, Entry]:
    """Put questions to a model into the queue and tell how each stands. Those in it already stay as they are."""
    values = _columns(questions)
    types = [question.insight_type for question in questions]
    new = {"ids": [uuid4() for _ in questions], "insight_types": types, "model": model, "job": job, "as_of": as_of}
    queries.run(connection, "queue_want", values | new)
    return entries(connection, model, questions)


def entries(connection: Connection, model: str, questions: Sequence[Question]) -> dict[Question, Entry]:
    """The rows of questions to a model, where there are any."""
    rows = queries.rows(connection, "queue_entries", _columns(questions) | {"model": model})
    asked = {question.key: question for question in questions}
    found = {}
    for row in rows:
        key = (row.pop("user_id"), row.pop("insight_key"), row.pop("input_hash"), row.pop("prompt_hash"))
        found[asked[key]] = Entry(**{**row, "reasons": tuple(row["reasons"] or ())})
    return found


def _columns(questions: Sequence[Question]) -> dict[str, Any]:
    return {
        "user_ids": [question.user_id for question in questions],
        "insight_keys": [question.insight_key for question in questions],
        "input_hashes": [question.input_hash for question in questions],
        "prompt_hashes": [question.prompt_hash for question in questions],
    }


def rendered(connection: Connection, prompts: Mapping[UUID, str], *, job: str, as_of: date) -> None:
    """Keep the prompts (messages as JSON) of rows that are about to be asked."""
    values = {"ids": list(prompts), "prompts": list(prompts.values()), "job": job, "as_of": as_of}
    queries.run(connection, "queue_rendered", values)


def begin(
    connection: Connection,
    account: Account,
    begun: Sequence[Begun],
    *,
    price: str,
    worker: int | None,
    batch_id: UUID | None = None,
) -> dict[UUID, Stopped]:
    """Record calls before they are made, as many as the account's money bears; why the others must not be made.

    What would fit if the calls under way cost nothing has no room yet: they mostly cost less than is reserved for them.
    To be called in a transaction: the account is held until its end, whoever else asks for money waits.
    """
    row = queries.rows(
        connection, "queue_account", {"job": account.job, "day": account.day, "cap": account.cap_nano_usd}
    )[0]
    left = None if row["cap"] is None else row["cap"] - row["spent"]
    room = None if left is None else left - row["reserved"]
    stopped: dict[UUID, Stopped] = {}
    admitted = []
    for call in begun:
        if room is not None and left is not None and call.reserved_nano_usd > room:
            stopped[call.ledger_id] = "over_budget" if call.reserved_nano_usd > left else "no_room_yet"
            continue
        if room is not None:
            room -= call.reserved_nano_usd
        admitted.append(call)
    values = {
        "job": account.job, "day": account.day, "price": price, "worker": worker, "batch_id": batch_id,
        "ids": [call.ledger_id for call in admitted],
        "call_ids": [call.call_id for call in admitted],
        "reserved": [call.reserved_nano_usd for call in admitted],
    }  # fmt: skip
    taken = {row["id"] for row in queries.rows(connection, "queue_begin", values)} if admitted else set()
    return stopped | {call.ledger_id: "taken" for call in admitted if call.ledger_id not in taken}


def end(connection: Connection, ended: Sequence[Ended]) -> int:
    """Record how calls ended and settle their money; what they have cost together, in 10^-9 USD.

    To be called in a transaction that holds the account of the calls, or `hold_accounts` first.
    """
    values = {
        "call_ids": [call.call_id for call in ended],
        "ledger_ids": [call.ledger_id for call in ended],
        "again": [call.again for call in ended],
        "outcomes": [call.outcome for call in ended],
        "why": [call.reason or None for call in ended],
        "costs": [call.cost_nano_usd for call in ended],
        "requests": [call.requests for call in ended],
        "request_ids": [call.request_id for call in ended],
        "models": [call.model for call in ended],
        "prompt_tokens": [call.prompt_tokens for call in ended],
        "completion_tokens": [call.completion_tokens for call in ended],
        "answers": [call.answer for call in ended],
    }
    return sum(int(row["paid"]) for row in queries.rows(connection, "queue_end", values))


def hold_account(connection: Connection, account: Account) -> None:
    """Hold one account until the transaction ends; before any row of the ledger, so that two never deadlock."""
    values = {"job": account.job, "day": account.day, "cap": account.cap_nano_usd}
    queries.rows(connection, "queue_account", values)


def hold_accounts(connection: Connection) -> None:
    """Hold every account that has calls under way until the transaction ends."""
    queries.rows(connection, "queue_hold_accounts")


def recover(connection: Connection) -> int:
    """Settle the calls of workers that are gone; how many there were."""
    with connection.transaction():
        hold_accounts(connection)
        return queries.run(connection, "queue_recover", {"space": WORKER_SPACE})


def judged(connection: Connection, verdicts: Mapping[UUID, tuple[bool, Sequence[str]]]) -> None:
    """Keep verdicts: verified, or rejected with the reasons, to be asked once more."""
    values = {
        "ids": list(verdicts),
        "ok": [ok for ok, _ in verdicts.values()],
        "reasons": [Jsonb(list(reasons)) for _, reasons in verdicts.values()],
    }
    queries.run(connection, "queue_judged", values)


def settled(connection: Connection, rows: Sequence[tuple[UUID, State, str | None, Sequence[str] | None]]) -> None:
    """Close rows: (id, written | fallback | dead, outcome or None to keep it, reasons or None to keep them)."""
    values = {
        "ids": [row_id for row_id, *_ in rows],
        "states": [state for _, state, *_ in rows],
        "outcomes": [outcome for *_, outcome, _ in rows],
        "reasons": [None if why is None else Jsonb(list(why)) for *_, why in rows],
    }
    queries.run(connection, "queue_settled", values)


def usage(connection: Connection, model: str) -> tuple[float | None, float | None]:
    """What answers have used so far: prompt tokens a byte of the prompt, completion tokens; None before the first."""
    row = queries.rows(connection, "queue_usage", {"model": model})[0]
    return row["prompt_tokens_a_byte"], row["completion_tokens"]


def forget(connection: Connection, before: datetime) -> int:
    """Take prompts and answers away that are older; in bites. How many insights lost theirs."""
    forgotten = 0
    for name in ("queue_forget", "queue_forget_calls"):
        while touched := queries.run(connection, name, {"before": before, "bite": FORGET_BITE}):
            forgotten += touched if name == "queue_forget" else 0
    return forgotten
