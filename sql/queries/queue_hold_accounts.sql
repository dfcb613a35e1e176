-- Holds the accounts of calls under way until the transaction ends, in one order, so that two who do this never deadlock.
SELECT b.job, b.day
FROM insight_budgets AS b
WHERE EXISTS (SELECT FROM insight_calls AS c WHERE c.job = b.job AND c.day = b.day AND c.ended_at IS NULL)
ORDER BY b.job, b.day
FOR UPDATE
