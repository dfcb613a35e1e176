-- An id that no longer comes out as it did, and changes that wait because another transaction held a lock: a row among
-- them may be old, missing, or deleted long since.
SELECT 'derived_id gives another id' AS problem, derived_id('test', '1')::text AS subject
WHERE derived_id('test', '1') IS DISTINCT FROM '7030916e-7f09-840d-a85c-cf1fe0d9dc85'::uuid
UNION ALL
SELECT DISTINCT
    'kept aside because a lock was taken; `insights quarantine retry` carries it over', q.source_table || ' ' || q.source_id
FROM migration_quarantine AS q
WHERE q.sqlstate IN ('55P03', '40P01', '40001');
