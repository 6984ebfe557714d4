-- migrate:up
-- What each host was last told of a shift, and what is so: where the two differ, a mail is due. Without name or address.
CREATE TABLE shift_letters (
    shift_id uuid NOT NULL,
    account_id uuid NOT NULL,
    programme_id uuid NOT NULL,
    event_id uuid NOT NULL,
    stand_id uuid NOT NULL,
    starts_at timestamptz,              -- NULL: taken off it
    ends_at timestamptz,
    told_starts_at timestamptz,         -- NULL: told of nothing, or that it was taken away
    told_ends_at timestamptz,
    sequence integer NOT NULL DEFAULT 0, -- of the calendar entry that goes with the next mail
    due_at timestamptz,                 -- NULL: there is nothing to tell
    attempts integer NOT NULL DEFAULT 0,
    tried_since timestamptz,
    claim uuid,                         -- the sender that holds it
    claimed_at timestamptz,
    changed_at timestamptz NOT NULL,
    begun boolean NOT NULL DEFAULT false, -- handed to the mail server, or about to be
    PRIMARY KEY (shift_id, account_id),
    CHECK ((starts_at IS NULL) = (ends_at IS NULL)),
    CHECK ((told_starts_at IS NULL) = (told_ends_at IS NULL)),
    CHECK ((claim IS NULL) = (claimed_at IS NULL))
);
COMMENT ON COLUMN shift_letters.account_id IS 'personal; retention=shift-letters';
CREATE INDEX shift_letters_due ON shift_letters (due_at) WHERE due_at IS NOT NULL;
SELECT fence('shift_letters');

-- migrate:down
