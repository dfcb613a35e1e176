"""Batches: what was sent to /v1/batches, under which id, and which of its lines have no end yet."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Literal
from uuid import UUID

import psycopg

from insights.db import queries
from insights.db.queue import WORKER_SPACE, Account

Connection = psycopg.Connection[Any]
State = Literal["intended", "created", "collected", "failed"]


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch under way. `server_id` is None where the answer to its creation was lost, or it was never sent."""

    id: UUID
    state: State
    model: str
    input_file_id: str | None
    server_id: str | None


@dataclass(frozen=True, slots=True)
class Left:
    """An insight that a batch has left with something to do."""

    id: UUID
    user_id: UUID
    as_of: date
    insight_key: str
    input_hash: str
    prompt_hash: str


def intend(connection: Connection, batch_id: UUID, account: Account, *, endpoint: str, model: str, worker: int) -> None:
    """The intent of a batch, in the transaction that begins its calls."""
    values = {"id": batch_id, "job": account.job, "day": account.day, "endpoint": endpoint, "model": model}
    queries.run(connection, "batch_intend", {**values, "lines": 0, "worker": worker})


def save(
    connection: Connection,
    batch_id: UUID,
    *,
    state: State | None = None,
    lines: int | None = None,
    input_file_id: str | None = None,
    server_id: str | None = None,
    server_status: str | None = None,
    reason: str | None = None,
) -> None:
    """Keep what is known of a batch from now on; None leaves a column as it is."""
    values = {"id": batch_id, "state": state, "lines": lines, "input_file_id": input_file_id}
    told = {"server_id": server_id, "server_status": server_status, "reason": reason}
    queries.run(connection, "batch_save", values | told)


def claim(connection: Connection, endpoint: str, worker: int) -> list[Batch]:
    """The batches under way at an endpoint that nobody else looks after; from now on this worker does."""
    values = {"endpoint": endpoint, "worker": worker, "space": WORKER_SPACE}
    return [Batch(**row) for row in queries.rows(connection, "batch_claim", values)]


def open_calls(connection: Connection, batch_id: UUID) -> dict[UUID, int]:
    """The lines of a batch without an end: call id, and the requests that its insight has cost before."""
    return {row["call_id"]: row["attempts"] for row in queries.rows(connection, "batch_calls", {"id": batch_id})}


def left(connection: Connection) -> list[Left]:
    """The insights that batches have left with something to do, by day and user."""
    return [Left(**row) for row in queries.rows(connection, "batch_left")]
