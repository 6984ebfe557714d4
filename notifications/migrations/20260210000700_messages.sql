-- migrate:up
-- Bookings that staff chose to write to, as registrations told of them: ids alone, for a day.
CREATE TABLE known_selections (
    selection_id uuid NOT NULL,
    part integer NOT NULL CHECK (part > 0),
    programme_id uuid NOT NULL,
    event_id uuid NOT NULL,
    parts integer NOT NULL,
    bookings uuid[] NOT NULL,
    ends_at timestamptz NOT NULL,
    PRIMARY KEY (selection_id, part)
);
CREATE INDEX known_selections_ending ON known_selections (ends_at);
SELECT fence('known_selections');

-- What an organiser wrote to some visitors, by language. Whom it went to, its deliveries say.
CREATE TABLE messages (
    id uuid PRIMARY KEY,                -- the form's: sent twice, it is one message
    programme_id uuid NOT NULL,
    event_id uuid NOT NULL,
    account_id uuid,
    subjects jsonb NOT NULL,
    texts jsonb NOT NULL,
    due_at timestamptz NOT NULL,
    planned integer NOT NULL,
    left_out integer NOT NULL,
    created_at timestamptz NOT NULL
);
CREATE INDEX messages_age ON messages (created_at);
SELECT fence('messages');

-- squawk-ignore ban-drop-constraint
ALTER TABLE deliveries DROP CONSTRAINT deliveries_kind_check;
ALTER TABLE deliveries ADD CONSTRAINT deliveries_kind_check CHECK (kind IN (
    'confirmed', 'waitlisted', 'offered', 'changed', 'moved', 'event_changed', 'cancelled', 'again', 'reminder', 'interest',
    'address', 'asked', 'declined', 'hand_over', 'handed_over', 'asked_to_move', 'may_stay', 'message'
)) NOT VALID;

-- migrate:down
