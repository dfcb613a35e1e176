"""The typed frames: one class for each table of columns that crosses a door between rooms.

Ids are 16-byte binaries (the bytes of the UUID), weights are kilograms, durations seconds, instants are UTC.
A frame is validated eagerly where it enters and where it leaves; between the doors plain Polars frames may flow.
"""

from typing import TypeVar

import dataframely as dy
import polars as pl

SET_TYPES = (
    "working", "warmup", "dropset", "superset", "cluster", "rest_pause", "mechanical_drop", "amrap", "tempo",
    "isometric", "partial", "assisted", "negative",
)  # fmt: skip
RPE_SCALES = ("rpe_10", "rpe_20", "percentage")
ROM_QUALITIES = ("full", "three_quarter", "half", "quarter", "partial_top", "partial_bottom", "variable")
SESSION_STATUSES = ("NOT_STARTED", "IN_PROGRESS", "COMPLETED", "ABANDONED")
PERIODS = ("daily", "weekly", "monthly")

_Schema = TypeVar("_Schema", bound=dy.Schema)


def validated(schema: type[_Schema], frame: pl.DataFrame, *, cast: bool = False) -> dy.DataFrame[_Schema]:
    """`schema.validate(frame)`; but where nothing is wrong, nobody pays for the account of what is.

    Raises:
        dataframely.exc.ValidationError, dataframely.exc.SchemaError: what is wrong.
    """
    return schema.cast(frame) if schema.is_valid(frame, cast=cast) else schema.validate(frame, cast=cast)


# How a lift carries its load, and what kind of work it is. Kept in exercise_traits (ours).
LOAD_KINDS = ("free", "machine", "bodyweight", "assisted", "band")
MODALITIES = ("strength", "timed", "cardio", "mobility")


# files -> db: what an exported log says, before it has a place in the schema ---------------------------------------


class ImportedSets(dy.Schema):
    """The sets of one lifter's log, in kilograms and in the log's own local time. One row a set."""

    line = dy.Int32()  # the line of the file, for messages only: identity never rests on it
    session_start = dy.Datetime(time_unit="us")  # local, naive; the log's own clock
    session_end = dy.Datetime(nullable=True, time_unit="us")
    workout_title = dy.String()
    session_notes = dy.String(nullable=True)
    exercise_title = dy.String()  # as the log spells it
    exercise_notes = dy.String(nullable=True)
    superset = dy.String(nullable=True)  # sets of one session with the same value were done in turn
    set_label = dy.String()  # the log's own mark of the set within its exercise: "0", "3", "W"
    set_order = dy.Int32(min=0)  # order of the set within its exercise and session, from 0
    set_type = dy.Enum(SET_TYPES)
    source_set_type = dy.String(nullable=True)  # the log's own word: "failure", "F", "D"
    weight_kg = dy.Float64(nullable=True)
    reps = dy.Int32(nullable=True)
    distance_m = dy.Float64(nullable=True)
    duration_s = dy.Int32(nullable=True)
    rpe = dy.Float64(nullable=True)
    set_notes = dy.String(nullable=True)
    raw = dy.String()  # the row as it was read, as a JSON object: nothing is lost


# db -> science: what extract reads -------------------------------------------------------------------------------


class Sets(dy.Schema):
    """Set executions with the session and exercise they belong to. One row a set, of every session status."""

    user_id = dy.Binary()
    exercise_id = dy.Binary()
    session_id = dy.Binary()
    set_id = dy.Binary()
    session_status = dy.Enum(SESSION_STATUSES)
    session_start = dy.Datetime(nullable=True, time_unit="us", time_zone="UTC")
    session_end = dy.Datetime(nullable=True, time_unit="us", time_zone="UTC")
    set_number = dy.Int32()
    set_type = dy.Enum(SET_TYPES)
    source_set_type = dy.String(nullable=True)  # the word of the log it was imported from, e.g. "failure"
    weight_kg = dy.Float64(nullable=True, allow_nan=True, allow_inf=True)  # as typed; may be NaN, negative, absurd
    reps_completed = dy.Int32(nullable=True)
    reps_attempted = dy.Int32(nullable=True)
    rpe_value = dy.Float64(nullable=True, allow_nan=True, allow_inf=True)
    rpe_scale = dy.Enum(RPE_SCALES, nullable=True)
    rom_quality = dy.Enum(ROM_QUALITIES, nullable=True)
    assisted_reps = dy.Int32(nullable=True)
    duration_s = dy.Int32(nullable=True)
    start_time = dy.Datetime(nullable=True, time_unit="us", time_zone="UTC")
    end_time = dy.Datetime(nullable=True, time_unit="us", time_zone="UTC")
    created_at = dy.Datetime(time_unit="us", time_zone="UTC")
    weight_confirmed = dy.Bool()  # someone has looked at this very weight: it is no typo


