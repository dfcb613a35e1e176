-- The intent of a batch, before anything is sent.
INSERT INTO insight_batches (id, job, day, endpoint, model, lines, state, worker)
VALUES (%(id)s, %(job)s, %(day)s, %(endpoint)s, %(model)s, %(lines)s, 'intended', %(worker)s)
