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
    RATE_LIMITED = "rate_limited"  # 429, and the tries are used up
    QUOTA_EXHAUSTED = "quota_exhausted"  # 429 insufficient_quota: no call will succeed
    SERVER_ERROR = "server_error"  # 5xx, and the tries are used up
    TIMEOUT = "timeout"  # one call took too long
    UNREACHABLE = "unreachable"  # no connection
    PAST_DEADLINE = "past_deadline"  # the run's time was over before the call was made


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the server counted them; 0 where it did not say."""

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


@dataclass(frozen=True, slots=True)
class Reply:
    """How the call with this key ended."""

    key: str
    outcome: Outcome
    text: str = ""
    reason: str = ""
    usage: Usage = Usage()
    request_id: str | None = None
    model: str | None = None  # the model that the server says has answered
    attempts: int = 1
