-- Plan 4.1: what surrounded a session. Crowd, sleep quality, stress and energy run from 1 to 5. One row a session.
CREATE TABLE session_context (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    workout_session_id uuid NOT NULL UNIQUE REFERENCES workout_sessions (id) ON DELETE CASCADE,
    gym_location varchar(100),
    equipment_availability jsonb,
    crowd_level integer CHECK (crowd_level BETWEEN 1 AND 5),
    temperature_celsius integer,
    sleep_hours numeric(3, 1),
    sleep_quality integer CHECK (sleep_quality BETWEEN 1 AND 5),
    stress_level integer CHECK (stress_level BETWEEN 1 AND 5),
    energy_level integer CHECK (energy_level BETWEEN 1 AND 5),
    nutrition_timing varchar(20),
    caffeine_mg integer,
    other_supplements text[],
    time_of_day time,
    days_since_last_workout integer,
    created_at timestamptz NOT NULL DEFAULT now()
);
