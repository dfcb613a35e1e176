"""pandas, as an analyst writes it who knows pandas well: groupby, rolling, merge_asof, shift, cummax, pivot_table.

It computes volume_analytics and strength_progressions, every column and the ids, exactly. Not computed: the data points
and the engine's stored state; it is given these rows (see `writing.write_given`), which spares it their arithmetic.
`with_numpy` is the same with pandas left behind wherever arrays are faster. What was chosen for speed:

- the sets come as Arrow through ADBC, as the engine's do; ids are factorised once, so that every key is an integer;
- verdicts and estimates are whole-column expressions (`judging`, shared with `with_numpy`);
- windows of days are pandas' own: groupby().rolling("42D"), and "121D" centred for the typo rule, whose exact median is
  taken only where the lowest and highest weight of the window allow a typo;
- the known 1RM is one merge_asof with the newest estimate and the two before it;
- records are cummax and shift; reps records a table of days by weights for each lift, because "that weight or more on
  an earlier day" has no word in pandas;
- JSON is a dictionary a row, because pandas has no word for that either;
- rows are written by to_csv into COPY;
- nothing is applied row by row where pandas offers a whole column; sums are of whole numbers, exact;
- about a million sets at a time, which bounds the memory.
"""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks.peers import two_tables
from benchmarks.peers.dataframes import Frames
from benchmarks.peers.pandas_sets import lift_days, typos
from benchmarks.peers.pandas_strength import progressions
from benchmarks.peers.pandas_volume import volumes
from benchmarks.peers.pandas_writing import copy_rows
from benchmarks.stages import Stages


def run(url: str, day: date, scratch: Path, stages: Stages) -> Mapping[str, Any]:
    """Shard after shard: extract, compute, load."""
    return two_tables.run(url, day, scratch, stages, typos, compute, copy_rows)


def compute(frames: Frames, sets: pd.DataFrame) -> Mapping[str, pd.DataFrame]:
    """The rows of both tables, from the sets that count."""
    days = lift_days(sets)
    return {
        "strength_progressions": progressions(frames, sets, days),
        "volume_analytics": volumes(frames, sets, days),
    }
