-- migrate:up
-- When each task of the service last ran, so that no restart and no second replica runs it again before its time.
CREATE TABLE task_runs (
    task text PRIMARY KEY,
    started_at timestamptz NOT NULL,
    finished_at timestamptz,
    error text
);

-- A dead letter keeps the very bytes that came: what cannot be read as JSON fails for that reason.
-- squawk-ignore changing-column-type
ALTER TABLE dead_letters ALTER COLUMN payload TYPE bytea USING convert_to(payload::text, 'UTF8');
CREATE INDEX dead_letters_waiting ON dead_letters (consumer, id) WHERE replayed_at IS NULL;

-- migrate:down
