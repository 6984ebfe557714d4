-- migrate:up

-- Places that are counted together across slots: everything at a stand, everything at an event, children among them.
-- squawk-ignore adding-field-with-default, adding-required-field
ALTER TABLE pools ADD COLUMN scope text NOT NULL DEFAULT 'place' CHECK (scope IN (
    'place',                        -- a slot, or the event itself
    'stand',                        -- everything booked at one stand: its tables, its hosts
    'event'                         -- everything booked at the event
));
ALTER TABLE pools ADD COLUMN goal integer CHECK (goal >= 0); -- capacity is to fall to this as places are given back
-- squawk-ignore ban-drop-constraint
ALTER TABLE pools DROP CONSTRAINT pools_unit_check;
-- squawk-ignore constraint-missing-not-valid
ALTER TABLE pools ADD CONSTRAINT pools_unit_check CHECK (unit IN ('households', 'persons', 'children'));
-- squawk-ignore ban-drop-constraint
ALTER TABLE pools DROP CONSTRAINT IF EXISTS pools_check; -- a slot without a stand is a session of the event
-- squawk-ignore ban-drop-constraint
ALTER TABLE pools DROP CONSTRAINT IF EXISTS pools_stand_has_slots;
-- squawk-ignore constraint-missing-not-valid
ALTER TABLE pools ADD CONSTRAINT pools_scope CHECK (CASE scope
    WHEN 'place' THEN unit <> 'children' AND (slot_id IS NOT NULL OR stand_id IS NULL)
    WHEN 'stand' THEN slot_id IS NULL AND stand_id IS NOT NULL
    ELSE slot_id IS NULL AND stand_id IS NULL END);
-- squawk-ignore constraint-missing-not-valid
ALTER TABLE pools ADD CONSTRAINT pools_goal CHECK (goal < capacity);
DROP INDEX pools_of_event;
CREATE UNIQUE INDEX pools_of_event ON pools (event_id) WHERE slot_id IS NULL AND scope = 'place';
CREATE UNIQUE INDEX pools_across ON pools (event_id, scope, coalesce(stand_id, event_id), unit) WHERE scope <> 'place';

-- How an event gives its places out. The row whose event is its programme holds what is usual there.
-- squawk-ignore adding-field-with-default, adding-required-field
ALTER TABLE event_rules
    ADD COLUMN confirm_address boolean NOT NULL DEFAULT false, -- double opt-in
    ADD COLUMN approval boolean NOT NULL DEFAULT false,        -- staff say yes to each booking
    ADD COLUMN change_until_hours integer CHECK (change_until_hours BETWEEN 0 AND 8760), -- before it begins
    ADD COLUMN cancel_until_hours integer CHECK (cancel_until_hours BETWEEN 0 AND 8760),
    ADD COLUMN draw_at timestamptz,                            -- a lottery: until then everyone waits
    ADD COLUMN drawn_at timestamptz,
    ADD COLUMN seed bytea CHECK (length(seed) = 32);           -- of the lots, so that anyone can draw them again
-- squawk-ignore constraint-missing-not-valid
ALTER TABLE event_rules ADD CONSTRAINT event_rules_drawn
    CHECK ((drawn_at IS NULL) = (seed IS NULL) AND (drawn_at IS NULL OR draw_at IS NOT NULL));
CREATE INDEX event_rules_to_draw ON event_rules (draw_at) WHERE draw_at IS NOT NULL AND drawn_at IS NULL;

ALTER TABLE bookings ADD COLUMN awaits text CHECK (awaits IN (
    'address',                      -- the visitor's answer to our mail
    'approval'                      -- the organiser's yes
));
ALTER TABLE bookings ADD COLUMN asked_to_move_at timestamptz; -- the organiser needs the place
-- squawk-ignore ban-drop-constraint
ALTER TABLE bookings DROP CONSTRAINT IF EXISTS bookings_check1; -- a slot without a stand is a session
-- squawk-ignore constraint-missing-not-valid
ALTER TABLE bookings ADD CONSTRAINT bookings_held CHECK (
    CASE status WHEN 'held' THEN awaits IS NOT NULL WHEN 'waiting' THEN true ELSE awaits IS NULL END);
DROP INDEX bookings_once;
-- One live booking per visitor of the event itself, of each stand there, and of each session.
CREATE UNIQUE INDEX bookings_once ON bookings (visitor_id, event_id, coalesce(stand_id, slot_id, event_id))
    WHERE status IN ('held', 'confirmed', 'waiting', 'offered', 'attended') AND NOT walk_in;
-- One offer at a time: whoever is offered a place keeps nobody from another.
CREATE UNIQUE INDEX bookings_one_offer ON bookings (visitor_id) WHERE status = 'offered';
CREATE INDEX bookings_waiting ON bookings (event_id, slot_id, line) WHERE status = 'waiting';

