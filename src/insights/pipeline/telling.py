"""The second half of a night, for one user at a time: facts, claims, words, proof, and the row that is stored.

Whoever finds the words, a model or the rules, gives an answer of the same form; it is verified and rendered by the same
code. A model's answer that does not verify is asked for once more with the reasons; then the rules tell it.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from hashlib import blake2b
from ipaddress import ip_address
from typing import Any, cast
from urllib.parse import urlsplit
from uuid import UUID

from insights import ids, narrative
from insights.db import insights as store
from insights.db.entitlements import Feature
from insights.llm.calls import Call, Outcome, Reply, Usage
from insights.llm.endpoint import Endpoint, ask_all
from insights.pipeline.prompts import Library

# The feature of plan_feature_limits that lets a user read each type. Which tier has it, the table says.
FEATURE_OF: dict[narrative.InsightType, Feature] = {
    "weekly_summary": "weekly_analytics",
    "monthly_review": "monthly_analytics",
    "plateau": "plateau_detection",
    "strength_progress": "llm_insights",
    "record": "llm_insights",
    "balance": "llm_insights",
    "consistency": "llm_insights",
}
ASKS_A_MODEL: Feature = "llm_insights"
SECOND_TRY = "Your answer cannot be used: {reasons}. Answer again in the same form."


@dataclass(slots=True)
class Told:
    """What the second half has done, counted."""

    wanted: int = 0
    unchanged: int = 0
    by_model: int = 0
    by_rules: int = 0
    fallbacks: int = 0  # told by the rules after an endpoint was asked in vain
    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    outcomes: dict[str, int] = field(default_factory=dict)

    def count(self, outcome: str) -> None:
        """Count one outcome of a call or of a verification."""
        self.outcomes[outcome] = self.outcomes.get(outcome, 0) + 1


@dataclass(frozen=True, slots=True)
class Task:
    """One insight to be written: for whom, what, and with which prompt, where a model is asked."""

    reader: store.Reader
    wanted: narrative.Wanted
    lexicon: narrative.Lexicon
    prompt: narrative.Prompt | None = None
    prompt_hash: str | None = None
    model: str | None = None
    messages: tuple[dict[str, str], ...] = ()
    series: tuple[dict[str, Any], ...] = ()

    @property
    def key(self) -> str:
        """What tells this task from every other of a run."""
        return f"{self.reader.id}/{self.wanted.insight_key}"

    @property
    def nonce(self) -> str:
        """What the answer must carry back, so that an answer to another request cannot pass."""
        request = f"{self.reader.id}/{self.wanted.insight_key}/{self.wanted.input_hash}/{self.prompt_hash}"
        return blake2b(request.encode(), digest_size=6).hexdigest()


def tell(
    connection: store.Connection,
    readers: Iterable[store.Reader],
    *,
    as_of: date,
    types: Sequence[narrative.InsightType],
    library: Library,
    endpoint: Endpoint | None,
    on_failure: Callable[[UUID, Exception], None],
) -> Told:
    """Tell these users what is worth telling as of a day. On a connection in autocommit, each insight by itself."""
    told = Told()
    asked: list[Task] = []
    for reader in readers:
        try:
            for task in _tasks(connection, reader, as_of, types, library, endpoint, told):
                if task.prompt is None:
                    _write(connection, task, _by_rules(task), "rules")
                    told.by_rules += 1
                else:
                    asked.append(task)
        except Exception as error:  # noqa: BLE001 - one user's failure is recorded, the others go on
            on_failure(reader.id, error)
    if asked and endpoint is not None:
        _ask(connection, endpoint, asked, told, on_failure)
    return told


def _tasks(
    connection: store.Connection,
    reader: store.Reader,
    as_of: date,
    types: Sequence[narrative.InsightType],
    library: Library,
    endpoint: Endpoint | None,
    told: Told,
) -> Iterator[Task]:
    allowed = {kind for kind in types if FEATURE_OF[kind] in reader.features}
    if not allowed or not reader.wants_insights:
        return
    points = [narrative.Fact.from_row(row) for row in store.live_points(connection, reader.id)]
    lifts = [narrative.Lift(**row) for row in store.lifts(connection, reader.id)]
    facts = narrative.table(points, lifts)
    standing = store.stored(connection, reader.id)
    asks = endpoint if endpoint is not None and _may_ask(reader, endpoint) else None
    asked_before = store.asked_before(connection, reader.id) if asks else set()
    units = cast("narrative.Units", reader.units)
    for wanted in narrative.wanted(facts, as_of=as_of, units=units, locale=library.locale):
        if wanted.insight_type not in allowed:
            continue
        told.wanted += 1
        task = _task(reader, wanted, library, asks)
        if _stands(standing.get(wanted.insight_key), task, asked_before):
            told.unchanged += 1
        else:
            yield replace(task, series=tuple(_series(connection, reader, wanted, as_of)))


def _task(reader: store.Reader, wanted: narrative.Wanted, library: Library, endpoint: Endpoint | None) -> Task:
    if endpoint is None:
        return Task(reader, wanted, library.lexicon, prompt_hash=library.texts_hash)
    prompt, prompt_hash = library.prompt(wanted.insight_type)
    task = Task(reader, wanted, library.lexicon, prompt, prompt_hash, endpoint.model)
    context = narrative.prompt_context(wanted, task.nonce, library.lexicon)
    return replace(task, messages=library.messages(prompt, context))


def _stands(stored: store.Stored | None, task: Task, asked_before: set[tuple[str, str, str, str]]) -> bool:
    """Whether the stored insight is the one that this task would make: then nobody is asked and nothing is written."""
    if stored is None or stored.stale or stored.input_hash != task.wanted.input_hash:
        return False
    if stored.prompt_hash == task.prompt_hash and stored.model == task.model:
        return True
    if task.prompt is None:  # a model's words stand where no model is asked; the rules' own only with the same texts
        return stored.model is not None
    question = (task.wanted.insight_key, task.wanted.input_hash, task.prompt_hash or "", task.model or "")
    return question in asked_before


def _may_ask(reader: store.Reader, endpoint: Endpoint) -> bool:
    """Whether a model may be asked for a user: the plan has it, and facts leave this machine only with consent."""
    return ASKS_A_MODEL in reader.features and (reader.llm_processing or is_loopback(endpoint.url))


def is_loopback(url: str) -> bool:
    """Whether an endpoint is on this machine."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _series(
    connection: store.Connection, reader: store.Reader, wanted: narrative.Wanted, as_of: date
) -> list[dict[str, Any]]:
    match wanted.chart:
        case "e1rm" if wanted.lift is not None:
            return store.e1rm_series(connection, reader.id, wanted.lift.id, as_of)
        case "weekly":
            return store.weekly_series(connection, reader.id, as_of)
        case "monthly":
            return store.monthly_series(connection, reader.id, wanted.period_end)
        case _:
            facts = [fact for claim in wanted.claims for _, fact in claim.facts]
            muscles = {fact.entity: fact.value for fact in facts if fact.data_type == "muscle_weekly_hard_sets"}
            return [{"muscle": muscle, "weekly_hard_sets": value} for muscle, value in sorted(muscles.items())]


