-- What an app of the legacy schema does, statement by statement. The checklist replays it and rolls it back.

-- step: sign up
INSERT INTO users (id, email, username) VALUES (%(user)s, %(address)s, %(address)s)

-- step: change the profile
UPDATE users SET full_name = 'Ada', fitness_goal = 'strength', units = 'metric', updated_at = now() WHERE id = %(user)s

-- step: write a plan
INSERT INTO plans (id, name, type, price, created_at, updated_at)
VALUES (%(plan)s, 'checklist', 'plus', 900, '2026-01-05 12:00', '2026-01-05 12:00')

-- step: read a plan
SELECT id, name, type, description, price, stripe_price_id, features, created_at, updated_at FROM plans WHERE id = %(plan)s

-- step: subscribe
INSERT INTO subscriptions (id, user_id, plan_id, current_period_start, current_period_end)
VALUES (%(subscription)s, %(user)s, %(plan)s, now(), now() + interval '30 days')

-- step: read the subscription
SELECT id, is_active, current_period_start, current_period_end, cancel_at_period_end
FROM subscriptions WHERE user_id = %(user)s AND is_active

-- step: cancel the subscription
UPDATE subscriptions SET cancel_at_period_end = true, updated_at = now() WHERE id = %(subscription)s

-- step: make an exercise of one's own
WITH category AS (
    INSERT INTO exercise_categories (id, name) VALUES (%(category)s, %(address)s) RETURNING id
)
INSERT INTO exercise_catalog (id, name, is_custom, created_by_id, category_id)
SELECT %(exercise)s, 'Checklist press', true, %(user)s, id FROM category

-- step: create a workout
INSERT INTO workouts (id, name, created_by_id) VALUES (%(workout)s, 'Checklist', %(user)s)

-- step: put an exercise into it
INSERT INTO workout_exercises (id, workout_id, exercise_id, "order", sets, reps, rest_duration, rep_scheme)
VALUES (%(workout_exercise)s, %(workout)s, %(exercise)s, 1, 3, 8, 120, '{"1": 8, "2": 8}')

-- step: start a session
INSERT INTO workout_sessions (id, user_id, workout_id, start_time, status)
VALUES (%(session)s, %(user)s, %(workout)s, now(), 'IN_PROGRESS')

-- step: record a set
INSERT INTO exercise_sets (id, workout_session_id, workout_exercise_id, set_number, reps, weight, rpe)
VALUES (%(set)s, %(session)s, %(workout_exercise)s, 1, 8, 61.23496995, 8)

-- step: edit the set
UPDATE exercise_sets SET reps = 7, weight = 62.5, updated_at = now() WHERE id = %(set)s

-- step: read the session
SELECT s.set_number, s.reps, s.weight, s.rpe, we."order"
FROM exercise_sets AS s JOIN workout_exercises AS we ON we.id = s.workout_exercise_id
WHERE s.workout_session_id = %(session)s

-- step: delete the set
DELETE FROM exercise_sets WHERE id = %(set)s

-- step: finish the session
UPDATE workout_sessions SET status = 'COMPLETED', end_time = now(), updated_at = now() WHERE id = %(session)s
