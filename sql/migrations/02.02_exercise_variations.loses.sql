-- Variations: only this table holds them.
SELECT 'exercise_variations' AS what, count(*) AS n FROM exercise_variations;
