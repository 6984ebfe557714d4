-- migrate:up

-- What an event is a copy of: it is booked once that one's questions and rules were carried over. NULL: begun from nothing, or
-- told of before this was kept.
ALTER TABLE events ADD COLUMN copied_from uuid;

-- migrate:down
