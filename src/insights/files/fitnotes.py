"""FitNotes' export: one row a set, by day.

It has no time of day: a day is one session, at noon. It has no numbers of sets: they follow the order in the file.
"""

from insights.files.dates import NOON
from insights.files.fields import Row
from insights.files.log import SetRow


def set_of(row: Row) -> SetRow:
    """The set of one row.

    Raises:
        BadFieldError: a field that cannot be used.
    """
    hour, minute, second, microsecond = NOON
    day = row.start().replace(hour=hour, minute=minute, second=second, microsecond=microsecond)
    made = row.set_row(start=day, label="", set_type="working", source_set_type=None)
    # whatever the column is called, FitNotes comments on the set
    made.set_notes, made.exercise_notes = made.set_notes or made.exercise_notes, None
    return made
