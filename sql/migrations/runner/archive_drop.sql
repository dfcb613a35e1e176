-- Drops the empty archive.
DROP TABLE insights_archive.kept;
DROP SCHEMA insights_archive
