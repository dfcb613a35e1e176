-- What would pay twice, or let a budget be passed unseen.
SELECT 'index is missing or invalid' AS problem, name AS subject
FROM (VALUES ('idx_user_insights_dismissed'), ('idx_insight_ledger_kept')) AS wanted (name)
WHERE NOT EXISTS (SELECT FROM pg_index WHERE indexrelid = to_regclass('public.' || name) AND indisvalid)
UNION ALL
SELECT 'a budget''s reservation is not that of its calls under way', b.job || ' ' || b.day
FROM insight_budgets AS b
WHERE b.reserved_nano_usd < (
    SELECT coalesce(sum(c.reserved_nano_usd), 0)
    FROM insight_calls AS c
    WHERE c.job = b.job AND c.day = b.day AND c.ended_at IS NULL
)
ORDER BY problem, subject;
