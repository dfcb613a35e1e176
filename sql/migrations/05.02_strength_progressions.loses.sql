-- Strength progressions: the legacy schema has no place for them.
SELECT 'strength_progressions' AS what, count(*) AS n FROM strength_progressions;
