"""An OpenAI-compatible endpoint: any server that speaks `/v1/chat/completions` with `response_format: json_schema`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx2

from insights.errors import BadSettings, Unreachable

if TYPE_CHECKING:
    import openai
else:
    from insights.llm import sdk as openai

PROBE_S = 20.0


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

    @property
    def on_this_machine(self) -> bool:
        """Whether facts that go there stay here."""
        return is_loopback(self.url)


def is_loopback(url: str) -> bool:
    """Whether an endpoint is on this machine."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def probe(endpoint: Endpoint) -> list[str]:
    """The models that the endpoint serves; empty where it does not tell.

    Raises:
        Unreachable: nothing answers at the URL, or it refuses the key.
    """

    async def ask() -> list[str]:
        async with async_client(endpoint) as client, asyncio.timeout(min(endpoint.timeout_s, PROBE_S)):
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


def require_batches(endpoint: Endpoint) -> None:
    """See that the endpoint has /v1/batches.

    Raises:
        BadSettings: it has not.
        Unreachable: nothing answers.
    """
    with client(endpoint, timeout_s=min(endpoint.timeout_s, PROBE_S)) as server:
        try:
            server.batches.list(limit=1)
        except openai.APIStatusError as error:
            raise BadSettings(
                f"the endpoint {endpoint.url} has no /v1/batches: {error.status_code}",
                hint='Write mode = "chat" in the job file.',
            ) from error
        except openai.APIError as error:
            raise Unreachable(f"no endpoint answers at {endpoint.url}") from error


def async_client(endpoint: Endpoint, http_client: httpx2.AsyncClient | None = None) -> openai.AsyncOpenAI:
    """A client whose own retries are off: it would also retry an exhausted quota."""
    return openai.AsyncOpenAI(
        base_url=endpoint.url, api_key=endpoint.api_key or "none", max_retries=0, http_client=http_client
    )


@asynccontextmanager
async def async_clients(endpoint: Endpoint) -> AsyncIterator[list[openai.AsyncOpenAI]]:
    """A client for each call that may be under way, with a connection of its own.

    A pool that is shared looks at every connection for every request, and keeps a hundred of them at most.
    """
    context, one = httpx2.create_ssl_context(), httpx2.Limits(max_connections=1, max_keepalive_connections=1)
    async with AsyncExitStack() as held:
        yield [
            await held.enter_async_context(
                async_client(endpoint, openai.DefaultAsyncHttpxClient(verify=context, limits=one))
            )
            for _ in range(endpoint.concurrency)
        ]


def client(endpoint: Endpoint, *, timeout_s: float | None = None) -> openai.OpenAI:
    """The same for calls one by one. Its own retries are off: it would create, and bill, a batch twice."""
    return openai.OpenAI(
        base_url=endpoint.url,
        api_key=endpoint.api_key or "none",
        max_retries=0,
        timeout=timeout_s or max(endpoint.timeout_s, 60),
    )
