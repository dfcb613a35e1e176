"""From the sets to one row a lift and day, in pandas' own words: rolling, sort_values, groupby, merge_asof."""

import numpy as np
import pandas as pd

from benchmarks.peers.dataframes import Array

LIFT = ["user", "exercise"]
DAY = [*LIFT, "day"]
AROUND = pd.Timedelta(days=60)
BOTH_WAYS = "121D"  # a day, and 60 before and after it
RECENT = pd.Timedelta(days=84)
OF_BEST = ["estimate", "method", "sigma", "load", "own", "usable"]


def dated(days: pd.Series) -> pd.Series:
    """Day numbers as dates."""
    return pd.to_datetime(days, unit="D")


def typos(sets: pd.DataFrame) -> Array:
    """Which sets are about ten times, or a tenth, of the median of the lift's others within 60 days."""
    weighed = sets.loc[sets["weight_kg"] > 0, ["lift", "day", "weight_kg"]]
    weighed = weighed.assign(date=dated(weighed["day"]))
    windows = weighed.groupby("lift").rolling(BOTH_WAYS, on="date", center=True)["weight_kg"]
    low, high = windows.min().to_numpy(), windows.max().to_numpy()
    weight = weighed["weight_kg"]
    doubtful = weighed[(weight >= 7.9 * low) | (weight * 7.9 <= high)]
    found = pd.Series(data=False, index=sets.index)
    lifts = weighed[weighed["lift"].isin(doubtful["lift"])].groupby("lift")
    for lift, some in doubtful.groupby("lift"):
        own = lifts.get_group(lift).set_index("date")["weight_kg"]
        found[some.index] = [_far_off(date, kg, own) for date, kg in zip(some["date"], some["weight_kg"], strict=True)]
    typo: Array = found.to_numpy()
    return typo


def _far_off(date: pd.Timestamp, weight: float, own: pd.Series) -> bool:
    """Whether a weight is a typo among all weights of its lift, by date."""
    near = own[date - AROUND : date + AROUND].to_numpy()
    others = np.delete(near, np.flatnonzero(near == weight)[0])
    if len(others) < 5:
        return False
    ratio = weight / float(np.median(others))
    return 8 <= ratio <= 12.5 or 0.08 <= ratio <= 0.125


def lift_days(sets: pd.DataFrame) -> pd.DataFrame:
    """One row a user, lift and day with a counted set, with the day's best set, deload and the known 1RM."""
    sets = sets.assign(
        heaviest=sets["load"].where(sets["for_records"]),
        told=sets["for_1rm"] | sets["for_records"],
        tonnage_reps=sets["own"].where(sets["in_tonnage"], 0),
        in_volume=sets["in_tonnage"] | sets["is_hard"],
    )
    days = sets.groupby(DAY, as_index=False).agg(
        carried=("carried", "any"), hard_sets=("is_hard", "sum"), units=("units", "sum"),
        has_volume=("in_tonnage", "any"), reps=("tonnage_reps", "sum"), heaviest=("heaviest", "max"),
        effort=("effort", "any"), told=("told", "any"), in_volume=("in_volume", "any"),
    )  # fmt: skip
    days = days.merge(_best(sets), on=DAY, how="left")
    days["date"] = dated(days["day"])
    days["track"] = days.groupby([*LIFT, "carried"]).ngroup()
    days = days.sort_values(["track", "date"], ignore_index=True)
    before = days.groupby("track").rolling("42D", on="date", closed="left")["heaviest"].max()
    days["deload"] = (days["heaviest"] < 0.85 * before.to_numpy()) & ~days["effort"]
    return _with_known(days)


def _best(sets: pd.DataFrame) -> pd.DataFrame:
    """The set behind each day's estimate: the highest; ties by error, start, number and id."""
    ties = ["sigma", "start_time", "set_number", "set_high", "set_low"]
    order = sets.dropna(subset="estimate").sort_values(["estimate", *ties], ascending=[False, *([True] * len(ties))])
    return order.drop_duplicates(DAY)[[*DAY, *OF_BEST]]


def _with_known(days: pd.DataFrame) -> pd.DataFrame:
    """The days with `known`: the median of the last up to three estimates of 84 days, none of a deload day."""
    usable = days[days["estimate"].notna() & ~days["deload"] & days["told"]].sort_values("date")
    newest = usable[[*LIFT, "date"]].assign(date_0=usable["date"], estimate_0=usable["estimate"])
    of_lift = newest.groupby(LIFT)
    for back in (1, 2):
        newest[f"date_{back}"] = of_lift["date_0"].shift(back)
        newest[f"estimate_{back}"] = of_lift["estimate_0"].shift(back)
    days = days.sort_values("date")
    last = pd.merge_asof(days[[*LIFT, "date"]], newest, on="date", by=LIFT, allow_exact_matches=False)
    recent = [last[f"estimate_{n}"].where(last["date"] - last[f"date_{n}"] <= RECENT) for n in range(3)]
    return days.assign(known=pd.concat(recent, axis=1).median(axis=1).to_numpy())
