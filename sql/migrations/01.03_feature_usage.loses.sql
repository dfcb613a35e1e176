-- Usage counts: only this table holds them.
SELECT 'feature_usage' AS what, count(*) AS n FROM feature_usage;
