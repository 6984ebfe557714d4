-- migrate:up

-- Where a selection began to be moved to, and which of its bookings stood there already: who carries it on, or carries it out at the
-- same moment, tells the others as moved. NULL: nobody has begun.
ALTER TABLE selections ADD COLUMN moving_to text, ADD COLUMN there uuid[];

-- migrate:down
