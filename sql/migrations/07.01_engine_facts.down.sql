-- Drops the engine's own facts.

-- step: consent
ALTER TABLE user_preferences DROP COLUMN llm_processing;

-- step: source words
ALTER TABLE set_executions DROP COLUMN source_set_type;

-- step: tables
DROP TABLE exercise_traits;
DROP TABLE user_body_weights;
