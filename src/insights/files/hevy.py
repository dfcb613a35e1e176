"""Hevy's export: one row a set, every row with its session's start and end to the minute."""

from insights.files.dates import plain
from insights.files.fields import Row
from insights.files.log import SetRow

SET_TYPES = {"normal": "working", "working": "working", "warmup": "warmup", "failure": "amrap", "dropset": "dropset"}


def set_of(row: Row) -> SetRow:
    """The set of one row.

    Raises:
        BadFieldError: a field that cannot be used.
    """
    start = row.start()
    end = row.moment("end")
    if end is not None and end < start:
        raise row.bad("end", f"is before the start of the session: {row.text('end')!r}")
    row.required("set")
    word = row.text("set_type")
    set_type = SET_TYPES.get(plain(word).replace(" ", "").replace("_", "").replace("-", "")) if word else "working"
    if set_type is None:
        raise row.bad("set_type", f"is no type of a set: {word!r}")
    made = row.set_row(start=start, label=str(row.count("set")), set_type=set_type, source_set_type=word or None)
    made.session_end = end
    return made
