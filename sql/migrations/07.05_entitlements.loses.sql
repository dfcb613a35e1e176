-- Limits that are no longer as 07.05 made them: only this table holds what was changed, added or taken away.
SELECT 'plan_feature_limits' AS what, count(*) AS n
FROM plan_feature_limits AS l
FULL JOIN (
    SELECT t.tier, f.feature, t.rank >= f.rank AS enabled
    FROM (VALUES ('free', 1), ('plus', 2), ('pro', 3)) AS t (tier, rank)
    CROSS JOIN (VALUES
        ('basic_logging', 1),
        ('rpe', 2),
        ('rom_quality', 2),
        ('advanced_set_types', 2),
        ('weekly_analytics', 2),
        ('monthly_analytics', 2),
        ('tempo_seconds', 3),
        ('partial_reps', 3),
        ('assisted_reps', 3),
        ('measured_rom', 3),
        ('biomechanics', 3),
        ('plateau_detection', 3),
        ('llm_insights', 3),
        ('on_demand', 3)
    ) AS f (feature, rank)
) AS made ON made.tier = l.plan_type AND made.feature = l.feature_name
WHERE l.enabled IS DISTINCT FROM made.enabled OR l.daily_limit IS NOT NULL OR l.monthly_limit IS NOT NULL;
