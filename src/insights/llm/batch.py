"""Asking by batch: files of questions, each answered within a day at a lower price (/v1/files and /v1/batches).

Nothing here is tried again by itself: a create that is sent twice is billed twice. A batch carries a mark in its
metadata, by which it is found again where the answer to its creation was lost.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from insights.llm.answers import read, refused
from insights.llm.calls import Call, Outcome, Reply, Usage
from insights.llm.endpoint import Endpoint, client

if TYPE_CHECKING:
    import openai
else:
    from insights.llm import sdk as openai

MARK: Final = "insights_batch"
LINES_MAX: Final = 50_000
BYTES_MAX: Final = 200_000_000
UNDER_WAY: Final = frozenset({"validating", "in_progress", "finalizing", "cancelling"})


@dataclass(frozen=True, slots=True)
class ServerBatch:
    """A batch as the server tells of it. A file id may be missing, or empty, whatever the status."""

    id: str
    status: str
    output_file_id: str | None = None
    error_file_id: str | None = None
    reason: str = ""

    @property
    def ended(self) -> bool:
        """Whether nothing more will come."""
        return self.status not in UNDER_WAY


def line(call: Call, model: str) -> bytes:
    """One line of the input file; the call's key is its custom_id."""
    request = {"custom_id": call.key, "method": "POST", "url": "/v1/chat/completions", "body": call.body(model)}
    return json.dumps(request, ensure_ascii=False).encode() + b"\n"


class Batches:
    """The batches of one endpoint. Every method raises openai.APIError where the server refuses or is not heard."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._server = client(endpoint)

    def upload(self, data: bytes, name: str) -> str:
        """Upload an input file; its id."""
        return self._server.files.create(file=(f"{name}.jsonl", data), purpose="batch").id

    def create(self, input_file_id: str, mark: str) -> ServerBatch:
        """Create a batch over an uploaded file. Once sent it may exist, whatever is heard of it."""
        made = self._server.batches.create(
            input_file_id=input_file_id,
            endpoint="/v1/chat/completions",
            completion_window="24h",
            metadata={MARK: mark},
        )
        return _batch(made)

    def find(self, mark: str) -> ServerBatch | None:
        """The batch with this mark, among all that the server lists."""
        for found in self._server.batches.list(limit=100):
            if (found.metadata or {}).get(MARK) == mark:
                return _batch(found)
        return None

    def look(self, server_id: str) -> ServerBatch:
        """How a batch stands."""
        return _batch(self._server.batches.retrieve(server_id))

    def replies(self, batch: ServerBatch) -> dict[str, Reply]:
        """What its files say, by custom_id: output first, then errors. An answer stands above whatever else is said."""
        found: dict[str, Reply] = {}
        for file_id in (batch.output_file_id, batch.error_file_id):
            if file_id:
                for reply in read_lines(self._server.files.content(file_id).text.split("\n")):
                    if reply.key not in found or found[reply.key].outcome is not Outcome.ANSWERED:
                        found[reply.key] = reply
        return found

    def tidy(self, batch: ServerBatch, input_file_id: str | None) -> None:
        """Delete the files of a batch: they hold facts of users. One that cannot be deleted ends by itself."""
        for file_id in (input_file_id, batch.output_file_id, batch.error_file_id):
            if file_id:
                try:
                    self._server.files.delete(file_id)
                except openai.APIError:
                    continue


def read_lines(lines: Iterable[str]) -> list[Reply]:
    """The replies of a file's lines; a line that names no question says nothing."""
    found = []
    for text in lines:
        try:
            told = json.loads(text)
        except ValueError:
            continue
        if isinstance(told, Mapping) and isinstance(told.get("custom_id"), str):
            found.append(_reply(told["custom_id"], told))
    return found


def _reply(key: str, told: Mapping[str, Any]) -> Reply:
    error, response = told.get("error"), told.get("response")
    if isinstance(error, Mapping) and error.get("code") == "batch_expired":
        return Reply(key, Outcome.EXPIRED, reason="the batch ended before its turn", usage=Usage())
    if not isinstance(response, Mapping):
        why = error.get("message") if isinstance(error, Mapping) else None
        return Reply(key, Outcome.SERVER_ERROR, reason=str(why or "a line without a response")[:500], usage=None)
    status, request_id = response.get("status_code"), response.get("request_id")
    request_id = request_id if isinstance(request_id, str) else None
    if status == 200:
        return read(key, response.get("body"), request_id)
    return refused(key, status if isinstance(status, int) else 0, response.get("body"), request_id)


def _batch(told: Any) -> ServerBatch:
    errors = getattr(told.errors, "data", None) or []
    reason = "; ".join(str(error.message) for error in errors)[:500]
    return ServerBatch(told.id, told.status, told.output_file_id or None, told.error_file_id or None, reason)
