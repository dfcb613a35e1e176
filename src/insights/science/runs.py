"""Runs of equal keys in a sorted column: sums and extremes of each, at a quarter of what grouping costs."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

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

    @property
    def count(self) -> int:
        """How many runs there are."""
        return len(self.starts)

    def first(self, column: pl.Series) -> pl.Series:
        """The first value of each run."""
        return column.gather(self.starts)

    def total(self, column: pl.Series) -> pl.Series:
        """The sum of each run (Int64), null as 0."""
        values = column.cast(pl.Int64).fill_null(0).to_numpy()
        return pl.Series(column.name, self._reduced(np.add, values), dtype=pl.Int64)

    def any(self, column: pl.Series) -> pl.Series:
        """Whether any value of each run is true."""
        return pl.Series(column.name, self._reduced(np.logical_or, column.to_numpy()), dtype=pl.Boolean)

    def highest(self, column: pl.Series) -> pl.Series:
        """The highest number of each run, null where it has none."""
        return self._extreme(np.fmax, column)

    def lowest(self, column: pl.Series) -> pl.Series:
        """The lowest number of each run, null where it has none."""
        return self._extreme(np.fmin, column)

    def middles(self, column: pl.Series) -> tuple[pl.Series, pl.Series]:
        """The middle two values of each run (one and the same of an odd number), of values sorted within each."""
        last = np.append(self.starts[1:], self.height) - 1
        return column.gather((self.starts + last) // 2), column.gather((self.starts + last + 1) // 2)

    def spread(self, of_runs: pl.Series) -> pl.Series:
        """A value of each run, given to all of its rows."""
        lengths = np.diff(self.starts, append=self.height)
        return of_runs.gather(np.repeat(np.arange(self.count), lengths))

    def _extreme(self, operation: np.ufunc, column: pl.Series) -> pl.Series:
        if not column.has_nulls():
            return pl.Series(column.name, self._reduced(operation, column.to_numpy()), dtype=column.dtype)
        found = self._reduced(operation, column.cast(pl.Float64).fill_null(np.nan).to_numpy())
        return pl.Series(column.name, found, dtype=pl.Float64).fill_nan(None).cast(column.dtype)

    def _reduced(self, operation: np.ufunc, values: Array) -> Array:
        return operation.reduceat(values, self.starts) if self.count else values[:0]
