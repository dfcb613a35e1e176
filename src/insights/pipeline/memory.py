"""Memory that a shard has left goes back to the system.

glibc takes pieces from heaps, one a thread, where holes between small pieces keep what was freed, and the process grows
with the number of shards. To map each large piece by itself instead keeps it small, but then every column that is made
comes as pages that the system has to hand out first: a fifth of a night's time. So pieces come from the heaps, and
between two shards the heaps are asked for what is free in them. Polars has an allocator of its own.
"""

import ctypes
from contextlib import suppress


def give_back() -> None:
    """Return the free pages of the heaps to the system; on another C library nothing happens."""
    with suppress(AttributeError, OSError, TypeError):  # no malloc_trim: not glibc
        ctypes.CDLL(None).malloc_trim(0)
