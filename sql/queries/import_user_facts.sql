-- Who a log is imported for: the address and the zone, where one is known.
SELECT email, tz AS time_zone FROM users WHERE id = %(user_id)s
