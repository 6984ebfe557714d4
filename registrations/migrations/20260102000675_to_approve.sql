-- migrate:up

-- Who waits for the organiser's yes: few among many, asked for on every list and on the home of the console.
CREATE INDEX bookings_to_approve ON bookings (event_id) WHERE awaits = 'approval';

-- migrate:down
