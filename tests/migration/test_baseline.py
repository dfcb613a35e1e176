import pytest
from tests.migration import legacy_app

from insights.db import migrate
from insights.db.migrate import adapter, baseline, legacy, moves, quarantine, rehearse
from insights.db.migrate.files import discover
from insights.errors import BadInput

OTHER_NAMES = (
    "CREATE SCHEMA app",
    "ALTER TABLE users RENAME TO accounts",
    "ALTER TABLE accounts SET SCHEMA app",
    "ALTER TABLE app.accounts RENAME id TO account_id",
    "ALTER TABLE app.accounts RENAME email TO mail",
    "ALTER TABLE app.accounts DROP COLUMN locale",
    "ALTER TABLE plans RENAME TO billing",
    "ALTER TABLE billing RENAME created_at TO made_at",
    "ALTER TABLE exercise_sets RENAME TO sets",
    "ALTER TABLE sets RENAME workout_session_id TO session_id",
    "ALTER TABLE workouts RENAME TO routines",
)
UNSEEN = "SET session_replication_role = replica"  # by any trigger
MAPPING = """
[users]
table = "app.accounts"
columns = { id = "account_id", email = "mail" }
missing = ["locale"]

[plans]
table = "billing"
columns = { created_at = "made_at" }

[exercise_sets]
table = "sets"
columns = { workout_session_id = "session_id" }

[workouts]
table = "routines"
"""


@pytest.fixture
def app(legacy: str) -> str:
    legacy_app.forget(legacy)
    return legacy


def test_the_contract_is_what_the_first_migration_makes(app: str) -> None:
    assert baseline.check(app) == []
    assert sum(len(columns) for columns in legacy.declared().values()) == 131


def test_an_adopted_database_goes_up_and_its_own_tables_can_never_be_dropped(app: str) -> None:
    before = legacy_app.content(app, *legacy.declared())
    adopted = baseline.adopt(app)
    assert (adopted.id, adopted.differences) == ("00.00", ())
    assert [standing.state for standing in migrate.status(app)][:2] == ["applied", "pending"]
    assert legacy_app.content(app, *legacy.declared()) == before
    migrate.up(app)
    assert migrate.verify(app) == []
    with pytest.raises(BadInput, match="would drop the app's own"):
        migrate.down(app, migrate.BASE, discard_new_data=True)
    migrate.down(app, "00.00")
    assert legacy_app.content(app, *legacy.declared()) == before