class Users(dy.Schema):
    """The lifters of a shard."""

    user_id = dy.Binary(primary_key=True)
    time_zone = dy.String()  # IANA name; a name that the database does not know has become UTC before it gets here
    units = dy.String()  # "kg" or "lb": how the user reads weights
    training_experience = dy.String(nullable=True)  # "beginner" ...: decides the trend's delta
    training_frequency = dy.Int32(nullable=True)  # sessions a week that the user means to train


class BodyWeights(dy.Schema):
    """Dated body weights. The newest on or before a day counts on that day; before the first, none is known."""

    user_id = dy.Binary()
    measured_on = dy.Date()
    weight_kg = dy.Float64()


class Exercises(dy.Schema):
    """The lifts that a shard's sets name, catalogue and custom."""

    exercise_id = dy.Binary(primary_key=True)
    name = dy.String()
    is_custom = dy.Bool()
    load_kind = dy.Enum(LOAD_KINDS)
    modality = dy.Enum(MODALITIES)
    bodyweight_share = dy.Float64(nullable=True)  # share of the body weight that is lifted, where it is known
    is_deadlift = dy.Bool()


class Muscles(dy.Schema):
    """What a lift trains, one row a muscle and role. A lift without a row has unknown muscles."""

    exercise_id = dy.Binary()
    muscle = dy.String()
    role = dy.Enum(("primary", "secondary", "stabilizer"))
    activation = dy.Float64()  # 0-100


class Movements(dy.Schema):
    """The movement patterns of a lift, one row each. A lift without a row has an unknown movement."""

    exercise_id = dy.Binary()
    pattern = dy.String()


# within the science, and for people ---------------------------------------------------------------------------------


class JudgedSets(Sets):
    """Sets with their verdicts. A verdict is "counted" or the reason for which the set does not count for that use."""

    day = dy.Date()  # the user's local day of the session
    load_kg = dy.Float64(nullable=True)  # what was lifted, by the body-weight and assistance rules; null: none known
    tonnage_reps = dy.Int32()  # reps that count for tonnage; 0 where the verdict is not "counted"
    logged_kg = dy.Float64()  # weight x reps as typed; 0 for warm-ups and where either is missing
    rir = dy.Float64(nullable=True)  # reps in reserve, where they are known
    tonnage = dy.String()
    hard_set = dy.String()
    one_rm = dy.String()
    records = dy.String()


# science -> db -> science: what a night keeps of the past, so that it need not read it again ------------------------


class LiftDays(dy.Schema):
    """The facts of a user, lift and day: all that later rules need of its sets. Sorted by its key."""

    user_id = dy.Binary(primary_key=True)
    exercise_id = dy.Binary(primary_key=True)
    day = dy.Date(primary_key=True)
    with_body_weight = dy.Bool()  # the track: body weight is part of the load on this day
    hard_sets = dy.Int32()
    reps = dy.Int32()  # of the tonnage-counted sets
    volume_ug = dy.Int64(nullable=True)  # their load x reps in micrograms, exact; null: no set counts for tonnage
    checked_sets = dy.Int32()  # sets that count for tonnage or as hard, or were left out as suspect
    doubtful_sets = dy.Int32()  # those left out as suspect
    effort = dy.Bool()  # a hard set at an RPE of 9 or more, or an amrap: no deload day
    told = dy.Bool()  # a set counts for a 1RM or for records: the day has a row of strength_progressions
    heaviest_kg = dy.Float64(nullable=True)  # of the record-counted sets
    estimated_1rm_kg = dy.Float64(nullable=True)  # from here to base_rpe: the day's best set
    estimation_method = dy.String(nullable=True)
    sigma = dy.Float64(nullable=True)  # relative standard error
    base_weight_kg = dy.Float64(nullable=True)
    base_reps = dy.Int32(nullable=True)
    base_rpe = dy.Float64(nullable=True)
    reach_kg = dy.List(dy.Float64())  # the weights by which its record-counted sets compare, ascending
    reach_reps = dy.List(dy.Int32())  # the most reps at each of them
    typed_kg = dy.List(dy.Float64())  # the typed weights of the sets that the typo rule looks at, ascending


class UserDays(dy.Schema):
    """The facts of a user and day: its sessions of known length. Days without one have no row. Sorted by its key."""

    user_id = dy.Binary(primary_key=True)
    day = dy.Date(primary_key=True)
    timed_us = dy.Int64()  # how long those sessions were
    timed_volume_ug = dy.Int64()
    timed_hard_sets = dy.Int32()


class ContextDays(dy.Schema):
    """What a day was trained on: see `science.context`. Days on which nothing was logged have no row."""

    user_id = dy.Binary(primary_key=True)
    day = dy.Date(primary_key=True)
    sleep_hours = dy.Float64(nullable=True)
    sleep_quality = dy.Float64(nullable=True)
    stress_level = dy.Float64(nullable=True)
    energy_level = dy.Float64(nullable=True)


