-- Plan 3.4: what each set of a block exercise is meant to be. rep_scheme {"1": 12, "2": 10} becomes one row a set.

-- step: table
CREATE TABLE set_protocols (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    workout_block_exercise_id uuid NOT NULL REFERENCES workout_block_exercises (id) ON DELETE CASCADE,
    protocol_type set_type_enum NOT NULL,
    set_order integer NOT NULL,
    protocol_data jsonb, -- {"reps": 12}
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX idx_set_protocols_block_exercise ON set_protocols (workout_block_exercise_id, set_order);

-- step: keep aside what is no {"set number": repetitions}
-- jsonb_each fails on anything but an object: the CASE looks at the type first.
INSERT INTO migration_quarantine (source_table, source_id, raw, sqlstate, reason)
SELECT 'workout_exercises', we.id, to_jsonb(we), '22023', 'rep_scheme is not {"set number": repetitions}'
FROM workout_exercises AS we
WHERE jsonb_typeof(we.rep_scheme) <> 'null'
  AND CASE WHEN jsonb_typeof(we.rep_scheme) <> 'object' THEN true ELSE EXISTS (
      SELECT FROM jsonb_each(we.rep_scheme) AS entry
      WHERE entry.key !~ '^[1-9][0-9]{0,3}$'
         OR jsonb_typeof(entry.value) <> 'number' OR entry.value::text !~ '^[0-9]{1,9}$'
  ) END
ON CONFLICT (source_table, source_id, reason) DO NOTHING;

-- step: carry over rep_scheme
INSERT INTO set_protocols (id, workout_block_exercise_id, protocol_type, set_order, protocol_data, created_at)
SELECT
    derived_id('set_protocols', we.id || '/' || entry.key), we.id, 'working', entry.key::integer,
    jsonb_build_object('reps', entry.value), we.created_at
FROM workout_exercises AS we
JOIN workout_block_exercises AS be ON be.id = we.id
CROSS JOIN LATERAL jsonb_each(
    CASE jsonb_typeof(we.rep_scheme) WHEN 'object' THEN we.rep_scheme ELSE '{}' END
) AS entry
WHERE NOT EXISTS (
    SELECT FROM migration_quarantine AS q
    WHERE q.source_table = 'workout_exercises' AND q.source_id = we.id
)
ON CONFLICT (id) DO NOTHING;