def _ask(
    connection: store.Connection,
    endpoint: Endpoint,
    tasks: list[Task],
    told: Told,
    on_failure: Callable[[UUID, Exception], None],
) -> None:
    """Ask for all, then once more for those that did not verify, then let the rules tell the rest."""
    rejected: list[tuple[Task, Reply, tuple[str, ...]]] = []
    first = {task.key: task for task in tasks}
    seconds: dict[str, Task] = {}

    def settle(task: Task, reply: Reply, *, last: bool) -> None:
        told.calls += reply.attempts
        told.prompt_tokens += reply.usage.prompt_tokens
        told.completion_tokens += reply.usage.completion_tokens
        told.count(reply.outcome.value)
        reasons: tuple[str, ...] = (reply.reason,)
        if reply.outcome is Outcome.ANSWERED:
            verdict = narrative.verify(reply.text, task.wanted, task.lexicon, task.nonce)
            if verdict.ok and verdict.answer is not None:
                _write(connection, task, verdict.answer, "llm", reply=reply)
                told.by_model += 1
                return
            told.count("rejected")
            reasons = verdict.reasons
            if not last:
                rejected.append((task, reply, reasons))
                store.record_call(connection, _ledger_row(task, "received", reply, reasons))
                return
        _write(connection, task, _by_rules(task), "rules", reply=reply, reasons=reasons)
        told.fallbacks += 1

    def receive(table: dict[str, Task], *, last: bool) -> Callable[[Reply], None]:
        def on_reply(reply: Reply) -> None:
            task = table[reply.key]
            try:
                settle(task, reply, last=last)
            except Exception as error:  # noqa: BLE001 - one user's failure is recorded, the others go on
                on_failure(task.reader.id, error)

        return on_reply

    ask_all(endpoint, [_call(task) for task in tasks], receive(first, last=False))
    for task, reply, reasons in rejected:
        again = {"role": "user", "content": SECOND_TRY.format(reasons="; ".join(reasons))}
        answer = {"role": "assistant", "content": reply.text}
        seconds[task.key] = replace(task, messages=(*task.messages, answer, again))
    ask_all(endpoint, [_call(task) for task in seconds.values()], receive(seconds, last=True))


