-- migrate:up

-- Bookings that a member of staff chose from a list, to move them or to write to them. Ids alone, for a day at most.
CREATE TABLE selections (
    id uuid PRIMARY KEY,
    programme_id uuid NOT NULL,
    event_id uuid NOT NULL,         -- whose list they were chosen from
    account_id uuid,
    bookings uuid[] NOT NULL,
    version integer NOT NULL DEFAULT 1 CHECK (version > 0),
    told_at timestamptz,            -- said to who writes to visitors
    fates jsonb,                    -- once they were moved: [{"booking_id": …, "fate": …, "reason": …}, …]
    moved_to text,                  -- <event> or <event>/<slot>
    created_at timestamptz NOT NULL,
    CHECK ((fates IS NULL) = (moved_to IS NULL))
);
CREATE INDEX selections_age ON selections (created_at);
SELECT fence('selections');

-- The whole of a movement, to tell it again beside one booking that was looked at in it.
CREATE INDEX line_log_turn ON line_log (decided, turn);

-- migrate:down
