-- Keeps the rows of a migration's question.
INSERT INTO insights_archive.kept (migration, table_name, key, row, delta)
SELECT %(migration)s, kept.table_name, kept.key, kept.row, kept.delta FROM {rows}
