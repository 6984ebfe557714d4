-- migrate:up

-- Directories: which programme an address belongs to, before that is known --------------------------------------------

CREATE TABLE event_directory (
    event_id uuid PRIMARY KEY,
    programme_id uuid NOT NULL,
    slug text NOT NULL
);
CREATE INDEX event_directory_slug ON event_directory (slug);
SELECT fence('event_directory', true);

-- Only hashes: a token opens a booking, and who reads this table opens nothing.
CREATE TABLE token_directory (
    token_hash bytea PRIMARY KEY,
    programme_id uuid NOT NULL,
    purpose text NOT NULL CHECK (purpose IN ('booking', 'ticket')),
    booking_id uuid NOT NULL
);
CREATE INDEX token_directory_booking ON token_directory (booking_id);
SELECT fence('token_directory', true);

-- Projections: what the others said, for our pages. Emptied and refilled by `blest projections rebuild` -----------------

CREATE TABLE programmes (
    programme_id uuid PRIMARY KEY,
    slug text NOT NULL,
    names jsonb NOT NULL,
    status text NOT NULL,
    languages text[] NOT NULL,
    time_zone text NOT NULL,
    contact text NOT NULL,
    target_groups jsonb NOT NULL    -- [{"id": …, "names": {…}}]
);
SELECT fence('programmes');

CREATE TABLE events (
    id uuid PRIMARY KEY,
    programme_id uuid NOT NULL,
    slug text NOT NULL,
    titles jsonb NOT NULL,
    summaries jsonb NOT NULL,
    status text NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    time_zone text NOT NULL,
    venue jsonb,
    target_groups uuid[] NOT NULL,
    opens_at timestamptz,
    closes_at timestamptz
);
CREATE INDEX events_by_time ON events (programme_id, starts_at);
SELECT fence('events');

CREATE TABLE stands (
    id uuid PRIMARY KEY,
    programme_id uuid NOT NULL,
    event_id uuid NOT NULL,
    number text,
    names jsonb NOT NULL,
    exhibitor text NOT NULL,
    removed boolean NOT NULL
);
CREATE INDEX stands_event ON stands (event_id);
SELECT fence('stands');

-- Places ------------------------------------------------------------------------------------------------------------------

-- How many places an event or a slot has, and how many are taken. The row that every taking and freeing locks.
CREATE TABLE pools (
    id uuid PRIMARY KEY,
    programme_id uuid NOT NULL,
    event_id uuid NOT NULL,
    stand_id uuid,
    slot_id uuid UNIQUE,            -- NULL: the event itself
    unit text NOT NULL CHECK (unit IN ('households', 'persons')),
    capacity integer NOT NULL CHECK (capacity >= 0),
    used integer NOT NULL DEFAULT 0 CHECK (used >= 0),
    waiting integer NOT NULL DEFAULT 0 CHECK (waiting >= 0), -- households in line
    last_line integer NOT NULL DEFAULT 0,  -- the last place in line that was given out
    open boolean NOT NULL,          -- false: closed by the organiser, nothing may be taken
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    version integer NOT NULL CHECK (version > 0),
    CONSTRAINT pools_not_oversold CHECK (used <= capacity),
    CHECK ((slot_id IS NULL) = (stand_id IS NULL)),
    CHECK (ends_at > starts_at)
);
CREATE UNIQUE INDEX pools_of_event ON pools (event_id) WHERE slot_id IS NULL;
CREATE INDEX pools_event ON pools (event_id);
CREATE INDEX pools_stand ON pools (stand_id);
SELECT fence('pools');

-- How an event's places are given out, where the organiser wants it otherwise than usual.
CREATE TABLE event_rules (
    event_id uuid PRIMARY KEY,
    programme_id uuid NOT NULL,
    line text NOT NULL CHECK (line IN (
        'promote',                  -- the next in line gets the place at once
        'offer'                     -- the next in line is offered the place, and must say yes in time
    )),
    offer_hours integer NOT NULL CHECK (offer_hours BETWEEN 1 AND 336),
    largest_household integer NOT NULL CHECK (largest_household BETWEEN 1 AND 50),
    version integer NOT NULL CHECK (version > 0)
);
SELECT fence('event_rules');

