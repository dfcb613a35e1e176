"""The old app at work: several clients who know nothing of the new tables and hold no right on them.

Every statement is prepared. What each took, and every error, is kept.
"""

import random
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, LiteralString

import psycopg
from psycopg import errors, sql

LEGACY = (
    "users", "plans", "subscriptions", "exercise_categories", "muscle_groups", "equipment", "movement_patterns",
    "exercise_catalog", "exercise_muscle_groups", "exercise_equipment", "exercise_movement_patterns", "workouts",
    "workout_exercises", "workout_sessions", "exercise_sets",
)  # fmt: skip
PASSWORD = "old-app"


@dataclass
class Told:
    """What the clients saw."""

    errors: list[str] = field(default_factory=list)
    reconnects: int = 0
    transactions: int = 0
    longest_s: float = 0.0
    longest: str = ""


def seed(url: str, *, users: int, workouts: int, sessions: int, sets: int) -> None:
    """Legacy rows: `workouts` of 5 exercises each, `sessions` spread over them, `sets` over those; some ugly."""
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in SEED:
            values = {"users": users, "workouts": workouts, "sessions": sessions, "sets": sets}
            connection.execute(statement, values, prepare=False)
        connection.execute("ANALYZE")


SEED: tuple[LiteralString, ...] = (
    """INSERT INTO users (id, email, username, units, fitness_goal)
    SELECT md5('u' || n)::uuid, n || '@example.org', 'user' || n,
        (ARRAY['metric', 'lbs', 'stone'])[1 + n %% 3], 'strength'
    FROM generate_series(1, %(users)s) AS n""",
    """INSERT INTO plans (id, name, type) VALUES (md5('p')::uuid, 'Plus', 'plus')""",
    """INSERT INTO subscriptions (id, user_id, plan_id) SELECT md5('s' || id)::uuid, id, md5('p')::uuid FROM users""",
    """INSERT INTO exercise_categories (id, name) VALUES (md5('c')::uuid, 'Strength')""",
    """INSERT INTO exercise_catalog (id, name, category_id)
    SELECT md5('e' || n)::uuid, 'Lift ' || n, md5('c')::uuid FROM generate_series(0, 9) AS n""",
    """INSERT INTO workouts (id, name, created_by_id)
    SELECT md5('w' || n)::uuid, 'Day ' || n, md5('u' || 1 + n %% %(users)s)::uuid
    FROM generate_series(0, %(workouts)s - 1) AS n""",
    """INSERT INTO workout_exercises (id, workout_id, exercise_id, "order", sets, reps, rep_scheme)
    SELECT md5('we' || n || '/' || k)::uuid, md5('w' || n)::uuid, md5('e' || (n + k) %% 10)::uuid, k, 3, 8,
        CASE WHEN n %% 7 = 0 THEN '{"1": 12, "2": 10, "3": 8}'::jsonb END
    FROM generate_series(0, %(workouts)s - 1) AS n, generate_series(1, 5) AS k""",
    """INSERT INTO workout_sessions (id, user_id, workout_id, status, start_time)
    SELECT md5('ws' || n)::uuid, md5('u' || 1 + (n %% %(workouts)s) %% %(users)s)::uuid,
        md5('w' || n %% %(workouts)s)::uuid, 'COMPLETED', timestamptz '2026-01-01Z' + n * interval '1 minute'
    FROM generate_series(0, %(sessions)s - 1) AS n""",
    """INSERT INTO exercise_sets (id, workout_session_id, workout_exercise_id, set_number, reps, weight, rpe)
    SELECT md5('es' || n)::uuid, md5('ws' || n %% %(sessions)s)::uuid,
        md5('we' || (n %% %(sessions)s) %% %(workouts)s || '/' || 1 + (n / %(sessions)s) %% 5)::uuid,
        1 + (n / %(sessions)s) / 5, 5 + n %% 8, 20 + (n %% 400) * 0.25, CASE WHEN n %% 5000 = 1 THEN 100 ELSE 8 END
    FROM generate_series(0, %(sets)s - 1) AS n""",
)


