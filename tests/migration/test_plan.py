from uuid import UUID

import psycopg
import pytest
from tests.migration import legacy_app

from insights.db import migrate
from insights.db.migrate import locks, planning
from insights.db.migrate.locks import Lock

STANDING = ("users", "plans", "workouts", "exercise_sets", "workout_sessions")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("ALTER TABLE users ADD COLUMN a int;", [("users", "ACCESS EXCLUSIVE")]),
        ("ALTER TABLE public.users VALIDATE CONSTRAINT c;", [("users", "SHARE UPDATE EXCLUSIVE")]),
        ("CREATE TABLE new (id uuid REFERENCES users (id));", [("users", "SHARE ROW EXCLUSIVE")]),
        ("ALTER TABLE users DISABLE TRIGGER t;", [("users", "SHARE ROW EXCLUSIVE")]),
        ("CREATE INDEX i ON workouts (name);", [("workouts", "SHARE")]),
        ("CREATE INDEX CONCURRENTLY IF NOT EXISTS i ON workouts (name)", [("workouts", "SHARE UPDATE EXCLUSIVE")]),
        (
            "CREATE TRIGGER t AFTER INSERT ON exercise_sets EXECUTE FUNCTION f()",
            [("exercise_sets", "SHARE ROW EXCLUSIVE")],
        ),
        ("DROP TRIGGER t ON exercise_sets;", [("exercise_sets", "ACCESS EXCLUSIVE")]),
        ("INSERT INTO new SELECT id FROM workouts;", [("workouts", "ACCESS SHARE")]),
        ("SELECT id FROM workouts FOR KEY SHARE", [("workouts", "ROW SHARE")]),
        ("UPDATE users SET a = 1;", [("users", "ROW EXCLUSIVE")]),
        ("DO $$ BEGIN ALTER TABLE users VALIDATE CONSTRAINT c; END $$;", [("users", "SHARE UPDATE EXCLUSIVE")]),
        ("CREATE FUNCTION f() RETURNS trigger AS $$ BEGIN DELETE FROM users; END $$ LANGUAGE plpgsql;", []),
        ("-- DROP TABLE users;\nSELECT 'DROP TABLE users';", []),
        ("CREATE TABLE new (id int); ALTER TABLE new ADD COLUMN b int;", []),
    ],
)
def test_the_locks_of_a_statement(text: str, wanted: list[tuple[str, str]]) -> None:
    assert locks.derive(text, STANDING) == tuple(Lock(*lock) for lock in wanted)


def test_a_migration_declares_its_locks() -> None:
    assert locks.declared("-- locks: a ACCESS EXCLUSIVE, b SHARE\n-- locks: none\nSELECT 1") == (
        Lock("a", "ACCESS EXCLUSIVE"),
        Lock("b", "SHARE"),
    )


def test_the_derived_locks_are_those_that_postgresql_takes(legacy: str) -> None:
    taken = """
        SELECT c.relname::text, replace(upper(regexp_replace(
            replace(l.mode, 'Lock', ''), '([a-z])([A-Z])', '\\1 \\2', 'g')), '  ', ' ')
        FROM pg_locks AS l JOIN pg_class AS c ON c.oid = l.relation
        WHERE l.pid = pg_backend_pid() AND c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
    """
    seen = 0
    with psycopg.connect(legacy, autocommit=True, options="-c timezone=UTC") as connection:
        for migration in migrate.discover()[1:]:
            standing = [name for (name,) in connection.execute("SELECT relname FROM pg_class WHERE relkind = 'r'")]
            for step in migration.up:
                text = step.sql.replace("$1", f"'{UUID(int=0)}'").replace("$2", f"'{UUID(int=2**128 - 1)}'").encode()
                if not step.transactional:
                    connection.execute(text, prepare=False)
                    continue
                with connection.transaction():
                    connection.execute(text, prepare=False)
                    held = {(t, m) for t, m in connection.execute(taken.encode()).fetchall() if t in standing}
                blocking = {(t, m) for t, m in held if Lock(t, m).stops != "nothing"}
                told = {(lock.table, lock.mode) for lock in locks.derive(step.sql, standing) if lock.stops != "nothing"}
                assert blocking == told, f"{migration.id}, {step.name}"
                seen += len(blocking)
    assert seen > 10


