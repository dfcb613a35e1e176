-- Plan 5.1: volume per user and day, ISO week or month; calculation_date is the period's first day.
-- intensity_reps is ours: the repetitions behind average_intensity, which weight every mean of means.
-- locks: users SHARE ROW EXCLUSIVE
CREATE TABLE volume_analytics (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    calculation_date date NOT NULL,
    period_type varchar(10) NOT NULL CHECK (period_type IN ('daily', 'weekly', 'monthly')),
    total_volume_kg numeric(12, 2) CHECK (total_volume_kg <> 'NaN'),
    total_sets integer,
    total_reps integer,
    average_intensity numeric(10, 2) CHECK (average_intensity <> 'NaN'), -- per cent of the 1RM known before
    intensity_reps integer NOT NULL DEFAULT 0 CHECK (intensity_reps >= 0),
    volume_by_muscle_group jsonb,
    volume_by_movement jsonb,
    volume_per_hour numeric(12, 2) CHECK (volume_per_hour <> 'NaN'),
    sets_per_hour numeric(10, 2) CHECK (sets_per_hour <> 'NaN'),
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (user_id, calculation_date, period_type)
);
