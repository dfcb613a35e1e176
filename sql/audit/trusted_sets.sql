-- The sets that count for tonnage or as hard, and those left out because their weight, repetitions or duration cannot
-- be right. The share of the others is the confidence of a sum.
SELECT user_id, exercise_id, day,
       tonnage IN ('not_a_number', 'beyond_limits', 'typo', 'negative_weight') AS doubtful
FROM judged_sets
WHERE tonnage IN ('not_a_number', 'beyond_limits', 'typo', 'negative_weight', 'counted') OR is_hard
