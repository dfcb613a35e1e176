"""`insights doctor`: what is missing or wrong, and how to mend it."""

import platform
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import version

from rich.console import Console
from rich.markup import escape

from insights import settings as configuration
from insights.cli import context
from insights.cli.output import DatabaseOption, JsonOption, emit
from insights.db import embedded, migrate, queries
from insights.db.connection import connect, masked
from insights.errors import CheckFailed, InsightsError
from insights.llm.endpoint import probe
from insights.pipeline.telling import is_loopback
from insights.settings import Settings

PACKAGES = ("polars", "duckdb", "psycopg", "adbc-driver-postgresql", "openai", "pydantic")


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check has found."""

    check: str
    ok: bool
    detail: str
    mend: str = ""


Check = Callable[[Settings, str | None], Finding]


def command(database: DatabaseOption = None, as_json: JsonOption = False) -> None:
    """Check what the engine needs and say how to mend what is wrong. Changes nothing. Exit 1 where a check fails.

    Examples:

        insights doctor

        insights doctor --database postgresql://me@localhost/app --json
    """
    settings = configuration.load()
    findings = list(_findings(settings, database))

    def render(console: Console) -> None:
        for finding in findings:
            mark = "[green]ok  [/]" if finding.ok else "[red]bad [/]"
            console.print(f"{mark} [bold]{finding.check}[/]: {escape(finding.detail)}", highlight=False, soft_wrap=True)
            if finding.mend:
                console.print(f"     {escape(finding.mend)}", highlight=False, soft_wrap=True)

    payload = {"ok": all(f.ok for f in findings), "checks": [asdict(finding) for finding in findings]}
    emit(payload, as_json=as_json, render=render)
    bad = [finding.check for finding in findings if not finding.ok]
    if bad:
        raise CheckFailed(f"doctor found something: {', '.join(bad)}")


def _findings(settings: Settings, database: str | None) -> Iterator[Finding]:
    for check in CHECKS:
        try:
            yield check(settings, database)
        except InsightsError as error:
            yield Finding(check.__name__.lstrip("_"), False, error.message, error.hint)


def _settings(settings: Settings, database: str | None) -> Finding:
    """What is in force, secrets masked."""
    shown = settings.model_dump()
    url = database or (settings.database_url.get_secret_value() if settings.database_url else None)
    shown["database_url"] = masked(url) if url else "the embedded server"
    shown["llm_api_key"] = "set" if settings.llm_api_key else "not set"
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    detail = ", ".join(f"{name}={value}" for name, value in shown.items() if value is not None)
    return Finding("settings", True, f"{detail}; Python {platform.python_version()}, {packages}")


def _database(settings: Settings, database: str | None) -> Finding:
    """The database answers and is of a version that the engine knows."""
    with connect(embedded.database_url(settings, database)) as connection:
        number = connection.info.server_version
    major = number // 10000
    ok = 15 <= major <= 18
    mend = "" if ok else "PostgreSQL 15 to 18 are supported."
    return Finding("database", ok, f"PostgreSQL {major}.{number % 10000} answers", mend)


def _schema(settings: Settings, database: str | None) -> Finding:
    """Every migration is applied, none was edited since."""
    standings = migrate.status(embedded.database_url(settings, database))
    waiting = [standing.id for standing in standings if standing.state != "applied"]
    if not waiting:
        return Finding("schema", True, f"{len(standings)} migrations are applied")
    return Finding(
        "schema",
        False,
        f"not applied: {', '.join(waiting)}",
        "Run `insights migrate plan`, then `insights migrate up`.",
    )


def _data(settings: Settings, database: str | None) -> Finding:
    """Rows that the engine can only read with a guess, or has set aside."""
    with connect(embedded.database_url(settings, database)) as connection:
        if connection.execute("SELECT to_regclass('import_quarantine')").fetchone() == (None,):
            return Finding("data", False, "the schema is not there yet", "Run `insights migrate up`.")
        counts = queries.rows(connection, "doctor_data")[0]
    wrong = {name: count for name, count in counts.items() if count}
    if not wrong:
        return Finding("data", True, "every row can be read as it is")
    detail = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in wrong.items())
    mend = "Nothing is lost: see import_quarantine, migration_quarantine, analytics_failures; unknown zones are UTC."
    bad = {"users_with_an_unknown_time_zone", "failed_users_in_the_last_run"}.intersection(wrong)
    return Finding("data", not bad, detail, mend)


def _endpoint(settings: Settings, database: str | None) -> Finding:
    """The configured endpoint answers and serves the model; none configured is fine."""
    del database
    if settings.llm_url is None:
        return Finding(
            "endpoint",
            True,
            "none is configured: the rules narrate",
            "INSIGHTS_LLM_URL and INSIGHTS_LLM_MODEL name one.",
        )
    found = context.endpoint(settings)
    served = probe(found) if found else []
    if found is None or (served and found.model not in served):
        return Finding(
            "endpoint",
            False,
            f"{settings.llm_url} does not serve {settings.llm_model}",
            f"It serves: {', '.join(served[:20])}",
        )
    consent = "" if is_loopback(found.url) else "; facts go there only for users with user_preferences.llm_processing"
    return Finding("endpoint", True, f"{found.url} answers with {found.model}{consent}")


CHECKS: tuple[Check, ...] = (_settings, _database, _schema, _data, _endpoint)
