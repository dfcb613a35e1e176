"""Databases with other names: a mapping makes views with the contract's names, and the migrations are rendered with it.

    [users]
    table = "app.accounts"                  # the schema is public unless it is named
    columns = { id = "account_id", email = "mail" }
    missing = ["locale"]                    # reads as NULL

Reads, and writes of rows, go through the views. A foreign key, an ALTER TABLE, an index or a trigger cannot: in the
rendered migrations these name the app's own table and columns, and the view is made again around each ALTER TABLE.

What an adapter cannot do: turn keys of another type into UUIDs; join two tables into one; change a value on its way;
give a table its own name as a view (a table that has the contract's name must have its column names too).
"""

import re
import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import psycopg

from insights import assets
from insights.db.connection import connect
from insights.db.migrate import ledger, legacy
from insights.db.migrate.legacy import Place
from insights.errors import BadInput

CANNOT = (
    "turn keys of another type into UUIDs",
    "join several tables into one, or change a value on its way",
    "stand in for a table that has the contract's name already: a view needs that name",
    "write to a column that is named under `missing`: it reads as NULL",
    "make statements faster or slower: a view of one table is read as the table",
)
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_$]*")
_TARGET = (
    r"(?P<before>\bREFERENCES\s+|\bTRIGGER\b[^;]*?\bON\s+|\bINDEX\b[^;()]*?\bON\s+|\bVALIDATE\b\s+|\bLOCK\s+TABLE\s+)"
    r"(?:public\.)?(?P<table>{})\b(?P<columns>\s*\(\s*id\s*\))?"
)
_ALTER = r"\bALTER\s+TABLE\s+(?:public\.)?(?P<table>{})\b(?P<rest>[^;]*);"
_WATCHED = r"\bUPDATE OF (?P<columns>[\w, ]+) ON (?P<table>{})\b"
_FIELD = r"\b(?P<row>NEW|OLD)\.(?P<column>{})\b"
_TRIGGER = re.compile(
    r"\bTRIGGER\b[^;]*?\bON\s+(?:public\.)?(?P<table>\w+)\b[^;]*?\bEXECUTE FUNCTION (?P<function>\w+)[^;]*;"
)
_TRIGGER_FUNCTION = re.compile(r"\bFUNCTION (?P<name>\w+)\(\) RETURNS trigger\b.*?\$\$.*?\$\$", re.DOTALL)
_REGCLASS = r"'public\.(?P<table>{})'::regclass"


def read(text: str) -> dict[str, Place]:
    """The places of a mapping, by the contract's names.

    Raises:
        BadInput: it is no TOML, or names what the contract does not know.
    """
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadInput(f"the mapping is not TOML: {error}") from None
    return {name: _place(name, entry) for name, entry in tables.items()}


def _place(name: str, entry: Any) -> Place:
    contract = legacy.declared()
    if name not in contract:
        raise BadInput(f"the mapping names a table {name}", hint=f"The contract has {', '.join(contract)}.")
    unknown = set(entry) - {"table", "columns", "missing"} if isinstance(entry, dict) else {str(entry)}
    if unknown:
        raise BadInput(f"the mapping of {name} has {', '.join(sorted(unknown))}: table, columns and missing are known")
    schema, _, table = str(entry.get("table", name)).rpartition(".")
    columns, missing = dict(entry.get("columns", {})), frozenset(entry.get("missing", ()))
    for column in [*columns, *missing]:
        if column not in contract[name]:
            raise BadInput(f"the mapping names a column {name}.{column}, which the contract does not have")
    for word in [table, schema or "public", *columns.values()]:
        if not isinstance(word, str) or not _NAME.fullmatch(word):
            raise BadInput(f"the mapping of {name} has {word!r}, which is no name of a table or column")
    place = Place(schema or "public", table, columns, missing)
    needed = [column for column in missing if contract[name][column].not_null]
    if needed:
        raise BadInput(f"{name}.{needed[0]} cannot be missing: the contract says NOT NULL")
    if (place.schema, place.table) == ("public", name):
        raise BadInput(
            f"the table {name} has the contract's name, so no view can have it",
            hint="Rename its columns, or move the table to another schema, and map it from there.",
        )
    return place


def view(table: str, place: Place) -> str:
    """The statement that makes the adapter view of a table: the contract's names, and all other columns as they are."""
    named = ", ".join(f"('{place.name_of(column)}', '{column}')" for column in place.columns)
    nulls = ", ".join(
        f"NULL::{_null_type(legacy.declared()[table][column].type)} AS {column}" for column in sorted(place.missing)
    )
    return (  # every name in it has passed _NAME, and PostgreSQL takes no parameters in a DO block
        f"DO $adapter$ BEGIN EXECUTE (\n"  # noqa: S608
        f"    SELECT format('CREATE VIEW public.{table} AS SELECT %s FROM {place.schema}.{place.table}',\n"
        f"        string_agg(format('%I AS %I', a.attname, coalesce(m.canonical, a.attname)), ', ' ORDER BY a.attnum)"
        f"{_also(nulls)})\n"
        f"    FROM pg_attribute AS a\n"
        f"    LEFT JOIN (VALUES {named or '(NULL, NULL)'}) AS m (own, canonical) ON m.own = a.attname\n"
        f"    WHERE a.attrelid = '{place.schema}.{place.table}'::regclass AND a.attnum > 0 AND NOT a.attisdropped\n"
        f"); END $adapter$;"
    )


