"""What is to be told to a user, and of whom it is asked: wanted insights, less those that stand already.

A plan is made anew from the stored facts whenever it is needed, also to judge an answer that a killed process has left
or that a batch brings a day later: the ledger's row is found again by what the question is about.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from hashlib import blake2b
from typing import Any, Final, Literal, cast

from insights import assets, narrative
from insights.db import insights as store
from insights.db import queue
from insights.db.entitlements import Feature
from insights.llm.calls import Call
from insights.llm.endpoint import Endpoint, require_batches
from insights.pipeline.job import Job
from insights.pipeline.prompts import Library
from insights.pipeline.spending import Purse, purse

# The feature of plan_feature_limits that lets a user read each type. Which tier has it, the table says.
FEATURE_OF: dict[narrative.InsightType, Feature] = {
    "weekly_summary": "weekly_analytics",
    "monthly_review": "monthly_analytics",
    "plateau": "plateau_detection",
    "strength_progress": "llm_insights",
    "record": "llm_insights",
    "balance": "llm_insights",
    "consistency": "llm_insights",
    "recovery": "llm_insights",
}
ASKS_A_MODEL: Feature = "llm_insights"
SECOND_TRY: Final = "Your answer cannot be used: {reasons}. Answer again in the same form."
SCHEMA: Final = narrative.json_schema()
DISMISSED_FOR: Final = timedelta(days=90)
OF_A_PERIOD: Final = ("weekly_summary", "monthly_review")  # to dismiss one week's summary says nothing of the next


@dataclass(frozen=True, slots=True)
class Terms:
    """On which terms a run tells: which types, in which words, by which model, for whose money."""

    job: str
    types: Sequence[narrative.InsightType]
    library: Library
    now: datetime
    endpoint: Endpoint | None = None
    purse: Purse | None = None  # there where the endpoint is
    mode: Literal["chat", "batch"] = "chat"
    keep_days: int = 90  # how long prompts and answers are kept


def terms_of(job: Job, endpoint: Endpoint | None, now: datetime) -> Terms:
    """The terms of a job.

    Raises:
        BadSettings: nobody knows what the endpoint's model costs, or the job asks in batches and the endpoint has none.
    """
    part = job.insights
    library = Library(assets.path("prompts"), part.locale)
    terms = Terms(job.name, part.types, library, now, mode=part.mode, keep_days=part.keep_days)
    if endpoint is None or "insights" not in job.steps:
        return terms
    if part.mode == "batch":
        require_batches(endpoint)
    return replace(terms, endpoint=endpoint, purse=purse(job, endpoint, library.prices, now))


@dataclass(frozen=True)
class Task:
    """One insight to be told: for whom, what, and with which prompt, where a model is asked."""

    reader: store.Reader
    wanted: narrative.Wanted
    library: Library
    as_of: date
    prompt: narrative.Prompt | None = None
    prompt_hash: str | None = None
    model: str | None = None
    series: tuple[dict[str, Any], ...] = ()
    entry: queue.Entry | None = field(default=None, compare=False)  # its row in the ledger

    @property
    def question(self) -> queue.Question:
        """What it is about, as the ledger keeps it."""
        wanted = self.wanted
        return queue.Question(wanted.insight_key, wanted.insight_type, wanted.input_hash, self.prompt_hash or "")

    @property
    def key(self) -> tuple[str, str, str]:
        """What tells its row from the user's others."""
        return self.wanted.insight_key, self.wanted.input_hash, self.prompt_hash or ""

    @property
    def nonce(self) -> str:
        """What the answer must carry back, so that an answer to another request cannot pass."""
        request = f"{self.reader.id}/{self.wanted.insight_key}/{self.wanted.input_hash}/{self.prompt_hash}"
        return blake2b(request.encode(), digest_size=6).hexdigest()

    @cached_property
    def messages(self) -> tuple[dict[str, str], ...]:
        """What the model is asked; after an answer that did not verify, with that answer and the reasons."""
        if self.prompt is None:
            raise ValueError("a task without a prompt is for the rules")
        context = narrative.prompt_context(self.wanted, self.nonce, self.library.lexicon)
        asked = self.library.messages(self.prompt, context)
        if self.entry is None or not self.entry.rejected or self.entry.raw_answer is None:
            return asked
        again = SECOND_TRY.format(reasons="; ".join(self.entry.reasons))
        return (*asked, {"role": "assistant", "content": self.entry.raw_answer}, {"role": "user", "content": again})

    @property
    def call(self) -> Call:
        """The question as an endpoint takes it; its key is its row in the ledger, once it is in the queue."""
        if self.prompt is None:
            raise ValueError("a task without a prompt is for the rules")
        return Call(
            key=str(self.entry.id) if self.entry else self.wanted.insight_key,
            messages=self.messages,
            json_schema=SCHEMA,
            max_tokens=self.prompt.max_tokens,
            temperature=self.prompt.temperature,
        )


