-- migrate:up
-- squawk-ignore-file adding-field-with-default

-- What one can ask about at a stand, as codes of events.facts.Topic beside the free text: visitors find stands by them.
ALTER TABLE stands ADD COLUMN topics text[] NOT NULL DEFAULT '{}';

-- migrate:down
