-- Biomechanics: only this table holds them.
SELECT 'exercise_biomechanics' AS what, count(*) AS n FROM exercise_biomechanics;
