"""What `insights doctor` looks at: one check, one finding."""

import platform
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from typing import Literal
from uuid import UUID

from insights.cli import context
from insights.db import changes, embedded, migrate, queries
from insights.db.connection import connect, masked
from insights.db.migrate import adapter
from insights.errors import InsightsError
from insights.llm.endpoint import probe
from insights.pipeline import detective
from insights.pipeline.run import find_user
from insights.pipeline.telling import is_loopback
from insights.settings import Settings

PACKAGES = ("polars", "duckdb", "psycopg", "adbc-driver-postgresql", "openai", "pydantic")

SETS_LOOKED_AT = 500_000  # unasked
OLDEST_CHANGE = timedelta(days=7)
MOST_CHANGES = 5_000_000
Kind = Literal["typo", "pounds"]
Confirmable = Literal["typo"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check has found."""

    check: str
    ok: bool
    detail: str
    mend: str = ""


@dataclass(frozen=True, slots=True)
class Patient:
    """What is looked at: the settings, a database, perhaps one user, and what shall be mended."""

    settings: Settings
    database: str | None
    user: str | None = None
    fix: Kind | None = None
    confirm: Confirmable | None = None
    only: tuple[UUID, ...] = ()  # the sets that are mended or confirmed; none: all of the kind

    @property
    def url(self) -> str:
        """The database's URL."""
        return embedded.database_url(self.settings, self.database)


Check = Callable[[Patient], Finding]


def findings(patient: Patient) -> Iterator[Finding]:
    """Every check's finding. Without the whole schema nothing can be said of what it holds."""
    usable = True
    for check in CHECKS:
        if check in NEED_THE_SCHEMA and not usable:
            continue
        try:
            finding = check(patient)
        except InsightsError as error:
            finding = Finding(check.__name__.lstrip("_"), False, error.message, error.hint)
        usable = usable and (finding.ok or finding.check not in ("database", "schema"))
        yield finding


def _settings(patient: Patient) -> Finding:
    """What is in force, secrets masked."""
    settings, database = patient.settings, patient.database
    shown = settings.model_dump()
    url = database or (settings.database_url.get_secret_value() if settings.database_url else None)
    shown["database_url"] = masked(url) if url else "the embedded server"
    shown["llm_url"] = masked(settings.llm_url) if settings.llm_url else None
    shown["llm_api_key"] = "set" if settings.llm_api_key else "not set"
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    detail = ", ".join(f"{name}={value}" for name, value in shown.items() if value is not None)
    return Finding("settings", True, f"{detail}; Python {platform.python_version()}, {packages}")


def _database(patient: Patient) -> Finding:
    """The database answers and is of a version that the engine knows."""
    with connect(patient.url) as connection:
        number = connection.info.server_version
    major = number // 10000
    ok = 15 <= major <= 18
    mend = "" if ok else "PostgreSQL 15 to 18 are supported."
    return Finding("database", ok, f"PostgreSQL {major}.{number % 10000} answers", mend)


def _schema(patient: Patient) -> Finding:
    """Every migration is applied, none was edited since."""
    with adapter.migrations_of(patient.url) as folder:
        standings = migrate.status(patient.url, folder=folder)
    waiting = [standing for standing in standings if standing.state != "applied"]
    if not waiting:
        return Finding("schema", True, f"{len(standings)} migrations are applied")
    edited = any(standing.state == "edited" for standing in waiting)
    mend = "Put the file back as it was applied, and make the change in a new migration." if edited else ""
    return Finding(
        "schema",
        False,
        ", ".join(f"{standing.id} is {standing.state.replace('_', ' ')}" for standing in waiting),
        mend or "Run `insights migrate plan`, then `insights migrate up`.",
    )


def _data(patient: Patient) -> Finding:
    """Rows that the engine can only read with a guess, or has set aside."""
    with connect(patient.url) as connection:
        counts = queries.rows(connection, "doctor_data")[0]
    wrong = {name: count for name, count in counts.items() if count}
    if not wrong:
        return Finding("data", True, "every row can be read as it is")
    detail = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in wrong.items())
    mend = "Nothing is lost: see import_quarantine, migration_quarantine, analytics_failures; unknown zones are UTC."
    bad = {"users_with_an_unknown_time_zone", "failed_users_in_the_last_run"}.intersection(wrong)
    return Finding("data", not bad, detail, mend)


