-- What the log of changes holds: entries that no run has looked at, resolved changes that no run has used, and its age.
SELECT (SELECT count(*) FROM analytics_changes) AS entries,
       (SELECT min(logged_at) FROM analytics_changes) AS oldest,
       (SELECT count(*) FROM engine_changes) AS resolved,
       pg_total_relation_size('analytics_changes') + pg_total_relation_size('engine_changes') AS bytes
