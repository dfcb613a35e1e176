"""A simulated lifter: the log as an importer would read it, and the truth behind it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import dataframely as dy
import numpy as np
import polars as pl

from insights.frames import ImportedSets
from insights.simulate.blemishes import blemish
from insights.simulate.calendar import draw_sessions
from insights.simulate.person import POUND_KG, Person, draw_person
from insights.simulate.programs import TrainedLift
from insights.simulate.sets import body_weight_at, draw_sets, lifts_of
from insights.simulate.strength import StrengthPath, draw_path

FIRST_LINE = 2  # as in a file, whose first line is the header
SCALE_SD_KG = 0.4  # of one reading of the bathroom scale
DAYS_BETWEEN_WEIGHINGS = (5, 16)


@dataclass(frozen=True)
class Truth:
    """What is true of a lifter, whatever the log says.

    `one_rm` holds the true 1RM of every lift with repetitions, by the title that the log uses. `sets` has one row for
    each row of the log: `line`, `day` (the local day of training), `deload`, `true_rir` (repetitions in reserve, null
    where they have no meaning), `meant_kg` (what should have been typed), `set_blemish` and `session_blemish` (see
    `blemishes`).
    """

    person: Person
    one_rm: Mapping[str, StrengthPath]
    sets: pl.DataFrame

    @property
    def typo_lines(self) -> list[int]:
        """The lines whose weight is ten times too high or too low."""
        return self.sets.filter(pl.col("set_blemish").is_in(["typo_x10", "typo_tenth"]))["line"].to_list()

    def daily(self) -> pl.DataFrame:
        """The true 1RM of each lift on each day it was trained: exercise_title, day, one_rm_kg, slope_pct_week."""
        days = self.sets["day"].unique().sort().to_list()
        rows = [(name, day, p.one_rm_kg(day), p.slope_pct_week(day)) for name, p in self.one_rm.items() for day in days]
        schema = {"exercise_title": pl.String, "day": pl.Date, "one_rm_kg": pl.Float64, "slope_pct_week": pl.Float64}
        return pl.DataFrame(rows, schema=schema, orient="row")


@dataclass(frozen=True)
class Lifter:
    """One simulated lifter. `body_weights` (measured_on, weight_kg) is empty for those who never step on a scale."""

    index: int  # from 0
    seed: int
    email: str
    time_zone: str
    units: str  # "kg" or "lb"
    training_experience: str
    training_frequency: int
    body_weights: pl.DataFrame
    sets: dy.DataFrame[ImportedSets]
    truth: Truth


def simulate(lifters: int, *, weeks: int, seed: int, until: date, ugliness: float = 0.3) -> Iterator[Lifter]:
    """Lifters one after the other, so that a million sets never lie in memory together."""
    for index in range(lifters):
        yield simulate_lifter(index, weeks=weeks, seed=seed, until=until, ugliness=ugliness)


def simulate_lifter(index: int, *, weeks: int, seed: int, until: date, ugliness: float = 0.3) -> Lifter:
    """Lifter `index` of a seed: the same arguments give the same lifter, byte for byte, however many are made.

    Each part draws from a stream of its own, so that the ugliness changes the log and never the lifter.

    Args:
        weeks: how many weeks end with the day `until`; at least 1.
        ugliness: 0 (clean) to 1 (everything that real logs have).
    """
    if weeks < 1 or not 0 <= ugliness <= 1 or index < 0 or seed < 0:
        raise ValueError("a lifter needs an index and a seed >= 0, at least one week, and an ugliness from 0 to 1")
    streams = np.random.SeedSequence(seed, spawn_key=(index,)).spawn(6)
    who, when, strong, lifting, ugly, scale = (np.random.default_rng(stream) for stream in streams)
    person = draw_person(who, index)
    sessions = draw_sessions(when, person, weeks=weeks, until=until, leap_day=ugliness > 0)
    lifts = lifts_of(person)
    paths = {lift.title: _draw_lift(strong, person, lift, weeks, until) for lift in lifts}
    rows = blemish(ugly, draw_sets(lifting, person, sessions, paths, until=until), ugliness)
    spelled = {lift.title: lift.own_name for lift in lifts if lift.own_name and ugly.random() < ugliness}
    rows = rows.with_columns(
        pl.col("exercise_title").replace(spelled),
        pl.int_range(FIRST_LINE, FIRST_LINE + rows.height, dtype=pl.Int32).alias("line"),
    )
    one_rm = {spelled.get(lift.title) or lift.title: paths[lift.title] for lift in lifts if not lift.timed}
    return Lifter(
        index=index,
        seed=seed,
        email=email_of(index, seed),
        time_zone=person.time_zone,
        units=person.units,
        training_experience=person.experience,
        training_frequency=person.sessions_per_week,
        body_weights=_weighings(scale, person, weeks, until),
        sets=_imported(rows, person),
        truth=Truth(
            person,
            one_rm,
            rows.select("line", "day", "deload", "true_rir", "meant_kg", "set_blemish", "session_blemish"),
        ),
    )


def email_of(index: int, seed: int, label: str = "") -> str:
    """The address of a lifter, by which the database knows him again; lifters of different seeds never mix."""
    named = f".{label}" if label else ""
    return f"lifter-{index + 1:04}.seed-{seed}{named}@simulated.example"


def _draw_lift(rng: np.random.Generator, person: Person, lift: TrainedLift, weeks: int, until: date) -> StrengthPath:
    scale = 1.0 if lift.timed else person.strength * person.body_weight_kg
    last = lift.ratio * scale * float(rng.uniform(0.88, 1.12))
    return draw_path(rng, person, last_kg=last, weeks=weeks, until=until)


def _weighings(rng: np.random.Generator, person: Person, weeks: int, until: date) -> pl.DataFrame:
    gaps = rng.integers(*DAYS_BETWEEN_WEIGHINGS, size=weeks * 2)
    days = np.sort(-np.cumsum(gaps))
    days = days[days > -7 * weeks] if person.knows_body_weight else days[:0]
    weights = body_weight_at(person, days) + rng.normal(0, SCALE_SD_KG, len(days))
    return pl.DataFrame(
        {"measured_on": [until + timedelta(days=int(day)) for day in days], "weight_kg": weights.round(1)},
        schema={"measured_on": pl.Date, "weight_kg": pl.Float64},
    )


def _imported(rows: pl.DataFrame, person: Person) -> dy.DataFrame[ImportedSets]:
    """The rows as an importer hands them over. `raw` says what was typed, in the lifter's own unit."""
    typed = pl.col("weight_kg") / POUND_KG if person.units == "lb" else pl.col("weight_kg")
    raw = pl.struct(
        pl.col("source_set_type").alias("set_type"),
        typed.round(2).alias("weight"),
        pl.lit(person.units).alias("unit"),
        "reps",
        "duration_s",
        "rpe",
    )
    return ImportedSets.validate(rows.with_columns(raw.struct.json_encode().alias("raw")), cast=True)
