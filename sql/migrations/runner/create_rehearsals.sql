-- The record of rehearsals: what was tried on a copy of this database's schema, and how it ended.
CREATE TABLE IF NOT EXISTS insights_rehearsals (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT now(),
    fingerprint varchar(64) NOT NULL, -- SHA-256 of the schema that was copied
    migrations varchar(64) NOT NULL, -- SHA-256 of the files that were tried
    sample_rows bigint NOT NULL,
    up_ok boolean NOT NULL,
    down_ok boolean NOT NULL,
    passed boolean NOT NULL,
    report jsonb NOT NULL
)
