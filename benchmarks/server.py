"""A PostgreSQL server of the benchmark's own: the embedded binaries, and settings that a real one would have."""

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from insights.db import embedded, migrate
from insights.settings import Settings

# Nothing that a crash would make one regret: fsync, synchronous commits and full-page writes stay as they are. The
# memory is that of a small server of 8 GB; checkpoints are far apart, so that none falls into one peer and not into
# another (each stage is preceded by one).
SETTINGS: Mapping[str, str] = {
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "shared_buffers": "2GB",
    "effective_cache_size": "6GB",
    "work_mem": "64MB",
    "maintenance_work_mem": "512MB",
    "max_wal_size": "16GB",
    "min_wal_size": "2GB",
    "checkpoint_timeout": "30min",
    "random_page_cost": "1.1",
    "jit": "off",
    "autovacuum": "off",  # it would fall on whoever comes next; VACUUM and ANALYZE run by name, before the clock
    "max_connections": "60",
}


@contextmanager
def server(settings: Mapping[str, str] = SETTINGS) -> Iterator[str]:
    """The URL of a migrated, empty database on a server that is gone afterwards, with all that it held.

    The folder lies where TMPDIR says: what is measured there is that disk.
    """
    folder = Path(tempfile.mkdtemp(prefix="insights-bench-"))
    folder.chmod(0o711)
    # should this process be killed, the server ends by itself
    own = Settings.model_construct(home=folder / "home", pg_bin=_programs(), db_idle_minutes=30)
    try:
        url = embedded.start(own, extra_settings=settings).url
        if url is None:  # pragma: no cover - a started server has a URL
            raise RuntimeError("the embedded server did not start")
        migrate.up(url)
        yield url
    finally:
        embedded.stop(own)
        shutil.rmtree(folder, ignore_errors=True)


def _programs() -> Path | None:
    named = os.environ.get("INSIGHTS_PG_BIN")
    return Path(named) if named else None
