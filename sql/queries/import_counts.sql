-- What the import has done to the sets of the log. A set is updated too when its exercise or its session's time is.
SELECT
    count(*) FILTER (WHERE t.added) AS added,
    count(*) FILTER (WHERE NOT t.added OR (t.id IS NULL AND (x.id IS NOT NULL OR y.id IS NOT NULL))) AS updated,
    count(*) FILTER (WHERE t.id IS NULL AND x.id IS NULL AND y.id IS NULL) AS unchanged
FROM import_sets AS s
JOIN import_performances AS p ON p.performance_id = s.performance_id
LEFT JOIN import_touched AS t ON t.id = s.set_id
LEFT JOIN import_touched AS x ON x.id = p.block_exercise_id
LEFT JOIN import_touched AS y ON y.id = p.session_id
