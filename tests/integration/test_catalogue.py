import csv
from collections import Counter, defaultdict
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest

from insights.catalogue import Catalogue
from insights.db.catalogue import Loaded, Resolver, ensure_custom_exercise, load_catalogue, shipped
from insights.lifts import Lift

TABLES = (
    "exercise_categories", "muscle_groups", "equipment", "movement_patterns", "exercise_catalog",
    "exercise_muscle_groups", "exercise_equipment", "exercise_movement_patterns",
    "exercise_biomechanics", "exercise_traits", "exercise_variations",
)  # fmt: skip
CATALOGUE = shipped()


def contents(connection: psycopg.Connection, tables: tuple[str, ...] = TABLES) -> dict[str, list[str]]:
    """Every row with the place it is stored at: a row that is written again, even unchanged, shows."""
    found = {}
    for table in tables:
        query = f"select ctid::text || xmin::text || t::text from {table} t order by 1"
        found[table] = [row[0] for row in connection.execute(query).fetchall()]
    return found


def add_user(connection: psycopg.Connection) -> UUID:
    user = uuid4()
    connection.execute(
        "insert into users (id, email, username, hashed_password) values (%s, %s, %s, '')",
        (user, f"{user}@example.org", str(user)),
    )
    return user


def changed(slug: str, **changes: object) -> Catalogue:
    lifts = [lift.model_copy(update=changes) if lift.slug == slug else lift for lift in CATALOGUE.lifts.values()]
    return Catalogue(lifts, CATALOGUE.variations)


def test_a_second_load_writes_nothing(database: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        everything = len(CATALOGUE.lifts)
        assert load_catalogue(connection, CATALOGUE) == Loaded(added=everything, updated=0, unchanged=0)
        before = contents(connection)
        assert load_catalogue(connection, CATALOGUE) == Loaded(added=0, updated=0, unchanged=everything)
        assert contents(connection) == before
        assert all(before[table] for table in TABLES)


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "Back Squat (Barbell)"},
        {"category": "Full Body"},
        {"primary": {"quadriceps": 91}},
        {"primary": {}, "secondary": {}, "stabilizers": {}},
        {"movements": ("squat", "hinge")},
        {"movements": ("hinge",)},
        {"equipment": ("barbell", "plate")},
        {"load_kind": "machine"},
        {"modality": "timed"},
        {"is_deadlift": True},
        {"unilateral": True},
    ],
    ids=str,
)
def test_a_changed_lift_alone_is_brought_up_to_date(database: str, changes: dict[str, object]) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        load_catalogue(connection, CATALOGUE)
        before = contents(connection)
        assert load_catalogue(connection, changed("squat-barbell", **changes)).updated == 1
        assert contents(connection) != before
        assert load_catalogue(connection, changed("squat-barbell", **changes)).updated == 0
        assert load_catalogue(connection, CATALOGUE).updated == 1
        muscles = connection.execute(
            "select primary_muscles from exercise_biomechanics b join exercise_catalog c on c.id = exercise_id"
            " where c.name = 'Squat (Barbell)'"
        ).fetchone()
        assert muscles == ({"quadriceps": 90, "glutes": 70},)


def test_rows_of_others_are_adopted_by_name_and_never_changed(database: str) -> None:
    theirs = {"category": uuid4(), "movement": uuid4(), "muscle": uuid4(), "exercise": uuid4()}
    own = CATALOGUE.lifts["squat-barbell"]
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("insert into exercise_categories (id, name) values (%s, 'Legs')", (theirs["category"],))
        connection.execute("insert into movement_patterns (id, name) values (%s, 'squat')", (theirs["movement"],))
        connection.execute("insert into muscle_groups (id, name) values (%s, 'Quads')", (theirs["muscle"],))
        connection.execute(
            "insert into exercise_catalog (id, name, category_id, mechanics) values (%s, %s, %s, 'isolation')",
            (theirs["exercise"], own.name, theirs["category"]),
        )
        connection.execute(
            "insert into exercise_muscle_groups (exercise_id, muscle_group_id) values (%s, %s)",
            (theirs["exercise"], theirs["muscle"]),
        )
        connection.execute("insert into exercise_biomechanics (exercise_id) values (%s)", (theirs["exercise"],))
        connection.execute(
            "insert into exercise_traits (exercise_id, load_kind, modality) values (%s, 'band', 'timed')",
            (theirs["exercise"],),
        )
        before = contents(connection)
        load_catalogue(connection, CATALOGUE)
        after = contents(connection)
        for table, rows in before.items():
            assert set(rows) <= set(after[table]), table
        used = connection.execute(
            "select category_id, movement_pattern_id from exercise_catalog"
            " join exercise_movement_patterns on exercise_id = id where id = %s",
            (own.id,),
        ).fetchall()
        assert used == [(theirs["category"], theirs["movement"])]


def test_biomechanics_and_variations_that_others_made_for_our_lifts_stay(database: str) -> None:
    squat, front = CATALOGUE.lifts["squat-barbell"], CATALOGUE.lifts["front-squat"]
    with psycopg.connect(database, autocommit=True) as connection:
        load_catalogue(connection, CATALOGUE)
        connection.execute("delete from exercise_biomechanics where exercise_id = %s", (squat.id,))
        connection.execute(
            "insert into exercise_biomechanics (exercise_id, primary_muscles) values (%s, '{\"glutes\": 99}')",
            (squat.id,),
        )
        connection.execute(
            "update exercise_variations set id = gen_random_uuid(), variation_type = 'ours'"
            " where parent_exercise_id = %s and variation_exercise_id = %s",
            (squat.id, front.id),
        )
        before = contents(connection)
        assert load_catalogue(connection, CATALOGUE).updated == 0
        assert contents(connection) == before


