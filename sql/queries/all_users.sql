-- How many users this database holds.
SELECT count(*) AS users FROM users
