-- Makes the place for the users of a run, until the transaction ends.
CREATE TEMPORARY TABLE chosen_users (id uuid, as_of date, sets bigint) ON COMMIT DROP
