"""An OpenAI-compatible endpoint: any server that speaks `/v1/chat/completions` with `response_format: json_schema`.

The client's own retries are off (it would also retry an exhausted quota); the policy here is: 429 and 5xx and lost
connections are tried again with full jitter, everything else is final. Each call has a time limit over the whole
exchange, and one deadline holds for all.
"""

import asyncio
import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import openai

from insights.errors import Unreachable
from insights.llm.calls import Call, Outcome, Reply, Usage
from insights.llm.gate import Gate

BACKOFF_BASE_S = 0.5
BACKOFF_CAP_S = 20.0


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where to ask, whom, and within which limits. Times in seconds."""

    url: str
    model: str
    api_key: str | None = None
    concurrency: int = 8
    timeout_s: float = 60
    deadline_s: float = 1800
    tries: int = 4


class _Retry(Exception):
    def __init__(self, reply: Reply, wait_s: float | None) -> None:
        super().__init__(reply.reason)
        self.reply = reply
        self.wait_s = wait_s


def probe(endpoint: Endpoint) -> list[str]:
    """The models that the endpoint serves; empty where it does not tell.

    Raises:
        Unreachable: nothing answers at the URL, or it refuses the key.
    """

    async def ask() -> list[str]:
        async with _client(endpoint) as client, asyncio.timeout(min(endpoint.timeout_s, 20)):
            return [model.id async for model in client.models.list()]

    try:
        return asyncio.run(ask())
    except (openai.AuthenticationError, openai.PermissionDeniedError) as error:
        raise Unreachable(
            f"the endpoint {endpoint.url} refuses the key: {error.status_code}", hint="Set OPENAI_API_KEY."
        ) from error
    except (openai.APIConnectionError, TimeoutError) as error:
        raise Unreachable(
            f"no endpoint answers at {endpoint.url}", hint="Check INSIGHTS_LLM_URL; unset it to let the rules narrate."
        ) from error
    except openai.APIError:
        return []


def ask_all(endpoint: Endpoint, calls: Iterable[Call], on_reply: Callable[[Reply], None]) -> None:
    """Ask every call, `endpoint.concurrency` at a time at most; `on_reply` is told of each as it ends, in any order.

    Never raises for a call: every call ends in exactly one reply.
    """
    asyncio.run(_ask_all(endpoint, list(calls), on_reply))


async def _ask_all(endpoint: Endpoint, calls: list[Call], on_reply: Callable[[Reply], None]) -> None:
    gate = Gate(endpoint.concurrency)
    deadline = asyncio.get_running_loop().time() + endpoint.deadline_s
    queue = iter(calls)

    broken: Reply | None = None  # the breaker: after a refused key or an exhausted quota nobody asks again

    async def worker(client: openai.AsyncOpenAI) -> None:
        nonlocal broken
        for call in queue:
            if broken is not None:
                on_reply(replace(broken, key=call.key, usage=Usage(), attempts=0))
                continue
            reply = await _ask(client, endpoint, gate, call, deadline)
            if reply.outcome in (Outcome.DENIED, Outcome.QUOTA_EXHAUSTED):
                broken = reply
            on_reply(reply)

    async with _client(endpoint) as client, asyncio.TaskGroup() as group:
        for _ in range(min(endpoint.concurrency, len(calls))):
            group.create_task(worker(client))


def _client(endpoint: Endpoint) -> openai.AsyncOpenAI:
    return openai.AsyncOpenAI(base_url=endpoint.url, api_key=endpoint.api_key or "none", max_retries=0)


async def _ask(client: openai.AsyncOpenAI, endpoint: Endpoint, gate: Gate, call: Call, deadline: float) -> Reply:
    loop = asyncio.get_running_loop()
    last = Reply(call.key, Outcome.PAST_DEADLINE, reason="the run's time was over", attempts=0)
    for attempt in range(1, endpoint.tries + 1):
        if loop.time() >= deadline:
            return last
        try:
            async with asyncio.timeout_at(deadline), gate.slot():
                reply = await _ask_once(client, endpoint, call)
        except TimeoutError:
            return replace(last, outcome=Outcome.PAST_DEADLINE, attempts=attempt)
        except _Retry as retry:
            last = replace(retry.reply, attempts=attempt)
            if retry.wait_s is not None:
                gate.refused(retry.wait_s)
            if attempt < endpoint.tries:
                await asyncio.sleep(random.uniform(0, min(BACKOFF_CAP_S, BACKOFF_BASE_S * 2**attempt)))  # noqa: S311
            continue
        if reply.outcome is Outcome.ANSWERED:
            gate.succeeded()
        return replace(reply, attempts=attempt)
    return last


async def _ask_once(client: openai.AsyncOpenAI, endpoint: Endpoint, call: Call) -> Reply:
    try:
        async with asyncio.timeout(endpoint.timeout_s):
            raw = await client.chat.completions.with_raw_response.create(**_body(endpoint, call))
            answer = raw.parse()
    except TimeoutError:
        return Reply(call.key, Outcome.TIMEOUT, reason=f"no answer within {endpoint.timeout_s:g} s")
    except openai.APIStatusError as error:
        return _status_reply(call, error)
    except openai.APIConnectionError as error:
        raise _Retry(Reply(call.key, Outcome.UNREACHABLE, reason=str(error)), None) from error
    except (openai.APIError, ValueError) as error:
        return Reply(call.key, Outcome.UNREADABLE, reason=f"the answer is not of the protocol: {error}")
    return _read(call, answer, raw.headers.get("x-request-id"))


def _body(endpoint: Endpoint, call: Call) -> dict[str, Any]:
    return {
        "model": endpoint.model,
        "messages": list(call.messages),
        "max_tokens": call.max_tokens,
        "temperature": call.temperature,
        "response_format": {"type": "json_schema", "json_schema": dict(call.json_schema)},
    }


def _read(call: Call, answer: Any, request_id: str | None) -> Reply:
    usage = getattr(answer, "usage", None)
    reply = Reply(
        call.key,
        Outcome.EMPTY,
        usage=Usage(usage.prompt_tokens or 0, usage.completion_tokens or 0) if usage else Usage(),
        request_id=request_id or getattr(answer, "id", None),
        model=getattr(answer, "model", None),
    )
    choices = getattr(answer, "choices", None)
    if not choices:
        return replace(reply, reason="the answer has no choices")
    choice = choices[0]
    text = choice.message.content or ""
    if getattr(choice.message, "refusal", None):
        return replace(reply, outcome=Outcome.REFUSED, reason=str(choice.message.refusal))
    if choice.finish_reason == "length":
        return replace(reply, outcome=Outcome.CUT_OFF, text=text, reason="the answer hit the token limit")
    if choice.finish_reason == "content_filter":
        return replace(reply, outcome=Outcome.FILTERED, reason="the server's content filter stopped it")
    if not text:
        return replace(reply, reason="the answer is empty")
    return replace(reply, outcome=Outcome.ANSWERED, text=text)


def _status_reply(call: Call, error: openai.APIStatusError) -> Reply:
    """Final for what would end the same way again; otherwise a signal to try once more."""
    code = error.status_code
    reason = f"{code}: {error.message}"
    request_id = error.response.headers.get("x-request-id")
    if code == 429 and error.code == "insufficient_quota":
        return Reply(call.key, Outcome.QUOTA_EXHAUSTED, reason=reason, request_id=request_id)
    if code == 429:
        reply = Reply(call.key, Outcome.RATE_LIMITED, reason=reason, request_id=request_id)
        raise _Retry(reply, _retry_after_s(error.response.headers)) from error
    if code >= 500 or code in (408, 409):
        raise _Retry(Reply(call.key, Outcome.SERVER_ERROR, reason=reason, request_id=request_id), None) from error
    outcome = Outcome.DENIED if code in (401, 403) else Outcome.BAD_REQUEST
    return Reply(call.key, outcome, reason=reason, request_id=request_id)


def _retry_after_s(headers: Mapping[str, str]) -> float:
    """Seconds to wait after a 429: `retry-after-ms`, `retry-after` in seconds, or one second where neither says."""
    for name, scale in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        try:
            return max(0.0, float(headers[name]) / scale)
        except (KeyError, ValueError):
            continue
    return 1.0
