"""From a reply to the stored insight: verify, render, write; ask again where it does not; then the rules tell it.

Replies are settled in groups: the verdicts of a group are one transaction, its insights another. Where that fails, each
insight gets a transaction of its own, and the one that cannot be written is its user's failure.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final, Literal
from uuid import UUID

from insights import ids, narrative
from insights.db import insights as store
from insights.db import queue
from insights.llm.calls import Outcome, Reply, Usage
from insights.narrative.clauses import Span
from insights.pipeline.charting import chart_data
from insights.pipeline.spending import Estimate
from insights.pipeline.tasks import Task

OnFailure = Callable[[UUID, Exception], None]
NOT_ASKED_AGAIN: Final = 1  # rejected answers after which the rules tell it
WRITTEN_AT_ONCE: Final = 64


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
    rendered: narrative.Rendered
    generator: Literal["llm", "rules"]
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
        ready = [one for task in tasks if (one := self._by_rules(task)) is not None]
        for start in range(0, len(ready), WRITTEN_AT_ONCE):
            self._write(ready[start : start + WRITTEN_AT_ONCE])

    def settle(self, answered: Sequence[tuple[Task, Reply]]) -> list[Task]:
        """Write what the replies make; the tasks that are to be asked once more, with their rejected answers."""
        ready: list[Settled] = []
        verdicts: dict[UUID, tuple[bool, Sequence[str]]] = {}
        again: list[Task] = []
        for task, reply in answered:
            entry = task.row
            self._count(reply)
            if reply.outcome is Outcome.TAKEN:
                self.told.waiting += 1
                continue
            reasons: tuple[str, ...] = (reply.reason,) if reply.reason else ()
            if reply.outcome is Outcome.ANSWERED:
                verdict = self._judged(task, _always(reply.text), task.nonce)
                if verdict.rendered is not None:
                    verdicts[entry.id] = True, ()
                    ready.append(Settled(task, verdict.rendered, "llm"))
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
            verdict = self._judged(task, lambda wanted: narrative.tell(wanted).model_dump_json(), narrative.RULES_NONCE)
            if verdict.rendered is None:
                why = "; ".join(verdict.reasons)
                raise ValueError(f"the rule narrator's {task.wanted.insight_key} does not verify: {why}")
        except Exception as error:  # noqa: BLE001 - one user's failure is recorded, the others go on
            self._failed(task, error)
            return None
        return Settled(task, verdict.rendered, "rules")

    def _judged(self, task: Task, narrate: Callable[[narrative.Wanted], str], nonce: str) -> narrative.Verdict:
        """The verdict on an answer, in phrasings that the user has not read lately."""
        lexicon = task.library.lexicon
        _, verdict = narrative.afresh(
            task.wanted, lambda wanted: narrative.verify(narrate(wanted), wanted, lexicon, nonce), task.used
        )
        if verdict.rendered is not None:
            task.read[narrative.skeleton(verdict.rendered)] = task.wanted.insight_key
        return verdict

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
        charts = chart_data(self.connection, [one.task for one in ready])
        rows = [_insight(one, chart) for one, chart in zip(ready, charts, strict=True)]
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


def _always(text: str) -> Callable[[narrative.Wanted], str]:
    """A narrator that has said what it has to say."""
    return lambda _: text


def _state(one: Settled) -> queue.State:
    return "written" if one.generator == "llm" else "fallback"


def _insight(one: Settled, chart: dict[str, Any]) -> dict[str, Any]:
    """The row of user_insights that an answer makes."""
    task, wanted, rendered = one.task, one.task.wanted, one.rendered
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
        "chart_data": chart,
        "valid_until": wanted.valid_until,
        "insight_key": wanted.insight_key,
        "period_start": wanted.period_start,
        "period_end": wanted.period_end,
        "input_hash": wanted.input_hash,
        "prompt_hash": task.prompt_hash,
        "prompt_version": f"{task.prompt.name}/{task.prompt.version}" if task.prompt else None,
        "generator": one.generator,
        "grade": wanted.grade if one.generator == "llm" else "proved",  # the rules' words are proved in every grade
        "model": task.model,
        "locale": wanted.voice.locale.code,
        "units": task.reader.units,
        "spans": [_span(span) for span in rendered.spans],
        "claims": [{"id": claim.id, "identity": claim.identity()} for claim in wanted.claims],
    }


def _span(span: Span) -> dict[str, Any]:
    """A span as plain JSON."""
    where = {"start": span.start, "end": span.end, "kind": span.kind, "sized": span.sized}
    return {**where, "fact_id": str(span.fact_id)}
