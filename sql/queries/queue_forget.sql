-- Takes the prompts and answers of insights away that are older than they are kept; what is still open by then is dead.
WITH old AS (
    SELECT id FROM insight_ledger
    WHERE (prompt IS NOT NULL OR raw_answer IS NOT NULL) AND updated_at < %(before)s AND state <> 'submitted'
    LIMIT %(bite)s
)
UPDATE insight_ledger AS l
SET prompt = NULL, raw_answer = NULL,
    reasons = CASE WHEN l.state IN ('written', 'fallback', 'dead') THEN l.reasons ELSE '["nobody wants it any more"]' END,
    state = CASE WHEN l.state IN ('written', 'fallback', 'dead') THEN l.state ELSE 'dead' END
FROM old
WHERE l.id = old.id
