-- What someone has confirmed: only this table knows it.
SELECT 'set_confirmations' AS what, count(*) AS n FROM set_confirmations;
