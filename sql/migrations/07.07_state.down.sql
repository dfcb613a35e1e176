-- Drops what the engine remembers. Nothing is lost: the next run computes everybody from all sets.
-- locks: users ACCESS EXCLUSIVE
DROP TABLE engine_lift_bests;
DROP TABLE engine_context_days;
DROP TABLE engine_user_days;
DROP TABLE engine_lift_days;
DROP TABLE engine_states;
