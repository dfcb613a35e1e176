"""How the contestants that work in Python cut the users."""

from collections.abc import Iterator
from uuid import UUID

from insights.db.connection import connect


def shards(url: str, most_sets: int) -> Iterator[list[UUID]]:
    """Users in the order of their ids, cut so that a shard has about so many sets."""
    with connect(url) as connection:
        found = connection.execute(
            "SELECT w.user_id, sum(p.completed_sets) FROM workout_sessions AS w"
            " JOIN exercise_performances AS p ON p.workout_session_id = w.id GROUP BY w.user_id ORDER BY w.user_id"
        ).fetchall()
    shard: list[UUID] = []
    held = 0
    for user, sets in found:
        shard.append(user)
        held += int(sets or 0)
        if held >= most_sets:
            yield shard
            shard, held = [], 0
    if shard:
        yield shard
