-- migrate:up
-- What happens, when and where; the stands at it and their slots. Moments are UTC, the zone is kept beside them.

-- Filled from programmes.programme.changed. It holds public state only and the calendar shows all programmes: a directory.
CREATE TABLE programmes_directory (
    programme_id uuid PRIMARY KEY,
    version integer NOT NULL,
    slug text NOT NULL,
    names jsonb NOT NULL,
    status text NOT NULL CHECK (status IN ('draft', 'published', 'closed')),
    language text NOT NULL,             -- what its organisers write in first
    languages text[] NOT NULL,          -- what it offers to visitors
    required_languages text[] NOT NULL, -- no event is published without them
    time_zone text NOT NULL,
    contact text NOT NULL,
    municipalities jsonb NOT NULL,
    partners jsonb NOT NULL,
    target_groups jsonb NOT NULL,
    selling_points jsonb NOT NULL,
    activity_types jsonb NOT NULL,
    known_since timestamptz NOT NULL    -- when the first fact about it happened
);
SELECT fence('programmes_directory', true);

CREATE TABLE events (
    event_id uuid PRIMARY KEY,
    programme_id uuid NOT NULL,
    version integer NOT NULL CHECK (version > 0),
    slug text NOT NULL,                 -- its address; fixed once published, since it is printed on paper
    status text NOT NULL CHECK (status IN (
        'draft',                        -- new
        'published',                    -- draft -> published
        'cancelled'                     -- draft | published -> cancelled
    )),
    titles jsonb NOT NULL,
    summaries jsonb NOT NULL,
    descriptions jsonb NOT NULL,        -- markdown per language
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL CHECK (ends_at > starts_at),
    time_zone text NOT NULL,
    venue_name text NOT NULL,
    venue_address text NOT NULL,
    latitude double precision CHECK (latitude BETWEEN -90 AND 90),
    longitude double precision CHECK (longitude BETWEEN -180 AND 180),
    municipality_id uuid,               -- NULL: held for all of them
    activity_type uuid,
    target_groups uuid[] NOT NULL,
    selling_points uuid[] NOT NULL,
    registration_opens_at timestamptz,  -- NULL: when published
    registration_closes_at timestamptz, -- NULL: when it (or the slot) begins
    first_amount integer CHECK (first_amount BETWEEN 0 AND 100000), -- NULL: visitors book slots only
    first_unit text CHECK (first_unit IN ('households', 'persons')),
    cover uuid NOT NULL,                -- seed of its generated cover
    reasons jsonb NOT NULL DEFAULT '{}', -- why it was cancelled, per language
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    published_at timestamptz,
    cancelled_at timestamptz,
    UNIQUE (programme_id, event_id),
    CHECK ((first_amount IS NULL) = (first_unit IS NULL)),
    CHECK (registration_closes_at > registration_opens_at),
    CHECK (status <> 'published' OR published_at IS NOT NULL),
    CHECK ((status = 'cancelled') = (cancelled_at IS NOT NULL))
);
COMMENT ON COLUMN events.venue_name IS 'public; a building or a place, as the organiser announces it';
COMMENT ON COLUMN events.venue_address IS 'public; where the event is held';
CREATE INDEX events_by_time ON events (programme_id, starts_at, event_id);
SELECT fence('events');

-- Which programme an address belongs to. One address, one event, in the whole installation.
CREATE TABLE events_directory (
    slug text PRIMARY KEY,
    event_id uuid NOT NULL UNIQUE,
    programme_id uuid NOT NULL
);
SELECT fence('events_directory', true);

