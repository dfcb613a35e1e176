"""The detective on stored rows: what was probably typed wrong, per user, with examples; corrected only when asked."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import polars as pl

from insights import assets
from insights.db import columns, queries
from insights.db.connection import connect
from insights.db.extract import extract
from insights.errors import BadInput
from insights.science import detective, sets
from insights.science.reasons import COUNTED, REASONS, USES

EXAMPLES = 5
USERS_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Suspect:
    """One set under suspicion. `meant_kg` is the weight if the suspicion is true; None: nobody can tell."""

    set_id: UUID
    exercise: str
    day: date
    weight_kg: float | None
    meant_kg: float | None
    rpe: float | None


@dataclass(frozen=True, slots=True)
class Suspicion:
    """What is suspected of some of a user's sets."""

    user_id: UUID
    email: str
    kind: str  # of `science.detective.KINDS`
    source: str | None  # the log that the sets came from; None: typed into the app
    sets: int
    looked_at: int  # the sets of that user and log that could have been suspect
    examples: tuple[Suspect, ...]  # the first by day

    @property
    def definition(self) -> str:
        """What the kind means, in one line."""
        return detective.KINDS[self.kind]

    @property
    def can_be_fixed(self) -> bool:
        """Whether it is known what was meant."""
        return self.kind != "contradictory_effort"

    @property
    def can_be_confirmed(self) -> bool:
        """Whether each set may be right as it stands."""
        return self.kind == "typo"


@dataclass(frozen=True, slots=True)
class Verdict:
    """How many sets had a verdict for a use in a run, and what the verdict means."""

    use: str
    verdict: str
    sets: int
    definition: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdicts of a run. For each use their counts add up to the sets of days up to `as_of`."""

    run_id: UUID
    job: str
    as_of: date
    finished_at: datetime
    sets: int
    verdicts: tuple[Verdict, ...]  # by use, counted first, then by falling count


def detect(url: str, user_id: UUID | None = None) -> list[Suspicion]:
    """The suspicions against all users, or one; sorted by user, kind and log. Changes nothing.

    Raises:
        Unreachable: the database cannot be reached.
    """
    with connect(url) as connection:
        emails = {row["id"]: row["email"] for row in queries.rows(connection, "detective_users", {"user_id": user_id})}
    found: list[Suspicion] = []
    users = list(emails)
    for start in range(0, len(users), USERS_AT_ONCE):
        suspects, names = _suspects(url, users[start : start + USERS_AT_ONCE])
        found += _suspicions(suspects, names, emails)
    return found


def fix(url: str, suspicion: Suspicion, only: Collection[UUID] = ()) -> int:
    """Give the suspect sets, or `only` these of them, the weight that was meant; how many were changed.

    A second time there is none.

    The sets are looked at anew, so that what was corrected in between stays as it is. The totals of their sessions
    follow; analytics do with the next run. An import keeps the row as it was read, in imported_sets.raw; importing the
    same file again the same way brings its weights back.

    Raises:
        BadInput: nobody can tell what was meant.
    """
    if not suspicion.can_be_fixed:
        raise BadInput(
            f"nobody can tell which is wrong: {suspicion.definition}", hint="Mend the sets where they were logged."
        )
    chosen = _chosen(url, suspicion, only)
    ids = [UUID(bytes=set_id) for set_id in chosen["set_id"]]
    weights = {"weights_kg": chosen["weight_kg"].to_list(), "meant_kg": chosen["meant_kg"].to_list()}
    with connect(url) as connection, connection.transaction():
        changed = queries.run(connection, "detective_correct", {"set_ids": ids} | weights)
        queries.run(connection, "detective_sessions", {"set_ids": ids})
        queries.run(connection, "import_totals")
    return changed


def confirm(url: str, suspicion: Suspicion, only: Collection[UUID] = ()) -> int:
    """Confirm the weights of the suspect sets, or of `only` these, as they are; how many are confirmed that were not.

    They count from the next run on, like any other set. A weight that changes afterwards is judged again.

    Raises:
        BadInput: the suspicion is not of single weights.
    """
    if not suspicion.can_be_confirmed:
        raise BadInput(f"only typos can be confirmed, not: {suspicion.definition}")
    chosen = _chosen(url, suspicion, only)
    ids = [UUID(bytes=set_id) for set_id in chosen["set_id"]]
    with connect(url) as connection, connection.transaction():
        told = {"user_id": suspicion.user_id, "set_ids": ids, "weights_kg": chosen["weight_kg"].to_list()}
        return queries.run(connection, "detective_confirm", told)


def newest_judgement(url: str) -> Judgement | None:
    """The verdicts of the newest finished run that judged sets, each with its definition; None before the first."""
    with connect(url) as connection:
        rows = queries.rows(connection, "newest_verdicts")
    if not rows:
        return None
    run = rows[0]
    verdicts = [
        Verdict(use, verdict, count, "It counts." if verdict == COUNTED else REASONS[verdict])
        for use, counts in run["verdict_counts"].items()
        for verdict, count in counts.items()
    ]
    verdicts.sort(key=lambda v: (USES.index(v.use), v.verdict != COUNTED, -v.sets, v.verdict))
    return Judgement(run["id"], run["job"], run["as_of"], run["finished_at"], run["sets"], tuple(verdicts))


def _chosen(url: str, suspicion: Suspicion, only: Collection[UUID]) -> pl.DataFrame:
    """The sets under this suspicion as they are now: all, or `only` these."""
    suspects, _ = _suspects(url, [suspicion.user_id])
    source = pl.col("source").eq_missing(pl.lit(suspicion.source))
    chosen = suspects.filter(pl.col("kind") == suspicion.kind, source)
    return chosen.filter(pl.col("set_id").is_in([set_id.bytes for set_id in only])) if only else chosen


def _suspects(url: str, users: list[UUID]) -> tuple[pl.DataFrame, dict[bytes, str]]:
    """The suspect sets of the users, and the names of their lifts."""
    with columns.transaction(url) as cursor:
        data = extract(cursor, [user.bytes for user in users])
        sources = columns.fetch(cursor, assets.text("sql", "queries", "detective_sources.sql"))
    judged = sets.judge(data.sets, data.users, data.exercises, data.body_weights)
    names = dict(data.exercises.select("exercise_id", "name").iter_rows())
    return detective.suspects(judged, sources), names


def _suspicions(suspects: pl.DataFrame, names: dict[bytes, str], emails: dict[UUID, str]) -> Iterator[Suspicion]:
    for (user, kind, source), rows in suspects.group_by("user_id", "kind", "source", maintain_order=True):
        user_id = UUID(bytes=user)
        yield Suspicion(
            user_id=user_id,
            email=emails[user_id],
            kind=str(kind),
            source=None if source is None else str(source),
            sets=rows.height,
            looked_at=int(rows["looked_at"][0]),
            examples=tuple(_suspect(row, names) for row in rows.head(EXAMPLES).to_dicts()),
        )


def _suspect(row: dict[str, Any], names: dict[bytes, str]) -> Suspect:
    return Suspect(
        set_id=UUID(bytes=row["set_id"]),
        exercise=names[row["exercise_id"]],
        day=row["day"],
        weight_kg=row["weight_kg"],
        meant_kg=row["meant_kg"],
        rpe=row["rpe_value"],
    )
