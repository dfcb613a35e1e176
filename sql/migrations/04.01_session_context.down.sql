-- Drops the context of sessions.
DROP TABLE session_context;
