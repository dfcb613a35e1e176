-- Whether the legacy sets are carried over as they are written.
SELECT EXISTS (
    SELECT FROM pg_trigger WHERE tgrelid = 'public.exercise_sets'::regclass AND NOT tgisinternal AND tgenabled <> 'D'
) AS found
