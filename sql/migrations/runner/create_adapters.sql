-- The names that an app gives its tables and columns, and the checksum of the files that were rendered with them.
CREATE TABLE IF NOT EXISTS insights_adapters (
    only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
    mapping text NOT NULL, -- TOML
    views text NOT NULL, -- the statements that made the adapter views
    checksum varchar(64) NOT NULL, -- SHA-256 of those statements
    made_at timestamptz NOT NULL DEFAULT now()
)
