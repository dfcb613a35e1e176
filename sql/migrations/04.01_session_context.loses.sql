-- Session context: only this table holds it.
SELECT 'session_context' AS what, count(*) AS n FROM session_context;
