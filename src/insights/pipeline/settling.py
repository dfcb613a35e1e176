"""From a reply to the stored insight: verify, render, write; ask again where it does not; then the rules tell it.

Replies are settled in groups: the verdicts of a group are one transaction, its insights another. Where that fails, each
insight gets a transaction of its own, and the one that cannot be written is its user's failure.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any
from uuid import UUID

from insights import ids, narrative
from insights.db import insights as store
from insights.db import queue
from insights.llm.calls import Outcome, Reply, Usage
from insights.pipeline.planning import Task, with_series
from insights.pipeline.spending import Estimate

OnFailure = Callable[[UUID, Exception], None]
NOT_ASKED_AGAIN = 1  # rejected answers after which the rules tell it


@dataclass(slots=True)
class Told:
    """What the second half has done, counted."""

    wanted: int = 0
    unchanged: int = 0
    by_model: int = 0
    by_rules: int = 0
    fallbacks: int = 0  # told by the rules after an endpoint was asked in vain
    waiting: int = 0  # in a batch, or in another worker's hands
    calls: int = 0
    unknown: int = 0  # calls that were under way when their process ended: they may have been paid
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost_nano_usd: int = 0
    outcomes: dict[str, int] = field(default_factory=dict)
    estimate: Estimate | None = None  # of a dry run

    def count(self, outcome: str) -> None:
        """Count one outcome of a call or of a verification."""
        self.outcomes[outcome] = self.outcomes.get(outcome, 0) + 1

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self) | {"estimate": self.estimate.as_json() if self.estimate else None}


@dataclass(frozen=True, slots=True)
class Settled:
    """An insight that is ready to be written, and how its row in the ledger closes."""

    task: Task
    answer: narrative.Answer
    generator: str
    outcome: str | None = None
    reasons: tuple[str, ...] | None = None


def kept_reply(entry: queue.Entry) -> Reply:
    """The reply that an earlier process has received, from the ledger: it costs nothing more."""
    outcome = Outcome(entry.outcome) if entry.outcome else Outcome.UNKNOWN
    return Reply(str(entry.id), outcome, text=entry.raw_answer or "", reason="; ".join(entry.reasons), attempts=0)


class Settler:
    """Settles replies on one connection in autocommit."""

    def __init__(self, connection: store.Connection, told: Told, on_failure: OnFailure) -> None:
        self.connection, self.told, self.on_failure = connection, told, on_failure

    def by_rules(self, tasks: Iterable[Task]) -> None:
        """Let the rules tell what no model is asked for."""
        self._write([ready for task in tasks if (ready := self._by_rules(task)) is not None])

    def settle(self, answered: Sequence[tuple[Task, Reply]]) -> list[Task]:
        """Write what the replies make; the tasks that are to be asked once more, with their rejected answers."""
        ready: list[Settled] = []
        verdicts: dict[UUID, tuple[bool, Sequence[str]]] = {}
        again: list[Task] = []
        for task, reply in answered:
            entry = _entry(task)
            self._count(reply)
            if reply.outcome is Outcome.TAKEN:
                self.told.waiting += 1
                continue
            reasons: tuple[str, ...] = (reply.reason,) if reply.reason else ()
            if reply.outcome is Outcome.ANSWERED:
                verdict = narrative.verify(reply.text, task.wanted, task.library.lexicon, task.nonce)
                if verdict.ok and verdict.answer is not None:
                    verdicts[entry.id] = True, ()
                    ready.append(Settled(task, verdict.answer, "llm"))
                    continue
                self.told.count("rejected")
                reasons = verdict.reasons
                if entry.rejected < NOT_ASKED_AGAIN:
                    verdicts[entry.id] = False, reasons
                    rejected = replace(entry, state="pending", rejected=1, reasons=reasons, raw_answer=reply.text)
                    again.append(replace(task, entry=rejected))
                    continue
            fallback = self._by_rules(task)
            if fallback is not None:
                ready.append(replace(fallback, outcome=reply.outcome.value, reasons=reasons))
        if verdicts:
            queue.judged(self.connection, verdicts)
        self._write(ready)
        return again

    def _count(self, reply: Reply) -> None:
        told, usage = self.told, reply.usage or Usage()
        told.calls += reply.attempts
        told.prompt_tokens += usage.prompt_tokens
        told.completion_tokens += usage.completion_tokens
        told.count(reply.outcome.value)

    def _by_rules(self, task: Task) -> Settled | None:
        """The rule narrator's answer, held against the same verifier as a model's."""
        try:
            answer = narrative.tell(task.wanted)
            verdict = narrative.verify(
                answer.model_dump_json(), task.wanted, task.library.lexicon, narrative.RULES_NONCE
            )
            if not verdict.ok:
                why = "; ".join(verdict.reasons)
                raise ValueError(f"the rule narrator's {task.wanted.insight_key} does not verify: {why}")
        except Exception as error:  # noqa: BLE001 - one user's failure is recorded, the others go on
            self._failed(task, error)
            return None
        return Settled(task, answer, "rules")

    def _write(self, ready: Sequence[Settled]) -> None:
        if not ready:
            return
        try:
            self._write_all(ready)
        except Exception as error:
            if len(ready) == 1:
                if self.connection.closed:
                    raise
                self._failed(ready[0].task, error)
                return
            for one in ready:
                self._write([one])

    def _write_all(self, ready: Sequence[Settled]) -> None:
        rows = [_insight(replace(one, task=with_series(self.connection, one.task))) for one in ready]
        closing = [
            (one.task.entry.id, _state(one), one.outcome, one.reasons) for one in ready if one.task.entry is not None
        ]
        with self.connection.transaction():
            store.write_all(self.connection, rows)
            if closing:
                queue.settled(self.connection, closing)
        for one in ready:
            if one.task.entry is None:
                self.told.by_rules += 1
            elif one.generator == "llm":
                self.told.by_model += 1
            else:
                self.told.fallbacks += 1

    def _failed(self, task: Task, error: Exception) -> None:
        """One insight that cannot be told: its row is dead, with the reason, and its user's failure is recorded."""
        if task.entry is not None:
            queue.settled(self.connection, [(task.entry.id, "dead", None, [f"{type(error).__name__}: {error}"])])
        self.on_failure(task.reader.id, error)


