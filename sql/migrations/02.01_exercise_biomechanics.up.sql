-- Plan 2.1: which muscles and joints a lift uses. Activation is 0-100: {"quadriceps": 95, "glutes": 80}.
-- One row a lift: a second one would count its muscles twice.
-- locks: exercise_catalog SHARE ROW EXCLUSIVE
CREATE TABLE exercise_biomechanics (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    exercise_id uuid NOT NULL UNIQUE REFERENCES exercise_catalog (id) ON DELETE CASCADE,
    primary_muscles jsonb,
    secondary_muscles jsonb,
    stabilizer_muscles jsonb,
    joints_involved text[],
    movement_plane varchar(20),
    optimal_rom_degrees integer,
    joint_angles jsonb,
    force_curve_type varchar(20),
    recommended_eccentric_seconds numeric(3, 1),
    recommended_pause_seconds numeric(3, 1),
    recommended_concentric_seconds numeric(3, 1),
    created_at timestamptz NOT NULL DEFAULT now()
);
