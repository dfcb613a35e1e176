"""Waiting without a limit, but never in silence; and the locks that are waited for."""

import fcntl
import sys
import time
from collections.abc import Callable

PATIENCE_S = 2.0  # before a wait is explained
REPEAT_S = 5.0


class Waiting:
    """Says on stderr what is waited for: after a while, then every few seconds."""

    def __init__(self, what: str, patience_s: float = PATIENCE_S) -> None:
        self.what = what
        self._started = time.monotonic()
        self._next = patience_s

    def tick(self, detail: Callable[[], str] = str) -> None:
        """Called in the loop that waits; `detail` is asked only when something is said."""
        waited = time.monotonic() - self._started
        if waited >= self._next:
            self._next = waited + REPEAT_S
            sys.stderr.write(f"waiting for {self.what} ({waited:.0f} s) {detail()}".rstrip() + "\n")
            sys.stderr.flush()


def try_lock(descriptor: int) -> bool:
    """Take the lock of an open file, if it is free. It is held until the file is closed in every process."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
