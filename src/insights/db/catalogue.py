"""The exercise catalogue in the database, and the lifts that lifters made up themselves.

Our rows are known by their ids, which derive from the lift's slug: they are added, brought up to date, or left alone.
A row that somebody else made is never changed, whatever its name; names of categories, muscles, equipment and
movements that are there already are used as they are.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID, uuid5

import psycopg
from psycopg.types.json import Jsonb

from insights import assets
from insights.catalogue import Catalogue, NameMapping, parse
from insights.db import queries
from insights.lift_names import plain
from insights.lifts import NAMESPACE, Lift, LoadKind, Modality

CUSTOM_CATEGORY = "Custom"

Connection = psycopg.Connection[Any]


@dataclass(frozen=True, slots=True)
class Loaded:
    """How many lifts of the catalogue a load added, brought up to date, and found as they should be."""

    added: int
    updated: int
    unchanged: int


@dataclass(frozen=True, slots=True)
class Resolver:
    """Finds the exercise row for a title of a log: the catalogue's, or the lifter's own, which is made where missing.

    The catalogue must have been loaded into the connection's database.
    """

    catalogue: Catalogue
    mapping: NameMapping | None = None

    def __call__(
        self,
        connection: Connection,
        user_id: UUID,
        title: str,
        *,
        modality: Modality = "strength",
        load_kind: LoadKind = "free",
    ) -> UUID:
        """The exercise's id. `modality` and `load_kind` are for a lift that has to be made."""
        match = self.catalogue.resolve(title, self.mapping)
        if match:
            return match.lift.id
        return ensure_custom_exercise(connection, user_id, title, modality=modality, load_kind=load_kind)


@cache
def shipped() -> Catalogue:
    """The catalogue that comes with the package, read once."""
    files = sorted(assets.path("sql", "catalogue").glob("*.toml"))
    return parse({file.name: assets.text("sql", "catalogue", file.name) for file in files})


def load_catalogue(connection: Connection, catalogue: Catalogue) -> Loaded:
    """Write the catalogue. A second time it writes nothing; commits nothing itself."""
    lifts = list(catalogue.lifts.values())
    with connection.transaction():
        written = queries.rows(connection, "catalogue_write_exercises", {"exercises": _exercises(connection, lifts)})
        added = {row["exercise_id"] for row in written if row["added"]}
        touched = {row["exercise_id"] for row in written}
        touched |= _write_junctions(connection, lifts)
        touched |= _write_facts(connection, catalogue, lifts)
    updated = len(touched - added)
    return Loaded(added=len(added), updated=updated, unchanged=len(lifts) - len(added) - updated)


def ensure_custom_exercise(
    connection: Connection, user_id: UUID, title: str, *, modality: Modality = "strength", load_kind: LoadKind = "free"
) -> UUID:
    """The lifter's own lift of this title, made if it is not there: no muscles, no movements, category "Custom".

    Case, accents and punctuation of the title make no difference; the first spelling seen becomes the name. An
    exercise that is there already keeps its modality and load kind.
    """
    exercise_id = uuid5(NAMESPACE, f"custom/{user_id}/{plain(title)}")
    _ids_of(connection, "exercise_categories", [CUSTOM_CATEGORY])
    values = {"id": exercise_id, "user_id": user_id, "name": title.strip(), "category": CUSTOM_CATEGORY}
    queries.run(connection, "catalogue_add_custom_exercise", {**values, "modality": modality, "load_kind": load_kind})
    return exercise_id


def _ids_of(connection: Connection, table: str, names: Iterable[str]) -> Mapping[str, UUID]:
    """The ids of names in a lookup table; missing names are added."""
    wanted = sorted(set(names))
    known = queries.rows(connection, f"catalogue_{table}", {"names": wanted})
    if len(known) < len(wanted):
        ids = [uuid5(NAMESPACE, f"{table}/{name}") for name in wanted]
        queries.run(connection, f"catalogue_add_{table}", {"ids": ids, "names": wanted})
        known = queries.rows(connection, f"catalogue_{table}", {"names": wanted})
    return {row["name"]: row["id"] for row in known}


def _exercises(connection: Connection, lifts: list[Lift]) -> Jsonb:
    categories = _ids_of(connection, "exercise_categories", (lift.category for lift in lifts))
    return Jsonb(
        [
            {
                "id": str(lift.id),
                "name": lift.name,
                "category_id": str(categories[lift.category]),
                "mechanics": lift.mechanics,
                "unilateral": lift.unilateral,
                "is_bodyweight": lift.load_kind in ("bodyweight", "assisted"),
            }
            for lift in lifts
        ]
    )


def _write_junctions(connection: Connection, lifts: list[Lift]) -> set[UUID]:
    """Equipment, movements, and the muscles that a lift trains (stabilizers are not trained). Returns lifts touched."""
    names: dict[str, list[tuple[Lift, str]]] = {
        "muscle_groups": [(lift, muscle) for lift in lifts for muscle in (*lift.primary, *lift.secondary)],
        "equipment": [(lift, piece) for lift in lifts for piece in lift.equipment],
        "movement_patterns": [(lift, movement) for lift in lifts for movement in lift.movements],
    }
    touched: set[UUID] = set()
    for table, pairs in names.items():
        ids = _ids_of(connection, table, (name for _, name in pairs))
        values = {
            "catalogue": [lift.id for lift in lifts],
            "exercises": [lift.id for lift, _ in pairs],
            "others": [ids[name] for _, name in pairs],
        }
        touched |= _touched(connection, f"catalogue_write_exercise_{table}", values)
    return touched


def _write_facts(connection: Connection, catalogue: Catalogue, lifts: list[Lift]) -> set[UUID]:
    """Biomechanics, traits and variations. Returns the lifts touched."""
    own = [_biomechanics_id(lift) for lift in lifts]
    biomechanics = Jsonb([_biomechanics(lift) for lift in lifts if lift.primary])
    traits = Jsonb([_traits(lift) for lift in lifts])
    variations = Jsonb(
        [
            {
                "id": str(uuid5(variation.parent.id, variation.lift.slug)),
                "parent_exercise_id": str(variation.parent.id),
                "variation_exercise_id": str(variation.lift.id),
                "variation_type": variation.variation_type,
            }
            for variation in catalogue.variations
        ]
    )
    return (
        _touched(connection, "catalogue_write_exercise_biomechanics", {"rows": biomechanics, "own": own})
        | _touched(connection, "catalogue_write_exercise_traits", {"rows": traits})
        | _touched(connection, "catalogue_write_exercise_variations", {"rows": variations})
    )


def _biomechanics_id(lift: Lift) -> UUID:
    return uuid5(lift.id, "biomechanics")


def _biomechanics(lift: Lift) -> dict[str, Any]:
    return {
        "id": str(_biomechanics_id(lift)),
        "exercise_id": str(lift.id),
        "primary_muscles": lift.primary,
        "secondary_muscles": lift.secondary,
        "stabilizer_muscles": lift.stabilizers,
    }


def _traits(lift: Lift) -> dict[str, Any]:
    return {
        "exercise_id": str(lift.id),
        "load_kind": lift.load_kind,
        "modality": lift.modality,
        "bodyweight_share": lift.bodyweight_share,
        "is_deadlift": lift.is_deadlift,
    }


def _touched(connection: Connection, name: str, values: Mapping[str, Any]) -> set[UUID]:
    return {row["exercise_id"] for row in queries.rows(connection, name, values)}
