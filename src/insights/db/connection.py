"""Connections to PostgreSQL: psycopg for everything that is not bulk, ADBC for columns."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg.rows import TupleRow

from insights.errors import Unreachable

SESSION = {
    "application_name": "insights",
    "timezone": "UTC",
    "search_path": "public",
    "client_connection_check_interval": "1000",
}


def masked(url: str) -> str:
    """The URL without its password, fit for a message."""
    parts = urlsplit(url)
    if parts.password is None:
        return url
    user = parts.username or ""
    host = parts.netloc.rsplit("@", 1)[-1]
    return urlunsplit(parts._replace(netloc=f"{user}:***@{host}"))


@contextmanager
def connect(url: str, *, autocommit: bool = False, **options: Any) -> Iterator[psycopg.Connection[TupleRow]]:
    """A psycopg connection in UTC with a fixed search path; committed at the end, rolled back on an error.

    Raises:
        Unreachable: the server does not answer or refuses the login.
    """
    settings = " ".join(f"-c {name}={value}" for name, value in SESSION.items() if name != "application_name")
    try:
        connection = psycopg.connect(
            url, autocommit=autocommit, options=settings, application_name=SESSION["application_name"], **options
        )
    except psycopg.OperationalError as error:
        raise Unreachable(
            f"cannot connect to {masked(url)}: {str(error).strip().splitlines()[-1]}",
            hint="Is the server running? `insights db status` tells of the embedded one; DATABASE_URL names another.",
        ) from error
    with connection:
        yield connection
