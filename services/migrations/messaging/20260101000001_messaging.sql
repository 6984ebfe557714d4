-- migrate:up
-- The tables that every service needs in its own schema; applied there before the service's own migrations.

-- Fences a table to one programme: the rows a request sees are its programme's. The system role, for declared jobs, sees all.
-- Directory tables (`fence(t, open_to_read => true)`) map a slug or a token's hash to its programme before that is known:
-- they may be read without a programme and hold no personal data.
CREATE FUNCTION fence(fenced regclass, open_to_read boolean DEFAULT false) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    service text := split_part(current_user, '_owner', 1);
    inside text := $p$programme_id = nullif(current_setting('blest.programme', true), '')::uuid$p$;
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', fenced);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', fenced);
    EXECUTE format('CREATE POLICY programme ON %s USING (%s) WITH CHECK (%s)', fenced, inside, inside);
    EXECUTE format('CREATE POLICY system ON %s TO %I USING (true) WITH CHECK (true)', fenced, service || '_system');
    IF open_to_read THEN
        EXECUTE format('CREATE POLICY directory ON %s FOR SELECT USING (true)', fenced);
    END IF;
END
$$;

CREATE TABLE outbox (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- the order of publication
    message_id uuid NOT NULL UNIQUE,                    -- Message-Id, for the inbox of whoever reads it
    programme_id uuid NOT NULL,
    aggregate text NOT NULL,                            -- 'booking:0190…'; order is kept within one
    version integer NOT NULL CHECK (version > 0),       -- the aggregate's, after the change
    subject text NOT NULL,
    headers jsonb NOT NULL,                             -- traceparent, causation
    payload jsonb NOT NULL,
    occurred_at timestamptz NOT NULL,
    epoch integer NOT NULL DEFAULT 0,                   -- raised by a republication, so that JetStream's duplicate window lets it pass
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(), -- real time: retention of the outbox does not follow a moved clock
    published_at timestamptz
);
-- What the relay reads: the pending rows, in order. A flag and not a cursor: a row that commits late is not skipped.
CREATE INDEX outbox_pending ON outbox (id) WHERE published_at IS NULL;
CREATE INDEX outbox_created ON outbox (created_at);
SELECT fence('outbox');

CREATE TABLE inbox (
    consumer text NOT NULL,
    message_id uuid NOT NULL,
    programme_id uuid NOT NULL,
    handled_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (consumer, message_id)
);
CREATE INDEX inbox_handled ON inbox (handled_at);
SELECT fence('inbox');

-- The newest version of each aggregate that a consumer has taken in: an older one that arrives later is stale.
CREATE TABLE seen (
    consumer text NOT NULL,
    aggregate text NOT NULL,
    programme_id uuid NOT NULL,
    version integer NOT NULL,
    PRIMARY KEY (consumer, aggregate)
);
SELECT fence('seen');

CREATE TABLE dead_letters (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    consumer text NOT NULL,
    message_id uuid NOT NULL,
    programme_id uuid NOT NULL,
    subject text NOT NULL,
    headers jsonb NOT NULL,
    payload jsonb NOT NULL,
    error text NOT NULL,
    deliveries integer NOT NULL,
    failed_at timestamptz NOT NULL,
    replayed_at timestamptz,
    UNIQUE (consumer, message_id)
);
SELECT fence('dead_letters');

-- Answers to unsafe API calls, by the caller's Idempotency-Key: the same call again gets the same answer.
CREATE TABLE idempotency_keys (
    caller text NOT NULL,                               -- the token's or session's id, or a hash of the address
    key text NOT NULL,
    request_hash bytea NOT NULL,                        -- method, path and body: another body under the same key is refused
    status integer,                                     -- NULL while the first call is still running
    answer text,
    content_type text,
    location text,
    carried_out boolean NOT NULL DEFAULT false,         -- the call's own transaction committed facts
    created_at timestamptz NOT NULL,
    PRIMARY KEY (caller, key)
);
CREATE INDEX idempotency_keys_created ON idempotency_keys (created_at);

-- migrate:down
