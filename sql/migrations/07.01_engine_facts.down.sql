-- Drops the engine's own facts.
-- locks: user_preferences ACCESS EXCLUSIVE, set_executions ACCESS EXCLUSIVE, users ACCESS EXCLUSIVE, exercise_catalog ACCESS EXCLUSIVE

-- step: consent
ALTER TABLE user_preferences DROP COLUMN llm_processing;

-- step: source words
ALTER TABLE set_executions DROP COLUMN source_set_type;

-- step: tables
DROP TABLE exercise_traits;
DROP TABLE user_body_weights;
