"""What was probably typed or read wrong: pounds taken for kilograms, misplaced decimal points, contradictory effort.

Nothing is changed here: a suspicion says which sets, and what they would be if it were true. `files.units` asks the
question of a file before it is written; a test holds the two together.
"""

from typing import Final

import polars as pl

from insights.science import rounding, sets

KG_PER_LB = 0.45359237  # the international pound, exactly
STEP_KG = 0.5
TOLERANCE_KG = 0.012  # for the question whether a weight is on a step, as `files.units` asks it
ROUNDING_KG = 0.0025  # two decimals of a pound: 20 kg, stored as 44.09 lb, are 19.9989 kg again
MANY, FEW = 0.80, 0.20
LEAST_WEIGHTS = 20  # fewer say nothing about a habit (convention)

KINDS: Final[dict[str, str]] = {
    "pounds": "Weights that are multiples of half a kilogram only when they are read as pounds.",
    "typo": "A weight about ten times, or a tenth, of what is usual for the lift within 60 days.",
    "contradictory_effort": "Logged as a failure with an RPE below 9: one of the two is wrong.",
}

_FOUND = ("user_id", "source", "set_id", "exercise_id", "day", "weight_kg", "meant_kg", "rpe_value")


def suspects(judged: pl.DataFrame, sources: pl.DataFrame) -> pl.DataFrame:
    """The suspect sets, one row a set and kind.

    Args:
        judged: the columns of `frames.JudgedSets`; the whole history of every user in it.
        sources: set_id and source, the log that a set was imported from; sets that are not in it were typed in.

    Returns kind (see `KINDS`), user_id, source (null: typed in), set_id, exercise_id, day, weight_kg (as stored),
    meant_kg (null where nobody can tell), rpe_value, and looked_at (the sets of that user and source that could have
    been suspect). Sorted by user, kind, source, day and set.
    """
    known = judged.join(sources, on="set_id", how="left")
    found = pl.concat([_pounds(known), _typos(known), _contradictory(known)])
    return found.sort("user_id", "kind", "source", "day", "set_id", nulls_last=False)


def pounds_to_kg(weight: pl.Expr) -> pl.Expr:
    """Kilograms of pounds stored with two decimals: a step of half a kilogram where one is as near as they allow."""
    kg = weight * KG_PER_LB
    step = _nearest_step(kg)
    return pl.when((kg - step).abs() <= ROUNDING_KG).then(step).otherwise(rounding.stored(kg, 2))


def _nearest_step(kg: pl.Expr) -> pl.Expr:
    return (kg / STEP_KG).round() * STEP_KG


def _on_steps(weight: pl.Expr) -> pl.Expr:
    return (weight - _nearest_step(weight)).abs() <= TOLERANCE_KG


def _pounds(known: pl.DataFrame) -> pl.DataFrame:
    weighed = known.filter(pl.col("weight_kg").is_finite(), pl.col("weight_kg") != 0)
    weight = pl.col("weight_kg")
    groups = weighed.group_by("user_id", "source").agg(
        looked_at=pl.len(),
        as_kg=_on_steps(weight).mean(),
        as_lb=_on_steps(weight * KG_PER_LB).mean(),
    )
    in_pounds = (pl.col("as_lb") >= MANY) & (pl.col("as_kg") < FEW) & (pl.col("looked_at") >= LEAST_WEIGHTS)
    found = weighed.join(groups.filter(in_pounds), on=["user_id", "source"], nulls_equal=True)
    return _told(found.with_columns_seq(meant_kg=pounds_to_kg(weight)), "pounds")


def _typos(known: pl.DataFrame) -> pl.DataFrame:
    lift = ["user_id", "exercise_id"]
    suspect = pl.col("tonnage") == "typo"
    usual = (
        known.filter(~suspect, pl.col("weight_kg").is_finite(), pl.col("weight_kg") > 0)
        .group_by(lift)
        .agg(usual_kg=pl.col("weight_kg").median())
    )
    looked_at = known.group_by("user_id", "source").agg(looked_at=pl.len())
    found = known.filter(suspect).join(usual, on=lift, how="left")
    found = found.join(looked_at, on=["user_id", "source"], nulls_equal=True)
    # ten times too high or too low: a factor of 100 lies between the two readings
    too_high = pl.col("weight_kg") > pl.col("usual_kg")
    meant = pl.when(too_high).then(pl.col("weight_kg") / 10).otherwise(pl.col("weight_kg") * 10)
    return _told(found.with_columns_seq(meant_kg=rounding.stored(meant, 2)), "typo")


def _contradictory(known: pl.DataFrame) -> pl.DataFrame:
    with_rpe = known.filter(sets.rpe_of_ten().is_not_null())
    looked_at = with_rpe.group_by("user_id", "source").agg(looked_at=pl.len())
    found = with_rpe.filter(sets.contradictory()).join(looked_at, on=["user_id", "source"], nulls_equal=True)
    return _told(found.with_columns_seq(meant_kg=pl.lit(None, dtype=pl.Float64)), "contradictory_effort")


def _told(found: pl.DataFrame, kind: str) -> pl.DataFrame:
    return found.select_seq(*_FOUND, pl.col("looked_at").cast(pl.Int64), kind=pl.lit(kind))
