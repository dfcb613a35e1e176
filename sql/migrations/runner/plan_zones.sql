-- Time zones that are set for roles or databases; null stands for every role or every database.
SELECT r.rolname::text AS role, d.datname::text AS database, substr(setting, strpos(setting, '=') + 1) AS zone
FROM pg_db_role_setting AS s
CROSS JOIN LATERAL unnest(s.setconfig) AS setting
LEFT JOIN pg_roles AS r ON r.oid = s.setrole
LEFT JOIN pg_database AS d ON d.oid = s.setdatabase
WHERE setting ILIKE 'timezone=%%' AND (s.setdatabase = 0 OR d.datname = current_database())
ORDER BY 2 NULLS FIRST, 1 NULLS FIRST
