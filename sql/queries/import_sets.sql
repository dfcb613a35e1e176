-- The sets of the log: new ones are added, changed ones updated, equal ones stay untouched.
WITH written AS (
    INSERT INTO set_executions (
        id, exercise_performance_id, set_number, set_type, weight_kg, reps_completed, duration_seconds, rpe_value,
        set_notes, source_set_type
    )
    SELECT
        set_id, performance_id, set_number, set_type::set_type_enum, weight_kg, reps, duration_s, rpe, notes,
        source_set_type
    FROM import_sets
    ON CONFLICT (id) DO UPDATE SET
        set_number = excluded.set_number, set_type = excluded.set_type, weight_kg = excluded.weight_kg,
        reps_completed = excluded.reps_completed, duration_seconds = excluded.duration_seconds,
        rpe_value = excluded.rpe_value, set_notes = excluded.set_notes, source_set_type = excluded.source_set_type
    WHERE (
        set_executions.set_number, set_executions.set_type, set_executions.weight_kg, set_executions.reps_completed,
        set_executions.duration_seconds, set_executions.rpe_value, set_executions.set_notes,
        set_executions.source_set_type
    ) IS DISTINCT FROM (
        excluded.set_number, excluded.set_type, excluded.weight_kg, excluded.reps_completed,
        excluded.duration_seconds, excluded.rpe_value, excluded.set_notes, excluded.source_set_type
    )
    RETURNING id, xmax = 0 AS added
)
INSERT INTO import_touched (id, added) SELECT id, added FROM written
