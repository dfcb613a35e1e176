-- Plan 2.2: which lift is a variation of which. Both ends must exist, and no lift is a variation of itself.
-- locks: exercise_catalog SHARE ROW EXCLUSIVE
CREATE TABLE exercise_variations (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    parent_exercise_id uuid NOT NULL REFERENCES exercise_catalog (id) ON DELETE CASCADE,
    variation_exercise_id uuid NOT NULL REFERENCES exercise_catalog (id) ON DELETE CASCADE,
    variation_type varchar(20),
    difficulty_modifier numeric(3, 2),
    variation_factors jsonb,
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (parent_exercise_id, variation_exercise_id),
    CHECK (parent_exercise_id <> variation_exercise_id)
);
CREATE INDEX idx_exercise_variations_variation ON exercise_variations (variation_exercise_id);
