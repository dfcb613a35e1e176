"""The migration runner: plain SQL files, applied and undone step by step, never twice.

    files       the files of sql/migrations/: migrations, their steps, their checksums
    ledger      the table that says what stands
    session     the one connection that migrates: the lock of the database, its time-outs, its retries
    runner      the verbs: up, down, plan, status, verify
    refusals    what up and down refuse before they change anything
    backfill    the batches of a data move, with a cursor in the ledger
    moves       the data moves by the plan's names
    archive     what a down would lose: counted, kept aside, put back
    flags       the rollout: which share of the users reads and writes the new tables
    quarantine  rows that did not fit: listed, retried
    planning    what `up` would do: locks, rows, zones, clients (with locks)
    baseline    an existing database adopted (with legacy, adapter)
    rehearse    up, verify, down, up on a copy (with scratch, fingerprint)
    checklist   the plan's ten items, each with evidence (with evidence, trial_rows, rollout)
    contract    the legacy tables written to Parquet and dropped (with raw_tables, contracted)
    dump        the schema as text: sql/schema.sql

A step and its row in the ledger are one transaction, so that a runner killed at any point is resumed by the next one.
A step that cannot run in a transaction (an index built concurrently) can be repeated instead.
"""

from insights.db.migrate.files import BASE, Migration, Step, discover
from insights.db.migrate.refusals import EditedMigration, StillRolledOut, WouldLoseData
from insights.db.migrate.runner import (
    Applied,
    Finding,
    Pending,
    Standing,
    carried_over,
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
    "StillRolledOut",
    "WouldLoseData",
    "carried_over",
    "discover",
    "down",
    "plan",
    "status",
    "up",
    "verify",
]
