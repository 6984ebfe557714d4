-- migrate:up
-- Who our visitors are: the only place in the system with their names and addresses. Others know a visitor by id alone.

CREATE TABLE people.visitors (
    id uuid PRIMARY KEY,
    programme_id uuid NOT NULL,
    name text,
    email text,                     -- as it was written; NULL for a walk-in who gave none
    email_key text,                 -- in lower case: one visitor per address and programme
    language text NOT NULL CHECK (language IN ('nb', 'nn', 'en', 'nl', 'se')),
    version integer NOT NULL CHECK (version > 0),
    created_at timestamptz NOT NULL,
    erased_at timestamptz,          -- the row stays as a tombstone, so that what counts people still counts
    UNIQUE (programme_id, email_key),
    CHECK ((email IS NULL) = (email_key IS NULL)),
    CHECK (CASE WHEN erased_at IS NULL THEN name IS NOT NULL ELSE name IS NULL AND email IS NULL END)
);
COMMENT ON COLUMN people.visitors.name IS 'personal; retention=visitor';
COMMENT ON COLUMN people.visitors.email IS 'personal; retention=visitor';
COMMENT ON COLUMN people.visitors.email_key IS 'personal; retention=visitor';
SELECT fence('people.visitors');

-- Who comes with one booking: children as age bands, never their names.
CREATE TABLE people.households (
    booking_id uuid PRIMARY KEY,
    programme_id uuid NOT NULL,
    visitor_id uuid NOT NULL REFERENCES people.visitors,
    name text NOT NULL,             -- the name this booking was made under, which staff look for at the door
    sort_key text NOT NULL,         -- Norwegian order and search, made in Python
    adults integer NOT NULL CHECK (adults BETWEEN 1 AND 50),
    children_0_2 integer NOT NULL CHECK (children_0_2 BETWEEN 0 AND 50),
    children_3_5 integer NOT NULL CHECK (children_3_5 BETWEEN 0 AND 50),
    children_6_12 integer NOT NULL CHECK (children_6_12 BETWEEN 0 AND 50),
    children_13_17 integer NOT NULL CHECK (children_13_17 BETWEEN 0 AND 50),
    lives_in text,
    moving text CHECK (moving IN ('this_year', 'one_to_two_years', 'later', 'thinking'))
);
COMMENT ON COLUMN people.households.name IS 'personal; retention=household';
COMMENT ON COLUMN people.households.sort_key IS 'personal; retention=household';
COMMENT ON COLUMN people.households.lives_in IS 'personal; retention=household';
COMMENT ON COLUMN people.households.moving IS 'personal; retention=household';
CREATE INDEX households_visitor ON people.households (visitor_id);
SELECT fence('people.households');

-- What a visitor agreed to, word for word: the wording's version and language, when, where, and when it was taken back.
-- It holds no words of the visitor's own, so it stays as proof after an erasure, of an id that leads to nobody.
CREATE TABLE people.consents (
    id uuid PRIMARY KEY,
    programme_id uuid NOT NULL,
    visitor_id uuid NOT NULL REFERENCES people.visitors,
    purpose text NOT NULL CHECK (purpose IN ('follow_up', 'news', 'conversation')),
    wording integer NOT NULL CHECK (wording > 0), -- version of the text in registrations/domain/consents.py
    language text NOT NULL,
    given_at timestamptz NOT NULL,
    given_through text NOT NULL CHECK (given_through IN ('form', 'stand', 'link', 'api')),
    withdrawn_at timestamptz,
    CHECK (withdrawn_at >= given_at)
);
CREATE UNIQUE INDEX consents_standing ON people.consents (visitor_id, purpose) WHERE withdrawn_at IS NULL;
SELECT fence('people.consents');

-- How to reach a visitor, for the one service that writes to people. No row: erased, or no address was given.
-- It runs as its owner, who is fenced as everyone is: the caller's transaction must belong to the visitor's programme.
CREATE FUNCTION people.contact(visitor uuid)
RETURNS TABLE (visitor_id uuid, name text, email text, language text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = people, pg_temp
AS $$
    SELECT v.id, v.name, v.email, v.language FROM people.visitors v
    WHERE v.id = visitor AND v.erased_at IS NULL AND v.email IS NOT NULL
$$;
GRANT USAGE ON SCHEMA people TO notifications_app, notifications_system;
GRANT EXECUTE ON FUNCTION people.contact(uuid) TO notifications_app, notifications_system;

-- migrate:down
