"""The migration runner: plain SQL files, applied and undone step by step, never twice.

    files       the files of sql/migrations/: migrations, their steps, their checksums
    ledger      the table that says what stands
    session     the one connection that migrates: the lock of the database, its time-outs, its retries
    runner      the verbs: up, down, plan, status, verify
    dump        the schema as text: sql/schema.sql

A step and its row in the ledger are one transaction, so that a runner killed at any point is resumed by the next one.
A step that cannot run in a transaction (an index built concurrently) can be repeated instead.
"""

from insights.db.migrate.files import BASE, Migration, Step, discover
from insights.db.migrate.runner import (
    Applied,
    EditedMigration,
    Finding,
    Pending,
    Standing,
    WouldLoseData,
    down,
    plan,
    status,
    up,
    verify,
)
from insights.db.migrate.session import Event, MigrationFailed, OnStep

__all__ = [
    "BASE",
    "Applied",
    "EditedMigration",
    "Event",
    "Finding",
    "Migration",
    "MigrationFailed",
    "OnStep",
    "Pending",
    "Standing",
    "Step",
    "WouldLoseData",
    "discover",
    "down",
    "plan",
    "status",
    "up",
    "verify",
]
