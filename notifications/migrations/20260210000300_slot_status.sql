-- migrate:up
-- Whether a slot was taken off the programme: then it is not the event that is called off.
ALTER TABLE known_slots ADD COLUMN status text NOT NULL DEFAULT 'open';

-- migrate:down
