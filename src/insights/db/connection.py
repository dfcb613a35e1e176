"""Connections to PostgreSQL: psycopg for everything that is not bulk, ADBC for columns."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import psycopg
from psycopg.rows import TupleRow

from insights.errors import BadSettings, Unreachable

SESSION = {
    "application_name": "insights",
    "timezone": "UTC",
    "search_path": "public",
    "client_connection_check_interval": "1000",
    "insights.sync": "new",  # the engine looks after the new tables itself: see 00.01 of the migrations
}


def masked(url: str) -> str:
    """The URL without its password, fit for a message; what is no URL may hold one anywhere and is not shown."""
    try:
        parts = urlsplit(url)
        secret = parts.password
    except ValueError:
        return "(not a URL)"
    if not parts.scheme.startswith("postgres"):
        return "(not a URL)"
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    if any(name.endswith("password") for name, _ in pairs):
        shown = [(name, "***" if name.endswith("password") else value) for name, value in pairs]
        parts = parts._replace(query=urlencode(shown, safe="*/"))
    if secret is not None:
        host = parts.netloc.rsplit("@", 1)[-1]
        parts = parts._replace(netloc=f"{parts.username or ''}:***@{host}")
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.scheme}://{parts.netloc}{parts.path}{query}"  # urlunsplit drops the slashes of an empty host


def check_url(url: str) -> None:
    """See that a text is a PostgreSQL URL, which is what every library here understands.

    Raises:
        BadSettings: it is something else, or a part of it cannot be read.
    """
    hint = "A URL such as postgresql://me:password@localhost:5432/app; percent-encode special characters."
    if not url.startswith(("postgresql://", "postgres://")):
        raise BadSettings("the database is not a postgresql:// URL", hint=hint)
    try:
        psycopg.conninfo.conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        # Its message quotes the URL: the password must not get into a log.
        raise BadSettings(f"the database's URL {masked(url)} cannot be read", hint=hint) from None


def reason_of(error: Exception) -> str:
    """What a driver says of a failed connection, in one line and without its questions."""
    lines = [line.strip() for line in str(error).strip().splitlines()]
    told = [line for line in lines if line and not line.startswith("Is the server running")]
    return told[-1] if told else type(error).__name__


@contextmanager
def connect(url: str, *, autocommit: bool = False, **options: Any) -> Iterator[psycopg.Connection[TupleRow]]:
    """A psycopg connection in UTC with a fixed search path; committed at the end, rolled back on an error.

    Raises:
        BadSettings: the text is no PostgreSQL URL.
        Unreachable: the server does not answer or refuses the login.
    """
    check_url(url)
    settings = " ".join(f"-c {name}={value}" for name, value in SESSION.items() if name != "application_name")
    try:
        connection = psycopg.connect(
            url, autocommit=autocommit, options=settings, application_name=SESSION["application_name"], **options
        )
    except psycopg.OperationalError as error:
        raise Unreachable(
            f"cannot connect to {masked(url)}: {reason_of(error)}",
            hint="Is the server running? `insights db status` tells of the embedded one; DATABASE_URL names another.",
        ) from error
    with connection:
        yield connection
