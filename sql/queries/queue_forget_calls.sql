-- Takes the answers of calls away that are older than they are kept; what the calls were and cost stays.
UPDATE insight_calls SET raw_answer = NULL
WHERE id IN (SELECT id FROM insight_calls WHERE raw_answer IS NOT NULL AND ended_at < %(before)s LIMIT %(bite)s)
