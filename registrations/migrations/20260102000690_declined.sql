-- migrate:up

-- Ended by the organiser's no, or for want of their yes: its visitor asked for a place and gave up nothing.
ALTER TABLE bookings ADD COLUMN declined boolean NOT NULL DEFAULT false;

-- migrate:down
