-- migrate:up
-- One message to one recipient over one channel. It holds no address and no text: both are looked up when it is sent, so an
-- erased visitor gets nothing and a moved event is told with its newest time.
CREATE TABLE deliveries (
    id uuid PRIMARY KEY,
    programme_id uuid NOT NULL,
    visitor_id uuid NOT NULL,
    booking_id uuid,
    kind text NOT NULL CHECK (kind IN ('confirmed', 'waitlisted', 'offered', 'changed', 'moved', 'event_changed', 'cancelled', 'again', 'reminder')),
    channel text NOT NULL CHECK (channel IN ('email')),
    cause text NOT NULL,                -- what it tells of: 'booking 7', 'event 3', 'reminder'; one delivery each
    status text NOT NULL CHECK (status IN (
        'planned',   -- waits for its moment
        'sending',   -- planned -> sending: claimed by a sender
        'sent',      -- sending -> sent: the receiving server took it
        'failed',    -- sending -> failed: refused for good, or tried often enough
        'unknown',   -- sending -> unknown: the answer was lost; not sent again by itself
        'withheld',  -- planned | sending -> withheld: no contact, suppressed, or not wanted
        'overtaken'  -- planned -> overtaken: what it would say is no longer so
    )),
    due_at timestamptz NOT NULL,
    ends_at timestamptz,                -- after this moment it would say something stale
    attempts integer NOT NULL DEFAULT 0,
    claimed_at timestamptz,
    claim uuid,                         -- the sender that holds it; every later step names it
    sequence integer,                   -- of the calendar entry it carries
    reason text,                        -- why it failed or was withheld, as a code
    version integer NOT NULL DEFAULT 1,
    planned_at timestamptz NOT NULL,
    settled_at timestamptz,
    UNIQUE (booking_id, kind, cause, channel),
    CHECK ((status = 'sending') = (claim IS NOT NULL)),
    CHECK ((status IN ('planned', 'sending')) = (settled_at IS NULL))
);
CREATE INDEX deliveries_due ON deliveries (due_at) WHERE status = 'planned';
CREATE INDEX deliveries_sending ON deliveries (claimed_at) WHERE status = 'sending';
CREATE INDEX deliveries_of_booking ON deliveries (booking_id) WHERE status IN ('planned', 'sending');
CREATE INDEX deliveries_of_visitor ON deliveries (visitor_id);
CREATE INDEX deliveries_newest ON deliveries (programme_id, planned_at DESC, id DESC);
COMMENT ON COLUMN deliveries.visitor_id IS 'personal; retention=deliveries';
SELECT fence('deliveries');

-- The whole history of a delivery, line by line; never changed.
CREATE TABLE delivery_steps (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    programme_id uuid NOT NULL,
    delivery_id uuid NOT NULL REFERENCES deliveries (id) ON DELETE CASCADE,
    happened_at timestamptz NOT NULL,
    step text NOT NULL CHECK (step IN ('planned', 'sent', 'retry', 'failed', 'unknown', 'withheld', 'overtaken', 'asked_again')),
    detail text NOT NULL DEFAULT ''     -- a code or an SMTP status such as 451 4.7.1; never an address
);
CREATE INDEX delivery_steps_of_delivery ON delivery_steps (delivery_id, id);
SELECT fence('delivery_steps');

-- The calendar entry of a booking: one UID for life, a SEQUENCE that rises with each change of time, place or state (RFC 5546).
CREATE TABLE calendar_entries (
    booking_id uuid PRIMARY KEY,
    programme_id uuid NOT NULL,
    sequence integer NOT NULL,
    fingerprint text NOT NULL           -- of time, place and state as last told: the same again is no change
);
SELECT fence('calendar_entries');

-- What a visitor wants to be told. No row: everything.
CREATE TABLE preferences (
    visitor_id uuid PRIMARY KEY,
    programme_id uuid NOT NULL,
    reminders boolean NOT NULL,
    changed_at timestamptz NOT NULL
);
COMMENT ON COLUMN preferences.reminders IS 'personal; retention=with-visitor';
SELECT fence('preferences');

-- Which visitor a preference link belongs to, read before the programme is known. The hash of a token derived from the id.
CREATE TABLE preference_directory (
    token_hash bytea PRIMARY KEY,
    programme_id uuid NOT NULL,
    visitor_id uuid NOT NULL UNIQUE
);
SELECT fence('preference_directory', true);

-- Erased visitors, so that a fact republished afterwards plans nothing for them.
CREATE TABLE erased_visitors (
    visitor_id uuid PRIMARY KEY,
    programme_id uuid NOT NULL
);
SELECT fence('erased_visitors');

-- What notifications knows of others, from their facts.
CREATE TABLE known_programmes (
    programme_id uuid PRIMARY KEY,
    slug text NOT NULL,
    names jsonb NOT NULL,
    language text NOT NULL,
    contact text NOT NULL,
    time_zone text NOT NULL
);
SELECT fence('known_programmes');

CREATE TABLE known_events (
    event_id uuid PRIMARY KEY,
    programme_id uuid NOT NULL,
    slug text NOT NULL,
    titles jsonb NOT NULL,
    status text NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    time_zone text NOT NULL,
    venue jsonb,
    version integer NOT NULL
);
SELECT fence('known_events');

CREATE TABLE known_stands (
    stand_id uuid PRIMARY KEY,
    programme_id uuid NOT NULL,
    event_id uuid NOT NULL,
    number text,
    names jsonb NOT NULL,
    exhibitor text NOT NULL
);
SELECT fence('known_stands');

CREATE TABLE known_slots (
    slot_id uuid PRIMARY KEY,
    programme_id uuid NOT NULL,
    event_id uuid NOT NULL,
    stand_id uuid NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    version integer NOT NULL
);
SELECT fence('known_slots');

CREATE TABLE known_bookings (
    booking_id uuid PRIMARY KEY,
    programme_id uuid NOT NULL,
    visitor_id uuid NOT NULL,
    event_id uuid NOT NULL,
    stand_id uuid,
    slot_id uuid,
    status text NOT NULL,
    cause text NOT NULL,
    adults integer NOT NULL,
    children integer NOT NULL,
    rotation integer NOT NULL,
    offer_ends_at timestamptz,
    version integer NOT NULL
);
CREATE INDEX known_bookings_of_event ON known_bookings (event_id);
CREATE INDEX known_bookings_of_slot ON known_bookings (slot_id);
CREATE INDEX known_bookings_of_visitor ON known_bookings (visitor_id);
COMMENT ON COLUMN known_bookings.visitor_id IS 'personal; retention=with-visitor';
SELECT fence('known_bookings');

-- migrate:down
