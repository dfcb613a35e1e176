-- Records a rehearsal.
INSERT INTO insights_rehearsals (fingerprint, migrations, sample_rows, up_ok, down_ok, passed, report)
VALUES (%(fingerprint)s, %(migrations)s, %(sample_rows)s, %(up_ok)s, %(down_ok)s, %(passed)s, %(report)s)
RETURNING id
