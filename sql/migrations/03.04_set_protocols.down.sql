-- Drops the protocols. rep_scheme never left.
-- locks: workout_exercises ACCESS EXCLUSIVE, workout_block_exercises ACCESS EXCLUSIVE

-- step: trigger
DROP TRIGGER insights_sync_protocols ON workout_exercises;

-- step: functions
DROP FUNCTION sync_set_protocols(uuid);
DROP FUNCTION legacy_set_protocols(workout_exercises);
DROP FUNCTION rep_scheme_misfit(jsonb);

-- step: table
DROP TABLE set_protocols;

-- step: what was kept aside
DELETE FROM migration_quarantine AS q
WHERE q.source_table = 'workout_exercises' AND q.reason LIKE 'rep_scheme%'
  AND EXISTS (SELECT FROM workout_exercises AS w WHERE w.id = q.source_id);
