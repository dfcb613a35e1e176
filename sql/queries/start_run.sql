-- Opens the ledger row of a run.
INSERT INTO analytics_runs (id, job, as_of, parameters, started_at, status)
VALUES (%(id)s, %(job)s, %(as_of)s, %(parameters)s, now(), 'running')
