"""How the contestants that work in Python cut the users."""

from collections.abc import Iterator
from uuid import UUID

from insights.db.connection import connect
from insights.pipeline import job


def shard_sets() -> int:
    """How many sets a shard of the backfill has, by its job file."""
    most = job.read("backfill").shard_sets
    if most is None:  # pragma: no cover - the job file names it
        raise ValueError("the backfill's job file names no shard_sets")
    return most


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
