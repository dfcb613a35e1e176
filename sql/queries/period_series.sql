-- Sets, logged volume and training days of users' weeks or months, oldest first, for charts; by the number of the wish.
SELECT w.number, v.calculation_date AS period_start, v.total_sets::float8 AS hard_sets,
       v.total_volume_kg::float8 AS tonnage_kg,
       (SELECT count(*) FROM volume_analytics AS d
        WHERE d.user_id = v.user_id AND d.period_type = 'daily' AND d.calculation_date >= v.calculation_date
          AND d.calculation_date < v.calculation_date + ('1 ' || w.unit)::interval)::int AS sessions
FROM unnest(%(user_ids)s::uuid[], %(units)s::text[], %(since)s::date[], %(until)s::date[])
    WITH ORDINALITY AS w (user_id, unit, since, until, number)
JOIN volume_analytics AS v
    ON v.user_id = w.user_id AND v.period_type = w.unit || 'ly' AND v.calculation_date BETWEEN w.since AND w.until
ORDER BY w.number, v.calculation_date
