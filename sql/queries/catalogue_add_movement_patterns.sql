-- Names of movement_patterns that are not there yet. A name that is there already is adopted as it is.
INSERT INTO movement_patterns (id, name, created_at, updated_at)
SELECT new.id, new.name, now(), now()
FROM unnest(%(ids)s::uuid[], %(names)s::text[]) AS new (id, name)
ON CONFLICT (name) DO NOTHING
