-- migrate:up
-- Why an event is called off, in the words that those who booked read in their mail. Until an event's next fact there are none.
ALTER TABLE known_events ADD COLUMN reasons jsonb NOT NULL DEFAULT '{}';

-- migrate:down
