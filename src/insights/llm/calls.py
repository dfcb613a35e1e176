"""What a call to a model is, and every way in which it can end. Each outcome is counted apart."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Outcome(StrEnum):
    """How a call ended. Only `ANSWERED` carries a text; whether the text is any good is not judged here."""

    ANSWERED = "answered"
    REFUSED = "refused"  # the model declined
    CUT_OFF = "cut_off"  # the answer hit the token limit
    FILTERED = "filtered"  # the server's content filter stopped it
    EMPTY = "empty"  # 200 without a text
    UNREADABLE = "unreadable"  # an answer that is not of the protocol
    BAD_REQUEST = "bad_request"  # 400, 404, 422: asking again would end the same way
    DENIED = "denied"  # 401, 403
    RATE_LIMITED = "rate_limited"  # 429 until the deadline
    QUOTA_EXHAUSTED = "quota_exhausted"  # 429 insufficient_quota: no call will succeed
    SERVER_ERROR = "server_error"  # 5xx, and the tries are used up
    TIMEOUT = "timeout"  # one call took too long
    UNREACHABLE = "unreachable"  # no connection, or one that broke off
    PAST_DEADLINE = "past_deadline"  # the run's time was over
    OVER_BUDGET = "over_budget"  # the worst case would pass what the job may spend: not asked
    NO_ROOM_YET = "no_room_yet"  # it would pass beside what the calls under way could cost: asked once these have ended
    TAKEN = "taken"  # another worker has the question in hand: not asked
    EXPIRED = "expired"  # the batch ended before this line's turn
    MISSING = "missing"  # in neither file of a finished batch
    UNKNOWN = "unknown"  # under way when its process ended: it may have been paid


PASSING = frozenset({Outcome.SERVER_ERROR, Outcome.UNREACHABLE, Outcome.EXPIRED, Outcome.MISSING})
ENDS_ALL = frozenset({Outcome.DENIED, Outcome.QUOTA_EXHAUSTED})  # no other call would end otherwise


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the server counted them."""

    prompt_tokens: int = 0
    completion_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Call:
    """One question. `key` is the caller's own and comes back with the reply."""

    key: str
    messages: tuple[Mapping[str, str], ...]
    json_schema: Mapping[str, Any]  # {"name", "strict", "schema"}, as `response_format` takes it
    max_tokens: int
    temperature: float = 0

    def body(self, model: str) -> dict[str, Any]:
        """The body of the request, in chat as in a batch."""
        return {
            "model": model,
            "messages": list(self.messages),
            "max_tokens": self.max_tokens,
            "temperature": self.temperature,
            "response_format": {"type": "json_schema", "json_schema": self.json_schema},
        }


@dataclass(frozen=True, slots=True)
class Reply:
    """How the call with this key ended. A usage of None: it may have been paid, and nobody told how much."""

    key: str
    outcome: Outcome
    text: str = ""
    reason: str = ""
    usage: Usage | None = Usage()
    request_id: str | None = None
    model: str | None = None  # the model that the server says has answered
    attempts: int = 1  # requests that were sent
