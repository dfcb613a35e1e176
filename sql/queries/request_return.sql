-- Puts a request back that could not be served now; where the user has made another meanwhile, that one stands for both.
UPDATE insight_requests AS r
SET state = CASE WHEN o.other THEN 'done' ELSE 'waiting' END, worker = NULL
FROM (
    SELECT EXISTS (
        SELECT FROM insight_requests AS w JOIN insight_requests AS m ON m.user_id = w.user_id
        WHERE m.id = %(id)s AND w.state = 'waiting'
    ) AS other
) AS o
WHERE r.id = %(id)s AND r.state = 'running'