-- What the public calendar lists: events published (or cancelled after that) of every programme. Kept by the commands, in the
-- transaction that changes the event; it holds nothing but what everyone may read.
CREATE TABLE calendar_directory (
    event_id uuid PRIMARY KEY,
    programme_id uuid NOT NULL,
    version integer NOT NULL,
    slug text NOT NULL,
    status text NOT NULL CHECK (status IN ('published', 'cancelled')),
    titles jsonb NOT NULL,
    summaries jsonb NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    time_zone text NOT NULL,
    venue_name text NOT NULL,
    venue_address text NOT NULL,
    municipality_id uuid,
    activity_type uuid,
    target_groups uuid[] NOT NULL,
    cover uuid NOT NULL,
    updated_at timestamptz NOT NULL
);
COMMENT ON COLUMN calendar_directory.venue_name IS 'public; as in events';
COMMENT ON COLUMN calendar_directory.venue_address IS 'public; as in events';
CREATE INDEX calendar_by_start ON calendar_directory (starts_at, event_id);
SELECT fence('calendar_directory', true);

CREATE TABLE stands (
    stand_id uuid PRIMARY KEY,
    programme_id uuid NOT NULL,
    event_id uuid NOT NULL,
    version integer NOT NULL CHECK (version > 0),
    number text,                        -- where the hall plan gives one
    names jsonb NOT NULL,
    exhibitor text NOT NULL,            -- the municipality or partner that hosts it
    languages text[] NOT NULL,          -- spoken there
    offers jsonb NOT NULL,              -- what one can ask about, per language
    removed boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    UNIQUE (programme_id, event_id, stand_id),
    FOREIGN KEY (programme_id, event_id) REFERENCES events (programme_id, event_id)
);
CREATE INDEX stands_of_event ON stands (event_id);
CREATE UNIQUE INDEX stands_number ON stands (event_id, number) WHERE NOT removed;
SELECT fence('stands');

-- GiST has no operators for a uuid of its own (that is btree_gist, an extension), but it has them for every range: a stand is
-- the range that holds just that stand.
CREATE TYPE stand_range AS RANGE (subtype = uuid);

CREATE TABLE slots (
    slot_id uuid PRIMARY KEY,
    programme_id uuid NOT NULL,
    event_id uuid NOT NULL,
    stand_id uuid NOT NULL,
    version integer NOT NULL CHECK (version > 0),
    status text NOT NULL CHECK (status IN (
        'open',                         -- new
        'closed'                        -- open -> closed
    )),
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL CHECK (ends_at > starts_at),
    desk smallint NOT NULL CHECK (desk BETWEEN 1 AND 20), -- a stand may receive at several tables at once
    first_amount integer NOT NULL CHECK (first_amount BETWEEN 0 AND 100000), -- registrations owns it once the slot is open
    first_unit text NOT NULL CHECK (first_unit IN ('households', 'persons')),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    FOREIGN KEY (programme_id, event_id, stand_id) REFERENCES stands (programme_id, event_id, stand_id),
    -- No table of a stand receives two slots at once. Deferrable, so that one statement may move many past each other: it is
    -- checked at the statement's end.
    CONSTRAINT slots_apart EXCLUDE USING gist (
        stand_range(stand_id, stand_id, '[]') WITH =,
        int4range(desk, desk, '[]') WITH =,
        tstzrange(starts_at, ends_at) WITH &&
    ) WHERE (status = 'open') DEFERRABLE INITIALLY IMMEDIATE
);
CREATE INDEX slots_of_event ON slots (event_id, starts_at);
CREATE INDEX slots_of_stand ON slots (stand_id, starts_at);
SELECT fence('slots');

-- Filled from registrations.pool.changed: how full each slot (or the event itself) is.
CREATE TABLE places (
    pool_id uuid PRIMARY KEY,
    programme_id uuid NOT NULL,
    event_id uuid NOT NULL,
    slot_id uuid,                       -- NULL: places at the event itself
    version integer NOT NULL,
    unit text NOT NULL CHECK (unit IN ('households', 'persons')),
    capacity integer NOT NULL,
    used integer NOT NULL,
    waiting integer NOT NULL
);
CREATE INDEX places_of_event ON places (event_id);
SELECT fence('places');

-- migrate:down