def test_a_database_is_adopted_once(app: str) -> None:
    baseline.adopt(app)
    with pytest.raises(BadInput, match=r"known already: migration 00\.00"):
        baseline.adopt(app)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("ALTER TABLE plans DROP COLUMN price", "plans.price: the column is missing - integer is expected"),
        ("DROP TABLE exercise_equipment", "exercise_equipment: there is no table public.exercise_equipment"),
        ("ALTER TABLE exercise_sets ALTER reps TYPE text", "exercise_sets.reps: is text - integer is expected"),
        ("ALTER TABLE workout_exercises ALTER rep_scheme TYPE json", "rep_scheme: is json - jsonb is expected"),
        (
            "ALTER TABLE exercise_equipment DROP CONSTRAINT exercise_equipment_equipment_id_fkey;"
            "ALTER TABLE equipment ALTER id TYPE text",
            "equipment.id: is text, not uuid - keys must be UUIDs",
        ),
        (
            "ALTER TABLE exercise_sets DROP CONSTRAINT exercise_sets_workout_session_id_fkey;"
            "UPDATE exercise_sets SET workout_session_id = gen_random_uuid() WHERE set_number = 1",
            "exercise_sets.workout_session_id: 20 rows refer to no row of workout_sessions",
        ),
        (
            "ALTER TABLE exercise_sets ALTER set_number DROP NOT NULL; UPDATE exercise_sets SET set_number = NULL",
            "exercise_sets.set_number: 60 rows have NULL",
        ),
        ("CREATE TYPE set_type_enum AS ENUM ('a')", "set_type_enum: the name is taken: a migration makes it"),
        ("CREATE TABLE user_preferences ()", "user_preferences: the name is taken"),
        (
            "ALTER TABLE subscriptions RENAME TO s; CREATE VIEW subscriptions AS SELECT * FROM s",
            "subscriptions: is a view",
        ),
        ("ALTER TABLE exercise_sets DROP CONSTRAINT exercise_sets_pkey", "exercise_sets.id: has no primary key"),
    ],
)
def test_what_no_migration_can_work_with_is_refused_before_anything_is_changed(
    app: str, change: str, told: str
) -> None:
    legacy_app.run(app, *change.split(";"))
    with pytest.raises(baseline.DoesNotFit) as refused:
        baseline.adopt(app)
    assert told in refused.value.message
    assert refused.value.exit_code == 1
    assert legacy_app.scalar(app, "SELECT to_regclass('public.insights_migrations')") is None


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("ALTER TABLE users ALTER username DROP NOT NULL", "users.username: may be NULL, and no row is"),
        (
            "ALTER TABLE exercise_sets DROP CONSTRAINT exercise_sets_workout_session_id_fkey",
            "exercise_sets.workout_session_id: has no foreign key to workout_sessions; every row has its parent",
        ),
        (
            "ALTER TABLE workouts ADD COLUMN studio int; UPDATE workouts SET studio = 1;"
            "ALTER TABLE workouts ALTER studio SET NOT NULL",
            "workouts.studio: is NOT NULL without a default",
        ),
        ("ALTER TABLE plans ALTER created_at TYPE timestamptz", None),
        ("ALTER TABLE users ALTER email TYPE varchar(300)", None),
        ("ALTER TABLE workouts ALTER difficulty TYPE text", None),
        ("CREATE TABLE own (id int)", None),
    ],
)
def test_what_does_no_harm_is_told_and_adopted(app: str, change: str, told: str | None) -> None:
    legacy_app.run(app, *change.split(";"))
    adopted = baseline.adopt(app)
    assert [str(d).split(" - ")[0].startswith(told or "-") for d in adopted.differences] == [True] * bool(told)
    migrate.up(app)
    assert migrate.verify(app) == []


def test_a_role_that_owns_nothing_is_told_so(app: str) -> None:
    host = app.split("@", 1)[1]
    try:
        legacy_app.run(app, "CREATE ROLE baseline_only LOGIN PASSWORD 'x'", "GRANT pg_read_all_data TO baseline_only")
        told = baseline.check(f"postgresql://baseline_only:x@{host}")
        assert {difference.table for difference in told if "belongs to another role" in difference.problem} == set(
            legacy.declared()
        )
        assert "may make no tables here" in str(told[-1])
    finally:
        legacy_app.run(app, "DROP ROLE baseline_only")


def test_a_database_with_other_names_goes_up_and_down_through_its_adapters(app: str) -> None:
    legacy_app.run(app, *OTHER_NAMES)
    assert {str(d) for d in baseline.check(app)} >= {"users: there is no table public.users"}
    own = ("app.accounts", "billing", "sets", "routines")
    before = legacy_app.content(app, *own)
    adopted = baseline.adopt(app, MAPPING)
    assert adopted.adapted["users"] == "app.accounts"
    assert adopted.checksum is not None
    with adapter.migrations_of(app) as folder:
        assert folder is not None
        for _ in range(2):
            migrate.up(app, folder=folder)
            assert migrate.verify(app, folder=folder) == []
            assert legacy_app.scalar(app, "SELECT count(*) FROM set_executions") == 60
            assert legacy_app.scalar(app, "SELECT primary_goals[1] FROM app.accounts LIMIT 1") == "strength"
            assert legacy_app.scalar(app, "SELECT primary_goals[1] FROM users LIMIT 1") == "strength"
            migrate.down(app, "00.00", folder=folder)
            assert legacy_app.content(app, *own) == before
        assert rehearse.rehearse(app, folder=folder).passed
        assert migrate.status(app, folder=folder)[0].state == "applied"
    assert migrate.status(app)[1].state == "pending"
    with pytest.raises(migrate.EditedMigration):
        migrate.up(app)  # the packaged files are not those that were rendered for this database


