"""The local day of a set, the body weight known on it, and the load that was lifted."""

import dataframely as dy
import polars as pl

from insights.frames import BodyWeights, Users
from insights.science import codes

_CARRIES_BODY_WEIGHT = ("bodyweight", "assisted")


def sessions(sets: pl.DataFrame, users: dy.DataFrame[Users]) -> pl.DataFrame:
    """One row a session: session and user (codes), session_id, session_status, day, started, ended. Sorted by session.

    `sets` has the columns of Sets with the codes session, from 0, and user, the place in `users`. All sets of a
    session lie on one day, over midnight too: the user's local date of the session's start, else of the earliest start
    of its sets, else of their earliest created_at. Started and ended are the session's own, else its first set's start
    and its last set's end; null where unknown.
    """
    table = (
        sets.lazy()
        .group_by("session")
        .agg(
            pl.col("user", "session_id").first(),
            pl.col("session_status").max(),  # the furthest
            pl.col("session_start", "start_time", "created_at").min(),
            pl.col("session_end", "end_time").max(),
        )
        .sort("session")
        .select_seq(
            "session",
            "user",
            "session_id",
            "session_status",
            "created_at",
            started=pl.coalesce("session_start", "start_time"),
            ended=pl.coalesce("session_end", "end_time"),
        )
        .collect(engine="in-memory")
    )
    instants = table.select_seq(
        "session", zone=users["time_zone"].gather(table["user"]), instant=pl.coalesce("started", "created_at")
    )
    days = [
        moments.select_seq("session", day=pl.col("instant").dt.convert_time_zone(zone).dt.date())
        for (zone,), moments in instants.partition_by("zone", as_dict=True).items()
    ]
    day = pl.concat(days).sort("session")["day"] if days else pl.Series("day", [], dtype=pl.Date)
    return table.drop("created_at").with_columns_seq(day)


def body_weights_of(
    sessions: pl.DataFrame, users: dy.DataFrame[Users], body_weights: dy.DataFrame[BodyWeights]
) -> pl.Series:
    """The body weight (kg) known on the day of each of `sessions`: the newest on or before it, else null.

    Of two weights of one day the heavier counts; what is no positive finite number is no body weight.
    """
    usable = body_weights.filter(pl.col("weight_kg").is_finite() & (pl.col("weight_kg") > 0))
    dated = (
        usable.with_columns_seq(user=codes.places(usable["user_id"], users["user_id"]))
        .group_by("user", "measured_on")
        .agg(body_weight_kg=pl.col("weight_kg").max())
        .sort("measured_on")
    )
    known = (
        sessions.select_seq("session", "user", "day")
        .sort("day")
        .join_asof(dated, left_on="day", right_on="measured_on", by="user", check_sortedness=False)
    )
    return known.sort("session")["body_weight_kg"]


def carries_body_weight() -> pl.Expr:
    """Whether body weight can be part of a lift's load."""
    return pl.col("load_kind").is_in(_CARRIES_BODY_WEIGHT)


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
