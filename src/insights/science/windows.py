"""What is known of each user over the windows that data points speak of, all at once: days and trust."""

from collections.abc import Mapping
from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl

from insights.science.consistency import CONSISTENCY_WEEKS, training_days
from insights.science.periods import Window, closed_month, closed_weeks
from insights.science.runs import Runs

USUAL_WEEKS = 4
LOAD_WEEKS = 4

_EPOCH = date(1970, 1, 1)


def windows(as_of: date) -> dict[str, Window]:
    """The closed periods before a day, by name."""
    return {
        "week": closed_weeks(as_of, 1),
        "usual": closed_weeks(as_of, USUAL_WEEKS, skip=1),
        "load": closed_weeks(as_of, LOAD_WEEKS),
        "consistency": closed_weeks(as_of, CONSISTENCY_WEEKS),
        "month": closed_month(as_of),
        "month_before": closed_month(as_of, skip=1),
    }


def within(window: Window) -> pl.Expr:
    """Whether the day is one of the window's."""
    return pl.col("day").is_between(window.start, window.end)


def known(facts: pl.DataFrame, volumes: pl.DataFrame, spans: Mapping[str, Window]) -> pl.DataFrame:
    """One row a user of `facts`: user_id, and for each of the named windows <name>_days and <name>_trust.

    `facts` are lift-days and `volumes` the rows of volume_analytics, both sorted by user. Days are those with training,
    trust is that of the lift-days.
    """
    every = Window(min(span.start for span in spans.values()), max(span.end for span in spans.values()))
    trained = training_days(volumes, every.start, every.end)
    days = _sums(trained, {f"{name}_days": (span, None) for name, span in spans.items()})
    sets = {
        f"{name}_{kind}": (span, kind) for name, span in spans.items() for kind in ("checked_sets", "doubtful_sets")
    }
    return (
        _sums(facts, sets)
        .lazy()
        .join(days.lazy(), on="user_id", how="left")
        .select_seq(
            "user_id",
            *(f"{name}_days" for name in spans),
            *(trust(f"{name}_").alias(f"{name}_trust") for name in spans),
        )
        .collect(engine="in-memory")
    )


def trust(prefix: str = "") -> pl.Expr:
    """The share of the sets without a suspicion, among those that count or are suspect; null where there is none.

    Suspect is a set that was left out because its weight, reps or duration cannot be right. The columns are
    checked_sets and doubtful_sets, with a prefix.
    """
    checked = pl.col(f"{prefix}checked_sets")
    return pl.when(checked > 0).then(1 - pl.col(f"{prefix}doubtful_sets") / checked)


def _sums(frame: pl.DataFrame, wanted: Mapping[str, tuple[Window, str | None]]) -> pl.DataFrame:
    """By user: the sums of a column over the days of a window, or how many rows it has where there is no column."""
    users = Runs.of_rows(frame, "user_id")
    day = frame["day"].to_physical().to_numpy()
    columns = {name: frame[name].to_numpy() for _, name in wanted.values() if name}
    ones = np.ones(frame.height, dtype=np.int64)
    sums = [
        users.total(pl.Series(name, _inside(day, span) * (columns[column] if column else ones)))
        for name, (span, column) in wanted.items()
    ]
    return pl.DataFrame([users.first(frame["user_id"]), *sums])


def _inside(day: npt.NDArray[np.int32], span: Window) -> npt.NDArray[np.bool_]:
    return (day >= (span.start - _EPOCH).days) & (day <= (span.end - _EPOCH).days)
