-- Removes the rows of volume_analytics that are no longer derived, of the period types in $1 (a,b,c), in the periods
-- that hold each user's day in `scope_users` or come after it.
WITH removed AS (
    DELETE FROM volume_analytics AS t
    USING scope_users AS u
    WHERE t.user_id = u.user_id
      AND t.period_type = ANY (string_to_array($1, ','))
      AND t.calculation_date >= u.first_day - 30 -- for the index: no period begins longer before a day that it holds
      AND t.calculation_date >= CASE t.period_type
          WHEN 'weekly' THEN date_trunc('week', u.first_day::timestamp)::date
          WHEN 'monthly' THEN date_trunc('month', u.first_day::timestamp)::date
          ELSE u.first_day
      END
      AND NOT EXISTS (SELECT FROM staged_volume_analytics AS s WHERE s.id = t.id)
    RETURNING 1
)
SELECT count(*) AS removed FROM removed
