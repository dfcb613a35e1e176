"""`insights import`: a training log that Hevy, Strong or FitNotes has exported, into the database."""

import os
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import psycopg
import typer
from rich.console import Console
from rich.markup import escape

from insights import settings
from insights.catalogue import NameMapping
from insights.cli.output import DatabaseOption, JsonOption, emit
from insights.db import embedded, log_users, log_writer
from insights.db.catalogue import Resolver, load_catalogue, shipped
from insights.db.connection import connect
from insights.db.log_writer import FileFacts, SetAside, Written
from insights.errors import BadInput
from insights.files import Log, read_log
from insights.files.reading import Format, Unit

SHOWN = 10  # lines of a list that a summary prints


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import was and did."""

    log: Log
    written: Written
    user_id: UUID
    email: str
    new_user: bool
    time_zone: str
    zone_from: str  # "--tz", "the user" or "this machine"
    dry_run: bool


def command(
    file: Annotated[Path, typer.Argument(help="The CSV file as the app exported it.")],
    user: Annotated[str, typer.Option(help="Id or e-mail address; a new address makes a user.")],
    format: Annotated[Format, typer.Option(help="The app, if it is not to be found from the file.")] = "auto",
    unit: Annotated[Unit, typer.Option(help="The unit of the weights, if the file does not say it.")] = "auto",
    tz: Annotated[
        str | None, typer.Option("--tz", metavar="ZONE", help="Where the log was written, such as Europe/Berlin.")
    ] = None,
    quarantine: Annotated[bool, typer.Option("--quarantine", help="Import the good rows, keep the bad aside.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would happen; write nothing.")] = False,
    mapping: Annotated[
        Path | None, typer.Option(metavar="FILE", help='Lines such as "My lift" = "Lat Pulldown (Cable)".')
    ] = None,
    delete_vanished: Annotated[
        bool, typer.Option("--delete-vanished", help="Delete stored sets that this export no longer has.")
    ] = False,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Import a training log. The same file twice changes nothing; a newer export adds and updates.

    Examples:

        insights import hevy.csv --user me@example.org

        insights import strong.csv --user me@example.org --unit lb --tz America/New_York

        insights import strong.csv --user me@example.org --dry-run --json
    """
    log = read_log(file, format=format, unit=unit, quarantine=quarantine)
    if delete_vanished and log.rejected:
        raise BadInput(
            "with rows that cannot be used, nobody can tell which sets have vanished; nothing was written",
            hint="Mend the file, or leave out --delete-vanished.",
        )
    names = _mapping(mapping)
    with connect(embedded.database_url(settings.load(), database)) as connection:
        imported = _import(connection, log, user, tz, names, delete_vanished=delete_vanished, dry_run=dry_run)
        if dry_run:
            connection.rollback()
    emit(_payload(imported), as_json=as_json, render=lambda console: _describe(console, imported))


def _import(
    connection: psycopg.Connection[Any],
    log: Log,
    user: str,
    tz: str | None,
    names: NameMapping | None,
    *,
    delete_vanished: bool,
    dry_run: bool,
) -> Imported:
    log_users.check_schema(connection)
    user_id = log_users.find_user(connection, user)
    known = log_users.facts_of(connection, user_id)[1] if user_id else None
    time_zone, zone_from = (tz, "--tz") if tz else (known, "the user") if known else (machine_zone(), "this machine")
    log_users.zone(time_zone)
    new_user = user_id is None
    if user_id is None:
        if "@" not in user:
            raise BadInput(f"no user has the id {user!r}", hint="An e-mail address that is not known makes a user.")
        units = "lb" if log.unit == "lb" else "kg"
        user_id = log_users.ensure_user(connection, email=user, time_zone=time_zone, units=units, made_by="import")
    elif zone_from != "the user":
        log_users.keep_time_zone(connection, user_id, time_zone)
    catalogue = shipped()
    load_catalogue(connection, catalogue)
    written = log_writer.write_log(
        connection,
        user_id=user_id,
        source=log.source,
        sets=log.sets,
        time_zone=time_zone,
        resolve=partial(Resolver(catalogue, names), connection, user_id),
        file=FileFacts(log.file_name, log.sha256, log.unit, log.rows_read),
        rejected=[SetAside(row.line, row.column, row.reason, row.raw) for row in log.rejected],
        delete_vanished=delete_vanished,
    )
    email = log_users.facts_of(connection, user_id)[0]
    return Imported(log, written, user_id, email, new_user, time_zone, zone_from, dry_run)


