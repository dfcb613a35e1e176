-- Opens the account of a job and a day, and holds it until the transaction ends: what is reserved and spent of how much.
INSERT INTO insight_budgets AS b (job, day, cap_nano_usd) VALUES (%(job)s, %(day)s, %(cap)s)
ON CONFLICT (job, day) DO UPDATE SET cap_nano_usd = excluded.cap_nano_usd
RETURNING b.cap_nano_usd AS cap, b.reserved_nano_usd AS reserved, b.spent_nano_usd AS spent
