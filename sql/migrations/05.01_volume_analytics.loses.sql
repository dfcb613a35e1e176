-- Volume analytics: the legacy schema has no place for them.
SELECT 'volume_analytics' AS what, count(*) AS n FROM volume_analytics;
