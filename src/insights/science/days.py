"""Which sets a run looks at: those of the users' own days up to a day."""

from datetime import date

import dataframely as dy

from insights.frames import Sets, Users, validated
from insights.science import codes, loads


def until(sets: dy.DataFrame[Sets], users: dy.DataFrame[Users], as_of: date) -> dy.DataFrame[Sets]:
    """The sets of local days up to `as_of`. No rule may know what comes later, not even the typo rule."""
    coded = sets.with_columns(
        session=codes.places(sets["session_id"], sets["session_id"].unique()),
        user=codes.places(sets["user_id"], users["user_id"]),
    )
    day = loads.sessions(coded, users)["day"].gather(coded["session"])
    return validated(Sets, sets.filter(day <= as_of))
