-- Puts whole rows back.
INSERT INTO {table} AS t ({columns}) OVERRIDING SYSTEM VALUE
SELECT {values} FROM insights_archive.kept AS k CROSS JOIN LATERAL {populated} AS r WHERE k.id = ANY(%(ids)s)
ON CONFLICT ({key}) DO UPDATE SET {updates}
