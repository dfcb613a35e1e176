-- Closes the ledger row of a run.
UPDATE analytics_runs
SET finished_at = now(), status = %(status)s, users = %(users)s, sets = %(sets)s,
    verdict_counts = %(verdict_counts)s, failed_users = %(failed_users)s, error = %(error)s
WHERE id = %(id)s
