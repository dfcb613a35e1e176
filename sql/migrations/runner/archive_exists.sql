-- Whether a down has archived rows.
SELECT to_regclass('insights_archive.kept') IS NOT NULL AS found
