-- Records that one user failed, and why.
INSERT INTO analytics_failures (run_id, user_id, stage, reason, at)
VALUES (%(run_id)s, %(user_id)s, %(stage)s, %(reason)s, now())
