"""The processes of `local:N`."""

import multiprocessing
import os
import random
import signal
import threading
import time
from uuid import UUID, uuid4

import pytest

from insights.errors import BadSettings
from insights.pipeline.crews import Processes
from insights.pipeline.worker import WasDead, Worker, WorkerDied, tell

NOBODY = str(uuid4())


def processes() -> list[int]:
    return [child.pid for child in multiprocessing.active_children() if child.pid is not None]


def test_an_error_comes_back_as_what_it_was_and_says_where(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    worker = Worker()
    with pytest.raises(BadSettings, match="not set for this worker") as raised:
        worker.work(NOBODY, 1)
    assert raised.value.hint
    assert "work_here" in raised.value.__notes__[0]
    worker.end()
    with pytest.raises(WorkerDied):
        worker.work(NOBODY, 1)


def test_an_error_that_cannot_travel_says_what_it_was() -> None:
    here, there = multiprocessing.Pipe()
    error = ValueError("of a shard")
    error.lock = threading.Lock()  # type: ignore[attr-defined]
    tell(there, error)
    assert repr(here.recv()) == "RuntimeError('ValueError: of a shard')"


@pytest.mark.parametrize("error", [None, KeyboardInterrupt])
def test_a_worker_that_is_killed_while_it_waits_holds_nobody_up(
    monkeypatch: pytest.MonkeyPatch, error: type[BaseException] | None
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    crew = Processes(2)
    tasks = [crew.submit(UUID(NOBODY), shard) for shard in range(4)]
    assert {type(task.exception(timeout=60)) for task in tasks} == {BadSettings}
    found = processes()
    assert found
    os.kill(random.Random(1).choice(found), signal.SIGKILL)
    began = time.monotonic()
    crew.__exit__(error, None, None)
    assert time.monotonic() - began < 20
    assert processes() == []


def test_a_worker_that_dies_while_it_waits_is_replaced_and_no_shard_is_blamed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    with Processes(1) as crew:
        seen = set()
        for _ in range(4):
            assert isinstance(crew.submit(UUID(NOBODY), 1).exception(timeout=60), BadSettings)
            (pid,) = processes()
            seen.add(pid)
            os.kill(pid, signal.SIGKILL)
        assert len(seen) == 4


@pytest.mark.parametrize(("shards", "death"), [(0, WorkerDied), (1, WasDead)])
def test_only_a_worker_that_has_worked_before_can_have_died_of_something_else(
    monkeypatch: pytest.MonkeyPatch, shards: int, death: type[WorkerDied]
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    worker = Worker()
    for _ in range(shards):
        with pytest.raises(BadSettings):
            worker.work(NOBODY, 1)
    worker.end()
    with pytest.raises(WorkerDied) as raised:
        worker.work(NOBODY, 1)
    assert type(raised.value) is death
