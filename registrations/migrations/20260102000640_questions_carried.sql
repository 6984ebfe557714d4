-- migrate:up

-- Copied events that were given the questions of the first one: once, whatever becomes of those afterwards.
CREATE TABLE questions_carried (
    event_id uuid PRIMARY KEY,
    programme_id uuid NOT NULL,
    from_event_id uuid NOT NULL,
    carried_at timestamptz NOT NULL
);
SELECT fence('questions_carried');

-- migrate:down
