"""Strong's export: one row a set, with rows for rests and notes among them.

The set's number is replaced by a letter where the set is of a type: W warm-up, D drop set, F failure.
"""

import re
from datetime import timedelta
from typing import Literal

from insights.files.dates import plain
from insights.files.fields import Row
from insights.files.log import SetRow

SET_TYPES = {"w": "warmup", "d": "dropset", "f": "amrap"}
_WORDS = {"warmup": "w", "dropset": "d", "drop": "d", "failure": "f"}
_NUMBER = re.compile(r"(\d+)(?:\.0+)?")


def set_of(row: Row) -> SetRow | Literal["rest", "note"]:
    """The set of one row, or that the row is a rest or a note.

    Raises:
        BadFieldError: a field that cannot be used.
    """
    start = row.start()
    mark = row.required("set")
    number = _NUMBER.fullmatch(mark)
    letter = None if number else _letter(mark)
    if number is None and letter is None:
        return _rest_or_note(row, mark)
    set_type = SET_TYPES[letter] if letter else "working"
    label = number[1] if number else mark
    made = row.set_row(start=start, label=label, set_type=set_type, source_set_type=mark if letter else None)
    length = row.session_length()
    made.session_end = start + timedelta(seconds=length) if length else None
    return made


def _letter(mark: str) -> str | None:
    word = re.sub(r"[\s_-]|\d+$", "", plain(mark))
    return word if word in SET_TYPES else _WORDS.get(word)


def _rest_or_note(row: Row, mark: str) -> Literal["rest", "note"]:
    """A row whose mark is a word is no set: "Rest Timer" holds seconds, "Note" a text, in the words of any language."""
    lifted = bool(row.weight_kg() or row.count("reps") or row.distance_m())
    if not lifted and len(mark) > 1:
        if row.text("seconds") and row.seconds("seconds"):
            return "rest"
        return "note" if row.text("notes") else "rest"
    raise row.bad("set", f"is neither the number of a set nor W, D or F: {mark!r}")


def note_of(row: Row) -> tuple[str, str]:
    """The exercise of a note row, and its text."""
    return row.text("exercise"), row.text("notes")
