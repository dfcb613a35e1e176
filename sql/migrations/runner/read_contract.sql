-- When the legacy tables were dropped, and where their rows are.
SELECT at, folder FROM insights_contracts WHERE id = %(id)s
