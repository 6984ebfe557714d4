-- migrate:up

-- How many ask for an event, or for anything of a programme: counted here since every process answers a part of them.
CREATE TABLE rushes (
    subject text PRIMARY KEY,       -- event:<id>, programme:<id>, or letters:<id> of an event
    programme_id uuid NOT NULL,
    began timestamptz NOT NULL,     -- the minute that is counted
    attempts integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    before integer NOT NULL DEFAULT 0 CHECK (before >= 0), -- in the minute before it
    raised_at timestamptz,          -- since when there is a defence
    busy_at timestamptz,            -- when it was last needed; it goes down by reading, some time after
    CHECK ((raised_at IS NULL) = (busy_at IS NULL))
);
CREATE INDEX rushes_busy ON rushes (busy_at) WHERE busy_at IS NOT NULL;
SELECT fence('rushes');

-- Challenges that were solved and used: each once.
CREATE TABLE spent_proofs (
    mark text PRIMARY KEY,
    programme_id uuid NOT NULL,
    attempt uuid NOT NULL,          -- the form's, which names nobody
    booked boolean NOT NULL,        -- or only kept a time
    ends_at timestamptz NOT NULL
);
CREATE INDEX spent_proofs_ending ON spent_proofs (ends_at);
SELECT fence('spent_proofs');

-- migrate:down
