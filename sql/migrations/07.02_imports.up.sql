-- Ours: where imported sets come from, and what of a file could not be read.
-- A set is known by its key in the source (imported_sets), so the same file twice changes nothing.
-- locks: users SHARE ROW EXCLUSIVE, set_executions SHARE ROW EXCLUSIVE

-- Users that the engine made itself; `demo` touches no others.
CREATE TABLE engine_users (
    user_id uuid PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    made_by varchar(20) NOT NULL CHECK (made_by IN ('demo', 'import', 'simulate')),
    made_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE import_files (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    source varchar(20) NOT NULL,
    file_name text,
    sha256 varchar(64),
    unit varchar(2),
    time_zone text,
    rows_read integer,
    rows_kept integer,
    rows_quarantined integer,
    imported_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX idx_import_files_user ON import_files (user_id, imported_at);

CREATE TABLE imported_sets (
    set_id uuid PRIMARY KEY REFERENCES set_executions (id) ON DELETE CASCADE,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    source varchar(20) NOT NULL,
    source_key text NOT NULL,
    file_id uuid REFERENCES import_files (id) ON DELETE SET NULL,
    raw jsonb NOT NULL, -- the row as it was read
    UNIQUE (user_id, source, source_key)
);
CREATE INDEX idx_imported_sets_file ON imported_sets (file_id);

CREATE TABLE import_quarantine (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    file_id uuid REFERENCES import_files (id) ON DELETE CASCADE,
    source varchar(20) NOT NULL,
    line integer,
    column_name text,
    reason text NOT NULL,
    raw jsonb NOT NULL,
    at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX import_quarantine_once ON import_quarantine (user_id, source, md5(raw::text), reason);
CREATE INDEX idx_import_quarantine_file ON import_quarantine (file_id);