def _null_type(declared: str) -> str:
    return "text" if declared == "word" else declared


def _also(nulls: str) -> str:
    return f" || ', {nulls}'" if nulls else ""


def render(text: str, mapped: Mapping[str, Place]) -> str:
    """The SQL of a migration for a database with other names."""
    if not mapped:
        return text
    names = "|".join(re.escape(name) for name in mapped)

    def target(match: re.Match[str]) -> str:
        place = mapped[match["table"]]
        columns = f" ({place.name_of('id')})" if match["columns"] else ""
        return f"{match['before']}{place.schema}.{place.table}{columns}"

    def alter(match: re.Match[str]) -> str:
        table = match["table"]
        place = mapped[table]
        rest = match["rest"]
        for column, own in place.columns.items():
            rest = re.sub(rf"\b{re.escape(column)}\b(?=[^']*(?:'[^']*'[^']*)*$)", own, rest)
        statement = f"ALTER TABLE {place.schema}.{place.table}{rest};"
        if "VALIDATE CONSTRAINT" in rest.upper():
            return statement  # the columns stay as they are
        return f"DROP VIEW public.{table};\n{statement}\n{view(table, place)}"

    def watched(match: re.Match[str]) -> str:
        own = ", ".join(mapped[match["table"]].name_of(column.strip()) for column in match["columns"].split(","))
        return f"UPDATE OF {own} ON {match['table']}"

    text = _trigger_fields(text, mapped)
    text = re.sub(_WATCHED.format(names), watched, text)
    text = re.sub(_ALTER.format(names), alter, text, flags=re.IGNORECASE)
    text = re.sub(_REGCLASS.format(names), lambda m: _regclass(mapped[m["table"]]), text)
    return re.sub(_TARGET.format(names), target, text, flags=re.IGNORECASE)


def _trigger_fields(text: str, mapped: Mapping[str, Place]) -> str:
    """Fields of NEW and OLD: a trigger's row is the app's own.

    A trigger names its table. A function gets the columns of the tables whose triggers call it in the same file; the
    name of the key differs from table to table, so it looks that up when it runs.
    """
    callers: dict[str, set[str]] = {}
    for match in _TRIGGER.finditer(text):
        callers.setdefault(match["function"], set()).add(match["table"])
    keys = {place.table: place.columns["id"] for place in mapped.values() if "id" in place.columns}
    cases = " ".join(f"WHEN '{table}' THEN '{key}'" for table, key in keys.items())
    any_key = rf"(to_jsonb(\g<row>) ->> CASE TG_TABLE_NAME {cases} ELSE 'id' END)::uuid"

    def trigger(match: re.Match[str]) -> str:
        place = mapped.get(match["table"])
        return _fields(match[0], {c: rf"\g<row>.{own}" for c, own in place.columns.items()}) if place else match[0]

    def body(match: re.Match[str]) -> str:
        places = [mapped[table] for table in callers.get(match["name"], ()) if table in mapped]
        names = {c: rf"\g<row>.{own}" for place in places for c, own in place.columns.items()}
        return _fields(match[0], names | ({"id": any_key} if keys else {}))

    return _TRIGGER_FUNCTION.sub(body, _TRIGGER.sub(trigger, text))


def _fields(text: str, replacements: Mapping[str, str]) -> str:
    for column, replacement in replacements.items():
        text = re.sub(_FIELD.format(re.escape(column)), replacement, text)
    return text


def _regclass(place: Place) -> str:
    return f"'{place.schema}.{place.table}'::regclass"


def views(mapped: Mapping[str, Place]) -> str:
    """The statements that make every adapter view."""
    return "\n\n".join(view(table, place) for table, place in mapped.items())


def save(connection: psycopg.Connection[Any], mapping: str, mapped: Mapping[str, Place]) -> str:
    """Make the views and record the mapping; the checksum of what was rendered."""
    statements = views(mapped)
    checksum = sha256(statements.encode()).hexdigest()
    connection.execute(statements.encode(), prepare=False)
    connection.execute(ledger.statement("create_adapters"))
    values = {"mapping": mapping, "views": statements, "checksum": checksum}
    connection.execute(ledger.statement("save_adapters"), values)
    return checksum


def recorded(connection: psycopg.Connection[Any]) -> dict[str, Place]:
    """The mapping that this database was adopted with; empty where its names are the contract's."""
    if not ledger.scalar(connection, "table_exists", {"name": "insights_adapters"}):
        return {}
    return read(str(ledger.scalar(connection, "read_adapters")))


@contextmanager
def migrations_of(url: str, folder: Path | None = None) -> Iterator[Path | None]:
    """The folder of migrations for a database: rendered for its names, or None where the packaged files will do.

    Raises:
        Unreachable: the server does not answer.
    """
    with connect(url) as connection:
        mapped = recorded(connection)
    if not mapped:
        yield folder
        return
    with tempfile.TemporaryDirectory(prefix="insights-migrations-") as made:
        for path in (folder or assets.path("sql", "migrations")).glob("*.sql"):
            Path(made, path.name).write_text(render(path.read_text(encoding="utf-8"), mapped), encoding="utf-8")
        yield Path(made)