def _changes(patient: Patient) -> Finding:
    """The log of changes is read by runs; where none runs, it grows with every set that is logged."""
    with connect(patient.url) as connection:
        waiting = changes.backlog(connection)
    if waiting.oldest is None:
        return Finding("changes", True, f"none waits; {waiting.resolved:,} days of users are yet to be derived")
    age = datetime.now(UTC) - waiting.oldest
    detail = f"{waiting.entries:,} wait, the oldest for {age.days} days, in {waiting.bytes / 1e6:,.0f} MB"
    ok = age <= OLDEST_CHANGE and waiting.entries <= MOST_CHANGES
    return Finding("changes", ok, detail, "" if ok else "Run `insights run nightly`: no run has looked for a while.")


def _endpoint(patient: Patient) -> Finding:
    """The configured endpoint answers and serves the model; none configured is fine."""
    settings = patient.settings
    if settings.llm_url is None:
        return Finding(
            "endpoint",
            True,
            "none is configured: the rules narrate",
            "INSIGHTS_LLM_URL and INSIGHTS_LLM_MODEL name one.",
        )
    found = context.endpoint(settings)
    served = probe(found) if found else []
    shown = masked(settings.llm_url)
    if found is None or (served and found.model not in served):
        return Finding("endpoint", False, f"{shown} does not serve {settings.llm_model}", f"It serves: {_few(served)}")
    consent = "" if is_loopback(found.url) else "; facts go there only for users with user_preferences.llm_processing"
    return Finding("endpoint", True, f"{shown} answers with {found.model}{consent}")


def _few(names: list[str]) -> str:
    return ", ".join(names[:20])


def _verdicts(patient: Patient) -> Finding:
    """What the newest run made of the sets that it read (a night reads what changed): counted, or why not."""
    judgement = detective.newest_judgement(patient.url)
    if judgement is None:
        return Finding("verdicts", True, "no run has judged sets yet", "Run `insights run backfill`.")
    uses: dict[str, list[str]] = {}
    for verdict in judgement.verdicts:
        uses.setdefault(verdict.use, []).append(f"{verdict.verdict} {verdict.sets:,}")
    told = "; ".join(f"{use}: {', '.join(counts)}" for use, counts in uses.items())
    return Finding("verdicts", True, f"{judgement.job} as of {judgement.as_of} judged {judgement.sets:,} sets. {told}")


def _sets(patient: Patient) -> Finding:
    """Sets that were probably typed wrong, or stored in the wrong unit."""
    user_id = find_user(patient.url, patient.user) if patient.user else None
    if user_id is None and (count := _about_how_many_sets(patient.url)) > SETS_LOOKED_AT:
        return Finding("sets", True, f"about {count:,} sets, too many for a look unasked", "Name a user with --user.")
    suspicions = detective.detect(patient.url, user_id)
    done = [*_acted("mended", detective.fix, patient.fix, suspicions, patient)]
    done += _acted("confirmed", detective.confirm, patient.confirm, suspicions, patient)
    left = detective.detect(patient.url, user_id) if done else suspicions
    detail = "; ".join(map(_told, left)) or "nothing looks mistyped"
    if done:
        detail = f"{', '.join(done)}; the next run follows. {detail}"
    mend = (
        "`insights doctor --user ID_OR_EMAIL --fix pounds` (or typo) gives the weights that were meant; "
        "`--confirm typo` lets them count as they are."
    )
    return Finding("sets", all(one.kind != "pounds" for one in left), detail, mend if left else "")


def _acted(
    verb: str,
    act: Callable[[str, detective.Suspicion, tuple[UUID, ...]], int],
    kind: str | None,
    suspicions: list[detective.Suspicion],
    patient: Patient,
) -> Iterator[str]:
    """Do what was asked for to the suspicions of a kind, and say to how many sets."""
    for one in suspicions:
        if one.kind == kind:
            yield f"{verb} {act(patient.url, one, patient.only):,} of {one.kind}"


def _about_how_many_sets(url: str) -> int:
    with connect(url) as connection:
        return int(queries.rows(connection, "estimated_sets")[0]["sets"])


def _told(suspicion: detective.Suspicion) -> str:
    example = suspicion.examples[0]
    meant = "" if example.meant_kg is None else f", {example.meant_kg:g} meant"
    shown = f"{example.exercise} on {example.day}: {example.weight_kg} kg{meant} (set {example.set_id})"
    return f"{suspicion.email}: {suspicion.kind} in {suspicion.sets:,} of {suspicion.looked_at:,} sets, such as {shown}"


NEED_THE_SCHEMA: tuple[Check, ...] = (_data, _changes, _verdicts, _sets)
CHECKS: tuple[Check, ...] = (_settings, _database, _schema, _data, _changes, _verdicts, _sets, _endpoint)
