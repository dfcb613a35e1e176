"""Writes simulated lifters into a database, through the same door as an imported log."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

import psycopg

from insights.db import queries
from insights.db.catalogue import Resolver, load_catalogue, shipped
from insights.db.log_writer import MadeBy, ensure_user, write_log
from insights.errors import BadInput
from insights.simulate.lifter import Lifter, email_of, simulate

MADE_BY: MadeBy = "simulate"
SOURCE = "simulated"

Connection = psycopg.Connection[Any]
OnLifter = Callable[[int], None]  # how many are done


@dataclass(frozen=True)
class Cohort:
    """What to simulate: the arguments of `simulate`."""

    lifters: int
    weeks: int
    seed: int
    until: date
    ugliness: float
    label: str = ""  # a part of the addresses, so that cohorts of one seed and other arguments may stand side by side

    def email(self, index: int) -> str:
        """The address of one lifter."""
        return email_of(index, self.seed, self.label)

    def recipe(self, index: int) -> str:
        """What makes one lifter, in words: the user's full name, which tells a lifter of other arguments apart."""
        return (
            f"Simulated lifter {index + 1}: seed {self.seed}, {self.weeks} weeks to {self.until}, "
            f"ugliness {self.ugliness:g}"
        )


@dataclass(frozen=True)
class Written:
    """What was simulated, and how much of it was new or differed from what was stored."""

    users: list[str]  # their ids, in the order of the lifters
    sets: int
    sets_added: int
    sets_updated: int
    body_weights_changed: int


def write_cohort(connection: Connection, cohort: Cohort, *, on_lifter: OnLifter = lambda _: None) -> Written:
    """Simulate and store a cohort, one lifter a transaction. A second time it changes nothing.

    The connection commits by itself (autocommit), so that a call that is cut off leaves whole lifters.

    Raises:
        BadInput: an address belongs to a user that was not simulated, or to a lifter simulated from other arguments;
            or the database lacks the schema. Nothing was written.
    """
    _check_addresses(connection, cohort)
    load_catalogue(connection, shipped())
    resolver = Resolver(shipped())
    users: list[str] = []
    sets = added = updated = body_weights = 0
    for lifter in simulate(
        cohort.lifters, weeks=cohort.weeks, seed=cohort.seed, until=cohort.until, ugliness=cohort.ugliness
    ):
        zone = lifter.time_zone
        with connection.transaction():
            user_id = ensure_user(
                connection,
                email=cohort.email(lifter.index),
                time_zone=zone,
                units=lifter.units,
                made_by=MADE_BY,
                name=cohort.recipe(lifter.index),
            )
            resolve = partial(resolver, connection, user_id)
            log = write_log(
                connection, user_id=user_id, source=SOURCE, sets=lifter.sets, time_zone=zone, resolve=resolve
            )
            body_weights += _describe(connection, user_id, lifter)
        users.append(str(user_id))
        sets, added, updated = sets + lifter.sets.height, added + log.added, updated + log.updated
        on_lifter(len(users))
    return Written(users, sets, added, updated, body_weights)


def _check_addresses(connection: Connection, cohort: Cohort) -> None:
    """Refuse before anything is written: an address taken by somebody else is never touched."""
    recipes = {cohort.email(index): cohort.recipe(index) for index in range(cohort.lifters)}
    try:
        taken = queries.rows(connection, "simulated_users", {"emails": list(recipes)})
    except psycopg.errors.UndefinedTable as error:
        raise BadInput("this database lacks the schema", hint="Run `insights migrate up` first.") from error
    for user in taken:
        if user["made_by"] != MADE_BY:
            raise BadInput(
                f"{user['email']} belongs to a user that was not simulated", hint="Choose another --seed or database."
            )
        if user["full_name"] != recipes[user["email"]]:
            raise BadInput(
                f"{user['email']} was simulated from other arguments: {user['full_name']}",
                hint="Repeat those, or choose another --seed: a lifter has one history.",
            )


def _describe(connection: Connection, user_id: UUID, lifter: Lifter) -> int:
    """Store what is known of a lifter besides the log; the number of body weights that were new or different."""
    queries.run(
        connection,
        "describe_simulated_user",
        {
            "user_id": user_id,
            "training_experience": lifter.training_experience,
            "training_frequency": lifter.training_frequency,
        },
    )
    days, weights = (lifter.body_weights[name].to_list() for name in ("measured_on", "weight_kg"))
    return queries.run(
        connection, "write_body_weights", {"user_id": user_id, "measured_on": days, "weight_kg": weights}
    )