def test_live_writes_of_an_app_with_other_names_are_carried_over(app: str) -> None:
    legacy_app.run(app, *OTHER_NAMES)
    baseline.adopt(app, MAPPING)
    with adapter.migrations_of(app) as folder:
        migrate.up(app, folder=folder)
        legacy_app.run(
            app,
            "INSERT INTO app.accounts (account_id, mail, username, units, fitness_goal)"
            " VALUES (gen_random_uuid(), 'new@example.org', 'new', 'lbs', 'speed')",
            "INSERT INTO routines (id, name, created_by_id) SELECT gen_random_uuid(), 'New', account_id"
            " FROM app.accounts WHERE username = 'new'",
            "INSERT INTO workout_exercises (id, workout_id, exercise_id) SELECT gen_random_uuid(), r.id, e.id"
            " FROM routines AS r, exercise_catalog AS e WHERE r.name = 'New'",
            "INSERT INTO workout_sessions (id, user_id, workout_id, status)"
            " SELECT gen_random_uuid(), created_by_id, id, 'IN_PROGRESS' FROM routines WHERE name = 'New'",
            "INSERT INTO sets (id, session_id, workout_exercise_id, set_number, reps, weight)"
            " SELECT gen_random_uuid(), s.id, we.id, 1, 5, 100 FROM workout_sessions AS s"
            " JOIN workout_exercises AS we ON we.workout_id = s.workout_id WHERE s.status = 'IN_PROGRESS'",
            "UPDATE sets SET reps = 4 WHERE set_number = 2",
            "DELETE FROM sets WHERE set_number = 3",
        )
        assert migrate.verify(app, folder=folder) == []
    assert legacy_app.content(app, "migration_quarantine") == {"migration_quarantine": []}
    assert legacy_app.scalar(app, "SELECT count(*) FROM set_executions WHERE weight_kg = 100") == 1
    assert legacy_app.scalar(app, "SELECT count(*) FROM set_executions WHERE reps_completed = 4") == 20
    assert legacy_app.scalar(app, "SELECT count(*) FROM set_executions") == 41
    preferred = (
        "SELECT preferred_units FROM user_preferences AS p JOIN users AS u ON u.id = user_id WHERE u.email LIKE 'new%'"
    )
    assert legacy_app.scalar(app, preferred) == "imperial"


def test_moves_and_retries_know_the_apps_own_names(app: str) -> None:
    legacy_app.run(app, *OTHER_NAMES)
    baseline.adopt(app, MAPPING)
    with adapter.migrations_of(app) as folder:
        migrate.up(app, folder=folder)
        legacy_app.run(app, "UPDATE sets SET weight = 1e9", f"{UNSEEN}; UPDATE sets SET weight = 1")
        for spelled in ("sets", "public.sets", "exercise_sets"):
            assert {e.source_table for e in quarantine.entries(app, spelled)} == {"exercise_sets"}
        assert len(quarantine.entries(app, "sets")) == 60
        assert quarantine.entries(app, "app.accounts") == []
        assert quarantine.retry(app, "public.sets") == quarantine.Retried(tried=60, left=0)
        for table in ("people", "plans", "billing"):
            with pytest.raises(BadInput, match=f"no row of '{table}' can be kept aside"):
                quarantine.entries(app, table)
        legacy_app.run(app, f"{UNSEEN}; DELETE FROM set_executions; DELETE FROM set_protocols")
        legacy_app.run(app, "DELETE FROM user_preferences")
        assert {f.id for f in migrate.verify(app, folder=folder)} == {"01.02", "03.04", "04.03"}
    assert moves.migrate_user_profiles_to_preferences(app).problems == ()
    assert moves.migrate_workout_exercises_to_blocks(app).problems == ()
    assert moves.migrate_exercise_sets_to_executions(app).problems == ()


