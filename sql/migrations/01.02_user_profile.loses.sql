-- Training context and preferences that someone has set since: the legacy columns do not hold them.
SELECT 'users (training context)' AS what, count(*) AS n
FROM users
WHERE training_experience IS NOT NULL OR injury_history IS NOT NULL OR training_frequency IS NOT NULL
   OR (primary_goals IS NOT NULL AND primary_goals IS DISTINCT FROM ARRAY[fitness_goal::text])
UNION ALL
SELECT 'user_preferences', count(*)
FROM user_preferences AS p JOIN users AS u ON u.id = p.user_id
WHERE (p.preferred_units = 'imperial')
      <> coalesce(lower(btrim(u.units)) IN ('imperial', 'lb', 'lbs', 'pound', 'pounds', 'us'), false)
   OR (p.default_rest_seconds, p.track_rpe, p.track_rom, p.track_tempo, p.workout_reminders, p.progress_updates,
       p.insight_notifications, p.share_workouts, p.research_participation)
      IS DISTINCT FROM (120, true, false, false, true, true, true, false, false);
