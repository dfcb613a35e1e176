-- What every carry-over needs: a place for values that do not fit, and ids that come out the same every time. Ours.
CREATE TABLE migration_quarantine (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source_table varchar(60) NOT NULL,
    source_id uuid NOT NULL,
    raw jsonb NOT NULL, -- the legacy row as it was
    sqlstate varchar(5) NOT NULL, -- the error that carrying it over would have raised
    reason text NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (source_table, source_id, reason) -- a repeated carry-over adds nothing
);

-- A UUID version 8 (RFC 9562) from SHA-256 of "kind:key"; the variant nibble is always a. ASCII keys only.
CREATE FUNCTION derived_id(kind text, key text) RETURNS uuid
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN overlay(overlay(
    left(encode(sha256(decode(kind || ':' || key, 'escape')), 'hex'), 32)
    PLACING '8' FROM 13 FOR 1) PLACING 'a' FROM 17 FOR 1)::uuid;
