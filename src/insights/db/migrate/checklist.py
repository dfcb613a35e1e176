"""The plan's ten checklist items, each with its evidence: five before a migration, five after it."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import psycopg
from psycopg.types.json import Jsonb

from insights.db.connection import connect
from insights.db.migrate import contracted, evidence, fingerprint, ledger, rehearse, rollout, runner
from insights.db.migrate.evidence import Evidence
from insights.db.migrate.files import discover
from insights.errors import BadInput

Phase = Literal["pre", "post"]
BACKUP_HOLDS = timedelta(hours=24)  # an older one misses a day of the app's writes


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the plan's checklists: whether there is evidence for it, and which."""

    name: str
    line: str
    ok: bool
    evidence: Evidence = field(default_factory=dict)
    mend: str = ""


@dataclass(frozen=True, slots=True)
class Checklist:
    """All items of a phase."""

    phase: Phase
    at: datetime
    items: tuple[Item, ...]

    @property
    def passed(self) -> bool:
        """Whether every item has its evidence."""
        return all(item.ok for item in self.items)

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return {"phase": self.phase, "at": self.at, "passed": self.passed, "items": [asdict(i) for i in self.items]}


def pre(
    url: str,
    *,
    now: datetime,
    backup: str | None = None,
    backup_at: datetime | None = None,
    alerts_ack: str | None = None,
    folder: Path | None = None,
) -> Checklist:
    """The pre-migration checklist. It is recorded in `insights_checklists`; nothing else is changed.

    `backup` names a backup: a file's time is its own, otherwise `backup_at` tells it, otherwise it was taken `now`.

    Raises:
        Unreachable: the server does not answer.
    """
    with connect(url) as connection:
        schema = fingerprint.of_schema(connection)
        tried = fingerprint.of_migrations(discover(folder))
        rehearsal = rehearse.last(connection, schema, tried)
        flags = rollout.percentages(connection)
        if flags is None:
            flags = rollout.to_be_made(discover(folder))
        told = None if rehearsal is None else asdict(rehearsal) | {"fingerprint": schema}
        items = (
            _backup(backup, backup_at, now),
            Item(
                "staging",
                "Migration tested on staging environment",
                rehearsal is not None and rehearsal.up_ok and rehearsal.passed,
                {"rehearsal": told, "fingerprint": schema},
                "Run `insights migrate rehearse`: no rehearsal of this schema with these files has passed.",
            ),
            Item(
                "flags",
                "Application feature flags configured",
                bool(flags),
                {"flags": flags},
                "Set them: `insights flags set`.",
            ),
            Item(
                "rollback",
                "Rollback plan prepared",
                rehearsal is not None and rehearsal.down_ok,
                {"rehearsal": rehearsal.id if rehearsal else None, "command": "insights migrate down --to NN.NN"},
                "Run `insights migrate rehearse`: it tries the way back too.",
            ),
            Item(
                "monitoring",
                "Monitoring alerts configured",
                bool((alerts_ack or "").strip()),
                {"acknowledged_by": alerts_ack, "at": now},
                "Say who watches: --alerts-ack WHO",
            ),
        )
        return _record(connection, Checklist("pre", now, _plain(items)))


def post(url: str, *, now: datetime, folder: Path | None = None) -> Checklist:
    """The post-migration checklist. What it writes is rolled back, but for its record in `insights_checklists`.

    Raises:
        BadInput: migrations are pending, or the legacy tables were dropped.
        Unreachable: the server does not answer.
    """
    with connect(url) as connection:
        contracted.refuse_after(connection)
    if pending := runner.plan(url, folder=folder):
        raise BadInput(
            f"migrations are pending: {', '.join(migration.id for migration in pending)}",
            hint="This checklist is for after `insights migrate up`.",
        )
    questions: Sequence[tuple[str, str, Callable[[psycopg.Connection[Any]], tuple[bool, Evidence]], str]] = (
        (
            "data",
            "All existing data preserved",
            lambda connection: evidence.data_preserved(connection, url, folder),
            "See `insights migrate verify` and `insights quarantine list`.",
        ),
        ("features", "New features working correctly", evidence.new_features, "Each failed table names its error."),
        (
            "benchmarks",
            "Performance benchmarks met",
            evidence.benchmarks,
            "ANALYZE the new tables; look at the plan of the query that is slower.",
        ),
        ("workflows", "User workflows unaffected", evidence.workflows, "The failed statement names its error."),
        ("analytics", "Analytics data flowing correctly", evidence.analytics_flow, "Run `insights run nightly`."),
    )
    with connect(url) as connection:
        items = []
        for name, line, question, mend in questions:
            ok, found = question(connection)
            items.append(Item(name, line, ok, found, mend))
        return _record(connection, Checklist("post", now, _plain(items)))


def _backup(ref: str | None, at: datetime | None, now: datetime) -> Item:
    """A backup is named and is of this day."""
    line, mend = "Database backup completed", "Take a backup and name it: --backup REF [--backup-at TIME]"
    if not (ref or "").strip():
        return Item("backup", line, False, {"ref": None}, mend)
    assert ref is not None
    found: Evidence = {"ref": ref, "named_at": now}
    path = Path(ref)
    if path.exists():
        at = datetime.fromtimestamp(path.stat().st_mtime, tz=UTC)
        found["bytes"] = path.stat().st_size
    at = at or now
    found["taken_at"] = at
    ok = now - BACKUP_HOLDS <= at <= now + timedelta(minutes=5) and found.get("bytes", 1) > 0
    return Item("backup", line, ok, found, "The backup is empty, or not of the last 24 hours: take a new one.")


def _plain(items: Sequence[Item]) -> tuple[Item, ...]:
    """What to do about it is for those that have no evidence."""
    return tuple(Item(i.name, i.line, i.ok, i.evidence, "" if i.ok else i.mend) for i in items)


def _record(connection: psycopg.Connection[Any], checklist: Checklist) -> Checklist:
    connection.execute(ledger.statement("create_checklists"))
    items = json.loads(json.dumps([asdict(item) for item in checklist.items], default=str))
    values = {"phase": checklist.phase, "passed": checklist.passed, "items": Jsonb(items)}
    connection.execute(ledger.statement("save_checklist"), values)
    return checklist
