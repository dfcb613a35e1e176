-- The archive: rows that a down would destroy, until an up puts them back.
CREATE SCHEMA IF NOT EXISTS insights_archive;
CREATE TABLE IF NOT EXISTS insights_archive.kept (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    migration varchar(10) NOT NULL,
    table_name text NOT NULL,
    key text[] NOT NULL, -- the columns that find the row again
    row jsonb NOT NULL,
    delta boolean NOT NULL, -- true: laid over the row that the backfill makes; false: a row of its own
    at timestamptz NOT NULL DEFAULT now()
)
