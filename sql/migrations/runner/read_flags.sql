-- The rollout flags with the time of their last change.
SELECT name, percent, updated_at FROM rollout_flags ORDER BY name
