-- Each training day with the three periods that it lies in, numbered: what is summed by period is joined by integers.
CREATE UNLOGGED TABLE peer.periods AS
SELECT d.user_day, d.user_id, p.period_type, p.first_day,
       dense_rank() OVER (ORDER BY d.user_id, p.first_day, p.period_type)::integer AS period
FROM peer.user_days AS d
CROSS JOIN LATERAL (VALUES ('daily', d.day), ('weekly', date_trunc('week', d.day::timestamp)::date),
                           ('monthly', date_trunc('month', d.day::timestamp)::date)) AS p (period_type, first_day)
