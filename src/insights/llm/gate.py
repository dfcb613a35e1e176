"""The shared gate in front of an endpoint: how many calls may be in flight, and when all must wait.

Additive increase, halving on 429 (AIMD). A Retry-After pauses every worker, because the limit belongs to the account
and not to the call that met it.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Gate:
    """Admits up to `limit` calls; the limit moves between 1 and `ceiling`."""

    def __init__(self, ceiling: int) -> None:
        self.ceiling = ceiling
        self.limit = float(ceiling)
        self._in_flight = 0
        self._open_at = 0.0
        self._changed = asyncio.Condition()

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[None]:
        """Hold one place; waits for a free one and for the end of a pause."""
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
            yield
        finally:
            async with self._changed:
                self._in_flight -= 1
                self._changed.notify_all()

    def succeeded(self) -> None:
        """A call went through: allow a little more."""
        self.limit = min(float(self.ceiling), self.limit + 1 / max(1.0, self.limit))

    def refused(self, retry_after_s: float) -> None:
        """The server said 429: halve, and hold everyone for as long as it asks."""
        self.limit = max(1.0, self.limit / 2)
        self._open_at = max(self._open_at, asyncio.get_running_loop().time() + retry_after_s)
