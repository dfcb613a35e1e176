"""The clock of a contestant: seconds by stage, what its host took, and the most memory that its processes held."""

import os
import resource
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

STATISTICS = Path("/proc/stat")
_STOLEN = 8  # its place in the first line, see proc_stat(5)
EVERY_S = 0.25  # a look at all processes takes 3 ms of the one that is measured


@dataclass(slots=True)
class Stages:
    """Seconds by stage; a stage that comes again adds up."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time what happens inside."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - began

    @property
    def total(self) -> float:
        """All stages together."""
        return sum(self.seconds.values())


def stolen_s(statistics: Path = STATISTICS) -> float:
    """Seconds that the cores of a virtual machine had something to do and its host let others run, since it started.

    Who uses all cores loses by them and who uses one does not, so ratios of runs in which they differ say little. 0
    where the system does not tell.
    """
    if not statistics.exists():
        return 0.0
    return int(statistics.read_text(encoding="ascii").split()[_STOLEN]) / os.sysconf("SC_CLK_TCK")


@contextmanager
def peak_memory() -> Iterator[list[float]]:
    """A list whose last number is, once the block is left, the peak of resident memory in MiB.

    Of this process the kernel's own high-water mark; with children (the workers of an executor) the highest sum that
    was seen, four looks a second. The server's processes are not among them.
    """
    if not Path("/proc/self/status").exists():  # macOS counts bytes, and has no high-water mark to read but this one
        peaks = [0.0]
        yield peaks
        peaks.append(
            resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024**2 if sys.platform == "darwin" else 1024)
        )
        return
    peaks, done = [0.0], threading.Event()

    def look() -> None:
        while not done.wait(EVERY_S):
            peaks[0] = max(peaks[0], sum(_resident_mib(process, "VmRSS") for process in _family()))

    watcher = threading.Thread(target=look, daemon=True)
    watcher.start()
    try:
        yield peaks
    finally:
        done.set()
        watcher.join()
        peaks.append(max(peaks[0], _resident_mib("self", "VmHWM")))


def _family() -> list[str]:
    """This process and all that it has started, as folders of /proc."""
    family, waiting = [], ["self"]
    while waiting:
        process = waiting.pop()
        family.append(process)
        for children in Path(f"/proc/{process}/task").glob("*/children"):
            try:
                waiting += children.read_text().split()
            except OSError:  # a thread has ended meanwhile
                continue
    return family


def _resident_mib(process: str, line: str) -> float:
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except OSError:  # it has ended meanwhile
        return 0.0
    for text in status.splitlines():
        if text.startswith(f"{line}:"):
            return int(text.split()[1]) / 1024
    return 0.0