def _call(task: Task) -> Call:
    if task.prompt is None:
        raise ValueError("a task without a prompt is for the rules")
    return Call(
        key=task.key,
        messages=task.messages,
        json_schema=narrative.json_schema(),
        max_tokens=task.prompt.max_tokens,
        temperature=task.prompt.temperature,
    )


def _by_rules(task: Task) -> narrative.Answer:
    """The rule narrator's answer, held against the same verifier as a model's."""
    answer = narrative.tell(task.wanted)
    verdict = narrative.verify(answer.model_dump_json(), task.wanted, task.lexicon, narrative.RULES_NONCE)
    if not verdict.ok:
        raise ValueError(f"the rule narrator's {task.wanted.insight_key} does not verify: {'; '.join(verdict.reasons)}")
    return answer


def _write(
    connection: store.Connection,
    task: Task,
    answer: narrative.Answer,
    generator: str,
    *,
    reply: Reply | None = None,
    reasons: tuple[str, ...] = (),
) -> None:
    """Render an answer and store it, together with the ledger row of the call that it rests on."""
    wanted, rendered = task.wanted, narrative.render(task.wanted, answer)
    key = [wanted.insight_key, wanted.input_hash, generator, task.prompt_hash or "", task.model or ""]
    insight = {
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
        "generator": generator,
        "grade": task.prompt.grade if task.prompt else "proved",
        "model": task.model,
        "locale": wanted.voice.locale.code,
        "units": task.reader.units,
        "spans": [_plain(asdict(span)) for span in rendered.spans],
        "claims": [_plain({"id": claim.id, "identity": claim.identity()}) for claim in wanted.claims],
    }
    with connection.transaction():
        store.write(connection, insight)
        if reply is not None:
            state = "written" if generator == "llm" else "fallback"
            store.record_call(connection, _ledger_row(task, state, reply, reasons))


def _ledger_row(task: Task, state: str, reply: Reply, reasons: tuple[str, ...]) -> dict[str, Any]:
    usage: Usage = reply.usage
    return {
        "user_id": task.reader.id,
        "insight_key": task.wanted.insight_key,
        "input_hash": task.wanted.input_hash,
        "prompt_hash": task.prompt_hash,
        "model": task.model,
        "state": state,
        "attempts": reply.attempts,
        "outcome": reply.outcome.value,
        "reasons": [reason for reason in reasons if reason],
        "request_id": reply.request_id,
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "prompt": json.dumps(task.messages, ensure_ascii=False),
        "raw_answer": reply.text or None,
    }


def _plain(value: Any) -> Any:
    """Plain JSON values of a row's parts: ids and dates as text."""
    return json.loads(json.dumps(value, default=str))