CREATE TABLE bookings (
    id uuid PRIMARY KEY,
    programme_id uuid NOT NULL,
    visitor_id uuid NOT NULL REFERENCES people.visitors,
    event_id uuid NOT NULL,
    stand_id uuid,
    slot_id uuid,
    status text NOT NULL CHECK (status IN (
        'held',                     -- chosen, not yet confirmed; ends by itself
        'confirmed',                -- held | waiting | offered -> confirmed; attended -> confirmed when a check-in is undone
        'waiting',                  -- in line for a place
        'offered',                  -- waiting -> offered: a place is kept until the offer ends
        'cancelled',                -- held | confirmed | waiting | offered -> cancelled
        'attended',                 -- confirmed -> attended
        'no_show'                   -- confirmed -> no_show
    )),
    cause text NOT NULL,            -- who or what brought the last change about
    version integer NOT NULL CHECK (version > 0),
    rotation integer NOT NULL CHECK (rotation >= 0), -- raised to make earlier links and tickets worthless
    code text NOT NULL,             -- the short code on the ticket: the first characters of its token
    adults integer NOT NULL CHECK (adults >= 1),
    children integer NOT NULL CHECK (children >= 0),
    starts_at timestamptz NOT NULL, -- follows its slot or event
    ends_at timestamptz NOT NULL,
    line integer,                   -- place in the order of those who asked, per pool
    ends_by timestamptz,            -- when a hold or an offer ends; decided by reading
    attempt uuid NOT NULL,          -- the form that was sent: sent twice, it is one booking
    via uuid,                       -- the click that led here
    heard_of text,
    target_groups uuid[] NOT NULL,
    walk_in boolean NOT NULL,
    clashes boolean NOT NULL DEFAULT false, -- the organiser moved it onto another booking of the same visitor
    asked_again_at timestamptz,
    created_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    CHECK ((ends_by IS NOT NULL) = (status IN ('held', 'offered'))),
    CHECK ((slot_id IS NULL) OR (stand_id IS NOT NULL)),
    CHECK (status <> 'waiting' OR line IS NOT NULL)
);
CREATE INDEX bookings_event ON bookings (event_id, status, id);
CREATE INDEX bookings_stand ON bookings (stand_id, starts_at) WHERE stand_id IS NOT NULL;
CREATE INDEX bookings_visitor ON bookings (visitor_id);
CREATE INDEX bookings_code ON bookings (programme_id, code);
CREATE INDEX bookings_ending ON bookings (ends_by) WHERE ends_by IS NOT NULL;
CREATE INDEX bookings_due ON bookings (ends_at) WHERE status = 'confirmed';
-- One live booking per visitor of the event itself, and of each stand there.
CREATE UNIQUE INDEX bookings_once ON bookings (visitor_id, event_id, coalesce(stand_id, event_id))
    WHERE status IN ('held', 'confirmed', 'waiting', 'offered', 'attended') AND NOT walk_in;
SELECT fence('bookings');

-- What a booking takes from each pool it needs: all of it or nothing.
CREATE TABLE places (
    booking_id uuid NOT NULL REFERENCES bookings,
    pool_id uuid NOT NULL REFERENCES pools,
    programme_id uuid NOT NULL,
    wanted integer NOT NULL CHECK (wanted > 0),
    taken integer NOT NULL,
    PRIMARY KEY (booking_id, pool_id),
    CHECK (taken IN (0, wanted))
);
CREATE INDEX places_pool ON places (pool_id) INCLUDE (taken);
SELECT fence('places');

-- Why the line moved as it did: who was promoted or offered a place, and who was passed over because they did not fit.
CREATE TABLE line_log (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    programme_id uuid NOT NULL,
    pool_id uuid NOT NULL REFERENCES pools,
    booking_id uuid NOT NULL REFERENCES bookings,
    decision text NOT NULL CHECK (decision IN ('promoted', 'offered', 'passed_over')),
    needed integer NOT NULL,
    free integer NOT NULL,
    at timestamptz NOT NULL
);
CREATE INDEX line_log_booking ON line_log (booking_id);
CREATE INDEX line_log_pool ON line_log (pool_id, id);
SELECT fence('line_log');

-- At the door -----------------------------------------------------------------------------------------------------------

