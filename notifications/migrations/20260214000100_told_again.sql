-- migrate:up
-- Whom an organiser has told anew of a shift as it is, whatever the host was told of it before.
ALTER TABLE shift_letters ADD COLUMN again boolean NOT NULL DEFAULT false;

-- migrate:down
