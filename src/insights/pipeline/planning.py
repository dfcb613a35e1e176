"""What is to be told to a user, and of whom it is asked: wanted insights, less those that stand already.

A plan is made anew from the stored facts whenever it is needed, also to judge an answer that a killed process has left
or that a batch brings a day later: the ledger's row is found again by what the question is about.
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final, Literal, Self, cast
from uuid import UUID

from insights import assets, narrative
from insights.db import insights as store
from insights.db.entitlements import Feature
from insights.errors import InsightsError
from insights.llm.endpoint import Endpoint, require_batches
from insights.narrative.memory import REMEMBERED
from insights.pipeline.job import Job
from insights.pipeline.prompts import Library
from insights.pipeline.spending import Purse, purse
from insights.pipeline.tasks import Task
from insights.zones import yesterday

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
DISMISSED_FOR: Final = timedelta(days=90)
PLANNED_AT_ONCE: Final = 50  # users whose facts are read together: some ten queries for all of them


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


@dataclass(slots=True)
class Plan:
    """What is to be told to one user, and how many insights stand already."""

    wanted: int = 0
    unchanged: int = 0
    tasks: list[Task] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Planner:
    """Plans for a group of users, from what is stored about them and about their lifts."""

    as_of: date
    terms: Terms
    known: Mapping[UUID, store.Known]
    lifts: Mapping[UUID, narrative.Lift]
    variations: Mapping[UUID, Sequence[narrative.Lift]]

    @classmethod
    def of(cls, connection: store.Connection, readers: Sequence[store.Reader], as_of: date, terms: Terms) -> Self:
        """Read what is stored; of readers who get nothing, nothing is read."""
        known = store.known(
            connection,
            [reader.id for reader in readers if reader.wants_insights and _allowed(reader, terms)],
            dismissed_since=datetime.combine(as_of - DISMISSED_FOR, time(), UTC),
            read_since=datetime.combine(as_of - REMEMBERED, time(), UTC),
        )
        named = {row["entity_id"] for user in known.values() for row in user.points} - {None}
        others = store.variations(connection, named)
        lifts = [narrative.Lift(**row) for row in store.lifts(connection, named.union(*others.values()))]
        by_id = {lift.id: lift for lift in lifts}
        variations = {lift_id: [by_id[i] for i in ids if i in by_id] for lift_id, ids in others.items()}
        return cls(as_of, terms, known, by_id, variations)

    def plan(self, reader: store.Reader) -> Plan:
        """What is to be told to one of the users."""
        made, known = Plan(), self.known.get(reader.id)
        if known is None:
            return made
        endpoint = self.terms.endpoint
        asks = endpoint if endpoint is not None and may_ask(reader, endpoint) else None
        allowed = _allowed(reader, self.terms)
        read = [_past(row, reader) for row in known.read]
        sentences = {past.skeleton: past.insight_key for past in narrative.lately(read, self.as_of)}
        for wanted in self.wanted(reader):
            if wanted.insight_type not in allowed or narrative.told_again(wanted, read):
                continue
            made.wanted += 1
            task = replace(self._task(reader, wanted, asks), read=sentences)
            if _stands(known.standing.get(wanted.insight_key), task, known.asked):
                made.unchanged += 1
            else:
                made.tasks.append(task)
        return made

    def wanted(self, reader: store.Reader) -> list[narrative.Wanted]:
        """Everything worth telling one of the users, whatever stands or was read already."""
        known = self.known.get(reader.id) or store.Known()
        points = [narrative.Fact.from_row(row) for row in known.points]
        lifts = [self.lifts[i] for i in {fact.entity_id for fact in points if fact.entity_id} if i in self.lifts]
        dismissed = [narrative.Dismissed.from_row(row) for row in known.dismissed]
        wanted = narrative.wanted(
            narrative.table(points, lifts),
            as_of=self.as_of,
            units=cast("narrative.Units", reader.units),
            locale=self.terms.library.locale,
            counsel=self.counsel(reader),
            dismissed=dismissed,
        )
        return [insight for insight in wanted if _can_be_told(insight)] if dismissed else wanted

    def counsel(self, reader: store.Reader) -> narrative.Counsel:
        """What decides a user's recommendations."""
        return narrative.Counsel(self.terms.library.advice, reader.tier, reader.injury_history, self.variations)

    def _task(self, reader: store.Reader, wanted: narrative.Wanted, endpoint: Endpoint | None) -> Task:
        library = self.terms.library
        if endpoint is None:
            return Task(reader, wanted, library, self.as_of, prompt_hash=library.texts_hash)
        prompt, prompt_hash = library.prompt(wanted.insight_type)
        graded = replace(wanted, grade=prompt.grade)
        return Task(reader, graded, library, self.as_of, prompt, prompt_hash, endpoint.model)


def may_ask(reader: store.Reader, endpoint: Endpoint) -> bool:
    """Whether a model may be asked for a user: the plan has it, and facts leave this machine only with consent."""
    return ASKS_A_MODEL in reader.features and (reader.llm_processing or endpoint.on_this_machine)


def _allowed(reader: store.Reader, terms: Terms) -> set[narrative.InsightType]:
    """The types that a user's plan has."""
    return {kind for kind in terms.types if FEATURE_OF[kind] in reader.features}


def _past(row: Mapping[str, Any], reader: store.Reader) -> narrative.Past:
    """A first telling; its day is the one it was about, the user's yesterday."""
    return narrative.Past.from_row({**row, "day": yesterday(row["created_at"], reader.time_zone)})


def _can_be_told(wanted: narrative.Wanted) -> bool:
    """Whether what is left without dismissed claims is still enough for a text."""
    try:
        narrative.tell(wanted)
    except InsightsError:
        return False
    return True


def _stands(stored: store.Stored | None, task: Task, asked_before: Set[tuple[str, str, str, str]]) -> bool:
    """Whether the stored insight is the one that this task would make: then nobody is asked and nothing is written."""
    if stored is None or stored.stale or stored.input_hash != task.wanted.input_hash:
        return False
    if stored.prompt_hash == task.prompt_hash and stored.model == task.model and stored.generator == "llm":
        return True
    if task.prompt is None:  # a model's words stand where no model is asked; the rules' own only with the same texts
        return stored.model is not None or stored.prompt_hash == task.prompt_hash
    question = task.question
    return (question.insight_key, question.input_hash, question.prompt_hash, task.model or "") in asked_before
