-- Legacy rows, those that stand in the new tables, those that are quarantined, and those with a rounded weight.
SELECT 'workouts' AS what, (SELECT count(*) FROM workouts) AS legacy,
    (SELECT count(*) FROM workouts AS l JOIN workout_blocks AS n USING (id)) AS new,
    (SELECT count(DISTINCT source_id) FROM migration_quarantine WHERE source_table = 'workouts') AS quarantined,
    0::bigint AS rounded
UNION ALL
SELECT 'workout_exercises', (SELECT count(*) FROM workout_exercises),
    (SELECT count(*) FROM workout_exercises AS l JOIN workout_block_exercises AS n USING (id)),
    (SELECT count(DISTINCT source_id) FROM migration_quarantine WHERE source_table = 'workout_exercises'),
    0
UNION ALL
SELECT 'exercise_sets', (SELECT count(*) FROM exercise_sets),
    (SELECT count(*) FROM exercise_sets AS l JOIN set_executions AS n USING (id)),
    (SELECT count(DISTINCT source_id) FROM migration_quarantine WHERE source_table = 'exercise_sets'),
    (SELECT count(*) FROM exercise_sets AS l JOIN set_executions AS n USING (id)
     WHERE l.weight <> n.weight_kg::float8 AND n.weight_kg = round(l.weight::numeric, 2))
