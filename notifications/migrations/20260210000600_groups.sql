-- migrate:up
-- A school class, a company: their mails speak of a group.
ALTER TABLE known_bookings ADD COLUMN is_group boolean NOT NULL DEFAULT false;

-- migrate:down
