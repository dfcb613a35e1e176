-- The mapping of this database.
SELECT mapping FROM insights_adapters
