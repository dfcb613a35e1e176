"""Reading what an endpoint sends: a chat completion, alone or as a line of a batch, and the reasons of a refusal.

Nothing is taken for granted: a body of any shape ends in a reply.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from insights.llm.calls import Outcome, Reply, Usage

GATEWAY_LOST_IT = frozenset({0, 408, 502, 504})  # a server behind may have answered, and charged for it


def read(key: str, body: Any, request_id: str | None = None) -> Reply:
    """The reply that a chat completion makes."""
    if not isinstance(body, Mapping):
        return unreadable(key, "the answer is no object")
    reply = Reply(
        key,
        Outcome.EMPTY,
        usage=_usage(body.get("usage")),
        request_id=request_id or _text(body.get("id")),
        model=_text(body.get("model")),
    )
    choices = body.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    message = choice.get("message") if isinstance(choice, Mapping) else None
    if not isinstance(choice, Mapping) or not isinstance(message, Mapping):
        return replace(reply, outcome=Outcome.UNREADABLE, reason="the answer has no choice with a message")
    text = _text(message.get("content")) or ""
    outcome, reason = _ending(choice.get("finish_reason"), message.get("refusal"), text)
    return replace(reply, outcome=outcome, reason=reason, text=text)


def _ending(finish_reason: Any, refusal: Any, text: str) -> tuple[Outcome, str]:
    if refusal:
        return Outcome.REFUSED, str(refusal)
    if finish_reason == "length":
        return Outcome.CUT_OFF, "the answer hit the token limit"
    if finish_reason == "content_filter":
        return Outcome.FILTERED, "the server's content filter stopped it"
    return (Outcome.ANSWERED, "") if text else (Outcome.EMPTY, "the answer is empty")


def unreadable(key: str, why: str) -> Reply:
    """An answer that came, so that it may be paid, and that says nothing."""
    return Reply(key, Outcome.UNREADABLE, reason=f"the answer is not of the protocol: {why}", usage=None)


def refused(key: str, status: int, body: Any, request_id: str | None = None) -> Reply:
    """The reply that an error status makes. What a server has refused is not paid."""
    error = body.get("error", body) if isinstance(body, Mapping) else None  # the client may have unwrapped it
    told = error if isinstance(error, Mapping) else {}
    reply = Reply(key, Outcome.SERVER_ERROR, reason=f"{status}: {told.get('message') or 'no message'}"[:500])
    reply = replace(reply, request_id=request_id, usage=None if status in GATEWAY_LOST_IT else Usage())
    if status == 429:
        exhausted = told.get("code") == "insufficient_quota"
        return replace(reply, outcome=Outcome.QUOTA_EXHAUSTED if exhausted else Outcome.RATE_LIMITED)
    if status in (401, 403):
        return replace(reply, outcome=Outcome.DENIED)
    if status >= 500 or status in (0, 408, 409):
        return reply
    return replace(reply, outcome=Outcome.BAD_REQUEST)


def _usage(told: Any) -> Usage | None:
    """The tokens; None where the server does not count them, for then nobody knows what it charges."""
    if not isinstance(told, Mapping):
        return None
    counts = [told.get(name) for name in ("prompt_tokens", "completion_tokens")]
    if not all(isinstance(count, int) and count >= 0 for count in counts):
        return None
    prompt_tokens, completion_tokens = (int(count) for count in counts if count is not None)
    return Usage(prompt_tokens, completion_tokens)


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
