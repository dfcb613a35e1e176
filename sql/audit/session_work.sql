-- Hard sets, volume and repetitions by session and lift, over the sets that count for tonnage or as hard.
SELECT user_id, session_id, exercise_id, day,
       count(*) FILTER (WHERE is_hard) AS hard_sets,
       coalesce(sum(volume_units), 0) AS volume_units,
       coalesce(sum(own_reps) FILTER (WHERE in_tonnage), 0) AS reps
FROM counted_sets
WHERE in_tonnage OR is_hard
GROUP BY user_id, session_id, exercise_id, day
