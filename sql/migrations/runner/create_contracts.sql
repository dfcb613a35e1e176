-- The record of `contract`: when the legacy tables were dropped, and where their rows are.
CREATE TABLE IF NOT EXISTS insights_contracts (
    id varchar(10) PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    backup text NOT NULL,
    folder text NOT NULL,
    files jsonb NOT NULL -- of each file: table, rows, SHA-256
)
