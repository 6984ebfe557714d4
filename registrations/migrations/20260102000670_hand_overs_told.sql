-- migrate:up

-- Who asked, and how it ended where that was not a yes: told to the booking's visitor and to staff. By id alone, as who was asked, so
-- that whoever is forgotten is forgotten here too. No foreign key: it would lock the visitor after their booking, and everybody else
-- locks visitors first.
ALTER TABLE hand_overs
    ADD COLUMN from_visitor_id uuid,
    ADD COLUMN ended text CHECK (ended IN ('declined', 'withdrawn')); -- at ends_by, before its time
CREATE INDEX hand_overs_giver ON hand_overs (from_visitor_id);

-- migrate:down
