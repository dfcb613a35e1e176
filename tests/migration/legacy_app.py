"""A small app of the legacy schema: people, workouts, sessions, sets."""

import psycopg

from insights.db import migrate
from insights.db.migrate import flags

FILL = """
INSERT INTO users (id, email, username, fitness_goal, units)
SELECT gen_random_uuid(), 'lifter' || n || '@example.org', 'lifter' || n, 'strength', 'lbs'
FROM generate_series(1, 20) AS n;
INSERT INTO workouts (id, name, created_by_id) SELECT gen_random_uuid(), 'Push', id FROM users;
INSERT INTO exercise_categories (id, name) VALUES (gen_random_uuid(), 'Strength');
INSERT INTO exercise_catalog (id, name, category_id)
SELECT gen_random_uuid(), 'Bench press', id FROM exercise_categories;
INSERT INTO workout_exercises (id, workout_id, exercise_id, "order", sets, reps, rep_scheme)
SELECT gen_random_uuid(), w.id, e.id, 1, 3, 8, '{"1": 8, "2": 6}' FROM workouts AS w, exercise_catalog AS e;
INSERT INTO workout_sessions (id, user_id, workout_id, status, start_time)
SELECT gen_random_uuid(), created_by_id, id, 'COMPLETED', now() FROM workouts;
INSERT INTO exercise_sets (id, workout_session_id, workout_exercise_id, set_number, reps, weight)
SELECT gen_random_uuid(), s.id, we.id, n, 8, CASE n WHEN 3 THEN 'NaN' ELSE 61.23496995 END
FROM workout_sessions AS s JOIN workout_exercises AS we ON we.workout_id = s.workout_id, generate_series(1, 3) AS n;
INSERT INTO plans (id, name, type) VALUES (gen_random_uuid(), 'Plus', 'plus');
INSERT INTO subscriptions (id, user_id, plan_id) SELECT gen_random_uuid(), u.id, p.id FROM users AS u, plans AS p;
"""


def make(url: str) -> None:
    """Its tables, as this runner's 00.00, and its rows."""
    migrate.up(url, "00.00")
    run(url, FILL)


def forget(url: str) -> None:
    """Make it an app's own database, which no runner knows."""
    run(url, "DROP TABLE insights_migrations")


def run(url: str, *statements: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode(), prepare=False)


def scalar(url: str, query: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute(query.encode()).fetchone()
    return row[0] if row else None


def content(url: str, *tables: str) -> dict[str, list[str]]:
    """Every row of some tables as PostgreSQL writes it."""
    with psycopg.connect(url) as connection:
        return {
            table: [row for (row,) in connection.execute(f"SELECT t::text FROM {table} AS t ORDER BY 1".encode())]
            for table in tables
        }


def set_flags(url: str, percent: int) -> None:
    """Both rollout flags at some per cent."""
    for name in ("read_new", "write_new"):
        flags.set_flag(url, name, percent)
