-- Every rollout flag with its share of users in per cent.
SELECT name::text, percent::int FROM rollout_flags ORDER BY name
