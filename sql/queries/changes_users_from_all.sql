-- Of some users those with a change that names no instant: all their sessions may have other derived columns.
SELECT DISTINCT c.user_id
FROM engine_changes AS c
WHERE c.user_id = ANY (%(user_ids)s) AND c.at IS NULL AND c.first_day IS NULL