def _entry(task: Task) -> queue.Entry:
    if task.entry is None:
        raise ValueError("a reply belongs to a row of the ledger")
    return task.entry


def _state(one: Settled) -> queue.State:
    return "written" if one.generator == "llm" else "fallback"


def _insight(one: Settled) -> dict[str, Any]:
    """The row of user_insights that an answer makes."""
    task, wanted = one.task, one.task.wanted
    rendered = narrative.render(wanted, one.answer)
    key = [wanted.insight_key, wanted.input_hash, one.generator, task.prompt_hash or "", task.model or ""]
    return {
        "id": ids.id_of("user_insights", user=task.reader.id, day=wanted.period_end, key=map(ids.word, key)),
        "user_id": task.reader.id,
        "insight_type": wanted.insight_type,
        "insight_category": wanted.category,
        "title": rendered.title,
        "description": rendered.description,
        "confidence_score": rendered.confidence_score,
        "recommendations": list(rendered.recommendations),
        "supporting_data_ids": list(rendered.supporting_data_ids),
        "chart_data": narrative.chart(wanted, list(task.series)),
        "valid_until": wanted.valid_until,
        "insight_key": wanted.insight_key,
        "period_start": wanted.period_start,
        "period_end": wanted.period_end,
        "input_hash": wanted.input_hash,
        "prompt_hash": task.prompt_hash,
        "prompt_version": f"{task.prompt.name}/{task.prompt.version}" if task.prompt else None,
        "generator": one.generator,
        "grade": task.prompt.grade if task.prompt else "proved",
        "model": task.model,
        "locale": wanted.voice.locale.code,
        "units": task.reader.units,
        "spans": [_plain(asdict(span)) for span in rendered.spans],
        "claims": [_plain({"id": claim.id, "identity": claim.identity()}) for claim in wanted.claims],
    }


def _plain(value: Any) -> Any:
    """Plain JSON values of a row's parts: ids and dates as text."""
    return json.loads(json.dumps(value, default=str))
