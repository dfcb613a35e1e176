"""Requests on demand: the app puts them there with request_insights(), a worker serves them."""

from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

import psycopg

from insights.db import queries
from insights.db.queue import WORKER_SPACE

Connection = psycopg.Connection[Any]
CHANNEL = "insight_requests"


@dataclass(frozen=True, slots=True)
class Request:
    """One request in hand; `attempts` counts this one."""

    id: UUID
    user_id: UUID
    attempts: int


def claim(connection: Connection, worker: int) -> Request | None:
    """The oldest request that nobody serves; from now on this worker does."""
    found = queries.rows(connection, "request_claim", {"worker": worker, "space": WORKER_SPACE})
    return Request(**found[0]) if found else None


def close(connection: Connection, request: Request, state: Literal["done", "failed"], reason: str = "") -> None:
    """Close a request. A failed one gives its use of on_demand back."""
    queries.rows(connection, "request_close", {"id": request.id, "state": state, "reason": reason or None})


def put_back(connection: Connection, request: Request) -> None:
    """Let a request wait again: it could not be served now."""
    queries.run(connection, "request_return", {"id": request.id})
