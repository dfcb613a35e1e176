-- Ours: the ledger of insights as a queue, the account of its money, batches, and requests on demand.
-- A wanted insight is a row of insight_ledger; every call that may cost money is a row of insight_calls.
-- locks: insight_ledger ACCESS EXCLUSIVE, user_insights ACCESS EXCLUSIVE, users SHARE ROW EXCLUSIVE
-- squawk-ignore-file ban-concurrent-index-creation-in-transaction -- these steps run without one

-- step: ledger
-- worker: the session that has the call in hand, by the number of the advisory lock that it holds; null in a batch.
-- rejected: answers that did not verify, raw_answer is the last of them. unknown: calls whose end nobody saw.
ALTER TABLE insight_ledger
    ADD COLUMN insight_type varchar(50),
    ADD COLUMN as_of date,
    ADD COLUMN job varchar(40),
    ADD COLUMN worker integer,
    ADD COLUMN rejected integer NOT NULL DEFAULT 0,
    ADD COLUMN unknown integer NOT NULL DEFAULT 0;

-- step: budgets
-- What the calls of a job have cost on a day (UTC), and what those under way could cost. 10^-9 USD, no fraction is lost.
-- No foreign key leads here: what was spent for a user stays spent when the user is deleted.
CREATE TABLE insight_budgets (
    job varchar(40) NOT NULL,
    day date NOT NULL,
    cap_nano_usd bigint CHECK (cap_nano_usd >= 0), -- null: no limit
    reserved_nano_usd bigint NOT NULL DEFAULT 0 CHECK (reserved_nano_usd >= 0),
    spent_nano_usd bigint NOT NULL DEFAULT 0 CHECK (spent_nano_usd >= 0),
    PRIMARY KEY (job, day)
);

-- step: batches
-- intended: the row is there, the create may have been sent; created: the server's id is known; collected: every line has
-- its end; failed: the server refused it, and its lines are sent again.
CREATE TABLE insight_batches (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(), -- in the batch's metadata: a create whose answer was lost is found by it
    job varchar(40) NOT NULL,
    day date NOT NULL,
    endpoint text NOT NULL,
    model varchar(120) NOT NULL,
    lines integer NOT NULL,
    state varchar(12) NOT NULL CHECK (state IN ('intended', 'created', 'collected', 'failed')),
    worker integer, -- who is creating or collecting it
    input_file_id text,
    server_id text,
    server_status text,
    reason text,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX idx_insight_batches_open ON insight_batches (created_at) WHERE state IN ('intended', 'created');

-- step: calls
-- One row a call, written before it is made. cost is what the usage says, or all that was reserved where nobody told.
CREATE TABLE insight_calls (
    id uuid PRIMARY KEY, -- a batch line's custom_id
    ledger_id uuid NOT NULL REFERENCES insight_ledger (id) ON DELETE CASCADE,
    job varchar(40) NOT NULL,
    day date NOT NULL,
    worker integer,
    batch_id uuid REFERENCES insight_batches (id) ON DELETE SET NULL,
    reserved_nano_usd bigint NOT NULL CHECK (reserved_nano_usd >= 0),
    cost_nano_usd bigint CHECK (cost_nano_usd >= 0),
    price varchar(80) NOT NULL,
    asked_at timestamptz NOT NULL DEFAULT now(),
    ended_at timestamptz,
    outcome varchar(30),
    reason text,
    requests integer,
    request_id text,
    model varchar(120), -- the one that the server says has answered
    prompt_tokens integer,
    completion_tokens integer,
    raw_answer text
);
CREATE INDEX idx_insight_calls_ledger ON insight_calls (ledger_id);
CREATE INDEX idx_insight_calls_batch ON insight_calls (batch_id);
CREATE INDEX idx_insight_calls_open ON insight_calls (asked_at) WHERE ended_at IS NULL;
CREATE INDEX idx_insight_calls_kept ON insight_calls (ended_at) WHERE raw_answer IS NOT NULL;

-- step: prompts and answers that are kept (no transaction)
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_insight_ledger_kept
ON insight_ledger (updated_at) WHERE prompt IS NOT NULL OR raw_answer IS NOT NULL;

-- step: requests
CREATE TABLE insight_requests (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    requested_at timestamptz NOT NULL DEFAULT now(),
    usage_date date, -- the day whose quota it used; given back where the work fails
    state varchar(10) NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'running', 'done', 'failed')),
    worker integer,
    attempts integer NOT NULL DEFAULT 0,
    finished_at timestamptz,
    reason text
);
CREATE UNIQUE INDEX insight_requests_waiting ON insight_requests (user_id) WHERE state = 'waiting';
CREATE INDEX idx_insight_requests_user ON insight_requests (user_id);
CREATE INDEX idx_insight_requests_open ON insight_requests (requested_at) WHERE state IN ('waiting', 'running');

-- step: dismissals
ALTER TABLE user_insights ADD COLUMN dismissed_at timestamptz;

-- step: dismissed insights (no transaction)
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_user_insights_dismissed ON user_insights (user_id) WHERE is_dismissed;

-- step: functions
-- A dismissed claim is not told again for a time: the time begins when the app sets is_dismissed.
CREATE FUNCTION note_dismissal() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NEW.is_dismissed AND NEW.dismissed_at IS NULL THEN
        NEW.dismissed_at := now();
    ELSIF NOT coalesce(NEW.is_dismissed, false) THEN
        NEW.dismissed_at := NULL;
    END IF;
    RETURN NEW;
END
$$;

CREATE FUNCTION announce_request() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM pg_notify('insight_requests', NEW.id::text);
    RETURN NULL;
END
$$;

-- Asks for the insights of a user, anew where something has changed. Uses the feature on_demand once, unless a request of
-- the user waits already: then it is that one. Denied: granted is false, and reason says why (see consume_feature).
CREATE FUNCTION request_insights(user_id uuid, at timestamptz DEFAULT now())
RETURNS TABLE (granted boolean, reason text, request_id uuid, remaining bigint)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    used record;
BEGIN
    PERFORM public.lock_feature(user_id, 'on_demand');
    SELECT r.id INTO request_id
    FROM public.insight_requests AS r
    WHERE r.user_id = request_insights.user_id AND r.state = 'waiting';
    IF FOUND THEN
        granted := true;
        RETURN NEXT;
        RETURN;
    END IF;
    SELECT * INTO used FROM public.consume_feature(user_id, 'on_demand', 1, at);
    granted := used.granted;
    reason := used.reason;
    remaining := used.remaining;
    IF granted THEN
        INSERT INTO public.insight_requests (user_id, usage_date)
        VALUES (request_insights.user_id, used.usage_date)
        RETURNING id INTO request_id;
    END IF;
    RETURN NEXT;
END
$$;

-- step: rights
REVOKE EXECUTE ON FUNCTION note_dismissal(), announce_request(), request_insights(uuid, timestamptz) FROM PUBLIC;

-- step: note dismissals
CREATE TRIGGER insights_note_dismissal BEFORE INSERT OR UPDATE OF is_dismissed ON user_insights
FOR EACH ROW EXECUTE FUNCTION note_dismissal();

-- step: announce requests
CREATE TRIGGER insights_announce AFTER INSERT ON insight_requests
FOR EACH ROW EXECUTE FUNCTION announce_request();
