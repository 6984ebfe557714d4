-- migrate:up
-- What stands on posters, flyers and labels of a placement, by language; where a text is missing, a default is printed.
ALTER TABLE placements ADD COLUMN headlines jsonb NOT NULL DEFAULT '{}', ADD COLUMN lines jsonb NOT NULL DEFAULT '{}';
COMMENT ON COLUMN placements.headlines IS 'public; hangs on walls';
COMMENT ON COLUMN placements.lines IS 'public; hangs on walls';

-- What is printed of the event that a link leads to. NULL until the event's next fact, or until the projection is rebuilt.
ALTER TABLE landing_events
    ADD COLUMN cover uuid,     -- the seed of its picture
    ADD COLUMN time_zone text,
    ADD COLUMN venue text;

-- migrate:down
