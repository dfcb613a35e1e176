"""What is remembered of the last start of the server."""

import json
from dataclasses import asdict, dataclass

from insights.db.embedded.home import Home


@dataclass(frozen=True)
class LastStart:
    """The port and the programs of the last start, and after how many unused minutes it stops (0: never)."""

    port: int
    version: str
    source: str
    idle_minutes: float


def read(home: Home) -> LastStart | None:
    """The last start; None when there was none, or when the file cannot be understood (then it is made anew)."""
    try:
        return LastStart(**json.loads(home.last_start.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def write(home: Home, last: LastStart) -> None:
    """Remember a start."""
    home.write_private(home.last_start, json.dumps(asdict(last)) + "\n")
