-- A user's weeks, oldest first.
SELECT calculation_date AS week, total_volume_kg::float8 AS tonnage_kg, total_sets AS hard_sets
FROM volume_analytics
WHERE user_id = %(user_id)s AND period_type = 'weekly'
ORDER BY calculation_date
