-- migrate:up
-- Who stands at a stand, and when. Of a person only the account is kept: names are identity's, and no fact tells of shifts.
CREATE TABLE shifts (
    shift_id uuid PRIMARY KEY,
    programme_id uuid NOT NULL,
    event_id uuid NOT NULL,
    stand_id uuid NOT NULL,
    version integer NOT NULL CHECK (version > 0),
    account_id uuid NOT NULL,           -- one of the programme's people
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL CHECK (ends_at > starts_at),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    FOREIGN KEY (programme_id, event_id, stand_id) REFERENCES stands (programme_id, event_id, stand_id),
    -- Nobody stands at two places at once, in whichever programmes. As in slots_apart, the account is the range that holds
    -- just it; deferrable, so that one statement may move many past each other.
    CONSTRAINT shifts_apart EXCLUDE USING gist (
        stand_range(account_id, account_id, '[]') WITH =,
        tstzrange(starts_at, ends_at) WITH &&
    ) DEFERRABLE INITIALLY IMMEDIATE
);
COMMENT ON COLUMN shifts.account_id IS 'personal; retention=shifts';
CREATE INDEX shifts_of_event ON shifts (event_id, starts_at);
CREATE INDEX shifts_of_account ON shifts (account_id, starts_at);
CREATE INDEX shifts_by_end ON shifts (ends_at);
SELECT fence('shifts');

-- migrate:down
