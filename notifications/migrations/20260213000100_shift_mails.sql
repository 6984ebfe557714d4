-- migrate:up
-- The mails to hosts about their shifts, and what became of each: organisers see whom nobody reached. Without name or address.
CREATE TABLE shift_mails (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    programme_id uuid NOT NULL,
    shift_id uuid NOT NULL,
    account_id uuid NOT NULL,
    event_id uuid NOT NULL,
    stand_id uuid NOT NULL,
    news text NOT NULL CHECK (news IN ('given', 'moved', 'taken')),
    starts_at timestamptz,              -- what it told of; NULL: it was changed while its sender died
    ends_at timestamptz,
    outcome text NOT NULL CHECK (outcome IN (
        'sent',                         -- the receiving server took it
        'failed',                       -- refused for good, or tried often enough
        'unknown',                      -- the answer was lost, or the sender died over it; not sent again by itself
        'withheld'                      -- not sent: the host is none of the programme's people any more, or it is over
    )),
    reason text,                        -- why, as a code
    happened_at timestamptz NOT NULL
);
COMMENT ON COLUMN shift_mails.account_id IS 'personal; retention=shift-letters';
CREATE INDEX shift_mails_newest ON shift_mails (programme_id, id DESC);
CREATE INDEX shift_mails_of_stand ON shift_mails (stand_id, id DESC);
CREATE INDEX shift_mails_age ON shift_mails (happened_at);
SELECT fence('shift_mails');

-- migrate:down
