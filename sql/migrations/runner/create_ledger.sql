-- The ledger: one row for each migration that stands, wholly or in part.
CREATE TABLE IF NOT EXISTS insights_migrations (
    id varchar(10) PRIMARY KEY,
    name text NOT NULL,
    state varchar(12) NOT NULL CHECK (state IN ('applied', 'going_up', 'going_down')),
    steps_done integer NOT NULL, -- of the file for the direction that the state names
    checksum varchar(64) NOT NULL, -- of the up steps that ran
    made_here boolean NOT NULL, -- false: the database had this already, so a down would drop what is not ours
    started_at timestamptz NOT NULL DEFAULT now(),
    applied_at timestamptz,
    seconds numeric(12, 3) NOT NULL DEFAULT 0 -- the time that its up steps took
);
-- A ledger of an earlier version lacks these.
ALTER TABLE insights_migrations
    ADD COLUMN IF NOT EXISTS batch_cursor uuid, -- the last id of the step at work that its batches have done
    ADD COLUMN IF NOT EXISTS batch_rows bigint, -- how many they have done
    ADD COLUMN IF NOT EXISTS batch_checksum varchar(64); -- of the up steps to that one, so that an edited one starts anew
