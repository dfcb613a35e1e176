-- About how many sets are stored, as the planner knows it; -1 before the table was first looked at.
SELECT reltuples::bigint AS sets FROM pg_class WHERE oid = 'set_executions'::regclass