@dataclass(slots=True)
class Plan:
    """What is to be told to one user, and how many insights stand already."""

    wanted: int = 0
    unchanged: int = 0
    tasks: list[Task] = field(default_factory=list)


def plan(connection: store.Connection, reader: store.Reader, as_of: date, terms: Terms) -> Plan:
    """What is to be told to a user as of a day, read from the stored facts."""
    made = Plan()
    allowed = {kind for kind in terms.types if FEATURE_OF[kind] in reader.features}
    if not allowed or not reader.wants_insights:
        return made
    standing = store.stored(connection, reader.id)
    asks = terms.endpoint if terms.endpoint is not None and may_ask(reader, terms.endpoint) else None
    asked_before = store.asked_before(connection, reader.id) if asks else set()
    for wanted in _undismissed(connection, reader, as_of, _wanted(connection, reader, as_of, terms)):
        if wanted.insight_type not in allowed:
            continue
        made.wanted += 1
        task = _task(reader, wanted, terms, asks, as_of)
        if _stands(standing.get(wanted.insight_key), task, asked_before):
            made.unchanged += 1
        else:
            made.tasks.append(task)
    return made


def with_series(connection: store.Connection, task: Task) -> Task:
    """The task with the data of its chart."""
    return replace(task, series=tuple(_series(connection, task.reader, task.wanted, task.as_of)))


def may_ask(reader: store.Reader, endpoint: Endpoint) -> bool:
    """Whether a model may be asked for a user: the plan has it, and facts leave this machine only with consent."""
    return ASKS_A_MODEL in reader.features and (reader.llm_processing or endpoint.on_this_machine)


def _wanted(connection: store.Connection, reader: store.Reader, as_of: date, terms: Terms) -> list[narrative.Wanted]:
    points = [narrative.Fact.from_row(row) for row in store.live_points(connection, reader.id)]
    lifts = [narrative.Lift(**row) for row in store.lifts(connection, reader.id)]
    units = cast("narrative.Units", reader.units)
    return narrative.wanted(narrative.table(points, lifts), as_of=as_of, units=units, locale=terms.library.locale)


def _undismissed(
    connection: store.Connection, reader: store.Reader, as_of: date, wanted: list[narrative.Wanted]
) -> Iterator[narrative.Wanted]:
    """The insights whose lead claim the user has not dismissed of late."""
    since = datetime.combine(as_of - DISMISSED_FOR, time(), UTC)
    dismissed = {
        _claim(row["insight_type"], row["period_start"], row["identity"])
        for row in queue.dismissed(connection, reader.id, since)
        if row["identity"]
    }
    for insight in wanted:
        if _claim(insight.insight_type, insight.period_start, insight.claims[0].identity()) not in dismissed:
            yield insight


def _claim(insight_type: str, period_start: date | None, identity: Sequence[Any]) -> tuple[Any, ...]:
    """What a user dismisses: kind, metric, direction and entity; of a weekly or monthly insight, that period's."""
    return (*identity[:4], period_start if insight_type in OF_A_PERIOD else None)


def _task(reader: store.Reader, wanted: narrative.Wanted, terms: Terms, endpoint: Endpoint | None, as_of: date) -> Task:
    library = terms.library
    if endpoint is None:
        return Task(reader, wanted, library, as_of, prompt_hash=library.texts_hash)
    prompt, prompt_hash = library.prompt(wanted.insight_type)
    return Task(reader, wanted, library, as_of, prompt, prompt_hash, endpoint.model)


def _stands(stored: store.Stored | None, task: Task, asked_before: set[tuple[str, str, str, str]]) -> bool:
    """Whether the stored insight is the one that this task would make: then nobody is asked and nothing is written."""
    if stored is None or stored.stale or stored.input_hash != task.wanted.input_hash:
        return False
    if stored.prompt_hash == task.prompt_hash and stored.model == task.model and stored.generator == "llm":
        return True
    if task.prompt is None:  # a model's words stand where no model is asked; the rules' own only with the same texts
        return stored.model is not None or stored.prompt_hash == task.prompt_hash
    return (*task.key, task.model or "") in asked_before


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
