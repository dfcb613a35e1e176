"""Sets from Parquet or CSV files, as a data lake keeps them: the second source of a backfill.

The files hold joined sets, one row a set, in the columns of `frames.Sets` under the same names; docs/backfill-files.md
describes them. DuckDB sorts them by user into a file of its own, out of core, so that a shard of users is read from
its part alone, whatever the order and size of the files.
"""

import shutil
import tempfile
import weakref
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Self
from uuid import UUID

import dataframely as dy
import duckdb
import polars as pl

from insights.errors import BadInput
from insights.frames import Sets, validated

MEMORY = "256MB"  # for sorting; the rest waits on disk
READERS = {
    ".parquet": "read_parquet({}, union_by_name = true)",
    ".csv": "read_csv({}, header = true, all_varchar = true)",
}
REQUIRED = ("user_id", "exercise_id", "session_id", "set_id", "set_number")
# What a column that the files lack stands for: as set_executions has it, else null.
DEFAULTS = {
    "session_status": "'COMPLETED'",
    "set_type": "'working'",
    "rpe_scale": "'rpe_10'",
    "rom_quality": "'full'",
    "assisted_reps": "0",
    "created_at": "coalesce({session_start}, {start_time})",
    "weight_confirmed": "false",
}
# A moment that no calendar here can hold is as good as none, as it is in the database.
MOMENT = (
    "CASE WHEN {0} BETWEEN TIMESTAMPTZ '0002-01-01 00:00:00+00' AND TIMESTAMPTZ '9998-12-31 00:00:00+00' THEN {0} END"
)


_SHARING = Lock()


class SetFiles:
    """The sets of some files, sorted by user. Threads may read at the same time. A context: it closes itself."""

    def __init__(self) -> None:
        folder = tempfile.mkdtemp(prefix="insights-sets-")
        # Goes with this object, at the latest with the process.
        self._remove = weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        self._connection = duckdb.connect(
            str(Path(folder) / "sets.duckdb"),
            config={
                "memory_limit": MEMORY,
                "temp_directory": folder,
                "preserve_insertion_order": "false",
                "autoinstall_known_extensions": "false",  # nothing is downloaded: all that this needs is built in
                "autoload_known_extensions": "false",
            },
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()
        self._remove()

    def keep(self, source: str) -> None:
        """Keep the rows of a source, typed, checked and sorted by user."""
        there = set(self._connection.sql(f"FROM {source} LIMIT 0").columns)
        if missing := [name for name in REQUIRED if name not in there]:
            raise BadInput(f"the files lack the columns {', '.join(missing)}")
        kinds = Sets.columns()
        inward = {name: _inward(name, column, name in there) for name, column in kinds.items()}
        inward["created_at"] = inward["created_at"].format(**inward)
        kept = ", ".join(f"{value} AS {name}" for name, value in inward.items())
        types = (f"{name} {_type(column)}{'' if column.nullable else ' NOT NULL'}" for name, column in kinds.items())
        self._connection.execute("SET GLOBAL TimeZone = 'UTC'")
        self._connection.execute(f"CREATE TABLE sets ({', '.join(types)})")
        self._connection.execute(f"INSERT INTO sets SELECT {kept} FROM {source} ORDER BY user_id")  # noqa: S608 - ours
        twice = self._connection.execute("SELECT count(*) - count(DISTINCT set_id) FROM sets").fetchone()
        if twice and twice[0]:
            raise BadInput(f"the files hold {twice[0]:,} sets more than once", hint="A set_id stands for one set.")

    def users(self) -> list[tuple[UUID, int]]:
        """The users, ascending, and how many sets each has."""
        with self._connection.cursor() as cursor:
            return cursor.execute("SELECT user_id, count(*) FROM sets GROUP BY user_id ORDER BY user_id").fetchall()

    def sets(self, user_ids: Sequence[bytes]) -> dy.DataFrame[Sets]:
        """All sets of these users."""
        columns = ", ".join(_outward(name, column) for name, column in Sets.columns().items())
        query = f"SELECT {columns} FROM sets WHERE user_id IN (SELECT CAST(unnest($users) AS UUID))"  # noqa: S608 - ours
        with self._connection.cursor() as cursor:
            found = cursor.sql(query, params={"users": [str(UUID(bytes=user)) for user in user_ids]}).to_arrow_table()
        return validated(Sets, pl.DataFrame(found), cast=True)


def opened(paths: Sequence[Path]) -> SetFiles:
    """The sets of these files: .parquet and .csv, not mixed.

    Raises:
        BadInput: a file that cannot be read, a column that is missing, a value that does not fit its column, or a set
            that stands there twice.
    """
    source = _source(paths)
    files = SetFiles()
    try:
        files.keep(source)
    except duckdb.Error as error:
        files.__exit__()
        raise BadInput(f"{_named(paths)}: {error}", hint="docs/backfill-files.md describes the columns.") from error
    except BaseException:
        files.__exit__()
        raise
    return files


def shared(paths: Sequence[Path]) -> SetFiles:
    """`opened`, once for all shards that this process works on; kept until other files are asked for.

    Raises:
        BadInput: as `opened`.
    """
    with _SHARING:
        return _shared(tuple(paths))


@lru_cache(maxsize=1)
def _shared(paths: tuple[Path, ...]) -> SetFiles:
    return opened(paths)


def _source(paths: Sequence[Path]) -> str:
    kinds = {path.suffix.lower() for path in paths}
    if len(kinds) != 1 or not kinds <= READERS.keys():
        raise BadInput(f"{_named(paths)}: not Parquet files, and not CSV files", hint="All .parquet, or all .csv.")
    if missing := [str(path) for path in paths if not path.is_file()]:
        raise BadInput(f"there is no file {', '.join(missing)}")
    names = ", ".join("'" + str(path).replace("'", "''") + "'" for path in paths)
    return READERS[kinds.pop()].format(f"[{names}]")


def _named(paths: Sequence[Path]) -> str:
    return ", ".join(path.name for path in paths) or "no file"


def _inward(name: str, column: dy.Column, is_there: bool) -> str:
    if not is_there:
        return DEFAULTS.get(name, "NULL")
    value = f"CAST({name} AS {_type(column)})"
    return MOMENT.format(value) if isinstance(column, dy.Datetime) else value


def _outward(name: str, column: dy.Column) -> str:
    if isinstance(column, dy.Binary):
        return f"CAST({name} AS BLOB) AS {name}"
    return f"CAST({name} AS VARCHAR) AS {name}" if isinstance(column, dy.Enum) else name


_TYPES: dict[type[dy.Column], str] = {
    dy.Binary: "UUID", dy.Datetime: "TIMESTAMPTZ", dy.Float64: "DOUBLE", dy.Int32: "INTEGER", dy.Bool: "BOOLEAN",
}  # fmt: skip


def _type(column: dy.Column) -> str:
    if isinstance(column, dy.Enum):
        return f"ENUM ({', '.join(repr(word) for word in column.categories)})"
    return _TYPES.get(type(column), "VARCHAR")
