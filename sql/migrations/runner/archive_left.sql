-- How many rows are in the archive.
SELECT count(*) AS n FROM insights_archive.kept
