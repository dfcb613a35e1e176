-- The log of changes. Locks nothing: dry runs look at it side by side, and no run waits for one.
SELECT kind, key, at, day FROM analytics_changes
