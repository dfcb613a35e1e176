-- Records the first migration as adopted: it stands, and this runner did not make it.
INSERT INTO insights_migrations (id, name, state, steps_done, checksum, made_here, applied_at, seconds)
VALUES (%(id)s, %(name)s, 'applied', %(steps_done)s, %(checksum)s, false, clock_timestamp(), 0)
