"""The shared gate in front of an endpoint: how many calls may be in flight, and when all must wait.

Additive increase, halving on 429 (AIMD). A Retry-After pauses every worker, because the limit belongs to the account
and not to the call that met it.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

DEFAULT_PAUSE_S: Final = 1.0
_SPAN: Final = re.compile(r"(?P<n>\d+(?:\.\d+)?)(?P<unit>ms|h|m|s)")
_SECONDS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}


class Gate:
    """Admits up to `limit` calls; the limit moves between 1 and `ceiling`."""

    def __init__(self, ceiling: int) -> None:
        self.ceiling = ceiling
        self.limit = float(ceiling)
        self._in_flight = 0
        self._open_at = 0.0
        self._halved_at = 0.0
        self._changed = asyncio.Condition()

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[float]:
        """Hold one place, waiting for a free one and for the end of a pause; gives the moment of the admission."""
        loop = asyncio.get_running_loop()
        while True:
            async with self._changed:
                await self._changed.wait_for(lambda: self._in_flight < max(1, int(self.limit)))
                wait = self._open_at - loop.time()
                if wait <= 0:
                    self._in_flight += 1
                    break
            await asyncio.sleep(wait)
        try:
            yield loop.time()
        finally:
            async with self._changed:
                self._in_flight -= 1
                self._changed.notify_all()

    def succeeded(self) -> None:
        """A call went through: allow a little more."""
        self.limit = min(float(self.ceiling), self.limit + 1 / max(1.0, self.limit))

    def refused(self, retry_after_s: float, admitted_at: float) -> None:
        """The server said 429: hold everyone for as long as it asks, and halve.

        Calls that were admitted before the last halving tell of the same jam: they do not halve it again.
        """
        if admitted_at >= self._halved_at:
            self.limit = max(1.0, self.limit / 2)
            self._halved_at = asyncio.get_running_loop().time()
        self.pause(retry_after_s)

    def pause(self, seconds: float) -> None:
        """Admit nobody for this long."""
        self._open_at = max(self._open_at, asyncio.get_running_loop().time() + seconds)


def retry_after_s(headers: Mapping[str, str]) -> float:
    """Seconds to wait after a 429: `retry-after-ms`, `retry-after` in seconds or as a date, one second otherwise."""
    for name, scale in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        told = headers.get(name)
        if told is None:
            continue
        try:
            return max(0.0, float(told) / scale)
        except ValueError:
            pass
        try:
            return max(0.0, (parsedate_to_datetime(told) - datetime.now(tz=UTC)).total_seconds())
        except (ValueError, TypeError):
            continue
    return DEFAULT_PAUSE_S


def exhausted_s(headers: Mapping[str, str]) -> float:
    """Seconds until an account that an answer leaves without a further request or token has some again; else 0."""
    waits = [0.0]
    for what in ("requests", "tokens"):
        if headers.get(f"x-ratelimit-remaining-{what}", "").strip() == "0":
            reset = headers.get(f"x-ratelimit-reset-{what}", "")  # such as 6m0s or 120ms
            waits.append(sum(float(span["n"]) * _SECONDS[span["unit"]] for span in _SPAN.finditer(reset)))
    return max(waits)
