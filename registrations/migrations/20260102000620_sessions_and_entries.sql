-- migrate:up

-- What sessions are called and where they are held; a time at a stand has neither.
CREATE TABLE slots (
    id uuid PRIMARY KEY,
    programme_id uuid NOT NULL,
    event_id uuid NOT NULL,
    titles jsonb NOT NULL,
    room text NOT NULL
);
SELECT fence('slots');

-- The sequence that a booking's calendar entry was last mailed as, so that a downloaded one says the same.
CREATE TABLE told_entries (
    booking_id uuid PRIMARY KEY,
    programme_id uuid NOT NULL,
    sequence integer NOT NULL CHECK (sequence >= 0)
);
SELECT fence('told_entries');

-- Nobody calls it: who writes to a visitor asks contact_for, under the name that the booking was made in.
-- squawk-ignore ban-drop-function
DROP FUNCTION people.contact(uuid);

-- migrate:down
