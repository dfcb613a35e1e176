-- The kept rows of migrations that stand, grouped by table and columns, in the order in which they were kept.
SELECT array_agg(k.id ORDER BY k.id), k.table_name, k.key, k.delta, c.columns
FROM insights_archive.kept AS k
CROSS JOIN LATERAL (SELECT array_agg(field ORDER BY field) FROM jsonb_object_keys(k.row) AS field) AS c (columns)
WHERE k.migration = ANY(%(migrations)s)
GROUP BY k.migration, k.table_name, k.key, k.delta, c.columns
ORDER BY k.migration, min(k.id)
