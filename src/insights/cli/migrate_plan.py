"""What `insights migrate plan` prints."""

from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from insights.db.migrate.planning import Client, Forecast, PlannedStep

PREPARES = (
    "Drivers that prepare by themselves (psycopg 3, asyncpg, pgJDBC, Npgsql) keep plans of statements on these tables: "
    'after the change "cached plan must not change result type" comes back until they reconnect. Restart or recycle '
    "their pools right after `up`."
)
REASONS = {"added": "new columns: a prepared SELECT * fails", "retyped": "new types: every prepared statement may fail"}


def as_json(told: Forecast) -> dict[str, Any]:
    """For machines."""
    return {
        "pending": [asdict(migration) for migration in told.migrations],
        "changed": dict(told.changed),
        "referenced": list(told.referenced),
        "naive_columns": [{**asdict(column), "read_as": "UTC"} for column in told.naive_columns],
        "foreign_zones": [asdict(zone) for zone in told.foreign_zones],
        "clients": [asdict(client) for client in told.clients],
        "bad_addresses": [asdict(address) for address in told.bad_addresses],
        "bad_address_count": told.bad_address_count,
    }


def show(console: Console, told: Forecast) -> None:
    """For people."""
    if not told.migrations:
        console.print("Nothing to do: every migration is applied.")
        return
    for migration in told.migrations:
        console.print(f"[bold]{migration.id}[/] {migration.name}", highlight=False, soft_wrap=True)
        for step in migration.steps:
            _show_step(console, step)
    if told.referenced:
        console.print(
            f"\n[bold]New foreign keys refer to {', '.join(told.referenced)}[/]: from then on a TRUNCATE of one of "
            "these needs CASCADE, which empties the new tables too.",
            highlight=False,
            soft_wrap=True,
        )
    _show_zones(console, told)
    _show_clients(console, told)
    if told.bad_address_count:
        console.print(
            f"\n[bold]users_email_check stays pending[/]: {told.bad_address_count} addresses break it", highlight=False
        )
        for address in told.bad_addresses:
            console.print(f"  {address.id}  {escape(repr(address.email))}", highlight=False, soft_wrap=True)


def _show_step(console: Console, step: PlannedStep) -> None:
    waits = [lock for lock in step.locks if lock.stops != "nothing"]
    parts = [f"{lock.mode} on {lock.table} (stops {lock.stops})" for lock in waits]
    if step.rows is not None:
        parts.append(f"about {step.rows:,} rows")
    if not step.transactional:
        parts.append("without a transaction")
    console.print(
        f"    {escape(step.name)}: {escape('; '.join(parts) or 'nobody waits')}", highlight=False, soft_wrap=True
    )


def _show_zones(console: Console, told: Forecast) -> None:
    if not told.naive_columns:
        return
    console.print("\n[bold]Columns without a time zone get one; what they hold is read as UTC:[/]")
    for column in told.naive_columns:
        how = "its default is the clock in the writer's zone" if column.from_clock else "the app writes it"
        ahead = f"; its newest value lies {column.ahead_s / 3600:.1f} h ahead of UTC" if column.ahead_s else ""
        console.print(f"  {column.table}.{column.column}: {how}{ahead}", highlight=False, soft_wrap=True)
    if not told.foreign_zones:
        console.print("  No role's sessions are in another zone than UTC.", highlight=False, soft_wrap=True)
        return
    console.print(
        "[bold yellow]These roles' sessions are in another zone: what they wrote stands shifted, and their next naive "
        "12:00 is read in that zone. Before `up`:[/]"
    )
    for zone in told.foreign_zones:
        console.print(f"  {zone.mend}  -- {zone.zone}, set for {zone.source}", highlight=False, soft_wrap=True)


def _show_clients(console: Console, told: Forecast) -> None:
    if not told.changed:
        return
    console.print("\n[bold]Tables that change for clients:[/]")
    for table, how in told.changed.items():
        console.print(f"  {table}: {REASONS[how]}", highlight=False, soft_wrap=True)
    console.print(PREPARES, highlight=False, soft_wrap=True)
    if not told.clients:
        console.print("  Nobody is connected now.", highlight=False, soft_wrap=True)
        return
    listed = Table("application", "role", "connections", "must reconnect", "oldest transaction", box=None)
    for client in told.clients:
        oldest = f"{client.oldest_transaction_s:.1f} s" if client.oldest_transaction_s else ""
        listed.add_row(escape(client.application), client.role, str(client.connections), _verdict(client), oldest)
    console.print(listed)


def _verdict(client: Client) -> str:
    if not client.tables:
        return "if its driver prepares"
    return ("yes: " if client.prepares else "if its driver prepares: ") + ", ".join(client.tables)
