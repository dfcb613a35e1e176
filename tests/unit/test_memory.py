import ctypes
import subprocess
import sys

import pytest

FIELDS = ["arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks", "uordblks", "fordblks", "keepcost"]
FREED, ASKED = 20_000_000, 1_000_000

SCRIPT = f"""
import ctypes
from insights.pipeline.memory import give_back
class Info(ctypes.Structure):
    _fields_ = [(name, ctypes.c_size_t) for name in {FIELDS}]
libc = ctypes.CDLL(None)
libc.mallinfo2.restype = Info
libc.malloc.restype, libc.free.argtypes = ctypes.c_void_p, [ctypes.c_void_p]
libc.malloc.argtypes = [ctypes.c_size_t]
if {{given}}:
    give_back()
libc.free(libc.malloc({FREED}))
before = libc.mallinfo2().hblks
libc.malloc({ASKED})
print(libc.mallinfo2().hblks - before)
"""


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "mallinfo2"), reason="another C library than glibc")
@pytest.mark.parametrize(("given", "mapped"), [(True, 1), (False, 0)])
def test_large_pieces_stay_mapped_by_themselves_after_one_was_freed(given: bool, mapped: int) -> None:
    command = [sys.executable, "-c", SCRIPT.format(given=given)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert int(done.stdout) == mapped
