"""Memory that a shard has left goes back to the system.

glibc takes pieces from heaps, one a thread, where holes between small pieces keep what was freed, and the process grows
with the number of shards. It can map each large piece by itself instead; but a mapped piece comes as pages that the
system has to hand out first, and if every column did, that would be a fifth of a night's time. So only what is larger
than a column is mapped, the heaps keep what is freed while a shard is worked on, and between two steps of a shard they
give up what is free in them. Polars has an allocator of its own.
"""

import ctypes
from contextlib import suppress
from functools import cache

MAPPED_FROM_BYTES = 4 * 1024 * 1024  # a column of a shard is smaller, a shard as it comes from the server is larger
KEPT_BYTES = 256 * 1024 * 1024  # at the end of a heap: by default a step that frees 128 KiB pays for new pages
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # M_TRIM_THRESHOLD and M_MMAP_THRESHOLD of glibc's malloc.h


def give_back() -> None:
    """Return what is free to the system; on another C library nothing happens."""
    with suppress(AttributeError, OSError, TypeError):  # no mallopt or malloc_trim: not glibc
        _library().malloc_trim(0)


@cache
def _library() -> ctypes.CDLL:
    """The C library, told once what to map and what to keep."""
    library = ctypes.CDLL(None)
    library.mallopt(_TRIM_THRESHOLD, KEPT_BYTES)
    library.mallopt(_MMAP_THRESHOLD, MAPPED_FROM_BYTES)
    return library
