"""Runs of equal keys in a sorted column: sums and extremes of each, at a quarter of what grouping costs."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

Array = npt.NDArray[np.generic]


@dataclass(frozen=True, slots=True)
class Runs:
    """Where each run starts, and how many rows there are."""

    starts: npt.NDArray[np.intp]
    height: int

    @classmethod
    def of(cls, key: pl.Series) -> "Runs":
        """The runs of a sorted integer column without nulls."""
        values = key.to_numpy()
        return cls(np.flatnonzero(np.diff(values, prepend=values[:1] - 1)), len(values))

    @classmethod
    def of_rows(cls, frame: pl.DataFrame, *keys: str) -> "Runs":
        """The runs of rows with the same values in these columns, which need not be numbers."""
        numbers = frame.select_seq(pl.col(keys).rle_id())
        changes = [np.diff(column.to_numpy(), prepend=1) != 0 for column in numbers]  # the first is numbered 0
        return cls(np.flatnonzero(np.logical_or.reduce(changes)), frame.height)

    @property
    def ends(self) -> npt.NDArray[np.intp]:
        """Behind the last row of each run."""
        return np.append(self.starts[1:], self.height)[: self.count]

    @property
    def numbers(self) -> pl.Series:
        """The number of each row's run, from 0."""
        return pl.Series(np.repeat(np.arange(self.count), self.lengths))

    @property
    def lengths(self) -> npt.NDArray[np.intp]:
        """How many rows each run has."""
        return np.diff(self.starts, append=self.height)

    @property
    def count(self) -> int:
        """How many runs there are."""
        return len(self.starts)

    def first(self, column: pl.Series) -> pl.Series:
        """The first value of each run."""
        return column[self.starts]

    def total(self, column: pl.Series) -> pl.Series:
        """The sum of each run (Int64), null as 0."""
        whole = column.cast(pl.Int64)
        values = (whole.fill_null(0) if whole.has_nulls() else whole).to_numpy()
        return pl.Series(column.name, self._reduced(np.add, values), dtype=pl.Int64)

    def running_total(self, column: pl.Series) -> pl.Series:
        """The sum of each row and those before it in its run, of a column without nulls."""
        values = column.to_numpy()
        sums = np.cumsum(values, dtype=values.dtype)
        before = (sums - values)[self.starts]
        return pl.Series(column.name, sums - np.repeat(before, self.lengths))

    def any(self, column: pl.Series) -> pl.Series:
        """Whether any value of each run is true."""
        return pl.Series(column.name, self._reduced(np.logical_or, column.to_numpy()), dtype=pl.Boolean)

    def highest(self, column: pl.Series) -> pl.Series:
        """The highest number of each run, null where it has none."""
        return self._extreme(np.fmax, column)

    def lowest(self, column: pl.Series) -> pl.Series:
        """The lowest number of each run, null where it has none."""
        return self._extreme(np.fmin, column)

    def lists(self, column: pl.Series) -> pl.Series:
        """The values of each run, as a list."""
        offsets = np.append(self.starts, self.height).astype(np.int64)
        return pl.Series(column.name, pa.LargeListArray.from_arrays(offsets, column.to_arrow()))

    def spread(self, of_runs: pl.Series) -> pl.Series:
        """A value of each run, given to all of its rows."""
        return of_runs[np.repeat(np.arange(self.count), self.lengths)]

    def _extreme(self, operation: np.ufunc, column: pl.Series) -> pl.Series:
        if not column.has_nulls():
            return pl.Series(column.name, self._reduced(operation, column.to_numpy()), dtype=column.dtype)
        found = self._reduced(operation, column.cast(pl.Float64).fill_null(np.nan).to_numpy())
        return pl.Series(column.name, found, dtype=pl.Float64).fill_nan(None).cast(column.dtype)

    def _reduced(self, operation: np.ufunc, values: Array) -> Array:
        return operation.reduceat(values, self.starts) if self.count else values[:0]
