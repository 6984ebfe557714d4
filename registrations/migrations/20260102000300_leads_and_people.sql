-- migrate:up
-- A double tap on "Save" is one lead: the form's own id, as bookings and interests have it. NULL for older leads.
ALTER TABLE leads ADD COLUMN attempt uuid;
-- squawk-ignore require-concurrent-index-creation
CREATE UNIQUE INDEX leads_attempt ON leads (programme_id, attempt);

-- migrate:down
