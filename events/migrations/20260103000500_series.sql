-- migrate:up

-- Several dates made in one go: the same form sent twice makes them once, and says the second time what it made.
CREATE TABLE series (
    programme_id uuid NOT NULL,
    attempt uuid NOT NULL,              -- made with the form, or by the caller
    event_id uuid NOT NULL REFERENCES events (event_id), -- what they are copies of
    made uuid[] NOT NULL,               -- the events, in order of time
    made_at timestamptz NOT NULL,
    PRIMARY KEY (programme_id, attempt)
);
SELECT fence('series');

-- migrate:down
