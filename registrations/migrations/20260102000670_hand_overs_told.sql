-- migrate:up

-- Who asked, and how it ended where that was not a yes: told to the booking's visitor and to staff. By id alone, as who was asked, so
-- that whoever is forgotten is forgotten here too.
ALTER TABLE hand_overs
    -- squawk-ignore adding-foreign-key-constraint
    ADD COLUMN from_visitor_id uuid REFERENCES people.visitors,
    ADD COLUMN ended text CHECK (ended IN ('declined', 'withdrawn')); -- at ends_by, before its time
CREATE INDEX hand_overs_giver ON hand_overs (from_visitor_id);

-- migrate:down