def _mapping(path: Path | None) -> NameMapping | None:
    if path is None:
        return None
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"cannot read the mapping {path}: {error}") from error
    return shipped().read_mapping(text)


def machine_zone() -> str:
    """The time zone that this machine is set to; UTC where that cannot be told."""
    named = os.environ.get("TZ", "").lstrip(":")
    linked = str(Path("/etc/localtime").resolve()).rpartition("zoneinfo/")[2]
    for name in (named, linked):
        try:
            if name and not name.startswith("/"):
                return log_users.zone(name).key
        except BadInput:
            continue
    return "UTC"


def _payload(imported: Imported) -> dict[str, Any]:
    log, written = imported.log, imported.written
    return {
        "file": log.file_name,
        "format": log.source,
        "unit": log.unit,
        "user": {"id": imported.user_id, "email": imported.email, "new": imported.new_user},
        "time_zone": imported.time_zone,
        "time_zone_from": imported.zone_from,
        "dry_run": imported.dry_run,
        "rows": log.rows_read,
        "sets": log.sets.height,
        "sets_added": written.added,
        "sets_updated": written.updated,
        "sets_unchanged": written.unchanged,
        "sets_vanished": len(written.vanished),
        "sets_deleted": written.deleted,
        "vanished": [
            {
                "set_id": row.set_id,
                "start_time": row.start_time.isoformat(),
                "exercise": row.exercise,
                "set_number": row.set_number,
                "weight_kg": None if row.weight_kg is None else float(row.weight_kg),
                "reps": row.reps,
            }
            for row in written.vanished
        ],
        "sessions": written.sessions,
        "rest_rows": log.rest_rows,
        "note_rows": log.note_rows,
        "rejected": [{"line": row.line, "column": row.column, "reason": row.reason} for row in log.rejected],
        "quarantined": written.quarantined,
        "unmatched_sets": written.unmatched_sets,
        "unmatched": dict(written.unmatched),
        "remarks": list(log.remarks),
    }


def _describe(console: Console, imported: Imported) -> None:
    log, written = imported.log, imported.written
    would = " (nothing was written: --dry-run)" if imported.dry_run else ""
    made = ", a new user" if imported.new_user else ""
    console.print(f"[bold]{escape(log.file_name)}[/]: {log.source.capitalize()}, {log.unit}{would}")
    console.print(f"  for {escape(imported.email)}{made}; times in {imported.time_zone}, from {imported.zone_from}")
    console.print(
        f"  {log.sets.height} sets in {written.sessions} sessions: {written.added} added, {written.updated} updated, "
        f"{written.unchanged} unchanged"
    )
    for remark in log.remarks:
        console.print(f"  {escape(remark)}")
    if log.rest_rows or log.note_rows:
        console.print(f"  {log.rest_rows} rows of rest and {log.note_rows} of notes are no sets")
    if written.vanished:
        what = f"{written.deleted} deleted" if written.deleted else "kept; --delete-vanished deletes them"
        lines = [f"{row.start_time:%Y-%m-%d} {row.exercise}, set {row.set_number}" for row in written.vanished]
        _list(console, f"{len(lines)} stored sets are not in this export ({what}):", lines)
    if log.rejected:
        _list(console, f"{len(log.rejected)} rows are in quarantine:", [str(row) for row in log.rejected])
    if written.unmatched:
        lines = [f"{sets:5d}  {title}" for title, sets in written.unmatched.items()]
        _list(console, f"{written.unmatched_sets} sets of lifts that the catalogue does not know:", lines)
        console.print('  To map them: lines such as "My lift" = "Lat Pulldown (Cable)" in a file, and --mapping FILE.')


def _list(console: Console, title: str, lines: list[str]) -> None:
    console.print(f"  {title}")
    for line in lines[:SHOWN]:
        console.print(f"    {escape(line)}", highlight=False)
    if len(lines) > SHOWN:
        console.print(f"    and {len(lines) - SHOWN} more")
