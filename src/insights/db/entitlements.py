"""Entitlements: the tier of a user, what it may use, and the ledger of uses (07.05, docs/entitlements.md).

The rules are SQL functions, so that the app and the engine share them; this is their typed face. Limits are for reading
and for insights: analytics are computed for every active user, whatever the tier.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

import psycopg

from insights.db import queries
from insights.errors import BadInput

Tier = Literal["free", "plus", "pro"]
Feature = Literal[
    "basic_logging", "rpe", "rom_quality", "advanced_set_types", "weekly_analytics", "monthly_analytics",
    "tempo_seconds", "partial_reps", "assisted_reps", "measured_rom", "biomechanics", "plateau_detection",
    "llm_insights", "on_demand",
]  # fmt: skip
Denial = Literal["not_in_plan", "daily_limit", "monthly_limit"]
Connection = psycopg.Connection[Any]


@dataclass(frozen=True, slots=True)
class Limits:
    """What a tier says of a feature; a limit of None is unlimited."""

    feature: str
    enabled: bool
    daily_limit: int | None
    monthly_limit: int | None

    @property
    def usable(self) -> bool:
        """Whether the tier has the feature at all: a limit of 0 grants none."""
        return self.enabled and self.daily_limit != 0 and self.monthly_limit != 0


@dataclass(frozen=True, slots=True)
class Consumption:
    """The answer to a wish to use a feature, and what the ledger holds after it."""

    granted: bool
    reason: Denial | None  # why it was denied
    tier: Tier
    usage_date: date  # in the user's zone; what `refund` wants to know
    used_today: int
    used_this_month: int  # the calendar month of usage_date
    daily_limit: int | None
    monthly_limit: int | None
    remaining: int | None  # how many more would be granted today; None: unlimited


def effective_tier(connection: Connection, user_id: UUID, at: datetime) -> Tier:
    """The highest active subscription whose period holds the instant, else free, also for a user who does not exist."""
    tier: Tier = _one(connection, "entitlement_tier", {"user_id": user_id, "at": at})["tier"]
    return tier


def features(connection: Connection, user_id: UUID, at: datetime) -> dict[str, Limits]:
    """What the user's tier at an instant says of each feature, by name."""
    rows = queries.rows(connection, "entitlement_features", {"user_id": user_id, "at": at})
    return {row["feature"]: Limits(**row) for row in rows}


def consume(connection: Connection, user_id: UUID, feature: str, *, at: datetime, n: int = 1) -> Consumption:
    """Use a feature n times, all or none.

    Until the caller's transaction ends, every other use of this feature by this user waits, and a rollback undoes the
    use: keep the transaction short, and use several features of one user in one order everywhere.

    Raises:
        BadInput: no such user or feature, n below 1, or a transaction that is not READ COMMITTED.
    """
    with _refusals():
        values = {"user_id": user_id, "feature": feature, "n": n, "at": at}
        return Consumption(**_one(connection, "entitlement_consume", values))


def refund(connection: Connection, user_id: UUID, feature: str, usage_date: date, *, n: int = 1) -> int:
    """Give uses back to the day that `consume` told, at most those that there are; how many were given back.

    Raises:
        BadInput: n below 1, or a transaction that is not READ COMMITTED.
    """
    with _refusals():
        values = {"user_id": user_id, "feature": feature, "usage_date": usage_date, "n": n}
        given_back: int = _one(connection, "entitlement_refund", values)["given_back"]
    return given_back


def _one(connection: Connection, name: str, values: dict[str, Any]) -> queries.Row:
    (row,) = queries.rows(connection, name, values)
    return row


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except (
        psycopg.errors.InvalidParameterValue,
        psycopg.errors.NoDataFound,
        psycopg.errors.InvalidTransactionState,
    ) as error:
        raise BadInput(error.diag.message_primary or str(error), hint=error.diag.message_hint or "") from error
