-- The muscles of a lift with the credit of a set in halves: 2 direct, 1 indirect; each muscle once, at its highest. The
-- name "unattributed" is taken.
WITH credits AS (
    SELECT exercise_id, muscle,
           CASE WHEN role = 'primary' AND activation >= 50 THEN 2 WHEN role IN ('primary', 'secondary') THEN 1 ELSE 0
           END AS halves
    FROM extracted_muscles
    WHERE muscle <> 'unattributed'
)
SELECT exercise_id, muscle, max(halves) AS halves
FROM credits
GROUP BY exercise_id, muscle
HAVING max(halves) > 0
