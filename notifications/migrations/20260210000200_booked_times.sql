-- migrate:up
-- The time a booking is for as its own fact says it, for as long as the slot's has not been heard; and whether its
-- confirmation was planned (or is not ours to send): where it was not, the next that is heard of the booking plans it.
ALTER TABLE known_bookings ADD COLUMN starts_at timestamptz;
ALTER TABLE known_bookings ADD COLUMN ends_at timestamptz;
ALTER TABLE known_bookings ADD COLUMN welcomed boolean NOT NULL DEFAULT true;

-- migrate:down