def test_the_checksum_follows_what_was_rendered(app: str) -> None:
    first = adapter.views(adapter.read(MAPPING))
    assert first != adapter.views(adapter.read(MAPPING.replace("account_id", "accountid")))
    assert "locale" in first
    rendered = [adapter.render(step.sql, adapter.read(MAPPING)) for m in discover()[1:] for step in m.up]
    assert not [text for text in rendered if "REFERENCES users" in text or "ALTER TABLE users" in text]
    assert [adapter.render(step.sql, {}) for m in discover() for step in m.up] == [
        step.sql for m in discover() for step in m.up
    ]


TRIGGERS = """
CREATE FUNCTION look() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN PERFORM NEW.id, NEW.workout_session_id, OLD.email; RETURN NULL; END $$;
CREATE TRIGGER look AFTER UPDATE OF workout_session_id ON {table}
FOR EACH ROW WHEN (OLD.id <> NEW.id AND OLD.workout_session_id <> NEW.workout_session_id) EXECUTE FUNCTION look();
"""


@pytest.mark.parametrize(
    ("table", "has", "has_not"),
    [
        (
            "exercise_performances",
            ("NEW.workout_session_id, OLD.email", "UPDATE OF workout_session_id ON"),
            ("NEW.session_id",),
        ),
        ("exercise_sets", ("NEW.session_id, OLD.email", "UPDATE OF session_id ON public.sets", "OLD.id <> NEW.id"), ()),
        ("users", ("NEW.workout_session_id, OLD.mail", "OLD.account_id <> NEW.account_id"), ("NEW.session_id",)),
    ],
)
def test_only_triggers_of_a_mapped_table_see_its_own_columns(
    table: str, has: tuple[str, ...], has_not: tuple[str, ...]
) -> None:
    rendered = adapter.render(TRIGGERS.format(table=table), adapter.read(MAPPING))
    for words in (*has, "to_jsonb(NEW) ->> CASE TG_TABLE_NAME WHEN 'accounts' THEN 'account_id' ELSE 'id' END"):
        assert words in rendered
    for words in has_not:
        assert words not in rendered


@pytest.mark.parametrize(
    ("mapping", "complaint"),
    [
        ("[users", "is not TOML"),
        ("[people]\ntable = 'a'", "names a table people"),
        ("[users]\ntable = 'a'\nwhere = 'b'", "has where"),
        ("[users]\ntable = 'a'\ncolumns = { nick = 'b' }", "a column users.nick"),
        ("[users]\ntable = 'a; DROP TABLE b'", "no name of a table"),
        ("[users]\ntable = 'a'\ncolumns = { email = 'x\"y' }", "no name of a table or column"),
        ("[users]\ntable = 'a'\nmissing = ['email']", "cannot be missing"),
        ("[users]\ncolumns = { email = 'mail' }", "no view can have it"),
    ],
)
def test_a_mapping_that_cannot_be_used_says_why(app: str, mapping: str, complaint: str) -> None:
    with pytest.raises(BadInput, match=complaint):
        baseline.adopt(app, mapping)


def test_a_mapping_does_not_turn_other_keys_into_uuids(app: str) -> None:
    legacy_app.run(
        app,
        "ALTER TABLE exercise_equipment DROP CONSTRAINT exercise_equipment_equipment_id_fkey",
        "ALTER TABLE equipment RENAME TO gear",
        "ALTER TABLE gear ALTER id TYPE text",
    )
    with pytest.raises(baseline.DoesNotFit, match="keys must be UUIDs"):
        baseline.adopt(app, "[equipment]\ntable = 'gear'")
