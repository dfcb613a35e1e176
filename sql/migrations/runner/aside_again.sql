-- A row that was tried again and failed: its entries give way to one with the new reason.
WITH gone AS (
    DELETE FROM migration_quarantine
    WHERE source_table = %(table)s AND source_id = %(id)s AND reason <> left(%(reason)s, 500)
    RETURNING raw
)
SELECT set_aside(%(table)s, %(id)s, raw, %(sqlstate)s, %(reason)s) FROM gone LIMIT 1
