"""The command line, one file a command group.

A group module holds thin commands: read settings, call one function below, print. `main` builds the whole.
"""

import sys

INTERRUPTED = 130  # 128 + SIGINT, as a shell counts it


def main() -> None:
    """Run the command line. Ctrl-C ends it in silence, while the libraries are still being loaded too."""
    try:
        from insights.cli import app  # noqa: PLC0415 - loading takes a second in which one can change one's mind

        app.main()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


__all__ = ["main"]
