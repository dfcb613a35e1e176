-- Drops the log of changes. Nothing is lost that a backfill does not bring back.
-- locks: set_executions ACCESS EXCLUSIVE, exercise_performances ACCESS EXCLUSIVE, workout_sessions ACCESS EXCLUSIVE, session_context ACCESS EXCLUSIVE, workout_block_exercises ACCESS EXCLUSIVE, exercise_catalog ACCESS EXCLUSIVE, exercise_traits ACCESS EXCLUSIVE, exercise_biomechanics ACCESS EXCLUSIVE, exercise_categories ACCESS EXCLUSIVE, exercise_movement_patterns ACCESS EXCLUSIVE, movement_patterns ACCESS EXCLUSIVE, users ACCESS EXCLUSIVE, user_preferences ACCESS EXCLUSIVE, user_body_weights ACCESS EXCLUSIVE

-- step: sets
DROP TRIGGER insights_log_insert ON set_executions;
DROP TRIGGER insights_log_update ON set_executions;
DROP TRIGGER insights_log_delete ON set_executions;
DROP TRIGGER insights_log_move ON set_executions;
DROP TRIGGER insights_log_truncate ON set_executions;

-- step: performances
DROP TRIGGER insights_log_move ON exercise_performances;
DROP TRIGGER insights_log_totals ON exercise_performances;
DROP TRIGGER insights_log_delete ON exercise_performances;

-- step: context
DROP TRIGGER insights_log_insert ON session_context;
DROP TRIGGER insights_log_update ON session_context;
DROP TRIGGER insights_log_times ON session_context;
DROP TRIGGER insights_log_delete ON session_context;
DROP TRIGGER insights_log_truncate ON session_context;

-- step: sessions
DROP TRIGGER insights_log_insert ON workout_sessions;
DROP TRIGGER insights_log_update ON workout_sessions;
DROP TRIGGER insights_log_delete ON workout_sessions;
DROP TRIGGER insights_log_move ON workout_sessions;

-- step: block exercises
DROP TRIGGER insights_log_update ON workout_block_exercises;

-- step: lifts
DROP TRIGGER insights_log_update ON exercise_catalog;

-- step: categories
DROP TRIGGER insights_log_update ON exercise_categories;

-- step: patterns
DROP TRIGGER insights_log_update ON movement_patterns;

-- step: patterns of lifts
DROP TRIGGER insights_log_insert ON exercise_movement_patterns;
DROP TRIGGER insights_log_update ON exercise_movement_patterns;
DROP TRIGGER insights_log_delete ON exercise_movement_patterns;
DROP TRIGGER insights_log_truncate ON exercise_movement_patterns;

-- step: traits of lifts
DROP TRIGGER insights_log_insert ON exercise_traits;
DROP TRIGGER insights_log_update ON exercise_traits;
DROP TRIGGER insights_log_delete ON exercise_traits;
DROP TRIGGER insights_log_truncate ON exercise_traits;

-- step: muscles of lifts
DROP TRIGGER insights_log_insert ON exercise_biomechanics;
DROP TRIGGER insights_log_update ON exercise_biomechanics;
DROP TRIGGER insights_log_delete ON exercise_biomechanics;
DROP TRIGGER insights_log_truncate ON exercise_biomechanics;

-- step: users
DROP TRIGGER insights_log_update ON users;

-- step: preferences
DROP TRIGGER insights_log_insert ON user_preferences;
DROP TRIGGER insights_log_update ON user_preferences;
DROP TRIGGER insights_log_delete ON user_preferences;
DROP TRIGGER insights_log_truncate ON user_preferences;

-- step: body weights
DROP TRIGGER insights_log_insert ON user_body_weights;
DROP TRIGGER insights_log_update ON user_body_weights;
DROP TRIGGER insights_log_delete ON user_body_weights;
DROP TRIGGER insights_log_truncate ON user_body_weights;

-- step: functions
DROP FUNCTION log_changed_sets();
DROP FUNCTION log_moved_set();
DROP FUNCTION log_deleted_performances();
DROP FUNCTION log_moved_performance();
DROP FUNCTION log_changed_context();
DROP FUNCTION log_changed_sessions();
DROP FUNCTION log_moved_session();
DROP FUNCTION log_changed_block_exercises();
DROP FUNCTION log_truncation();
DROP FUNCTION log_changed_catalog();
DROP FUNCTION log_changed_names();
DROP FUNCTION log_changed_exercises();
DROP FUNCTION log_changed_user();
DROP FUNCTION log_changed_preferences();
DROP FUNCTION log_changed_body_weights();

-- step: tables
DROP TABLE engine_changes;
DROP TABLE analytics_changes;
