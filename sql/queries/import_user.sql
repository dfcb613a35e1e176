-- Makes a user that the engine owns, with the preferences that go with it, unless the id is taken. Counts the made.
WITH made AS (
    INSERT INTO users (id, email, username, full_name, tz, units)
    VALUES (%(id)s, %(email)s, %(email)s, %(name)s, %(time_zone)s, %(units)s)
    ON CONFLICT (id) DO NOTHING
    RETURNING id
), preferences AS (
    INSERT INTO user_preferences (user_id, preferred_units)
    SELECT id, %(units)s FROM made
    ON CONFLICT (user_id) DO NOTHING
)
INSERT INTO engine_users (user_id, made_by)
SELECT id, %(made_by)s FROM made
