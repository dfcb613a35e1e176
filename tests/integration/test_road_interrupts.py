import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

import adbc_driver_postgresql.dbapi as adbc
import polars as pl
import psycopg
import pytest
from tests.acceptance import road

from insights.db import columns

FOREVER = 30  # seconds; no test waits for it
SOON = 10


def many(cursor: adbc.Cursor) -> None:
    end = time.monotonic() + FOREVER
    while time.monotonic() < end:
        columns.fetch(cursor, "SELECT 1 AS x")


def long(cursor: adbc.Cursor) -> None:
    columns.fetch(cursor, f"SELECT pg_sleep({FOREVER})::text AS x")


def ingest(cursor: adbc.Cursor) -> None:
    end = time.monotonic() + FOREVER
    while time.monotonic() < end:
        columns.stage(cursor, "x", pl.DataFrame({"a": range(100_000)}), ids=[])


@pytest.mark.parametrize("work", [many, long, ingest])
def test_an_interrupt_ends_a_transaction_whatever_it_is_doing(
    database: str, work: Callable[[adbc.Cursor], None]
) -> None:
    timer = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))
    with pytest.raises(KeyboardInterrupt), columns.transaction(database) as cursor:
        cursor.execute("CREATE TABLE half (x int)")
        timer.start()
        began = time.monotonic()
        work(cursor)
    assert time.monotonic() - began < SOON
    with psycopg.connect(database) as connection:
        assert connection.execute("SELECT to_regclass('half')").fetchone() == (None,)


@pytest.mark.parametrize("wait_s", [0.15, 0.5, 1.2])
def test_ctrl_c_ends_a_command_in_silence(session_home: Path, database: str, wait_s: float) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "OPENAI_"))}
    command = [str(road.INSIGHTS), "simulate", "--lifters", "500", "--weeks", "300", "--database", database]
    started = subprocess.Popen(command, env=kept, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    time.sleep(wait_s)
    started.send_signal(signal.SIGINT)
    said, complaints = started.communicate(timeout=60)
    assert started.returncode == 130
    assert said == ""
    assert "Traceback" not in complaints
