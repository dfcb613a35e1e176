-- Reverse triggers that are off while users write through the new tables.
SELECT 'the reverse trigger is off, and write_new is not' AS problem, t.tgrelid::regclass::text AS subject
FROM pg_trigger AS t
WHERE t.tgname = 'insights_sync_back' AND t.tgenabled = 'D'
  AND EXISTS (SELECT FROM rollout_flags AS f WHERE f.name = 'write_new' AND f.percent > 0);
