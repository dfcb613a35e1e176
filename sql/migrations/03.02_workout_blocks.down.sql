-- Drops the blocks. The workouts never left.
-- locks: workouts ACCESS EXCLUSIVE

-- step: triggers
DROP TRIGGER insights_sync ON workouts;
DROP TRIGGER insights_archive ON workouts;

-- step: functions
DROP FUNCTION archive_blocks();
DROP FUNCTION sync_block(uuid);
DROP FUNCTION legacy_block(workouts);

-- step: table
DROP TABLE workout_blocks;

-- step: what was kept aside
DELETE FROM migration_quarantine AS q
WHERE q.source_table = 'workouts' AND EXISTS (SELECT FROM workouts AS w WHERE w.id = q.source_id);
