-- Drops the preferences and the training context. users.units and fitness_goal never left.
-- locks: users ACCESS EXCLUSIVE

-- step: triggers
DROP TRIGGER insights_sync ON users;
DROP TRIGGER insights_sync_goals ON users;

-- step: functions
DROP FUNCTION sync_goals();
DROP FUNCTION sync_preferences(uuid);
DROP FUNCTION legacy_preferences(users);

-- step: preferences
DROP TABLE user_preferences;

-- step: columns
ALTER TABLE users
    DROP CONSTRAINT users_training_frequency_check,
    DROP COLUMN training_experience,
    DROP COLUMN primary_goals,
    DROP COLUMN injury_history,
    DROP COLUMN training_frequency;

-- step: what was kept aside
DELETE FROM migration_quarantine AS q
WHERE q.source_table = 'users' AND EXISTS (SELECT FROM users AS u WHERE u.id = q.source_id);
