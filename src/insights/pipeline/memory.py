"""Memory that a shard has left goes back to the system.

glibc maps large pieces by themselves, and gives them back as they are freed; but once it has freed one, it takes pieces
of that size from its heaps, one a thread, where holes between small pieces keep them. So the process grew with the
number of shards: 1,015 MiB after five million sets, and 601, the same after one million, where the limit stays put.
Polars has an allocator of its own.
"""

import ctypes
from contextlib import suppress
from functools import cache

MAPPED_FROM_BYTES = 512 * 1024  # a column of a shard of 100,000 sets is larger
_MMAP_THRESHOLD = -3  # M_MMAP_THRESHOLD of glibc's malloc.h


@cache
def give_back() -> None:
    """Let this process map every large piece of memory by itself; on another C library nothing happens."""
    with suppress(AttributeError, OSError, TypeError):  # no mallopt: not glibc
        ctypes.CDLL(None).mallopt(_MMAP_THRESHOLD, MAPPED_FROM_BYTES)
