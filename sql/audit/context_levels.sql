-- Sleep, stress and energy by day: the mean over the day's sessions that have it. A session that never started has
-- none, nor is sleep outside 0 to 24 hours any. Whole tenths make equal means equal doubles.
WITH sessions AS (
    SELECT DISTINCT user_id, session_id, day FROM described_sets WHERE session_status <> 'NOT_STARTED'
), logged AS (
    SELECT s.user_id, s.day, unnest([
        {factor: 'sleep_hours', tenths: CASE WHEN c.sleep_hours BETWEEN 0 AND 24 THEN round(10 * c.sleep_hours) END},
        {factor: 'sleep_quality', tenths: 10 * c.sleep_quality},
        {factor: 'stress_level', tenths: 10 * c.stress_level},
        {factor: 'energy_level', tenths: 10 * c.energy_level}
    ], recursive := true)
    FROM extracted_contexts AS c
    JOIN sessions AS s USING (user_id, session_id)
)
SELECT user_id, day, factor, CAST(sum(CAST(tenths AS BIGINT)) AS DOUBLE) / (10 * count(*)) AS level
FROM logged
WHERE tenths IS NOT NULL
GROUP BY user_id, day, factor
