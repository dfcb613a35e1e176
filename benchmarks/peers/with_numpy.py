"""Arrays: pandas for grouping and joining, and numpy, written by hand, wherever pandas is slow. Exact.

Nobody's first draft: it shows what the same libraries can do (`with_pandas` is what pandas is written like).

It computes volume_analytics and strength_progressions, every column and the ids. Not computed: the data points and the
engine's stored state; it is given these rows (see `writing.write_given`), which spares it their arithmetic.
`dataframes` holds the sets, `judging` the verdicts and estimates, `numpy_strength` and `numpy_volume` the rows. How it
was tuned:

- the sets come as Arrow through ADBC, as the engine's do; ids become integer codes by Arrow's dictionaries, texts
  become categories, so that no column holds Python objects;
- a lift and day is one integer; rows are grouped by that, with the aggregations that pandas has in Cython;
- nothing is applied row by row or group by group but two things that pandas has no word for: the median of a typo's
  window (only where bounds allow a typo) and reps records (one small matrix a lift);
- windows of days (42, 60) are searchsorted and reduceat of numpy, in place of groupby().rolling("42D");
- the known 1RM is found by position among the estimates, in place of three merge_asof;
- sums are of int64 in ten-thousandths of a kilogram: exact, without Python's decimals;
- decimals are written once for each distinct value;
- about a million sets at a time, which bounds the memory.
"""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from benchmarks.peers import two_tables
from benchmarks.peers.dataframes import Frames
from benchmarks.peers.numpy_strength import lift_days, progressions
from benchmarks.peers.numpy_volume import volumes
from benchmarks.peers.numpy_windows import typos
from benchmarks.peers.writing import copy_rows
from benchmarks.stages import Stages


def run(url: str, day: date, scratch: Path, stages: Stages) -> Mapping[str, Any]:
    """Shard after shard: extract, compute, load."""
    return two_tables.run(url, day, scratch, stages, typos, compute, copy_rows)


def compute(frames: Frames, sets: pd.DataFrame) -> Mapping[str, pa.Table]:
    """The rows of both tables, from the sets that count."""
    days = lift_days(sets)
    return {
        "strength_progressions": progressions(frames, sets, days),
        "volume_analytics": volumes(frames, sets, days),
    }
