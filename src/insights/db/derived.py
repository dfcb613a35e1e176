"""The derived columns of sessions and performances: totals, times, days since the last workout.

Their definitions are the SQL functions `performance_totals` and `session_times`, which the migrations' backfill and
`insights migrate verify` use too.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import psycopg

from insights.db import queries


def derive(connection: psycopg.Connection[Any], user_ids: Sequence[UUID]) -> int:
    """Make the derived columns of these users as defined; how many rows that changed. A second time none."""
    users = {"user_ids": list(user_ids)}
    return sum(queries.run(connection, name, users) for name in ("derive_performances", "derive_session_context"))
