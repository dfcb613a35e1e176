-- Takes a bite of the log of changes away, and gives it.
DELETE FROM analytics_changes
WHERE ctid = ANY (ARRAY(SELECT ctid FROM analytics_changes LIMIT %(most)s))
RETURNING kind, key, at, day
