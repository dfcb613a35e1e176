-- Counts one more down step, in the step's own transaction.
UPDATE insights_migrations SET state = 'going_down', steps_done = %(steps_done)s WHERE id = %(id)s
