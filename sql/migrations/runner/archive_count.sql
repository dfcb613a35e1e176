-- How many rows of each table a migration's question finds.
SELECT kept.table_name::text, count(*) FROM {rows} GROUP BY kept.table_name ORDER BY 1