-- Times that were chosen in a form and are kept while it is filled in. Nobody is known by them.
CREATE TABLE holds (
    attempt uuid PRIMARY KEY,       -- the form's
    programme_id uuid NOT NULL,
    event_id uuid NOT NULL,
    stand_id uuid,
    slot_id uuid,
    adults integer NOT NULL CHECK (adults >= 1),
    children integer NOT NULL CHECK (children >= 0),
    ends_by timestamptz NOT NULL    -- decided by reading
);
CREATE INDEX holds_ending ON holds (ends_by);
SELECT fence('holds');

CREATE TABLE hold_places (
    attempt uuid NOT NULL REFERENCES holds ON DELETE CASCADE,
    pool_id uuid NOT NULL REFERENCES pools,
    programme_id uuid NOT NULL,
    taken integer NOT NULL CHECK (taken > 0),
    PRIMARY KEY (attempt, pool_id)
);
CREATE INDEX hold_places_pool ON hold_places (pool_id) INCLUDE (taken);
SELECT fence('hold_places');

-- Every look at someone in line, so that each decision can be told again: entries of one turn were looked at in order.
-- squawk-ignore ban-drop-constraint
ALTER TABLE line_log DROP CONSTRAINT line_log_decision_check;
-- squawk-ignore constraint-missing-not-valid
ALTER TABLE line_log ADD CONSTRAINT line_log_decision_check
    CHECK (decision IN ('promoted', 'offered', 'passed_over', 'taken', 'drawn'));
-- squawk-ignore adding-field-with-default, adding-required-field
ALTER TABLE line_log
    ADD COLUMN decided uuid,        -- the transaction that decided
    ADD COLUMN turn integer NOT NULL DEFAULT 0,
    ADD COLUMN line integer NOT NULL DEFAULT 0,
    ADD COLUMN needs jsonb NOT NULL DEFAULT '{}', -- by pool
    ADD COLUMN frees jsonb NOT NULL DEFAULT '{}', -- by pool, as they were at that look
    ADD COLUMN reason text CHECK (reason IN ('too_large', 'has_offer', 'address', 'approval')),
    ADD COLUMN why text,            -- of staff who offered a place by hand
    ADD COLUMN account_id uuid;

-- Someone else is asked to come instead. Their name lives with the visitor that was made for them.
CREATE TABLE hand_overs (
    id uuid PRIMARY KEY,
    programme_id uuid NOT NULL,
    booking_id uuid NOT NULL REFERENCES bookings,
    to_visitor_id uuid NOT NULL REFERENCES people.visitors,
    token_hash bytea NOT NULL UNIQUE,
    ends_by timestamptz NOT NULL,
    accepted_at timestamptz,
    asked_at timestamptz NOT NULL
);
CREATE INDEX hand_overs_booking ON hand_overs (booking_id);
CREATE INDEX hand_overs_visitor ON hand_overs (to_visitor_id);
SELECT fence('hand_overs');

-- Which programme the token of a hand-over belongs to.
CREATE TABLE hand_over_directory (
    token_hash bytea PRIMARY KEY,
    programme_id uuid NOT NULL,
    hand_over_id uuid NOT NULL
);
SELECT fence('hand_over_directory', true);

-- Whether someone in line could be given what is free now: their place is open, its lots are drawn, they have no other offer, and
-- every pool has room. For those who look whether the line moves; it is moved from locked rows (registrations/domain/line.py).
CREATE FUNCTION fits_now(booking uuid, visitor uuid) RETURNS boolean
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT NOT EXISTS (
               SELECT FROM places w JOIN pools p ON p.id = w.pool_id
               WHERE w.booking_id = booking AND (w.wanted > p.capacity - p.used OR NOT p.open))
           AND NOT EXISTS (SELECT FROM bookings o WHERE o.visitor_id = visitor AND o.status = 'offered')
           AND NOT EXISTS (
               SELECT FROM bookings b JOIN events e ON e.id = b.event_id
               LEFT JOIN event_rules r ON r.event_id = b.event_id
               WHERE b.id = booking AND (e.status = 'cancelled' OR (r.draw_at IS NOT NULL AND r.drawn_at IS NULL)));
END;
REVOKE EXECUTE ON FUNCTION fits_now(uuid, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION fits_now(uuid, uuid) TO registrations_app, registrations_system;

-- The fact of a booking's last step, to see that none is missing.
CREATE INDEX outbox_aggregate ON outbox (aggregate, version);

ALTER TABLE people.visitors ADD COLUMN address_confirmed_at timestamptz;

-- migrate:down
