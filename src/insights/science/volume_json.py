"""The two JSON columns of volume_analytics: what a period's work was for each muscle and each movement pattern.

Objects are written as text, keys sorted, numbers with two decimals, half away from zero. All arithmetic is on whole
numbers: micrograms, halves of a credit, and parts of a set that its lift's patterns share. A member of an object is a
head, which repeats over and over and is written once, and its kilograms, which hardly do.
"""

import json

import polars as pl

from insights.science import attribution, codes
from insights.science.attribution import PARTS, UNATTRIBUTED
from insights.science.calendar import Calendar

_UG_PER_HUNDREDTH = 10_000_000  # micrograms in a hundredth of a kilogram
_DECIMALS = pl.Series([f"{hundredths / 100:.2f}"[1:].removesuffix("0") for hundredths in range(100)])  # ".0", ".05"


def by_muscle(lifts: pl.DataFrame, calendar: Calendar, credits: pl.DataFrame) -> pl.Series:
    """A JSON object for each row of the calendar. `lifts` are those it was made from, as from `volume.lift_work`."""
    lifts, credits, names = _coded(lifts, calendar, credits)
    work = calendar.by_period(attribution.muscle_work(lifts, credits, "day").collect(engine="in-memory"), "name")
    hard_sets = pl.col("direct") + pl.col("indirect") / 2
    head = pl.format('{}: {{"direct": {}, "hard_sets": {}, "indirect": {}', "key", "direct", hard_sets, "indirect")
    members = work.select_seq(
        "row", "name", _heads(work, names, head, "direct", "indirect"), _kilograms("volume_halves", 2)
    )
    return _objects(members, _unattributed(lifts, calendar, credits, names))


def by_movement(lifts: pl.DataFrame, calendar: Calendar, shares: pl.DataFrame) -> pl.Series:
    """As `by_muscle`, for movement patterns."""
    lifts, shares, names = _coded(lifts, calendar, shares)
    work = calendar.by_period(attribution.movement_work(lifts, shares, "day").collect(engine="in-memory"), "name")
    head = pl.format('{}: {{"sets": {}', "key", _decimal(_rounded(100 * pl.col("set_parts"), PARTS)))
    members = work.select_seq("row", "name", _heads(work, names, head, "set_parts"), _kilograms("volume_parts", PARTS))
    return _objects(members, _unattributed(lifts, calendar, shares, names))


def _coded(
    lifts: pl.DataFrame, calendar: Calendar, entries: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame, list[str]]:
    """The lifts and the entries with codes in place of exercise_id and name, and what the names stand for, sorted."""
    names = sorted({*entries["name"], UNATTRIBUTED})
    exercises = entries["exercise_id"].unique()
    lifts = lifts.select_seq(
        "hard_sets",
        "volume_ug",
        day=calendar.day_of_lift,
        exercise_id=codes.places(lifts["exercise_id"], exercises),
    )
    entries = entries.with_columns_seq(
        name=pl.col("name").replace_strict(names, range(len(names)), return_dtype=pl.Int64),
        exercise_id=codes.places(entries["exercise_id"], exercises),
    )
    return lifts, entries, names


def _unattributed(lifts: pl.DataFrame, calendar: Calendar, known: pl.DataFrame, names: list[str]) -> pl.DataFrame:
    """The members of the lifts that `known` does not hold; zeros too."""
    work = calendar.by_period(attribution.unattributed_work(lifts, known, "day").collect(engine="in-memory"))
    work = work.with_columns_seq(name=pl.lit(names.index(UNATTRIBUTED), pl.Int64))
    head = pl.format('{}: {{"sets": {}', "key", "hard_sets")
    return work.select_seq("row", "name", _heads(work, names, head, "hard_sets"), _kilograms("volume_ug", 1))


def _heads(work: pl.DataFrame, names: list[str], head: pl.Expr, *counts: str) -> pl.Series:
    """The `head` of each row of `work`, written once for each name and counts. It may ask for the name's `key`."""
    packed = pl.col("name")
    for count in counts:
        packed = packed * (pl.col(count).max() + 1) + pl.col(count)
    rows = work.select_seq("name", *counts, packed=packed)
    distinct = rows.unique("packed").sort("packed")
    keys = pl.Series([json.dumps(name) for name in names])
    texts = distinct.with_columns_seq(key=pl.lit(keys).gather(pl.col("name"))).select_seq(head=head).to_series()
    return texts.gather(distinct["packed"].search_sorted(rows["packed"]))


def _kilograms(column: str, parts: int) -> pl.Expr:
    """The text of so many 1/parts micrograms, in kilograms."""
    return _decimal(_rounded(pl.col(column), parts * _UG_PER_HUNDREDTH)).alias("kilograms")


def _rounded(value: pl.Expr, unit: int) -> pl.Expr:
    """The whole number nearest to value / unit, halves up. Not for values below 0."""
    return ((value + unit // 2) // unit).cast(pl.Int64)


def _decimal(hundredths: pl.Expr) -> pl.Expr:
    """The text of so many hundredths: "166.67", "0.5", "1000.0"."""
    return pl.concat_str(hundredths // 100, pl.lit(_DECIMALS).gather(hundredths % 100))


def _objects(*members: pl.DataFrame) -> pl.Series:
    """The objects with these members (row, name, head, kilograms), by row, their keys by name."""
    names = pl.col("name").max() + 1
    texts = (
        pl.concat(members)
        .sort(pl.col("row") * names + pl.col("name"))
        .select_seq("row", text=pl.concat_str("head", pl.lit(', "volume_kg": '), "kilograms"))
    )
    joined = texts.group_by("row", maintain_order=True).agg("text").select_seq(pl.col("text").list.join("}, "))
    return joined.select_seq(pl.format("{{{}}}}}", "text")).to_series()
