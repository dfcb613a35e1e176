-- Marks the shard's insights whose ground has changed: a cited value is superseded, and
--   the data give another value for the same fact and window, or
--   the analytics row that it was read from is gone, is no longer that record, or has other sums.
-- A value that has only grown old (a record of five weeks ago) does not make its insight stale.
UPDATE user_insights AS i
SET stale = true
FROM shard_users AS u
WHERE i.user_id = u.user_id
  AND i.superseded_at IS NULL
  AND NOT i.stale
  AND EXISTS (
      SELECT FROM insight_data_points AS old
      LEFT JOIN strength_progressions AS day ON day.id = old.source_id AND old.source_table = 'strength_progressions'
      LEFT JOIN volume_analytics AS period ON period.id = old.source_id AND old.source_table = 'volume_analytics'
      WHERE old.user_id = i.user_id AND old.id = ANY (i.supporting_data_ids) AND old.superseded_at IS NOT NULL
        AND (
            EXISTS (
                SELECT FROM insight_data_points AS new
                WHERE new.user_id = old.user_id AND new.data_type = old.data_type AND new.superseded_at IS NULL
                  AND new.entity_id IS NOT DISTINCT FROM old.entity_id AND new.entity IS NOT DISTINCT FROM old.entity
                  AND new.window_start = old.window_start AND new.window_end = old.window_end
            )
            OR (old.source_id IS NOT NULL AND CASE old.source_table
                WHEN 'strength_progressions' THEN day.id IS NULL OR CASE split_part(old.data_type, '_record_', 1)
                    WHEN 'weight' THEN NOT day.weight_pr
                    WHEN 'reps' THEN NOT day.reps_pr
                    WHEN 'volume' THEN NOT day.volume_pr
                    ELSE false
                END
                WHEN 'volume_analytics' THEN period.id IS NULL OR CASE
                    WHEN old.data_type IN ('weekly_tonnage_kg', 'monthly_tonnage_kg')
                        THEN period.total_volume_kg <> old.numeric_value
                    WHEN old.data_type IN ('weekly_hard_sets', 'monthly_hard_sets')
                        THEN period.total_sets <> old.numeric_value
                    ELSE false
                END
                ELSE false
            END)
        )
  )
