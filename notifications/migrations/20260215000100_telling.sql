-- migrate:up
-- What the mail tells that is being handed over: a sender may die over it while the shift changes.
ALTER TABLE shift_letters ADD COLUMN telling_starts_at timestamptz; -- NULL: that it is taken away; of one not begun it says nothing
ALTER TABLE shift_letters ADD COLUMN telling_ends_at timestamptz;
UPDATE shift_letters SET telling_starts_at = starts_at, telling_ends_at = ends_at WHERE begun;

-- migrate:down