def login(url: str) -> str:
    """URL of the old app's role, which has the legacy tables and nothing else."""
    with psycopg.connect(url, autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = 'old_app'").fetchone():
            connection.execute(sql.SQL("CREATE ROLE old_app LOGIN PASSWORD {}").format(PASSWORD))
        tables = sql.SQL(", ").join(map(sql.Identifier, LEGACY))
        connection.execute(sql.SQL("GRANT SELECT, INSERT, UPDATE, DELETE ON {} TO old_app").format(tables))
    host = url.rsplit("@", 1)[1]
    return f"postgresql://old_app:{PASSWORD}@{host}"


class Client(threading.Thread):
    """One connection of the app, at random work until it is told to stop."""

    def __init__(
        self, url: str, number: int, told: Told, stop: threading.Event, pause_s: float, by_key: bool, session: uuid.UUID
    ) -> None:
        super().__init__(daemon=True)
        self.url, self.told, self.stop, self.pause_s = url, told, stop, pause_s
        self.by_key, self.session = by_key, session
        self.sets: dict[uuid.UUID, list[uuid.UUID]] = {}
        self.random = random.Random(number)
        self.number = number
        self.mine: list[tuple[uuid.UUID, uuid.UUID, list[uuid.UUID]]] = []  # session, workout, its exercises
        self.connection = self.connect()

    def connect(self) -> psycopg.Connection[Any]:
        return psycopg.connect(self.url, autocommit=True, prepare_threshold=0)

    def run(self) -> None:
        work = (self.log, self.log, self.edit, self.remove, self.bill, self.profile, self.change_plan, self.shared)
        while not self.stop.is_set():
            act = self.random.choice(work)
            try:
                with self.connection.transaction():
                    act()
                self.told.transactions += 1
            except errors.FeatureNotSupported as error:  # cached plan must not change result type
                self.told.reconnects += 1
                if act not in (self.bill, self.profile):
                    self.told.errors.append(f"{act.__name__}: {error}")
                self.connection.close()
                self.connection = self.connect()
            except psycopg.Error as error:
                self.told.errors.append(f"{act.__name__}: {error.sqlstate} {error}")
                if self.connection.closed:
                    self.connection = self.connect()
            time.sleep(self.pause_s * self.random.random())
        self.connection.close()

    def do(self, statement: LiteralString, *values: Any) -> list[Any]:
        started = time.monotonic()
        cursor = self.connection.execute(statement, values, prepare=True)
        rows = cursor.fetchall() if cursor.description else []
        took = time.monotonic() - started
        if took > self.told.longest_s:
            self.told.longest_s, self.told.longest = took, statement
        return rows

    def log(self) -> None:
        """A new workout, a session of it, and its sets."""
        workout, session = uuid.uuid4(), uuid.uuid4()
        (user,) = self.do("SELECT id FROM users WHERE id = md5('u' || %s::text)::uuid", self.random.randint(1, 3))[0]
        self.do("INSERT INTO workouts (id, name, created_by_id) VALUES (%s, 'New', %s)", workout, user)
        exercises = [uuid.uuid4() for _ in range(3)]
        for place, exercise in enumerate(exercises):
            self.do(
                "INSERT INTO workout_exercises (id, workout_id, exercise_id, \"order\", sets, reps, rep_scheme)"
                " VALUES (%s, %s, md5('e' || %s::text)::uuid, %s, 3, 8, %s)",
                exercise, workout, place, place // 2, '{"1": 12, "2": 10}' if place else None,
            )  # fmt: skip
        self.do(
            "INSERT INTO workout_sessions (id, user_id, workout_id, status, start_time)"
            " VALUES (%s, %s, %s, 'IN_PROGRESS', now())",
            session, user, workout,
        )  # fmt: skip
        for place, exercise in enumerate(exercises[:2]):
            self.set(session, exercise, place + 1)
        self.mine.append((session, workout, exercises))

    def set(self, session: uuid.UUID, exercise: uuid.UUID, number: int) -> None:
        key = uuid.uuid4()
        self.sets.setdefault(session, []).append(key)
        weight = self.random.choice([61.23496995, 100.0, -5.0, 10_000.0, float("nan"), 1e9, None])
        self.do(
            "INSERT INTO exercise_sets (id, workout_session_id, workout_exercise_id, set_number, reps, weight, rpe)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s)",
            key, session, exercise, number, self.random.choice([None, 5, 8]), weight,
            self.random.choice([None, 8, 15, 100]),
        )  # fmt: skip

    def shared(self) -> None:
        """Everybody logs the same exercises of the same session, in an order of their own."""
        exercises = [1, 2, 3, 4, 5]
        self.random.shuffle(exercises)
        for place in exercises:
            self.do(
                "INSERT INTO exercise_sets (id, workout_session_id, workout_exercise_id, set_number, reps, weight)"
                " SELECT gen_random_uuid(), s.id, md5('we1/' || %s::text)::uuid, 9, 5, 50"
                " FROM workout_sessions AS s WHERE s.id = %s",
                place, self.session,
            )  # fmt: skip

    def edit(self) -> None:
        if self.mine:
            session, _, _ = self.random.choice(self.mine)
            self.do(
                "UPDATE exercise_sets SET weight = %s, reps = 3, updated_at = now() WHERE id = ANY(%s)",
                self.random.choice([70.0, 1e9, None]), self.sets[session],
            )  # fmt: skip

    def remove(self) -> None:
        """Sets of a session, the session, its exercises, its workout: or only some of that.

        The legacy foreign keys have no index, so all but the first reads whole tables; `by_key` leaves that out.
        """
        if not self.mine:
            return
        session, workout, exercises = self.mine.pop(self.random.randrange(len(self.mine)))
        self.do("DELETE FROM exercise_sets WHERE id = ANY(%s)", self.sets.pop(session))
        if not self.by_key and self.random.random() < 0.7:
            self.do("DELETE FROM workout_sessions WHERE id = %s", session)
            for exercise in exercises:
                self.do("DELETE FROM workout_exercises WHERE id = %s", exercise)
            self.do("DELETE FROM workouts WHERE id = %s", workout)

    def change_plan(self) -> None:
        if self.mine:
            _, workout, exercises = self.random.choice(self.mine)
            self.do('UPDATE workout_exercises SET "order" = "order" + 1, sets = 5 WHERE id = %s', exercises[0])
            self.do(
                "UPDATE workout_exercises SET rep_scheme = %s WHERE id = %s",
                self.random.choice(['{"1": 9}', "[]", None]), exercises[1],
            )  # fmt: skip
            self.do("SELECT id, name FROM workouts WHERE id = %s", workout)

    def bill(self) -> None:
        """Billing, with statements that see every column."""
        self.do("SELECT * FROM plans")
        self.do("SELECT * FROM subscriptions WHERE user_id = md5('u1')::uuid")
        self.do(
            "UPDATE subscriptions SET updated_at = now() WHERE id = (SELECT id FROM subscriptions LIMIT 1) RETURNING *"
        )

    def profile(self) -> None:
        number = 10 + self.number
        self.do("SELECT * FROM users WHERE id = md5('u' || %s::text)::uuid", number)
        self.do(
            "UPDATE users SET units = %s, fitness_goal = %s WHERE id = md5('u' || %s::text)::uuid",
            self.random.choice(["metric", "lbs", "stone", None]), self.random.choice(["size", None]), number,
        )  # fmt: skip


@contextmanager
def at_work(
    url: str, *, clients: int = 4, pause_s: float = 0.02, open_s: float = 0.0, by_key: bool = False
) -> Iterator[Told]:
    """The app's clients at work; beside them, if `open_s` says so, one transaction that stays open that long.

    `by_key` leaves out the statements that read a whole table, index or not: at millions of sets those hide any wait.
    """
    told, stop = Told(), threading.Event()
    app = login(url)
    session = uuid.uuid4()
    with psycopg.connect(app, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO workout_sessions (id, user_id, workout_id, status, start_time)"
            " VALUES (%s, md5('u1')::uuid, md5('w1')::uuid, 'IN_PROGRESS', now())",
            (session,),
        )
    threads: list[threading.Thread] = [
        Client(app, number, told, stop, pause_s, by_key, session) for number in range(clients)
    ]
    if open_s:
        threads.append(threading.Thread(target=_hold, args=(app, open_s, stop, told), daemon=True))
    for thread in threads:
        thread.start()
    try:
        yield told
    finally:
        stop.set()
        for thread in threads:
            thread.join(30)


def _hold(url: str, seconds: float, stop: threading.Event, told: Told) -> None:
    """Long transactions that have read every legacy table and written one."""
    with psycopg.connect(url) as connection:
        try:
            for table in LEGACY:
                connection.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table)))
            connection.execute("UPDATE workout_exercises SET notes = 'x' WHERE id = md5('we2/1')::uuid")
            stop.wait(seconds)
            connection.commit()
        except psycopg.Error as error:
            told.errors.append(f"open transaction: {error.sqlstate} {error}")
