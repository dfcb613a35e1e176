"""The watchdog's process: `python -m insights.db.embedded HOME DESCRIPTOR`, started by `watchdog.ensure` alone."""

import sys
from pathlib import Path

from insights.db.embedded import watchdog
from insights.db.embedded.home import Home

if __name__ == "__main__":
    watchdog.watch(Home(Path(sys.argv[1])), int(sys.argv[2]))
