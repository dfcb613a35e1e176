"""How the pandas peer writes: to_csv in parts, one COPY into the table itself, whose indexes are all there."""

import pandas as pd
from psycopg import sql

from benchmarks.peers.dataframes import Array, id_texts
from insights.db.connection import connect

AT_ONCE = 50_000
DIGITS = "%.15g"  # as PostgreSQL reads a double on the way to numeric


def texts(halves: Array) -> pd.Series:
    """Ids as text."""
    return pd.Series(id_texts(halves).to_pandas())


def copy_rows(url: str, table: str, rows: pd.DataFrame) -> None:
    """Append rows to a table, in one transaction."""
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT csv)").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, rows.columns))
    )
    with connect(url) as connection, connection.cursor() as cursor, cursor.copy(statement) as copy:
        for start in range(0, len(rows), AT_ONCE):
            part = rows.iloc[start : start + AT_ONCE]
            copy.write(part.to_csv(index=False, header=False, float_format=DIGITS))