class LiftBests(dy.Schema):
    """What the days of a track before a day still decide: a user, a lift, with body weight in the load or without."""

    user_id = dy.Binary(primary_key=True)
    exercise_id = dy.Binary(primary_key=True)
    with_body_weight = dy.Bool(primary_key=True)
    before = dy.Date()  # all days of the track before this one are in here
    told = dy.Bool()  # one of them has a row of strength_progressions
    heaviest_kg = dy.Float64(nullable=True)
    heaviest_day = dy.Date(nullable=True)  # the first day that had it
    volume_ug = dy.Int64(nullable=True)
    volume_day = dy.Date(nullable=True)
    volume_days = dy.Int32()
    estimate_1_kg = dy.Float64(nullable=True)  # the newest estimates of no deload days
    estimate_1_day = dy.Date(nullable=True)
    estimate_2_kg = dy.Float64(nullable=True)
    estimate_2_day = dy.Date(nullable=True)
    estimate_3_kg = dy.Float64(nullable=True)
    estimate_3_day = dy.Date(nullable=True)
    light_kg = dy.List(dy.Float64())  # heaviest loads with which the next 42 days may be compared, oldest first
    light_day = dy.List(dy.Date())
    front_kg = dy.List(dy.Float64())  # sets that a reps record has yet to beat: by weight and reps
    front_reps = dy.List(dy.Int32())
    front_day = dy.List(dy.Date())


class UserStarts(dy.Schema):
    """The first training day of a user before the days that are kept."""

    user_id = dy.Binary(primary_key=True)
    first_day = dy.Date()


class SessionContexts(dy.Schema):
    """What a session was trained on, as the user logged it: one row a session with at least one of the four."""

    user_id = dy.Binary()
    session_id = dy.Binary(primary_key=True)
    sleep_hours = dy.Float64(nullable=True, allow_nan=True)
    sleep_quality = dy.Int32(nullable=True)  # this and the next two: 1-5
    stress_level = dy.Int32(nullable=True)
    energy_level = dy.Int32(nullable=True)


# science -> db: what load writes ----------------------------------------------------------------------------------


class Progressions(dy.Schema):
    """Rows of strength_progressions: one a user, lift and day with a counted set. An estimate is null as a whole."""

    id = dy.Binary()
    user_id = dy.Binary()
    exercise_id = dy.Binary()
    measurement_date = dy.Date()
    estimated_1rm_kg = dy.Float64(nullable=True)
    estimation_method = dy.String(nullable=True)
    confidence_score = dy.Float64(nullable=True)
    base_weight_kg = dy.Float64(nullable=True)
    base_reps = dy.Int32(nullable=True)
    base_rpe = dy.Float64(nullable=True)
    volume_pr = dy.Bool()
    weight_pr = dy.Bool()
    reps_pr = dy.Bool()


class Volumes(dy.Schema):
    """Rows of volume_analytics: one a user, period type and period with a set that counts for tonnage or as hard."""

    id = dy.Binary()
    user_id = dy.Binary()
    calculation_date = dy.Date()  # the period's first day
    period_type = dy.Enum(PERIODS)
    total_volume_kg = dy.Float64()  # logged volume: load x reps of the tonnage-counted sets
    total_sets = dy.Int32()  # hard sets
    total_reps = dy.Int32()  # reps of the tonnage-counted sets
    average_intensity = dy.Float64(nullable=True)  # per cent of the 1RM known before, weighted by reps
    intensity_reps = dy.Int32()  # the reps behind average_intensity
    volume_by_muscle_group = dy.String()  # JSON object
    volume_by_movement = dy.String()  # JSON object
    volume_per_hour = dy.Float64(nullable=True)
    sets_per_hour = dy.Float64(nullable=True)


class DataPoints(dy.Schema):
    """Rows of insight_data_points: immutable facts, see `data_types`. The id hashes everything but source and unit."""

    id = dy.Binary()
    user_id = dy.Binary()
    data_type = dy.String()
    measurement_date = dy.Date()  # the record's day, else the window's last day
    entity_id = dy.Binary(nullable=True)  # the lift, where the fact is about one
    entity = dy.String(nullable=True)  # the muscle or movement, where the fact is about one
    window_start = dy.Date()
    window_end = dy.Date()
    numeric_value = dy.Float64(nullable=True)
    text_value = dy.String(nullable=True)
    unit = dy.String()
    n = dy.Int32()  # how many observations stand behind the value
    source_table = dy.String()
    source_id = dy.Binary(nullable=True)  # the row of source_table it was read from, where it is one row
    confidence_score = dy.Float64(nullable=True)  # 0-1
    calculation_method = dy.String()  # name and version of the rule, e.g. "trend/1"