-- Every scan, whatever came of it. The nonce is made where the scan was: sent twice, it counts once.
CREATE TABLE check_ins (
    id uuid PRIMARY KEY,
    programme_id uuid NOT NULL,
    nonce uuid NOT NULL,
    event_id uuid NOT NULL,
    booking_id uuid REFERENCES bookings,   -- NULL: nothing was found
    verdict text NOT NULL CHECK (verdict IN (
        'admitted', 'already', 'other_event', 'waiting', 'cancelled', 'unknown', 'undone'
    )),
    scanned_at timestamptz NOT NULL,       -- by the device's clock
    received_at timestamptz NOT NULL,
    offline boolean NOT NULL,              -- decided without us, reported later
    account_id uuid,
    UNIQUE (programme_id, nonce)
);
CREATE INDEX check_ins_event ON check_ins (event_id, received_at);
CREATE INDEX check_ins_booking ON check_ins (booking_id);
SELECT fence('check_ins');

-- What we talked about, and what became of it --------------------------------------------------------------------------

CREATE TABLE leads (
    id uuid PRIMARY KEY,
    programme_id uuid NOT NULL,
    version integer NOT NULL CHECK (version > 0),
    visitor_id uuid NOT NULL REFERENCES people.visitors,
    booking_id uuid REFERENCES bookings,
    event_id uuid,
    stand_id uuid,
    interest text NOT NULL CHECK (interest IN ('hot', 'warm', 'cold')),
    tags text[] NOT NULL,
    note text,
    promise text,                   -- what we said we would do
    next_step text,
    next_step_on date,
    done_at timestamptz,            -- the next step was taken
    owner_id uuid,                  -- the account that follows up
    via uuid,
    target_groups uuid[] NOT NULL,
    noted_by uuid,
    noted_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    CHECK (next_step_on IS NULL OR next_step IS NOT NULL)
);
COMMENT ON COLUMN leads.tags IS 'personal; retention=lead';
COMMENT ON COLUMN leads.note IS 'personal; retention=lead';
COMMENT ON COLUMN leads.promise IS 'personal; retention=lead';
COMMENT ON COLUMN leads.next_step IS 'personal; retention=lead';
CREATE INDEX leads_due ON leads (programme_id, next_step_on) WHERE next_step_on IS NOT NULL AND done_at IS NULL;
CREATE INDEX leads_visitor ON leads (visitor_id);
CREATE INDEX leads_booking ON leads (booking_id);
CREATE INDEX leads_listed ON leads (programme_id, id);
SELECT fence('leads');

CREATE TABLE outcomes (
    id uuid PRIMARY KEY,
    programme_id uuid NOT NULL,
    version integer NOT NULL CHECK (version > 0),
    lead_id uuid NOT NULL REFERENCES leads,
    visitor_id uuid NOT NULL REFERENCES people.visitors,
    booking_id uuid REFERENCES bookings,
    kind text NOT NULL CHECK (kind IN ('visit_trip', 'job', 'house', 'moved', 'still_here_12', 'still_here_24')),
    source text NOT NULL CHECK (source IN ('self_reported', 'staff')),
    happened_on date NOT NULL,
    adults integer NOT NULL CHECK (adults >= 1),
    children integer NOT NULL CHECK (children >= 0),
    via uuid,
    withdrawn boolean NOT NULL DEFAULT false,
    logged_by uuid,
    logged_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX outcomes_once ON outcomes (lead_id, kind) WHERE NOT withdrawn;
CREATE INDEX outcomes_listed ON outcomes (programme_id, kind, happened_on);
CREATE INDEX outcomes_visitor ON outcomes (visitor_id);
SELECT fence('outcomes');

-- Who wants to hear more, without an event.
CREATE TABLE interests (
    id uuid PRIMARY KEY,
    programme_id uuid NOT NULL,
    visitor_id uuid NOT NULL REFERENCES people.visitors,
    version integer NOT NULL CHECK (version > 0),
    lives_in text,
    moving text,
    message text,
    heard_of text,
    via uuid,
    target_groups uuid[] NOT NULL,
    attempt uuid NOT NULL,
    created_at timestamptz NOT NULL,
    answered_at timestamptz,
    UNIQUE (programme_id, attempt)
);
COMMENT ON COLUMN interests.lives_in IS 'personal; retention=interest';
COMMENT ON COLUMN interests.moving IS 'personal; retention=interest';
COMMENT ON COLUMN interests.message IS 'personal; retention=interest';
CREATE INDEX interests_visitor ON interests (visitor_id);
CREATE INDEX interests_listed ON interests (programme_id, id);
SELECT fence('interests');

-- squawk-ignore adding-foreign-key-constraint, constraint-missing-not-valid
ALTER TABLE people.households ADD FOREIGN KEY (booking_id) REFERENCES bookings;

-- migrate:down
