"""The command line, one file a command group.

A group module holds thin commands: read settings, call one function below, print. `main` builds the whole.
"""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

INTERRUPTED = 130  # 128 + SIGINT, as a shell counts it


def main() -> None:
    """Run the command line. Ctrl-C ends it in silence, while the libraries are still being loaded too."""
    try:
        with _nothing_begun():
            from insights.cli import app  # noqa: PLC0415 - loading takes a second in which one can change one's mind

            commands = app.build(sys.argv[1] if len(sys.argv) > 1 else None)
        app.run(commands)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


@contextmanager
def _nothing_begun() -> Iterator[None]:
    """Ctrl-C ends the process at once: there is nothing to tidy up yet.

    As an exception it may be lost. Python calls back in the midst of an import, and ignores what is raised there.
    """
    before = signal.getsignal(signal.SIGINT)
    if before is signal.default_int_handler:
        signal.signal(signal.SIGINT, lambda *_: os._exit(INTERRUPTED))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


__all__ = ["main"]
