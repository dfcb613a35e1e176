-- Sets, logged volume and training days of a user's periods, oldest first, for a chart.
SELECT v.calculation_date AS period_start, v.total_sets::float8 AS hard_sets, v.total_volume_kg::float8 AS tonnage_kg,
       (SELECT count(*) FROM volume_analytics AS d
        WHERE d.user_id = v.user_id AND d.period_type = 'daily'
          AND date_trunc(%(unit)s, d.calculation_date::timestamp) = v.calculation_date::timestamp)::int AS sessions
FROM volume_analytics AS v
WHERE v.user_id = %(user_id)s AND v.period_type = %(period_type)s
  AND v.calculation_date BETWEEN %(since)s AND %(until)s
ORDER BY v.calculation_date