def test_it_tells_steps_rows_columns_and_addresses(legacy: str) -> None:
    legacy_app.run(legacy, "INSERT INTO users (id, email, username) VALUES (gen_random_uuid(), 'none', 'x')", "ANALYZE")
    told = planning.forecast(legacy)
    by_step = {(m.id, step.name): step for m in told.migrations for step in m.steps}
    assert [m.id for m in told.migrations] == [m.id for m in migrate.discover()][1:]
    moved = {migration for (migration, _), step in by_step.items() if step.rows}
    assert moved >= {"01.02", "03.02", "03.03", "03.04", "04.03"}
    assert max(step.rows or 0 for (migration, _), step in by_step.items() if migration == "04.03") == 60
    assert next(m.declared for m in told.migrations if m.id == "01.02") == (Lock("users", "ACCESS EXCLUSIVE"),)
    assert told.changed["plans"] == told.changed["subscriptions"] == "retyped"
    assert told.changed["users"] == "added"
    assert {(c.table, c.column, c.from_clock) for c in told.naive_columns} == {
        ("plans", "created_at", True),
        ("plans", "updated_at", True),
        ("subscriptions", "current_period_start", False),
        ("subscriptions", "current_period_end", False),
        ("subscriptions", "created_at", True),
        ("subscriptions", "updated_at", True),
    }
    assert [address.email for address in told.bad_addresses] == ["none"]
    assert told.bad_address_count == 1
    assert len(planning.forecast(legacy, "01.01").migrations) < len(told.migrations)


def test_it_names_the_roles_whose_zone_is_another_and_prints_what_mends_it(legacy: str) -> None:
    name = legacy.rsplit("/", 1)[1]
    roles = {"plain": None, "far": "Asia/Kolkata", "near": "Etc/UTC"}
    try:
        for role, zone in roles.items():
            legacy_app.run(legacy, f"CREATE ROLE plan_{role} LOGIN", f"GRANT INSERT ON plans TO plan_{role}")
            if zone:
                legacy_app.run(legacy, f"ALTER ROLE plan_{role} SET timezone = '{zone}'")
        legacy_app.run(legacy, "CREATE ROLE plan_reader LOGIN", "GRANT SELECT ON plans TO plan_reader")
        told = {z.role: z for z in planning.forecast(legacy).foreign_zones if z.role.startswith("plan_")}
        assert told.keys() == {"plan_far"}
        legacy_app.run(legacy, f"ALTER DATABASE {name} SET timezone = 'America/Lima'")
        legacy_app.run(legacy, "INSERT INTO plans (id, name, type) VALUES (gen_random_uuid(), 'x', 'pro')")
        told = {z.role: z for z in planning.forecast(legacy).foreign_zones if z.role.startswith("plan_")}
        assert {role: (zone.zone, zone.source) for role, zone in told.items()} == {
            "plan_far": ("Asia/Kolkata", "the role"),
            "plan_plain": ("America/Lima", "the database"),
        }
        legacy_app.run(legacy, *(zone.mend for zone in told.values()))
        assert not [z for z in planning.forecast(legacy).foreign_zones if z.role.startswith("plan_")]
    finally:
        for role in (*roles, "reader"):
            legacy_app.run(legacy, f"DROP OWNED BY plan_{role}", f"DROP ROLE plan_{role}")


def test_values_that_another_zones_clock_has_written_stand_out(legacy: str) -> None:
    name = legacy.rsplit("/", 1)[1]
    legacy_app.run(legacy, f"ALTER DATABASE {name} SET timezone = 'Asia/Kolkata'")
    legacy_app.run(legacy, "INSERT INTO plans (id, name, type) VALUES (gen_random_uuid(), 'x', 'pro')")
    ahead = {(c.table, c.column): c.ahead_s for c in planning.forecast(legacy).naive_columns}
    assert ahead["plans", "created_at"] == pytest.approx(5.5 * 3600, abs=120)
    assert ahead["subscriptions", "created_at"] is None or ahead["subscriptions", "created_at"] < 0


def test_it_names_the_clients_that_must_reconnect(legacy: str) -> None:
    with (
        psycopg.connect(legacy, application_name="shop") as shop,
        psycopg.connect(legacy, application_name="idle", autocommit=True) as idle,
    ):
        shop.execute("SELECT * FROM plans WHERE name = %s", ("Plus",))
        idle.execute("SELECT 1")
        told = {client.application: client for client in planning.forecast(legacy).clients}
    assert (told["shop"].tables, told["shop"].prepares) == (("plans",), True)
    assert (told["idle"].tables, told["idle"].prepares) == ((), False)
    assert told["shop"].oldest_transaction_s > 0 == told["idle"].oldest_transaction_s


def test_a_migrated_database_has_nothing_to_announce(database: str) -> None:
    told = planning.forecast(database)
    assert (told.migrations, told.naive_columns, told.bad_addresses) == ((), (), ())
    assert told.changed == {}
