import ctypes
import subprocess
import sys

import pytest

FIELDS = ["arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks", "uordblks", "fordblks", "keepcost"]
PIECES, BYTES, FREED, ASKED = 2_000, 100_000, 20_000_000, 5_000_000

SCRIPT = f"""
import ctypes
from pathlib import Path
from insights.pipeline.memory import give_back

class Info(ctypes.Structure):
    _fields_ = [(name, ctypes.c_size_t) for name in {FIELDS}]

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096

libc = ctypes.CDLL(None)
libc.malloc.restype, libc.malloc.argtypes, libc.free.argtypes = ctypes.c_void_p, [ctypes.c_size_t], [ctypes.c_void_p]
libc.mallinfo2.restype = Info
"""
TRIMMED = f"""
pieces = [libc.malloc({BYTES}) for _ in range({PIECES})]
for piece in pieces:
    ctypes.memset(piece, 1, {BYTES})
for piece in pieces[:-1]:  # the last keeps the heap from shrinking
    libc.free(piece)
before = resident()
give_back()
print(before - resident())
"""
MAPPED = f"""
if {{given}}:
    give_back()
libc.free(libc.malloc({FREED}))
before = libc.mallinfo2().hblks
libc.malloc({ASKED})
print(libc.mallinfo2().hblks - before)
"""
glibc_only = pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "mallinfo2"), reason="another C library than glibc")


def told(script: str) -> int:
    done = subprocess.run([sys.executable, "-c", SCRIPT + script], capture_output=True, text=True, check=True)
    return int(done.stdout)


@glibc_only
def test_what_is_free_in_the_heaps_goes_back() -> None:
    assert told(TRIMMED) > 0.9 * PIECES * BYTES


@glibc_only
@pytest.mark.parametrize(("given", "mapped"), [(True, 1), (False, 0)])
def test_large_pieces_stay_mapped_by_themselves_after_one_was_freed(given: bool, mapped: int) -> None:
    assert told(MAPPED.format(given=given)) == mapped
