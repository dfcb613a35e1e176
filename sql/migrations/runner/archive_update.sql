-- Lays deltas over the rows that stand.
UPDATE {table} AS t SET {updates}
FROM insights_archive.kept AS k CROSS JOIN LATERAL {populated} AS r
WHERE k.id = ANY(%(ids)s) AND {matches}
