"""What `up` and `down` refuse before they change anything, each with what to do about it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

import psycopg

from insights.db.migrate import archive, rollout
from insights.db.migrate.files import Migration
from insights.db.migrate.ledger import Entry
from insights.errors import BadInput, CheckFailed


class EditedMigration(BadInput):
    """The files and the ledger disagree about what was applied."""


class WouldLoseData(CheckFailed):
    """A down would destroy rows that nothing else holds. Nothing was changed."""


class StillRolledOut(CheckFailed):
    """A down would take tables away that users read or write. Nothing was changed."""


def is_edited(migration: Migration, entry: Entry) -> bool:
    """Whether the up steps that ran are others than those of the file."""
    ran = entry.steps_done if entry.state == "going_up" else None
    return migration.checksum(ran) != entry.checksum


def edited_files(migrations: Sequence[Migration], entries: Mapping[str, Entry]) -> None:
    """Refuse files that are not those that were applied.

    Raises:
        EditedMigration: one was edited, is missing, or is new and has a number before one that stands.
    """
    known = {migration.id: migration for migration in migrations}
    for entry in entries.values():
        if entry.id not in known:
            raise EditedMigration(
                f"this database has migration {entry.id} {entry.name}, and there is no file for it",
                hint="A newer version of this package has migrated it: use that version.",
            )
        if is_edited(known[entry.id], entry):
            raise EditedMigration(
                f"the file of migration {entry.id} {entry.name} has changed since it was applied",
                hint="Put the file back as it was, and make the change in a new migration.",
            )
    first_pending = next((m.id for m in migrations if m.id not in entries), None)
    after = [entry.id for entry in entries.values() if first_pending is not None and entry.id > first_pending]
    if after:
        raise EditedMigration(
            f"migration {first_pending} is new, but {after[0]} after it is applied already",
            hint="Give the new migration a number after the last one that is applied.",
        )


def half_way(entries: Iterable[Entry], state: Literal["going_up", "going_down"]) -> None:
    """Refuse to turn round in the middle of a migration.

    Raises:
        BadInput: one is in that state.
    """
    for entry in entries:
        if entry.state == state:
            way, command = ("up", "up") if state == "going_up" else ("down", "down --to NUMBER")
            raise BadInput(
                f"the {way} of migration {entry.id} {entry.name} stopped half way",
                hint=f"Let it end first: `insights migrate {command}` goes on where it stopped.",
            )


def not_made_here(entries: Iterable[Entry]) -> None:
    """Refuse to undo what a baseline has adopted.

    Raises:
        BadInput: one of the migrations was not made by this runner.
    """
    for entry in entries:
        if not entry.made_here:
            raise BadInput(
                f"{entry.id} {entry.name} was in this database before this runner: undoing it would drop the app's own "
                "tables",
                hint=f"`--to {entry.id}` undoes everything else.",
            )


def rolled_out(connection: psycopg.Connection[Any], leaving: Sequence[Migration]) -> None:
    """Refuse to take away what users work on: while a flag lets them through, their statements name the new tables.

    No option passes over this: to lower a flag takes a moment, and it is the app's own way back.

    Raises:
        StillRolledOut: the flags are to go, and one is above 0.
    """
    if not rollout.to_be_made(leaving):
        return
    raised = {name: percent for name, percent in (rollout.percentages(connection) or {}).items() if percent}
    if raised:
        shares = ", ".join(f"{name} is at {percent} %" for name, percent in raised.items())
        commands = ", then ".join(f"`insights flags set {name} 0`" for name in sorted(raised, reverse=True))
        raise StillRolledOut(
            f"users still work on the new tables: {shares}",
            hint=f"Nothing was changed. {commands}; when the app has followed, run the down again.",
        )


def loss(connection: psycopg.Connection[Any], leaving: Sequence[Migration]) -> None:
    """Refuse to destroy what the legacy tables cannot rebuild.

    Raises:
        WouldLoseData: there are such rows.
    """
    lost = [
        f"{migration.id}: {count} rows of {what}"
        for migration in leaving
        for what, count in archive.losses(connection, migration)
    ]
    if lost:
        raise WouldLoseData(
            "this would destroy rows that the legacy tables cannot rebuild:\n  " + "\n  ".join(lost),
            hint="Nothing was changed. --archive keeps them aside for the next up; --discard-new-data lets them go.",
        )
