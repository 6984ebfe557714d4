-- migrate:up

-- The event that this one was copied from: what others keep of that one, they carry over.
ALTER TABLE events ADD COLUMN copied_from uuid; -- NULL: begun from nothing

-- migrate:down
