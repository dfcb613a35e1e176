-- The movement patterns of a lift with the share of each in 720720ths, which up to sixteen patterns is a whole number.
WITH named AS (
    SELECT DISTINCT exercise_id, pattern FROM extracted_movements WHERE pattern <> 'unattributed'
)
SELECT exercise_id, pattern, CAST(720720 // count(*) OVER (PARTITION BY exercise_id) AS HUGEINT) AS parts FROM named