def test_what_the_schema_holds_is_what_the_catalogue_says(database: str) -> None:
    query = """
        select c.id, c.mechanics::text, c.unilateral, c.is_bodyweight, c.is_custom, k.name,
               b.primary_muscles, b.secondary_muscles, b.stabilizer_muscles,
               t.load_kind, t.modality, t.bodyweight_share::float8, t.is_deadlift,
               array(select e.name from exercise_equipment j join equipment e on e.id = j.equipment_id
                     where j.exercise_id = c.id order by 1),
               array(select p.name from exercise_movement_patterns j
                     join movement_patterns p on p.id = j.movement_pattern_id
                     where j.exercise_id = c.id order by 1),
               array(select m.name from exercise_muscle_groups j join muscle_groups m on m.id = j.muscle_group_id
                     where j.exercise_id = c.id order by 1)
        from exercise_catalog c
        join exercise_categories k on k.id = c.category_id
        join exercise_traits t on t.exercise_id = c.id
        left join exercise_biomechanics b on b.exercise_id = c.id"""

    def row(lift: Lift) -> tuple[object, ...]:
        return (
            lift.id, lift.mechanics, lift.unilateral, lift.load_kind in ("bodyweight", "assisted"), False,
            lift.category, *((lift.primary, lift.secondary, lift.stabilizers) if lift.primary else (None, None, None)),
            lift.load_kind, lift.modality, lift.bodyweight_share, lift.is_deadlift,
            sorted(lift.equipment), sorted(lift.movements), sorted((*lift.primary, *lift.secondary)),
        )  # fmt: skip

    with psycopg.connect(database, autocommit=True) as connection:
        load_catalogue(connection, CATALOGUE)
        stored = {found[0]: found for found in connection.execute(query).fetchall()}
    assert stored == {lift.id: row(lift) for lift in CATALOGUE.lifts.values()}


def test_a_lifters_own_lift_is_made_once(database: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        user, other = add_user(connection), add_user(connection)
        first = ensure_custom_exercise(connection, user, " Katana Triceps-Extension ")
        before = contents(connection)
        assert ensure_custom_exercise(connection, user, "katana triceps extension", modality="timed") == first
        assert contents(connection) == before
        assert ensure_custom_exercise(connection, other, "Katana Triceps Extension") != first
        assert ensure_custom_exercise(connection, user, "Katana") != first
        hang = ensure_custom_exercise(connection, user, "Towel Hang", modality="timed", load_kind="bodyweight")
        query = """select c.name, is_custom, created_by_id, k.name, is_bodyweight, load_kind, modality, is_deadlift,
                          exists (select from exercise_biomechanics b where b.exercise_id = c.id)
                   from exercise_catalog c join exercise_categories k on k.id = category_id
                   join exercise_traits t on t.exercise_id = c.id where c.id = %s"""
        assert connection.execute(query, (first,)).fetchone() == (
            "Katana Triceps-Extension", True, user, "Custom", False, "free", "strength", False, False,
        )  # fmt: skip
        assert connection.execute(query, (hang,)).fetchone() == (
            "Towel Hang", True, user, "Custom", True, "bodyweight", "timed", False, False,
        )  # fmt: skip


def test_a_title_resolves_to_the_catalogue_the_mapping_or_the_lifters_own(database: str) -> None:
    mapping = CATALOGUE.read_mapping('"My Bench" = "bench-press-barbell"')
    with psycopg.connect(database, autocommit=True) as connection:
        load_catalogue(connection, CATALOGUE)
        user = add_user(connection)
        resolve = Resolver(CATALOGUE, mapping)
        bench = CATALOGUE.lifts["bench-press-barbell"].id
        assert resolve(connection, user, "Flat Barbell Bench Press") == resolve(connection, user, "My Bench") == bench
        assert resolve(connection, user, "My Press") == ensure_custom_exercise(connection, user, "my press")
        assert Resolver(CATALOGUE)(connection, user, "My Bench") != bench


@pytest.mark.parametrize(
    ("file", "column", "at_least", "own"),
    [
        ("hevy/strong-statistics.csv", 4, 0.84, {"Katana Triceps Extension", "Cable Crossover Ladder"}),
        ("strong/my-workout-project-zh.csv", 3, 0.97, set()),
        ("strong/gravitus-to-strong.csv", 3, 1.0, set()),
        ("fitnotes/kaiserlift-first-400-lines.csv", 1, 0.95, set()),
    ],
)
def test_real_logs_match(shared_data: Path, file: str, column: int, at_least: float, own: set[str]) -> None:
    with (shared_data / file).open(encoding="utf-8-sig", newline="") as log:
        _, *rows = csv.reader(log)
    sets = Counter(row[column] for row in rows)
    unmatched = {title: count for title, count in sets.items() if CATALOGUE.match(title) is None}
    share = 1 - sum(unmatched.values()) / sets.total()
    print(f"{file}: {share:.2%} of {sets.total()} sets match; not: {unmatched}")
    assert share >= at_least
    assert own <= unmatched.keys()


def test_nothing_that_carries_load_in_the_hevy_log_is_left_out_but_the_assistance(shared_data: Path) -> None:
    with (shared_data / "hevy" / "strong-statistics.csv").open(encoding="utf-8-sig", newline="") as log:
        rows = [row for row in csv.DictReader(log) if row["set_type"] != "warmup"]
    left_out: defaultdict[str, float] = defaultdict(float)
    for row in rows:
        match = CATALOGUE.match(row["exercise_title"])
        if match and (match.lift.load_kind in ("assisted", "band") or match.lift.modality != "strength"):
            left_out[match.lift.slug] += float(row["weight_kg"] or 0) * float(row["reps"] or 0)
    assert {slug: load for slug, load in left_out.items() if load} == {"pull-up-assisted": 4074.5}
