"""Hand-written SQL inside the server: the rows by INSERT .. SELECT with window functions, no set ever leaves.

It computes volume_analytics and strength_progressions, every column but the id. Not computed: the data points (trends,
balance, consistency, levels), and the engine's stored state; it is given these rows (see `writing.write_given`), which
spares it their arithmetic. PostgreSQL has no unsigned 64-bit words to hash ids with; the rows get uuidv7(), the
cheapest id that its indexes could wish for. How it was tuned:

- what a session or an exercise decides is decided there, before the join to the sets, and a lift is one integer;
- excluded sets leave at the first step; from there each step narrows;
- steps are unlogged tables and not CTEs: parallel workers can read them, and each is analysed before the next;
- OFFSET 0 keeps nested expressions from being written out, and computed, many times over;
- sums are of bigint in ten-thousandths of a kilogram, exact, without numeric's cost a row;
- the 60-day medians of the typo rule are taken only where bounds by day allow a typo, sorted once a lift and day;
- the known 1RM is found by numbered days and equality, which hashes; a range of 84 days would not;
- periods, muscles and movements are integers where work is summed by them;
- JSON is built as text and parsed once a row;
- rows are inserted in the order of user and day; work_mem 256 MB; indexes stay, as they must in a live database.
"""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks.peers.writing import write_given
from benchmarks.stages import Stages
from insights.db.connection import connect

FOLDER = Path(__file__).parent / "sql"
INTO = ("strength_progressions", "volume_analytics")
SETTINGS = {"work_mem": "256MB", "max_parallel_workers_per_gather": "2", "parallel_setup_cost": "100"}


def run(url: str, day: date, scratch: Path, stages: Stages) -> Mapping[str, Any]:
    """The steps in turn, in one transaction."""
    seconds: dict[str, float] = {}
    with connect(url) as connection:
        for name, value in SETTINGS.items():
            connection.execute("SELECT set_config(%s, %s, true)", (name, value))
        connection.execute("CREATE SCHEMA peer")
        for file in sorted(FOLDER.glob("[0-9][0-9]_*.sql")):
            table = file.stem[3:]
            step = Stages()
            with stages.stage("load" if table in INTO else "compute"), step.stage(table):
                connection.execute(file.read_text(encoding="utf-8"), {"day": day})
                if table not in INTO:
                    connection.execute(f"ANALYZE peer.{table}")
            seconds |= step.seconds
        with stages.stage("load"):
            connection.execute("DROP SCHEMA peer CASCADE")
            connection.commit()
    with stages.stage("load"):
        write_given(url, set(INTO), scratch)
    return {"steps": seconds}
