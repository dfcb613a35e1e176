-- An id that no longer comes out as it did.
SELECT 'derived_id gives another id' AS problem, derived_id('test', '1')::text AS subject
WHERE derived_id('test', '1') IS DISTINCT FROM '7030916e-7f09-840d-a85c-cf1fe0d9dc85'::uuid;
