-- The record of checklists: what was asked before and after a migration, and the evidence.
CREATE TABLE IF NOT EXISTS insights_checklists (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT now(),
    phase varchar(4) NOT NULL CHECK (phase IN ('pre', 'post')),
    passed boolean NOT NULL,
    items jsonb NOT NULL
)
