-- Ours: weights that someone has looked at and confirmed. The typo rule asks no more for them.
-- locks: users SHARE ROW EXCLUSIVE

-- step: confirmations
-- A confirmation is of a set as it then was: a weight that changes afterwards is asked for again.
-- No foreign key leads to the set: deleting sets must cost nothing here. The row of a set that is gone says nothing.
CREATE TABLE set_confirmations (
    set_id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    weight_kg numeric(8,2) NOT NULL,
    confirmed_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX idx_set_confirmations_user ON set_confirmations (user_id);

-- step: function
-- Confirming is rare, so this trigger may look the set's performance up, where those of 07.06 join nothing.
CREATE FUNCTION log_confirmed_set() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    INSERT INTO public.analytics_changes (kind, key)
    SELECT DISTINCT 'performance', s.exercise_performance_id
    FROM public.set_executions AS s
    WHERE s.id IN (
        CASE WHEN TG_OP <> 'INSERT' THEN OLD.set_id END,
        CASE WHEN TG_OP <> 'DELETE' THEN NEW.set_id END
    );
    RETURN NULL;
END
$$;
REVOKE EXECUTE ON FUNCTION log_confirmed_set() FROM PUBLIC;

-- step: triggers
CREATE TRIGGER insights_log_change AFTER INSERT OR UPDATE OR DELETE ON set_confirmations
FOR EACH ROW EXECUTE FUNCTION log_confirmed_set();
CREATE TRIGGER insights_log_truncate AFTER TRUNCATE ON set_confirmations EXECUTE FUNCTION log_truncation();
