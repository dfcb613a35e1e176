"""The local day of a set, the body weight known on it, and the load that was lifted."""

import dataframely as dy
import polars as pl

from insights.frames import BodyWeights

_CARRIES_BODY_WEIGHT = ("bodyweight", "assisted")


def local_days(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame (Sets with time_zone) with day: the user's local date of the session.

    The session's start, else the earliest start of its sets, else the earliest created_at of its sets. All sets of a
    session lie on one day, over midnight too.
    """
    instants = frame.with_columns(instant=pl.coalesce("session_start", _first_instant(frame)))
    moments = instants.select("time_zone", "instant").unique()
    days = [
        moment.with_columns(day=pl.col("instant").dt.convert_time_zone(zone).dt.date())
        for (zone,), moment in moments.partition_by("time_zone", as_dict=True).items()
    ]
    if not days:
        return frame.with_columns(day=pl.lit(None, dtype=pl.Date))
    return instants.join(pl.concat(days), on=["time_zone", "instant"], how="left", maintain_order="left").drop(
        "instant"
    )


def _first_instant(frame: pl.DataFrame) -> pl.Expr:
    """For sessions without a start: the earliest start of their sets, else their earliest created_at."""
    if frame["session_start"].null_count() == 0:
        return pl.lit(None, dtype=frame.schema["created_at"])
    return pl.coalesce(pl.col("start_time").min().over("session_id"), pl.col("created_at").min().over("session_id"))


def with_body_weight(frame: pl.DataFrame, body_weights: dy.DataFrame[BodyWeights]) -> pl.DataFrame:
    """The frame (user_id, day, load_kind) with body_weight_kg: the newest on or before the day, else null.

    Only on lifts that carry body weight. Of two weights of one day the heavier counts; what is no positive finite
    number is no body weight.
    """
    usable = body_weights.filter(pl.col("weight_kg").is_finite() & (pl.col("weight_kg") > 0))
    wanted = frame.filter(pl.col("load_kind").is_in(_CARRIES_BODY_WEIGHT)).select("user_id", "day").unique()
    if usable.is_empty() or wanted.is_empty():
        return frame.with_columns(body_weight_kg=pl.lit(None, dtype=pl.Float64))
    dated = usable.group_by("user_id", "measured_on").agg(body_weight_kg=pl.col("weight_kg").max())
    known = wanted.sort("day").join_asof(
        dated.sort("measured_on"),
        left_on="day",
        right_on="measured_on",
        by="user_id",
        check_sortedness=False,
    )
    known = known.select("user_id", "day", "body_weight_kg")
    joined = frame.join(known, on=["user_id", "day"], how="left", maintain_order="left")
    carries = pl.col("load_kind").is_in(_CARRIES_BODY_WEIGHT)
    return joined.with_columns(body_weight_kg=pl.when(carries).then(pl.col("body_weight_kg")))


def body_weight_part() -> pl.Expr:
    """Kilograms of body weight in the load of a body-weight lift; null where weight or share is unknown."""
    share = pl.col("bodyweight_share")
    return pl.when(share > 0).then(pl.col("body_weight_kg") * share)


def load_kg() -> pl.Expr:
    """What was lifted, from `weight` (as typed, finite), load_kind, bodyweight_share and body_weight_kg; null: unknown.

    - free, machine: the weight above 0 as typed: one dumbbell, one handle, the pin;
    - bodyweight: body weight x share + added weight; where either is unknown the added weight alone, 0 if none;
    - assisted: body weight - assistance, where that leaves anything; the sign of the assistance does not matter;
    - band: none.
    """
    weight, kind = pl.col("weight"), pl.col("load_kind")
    added = weight.fill_null(0.0)
    assisted = pl.col("body_weight_kg") - weight.abs()
    return (
        pl.when(kind.is_in(["free", "machine"]))
        .then(pl.when(weight > 0).then(weight))
        .when((kind == "bodyweight") & (added >= 0))
        .then(body_weight_part().fill_null(0.0) + added)
        .when((kind == "assisted") & (assisted > 0))
        .then(assisted)
    )
