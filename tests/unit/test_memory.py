import ctypes
import subprocess
import sys

import pytest

PIECES, BYTES = 2_000, 100_000

SCRIPT = f"""
import ctypes
from pathlib import Path
from insights.pipeline.memory import give_back

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096

libc = ctypes.CDLL(None)
libc.malloc.restype, libc.malloc.argtypes, libc.free.argtypes = ctypes.c_void_p, [ctypes.c_size_t], [ctypes.c_void_p]
pieces = [libc.malloc({BYTES}) for _ in range({PIECES})]
for piece in pieces:
    ctypes.memset(piece, 1, {BYTES})
for piece in pieces[:-1]:  # the last keeps the heap from shrinking
    libc.free(piece)
before = resident()
give_back()
print(before - resident())
"""


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="another C library than glibc")
def test_what_is_free_in_the_heaps_goes_back() -> None:
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)
    assert int(done.stdout) > 0.9 * PIECES * BYTES
