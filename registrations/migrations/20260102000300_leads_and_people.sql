-- migrate:up
-- A double tap on "Save" is one lead: the form's own id, as bookings and interests have it. NULL for older leads.
ALTER TABLE leads ADD COLUMN attempt uuid;
-- squawk-ignore require-concurrent-index-creation
CREATE UNIQUE INDEX leads_attempt ON leads (programme_id, attempt);

-- Leads outlive the households they came with by years, and are still looked for by name: Norwegian order and search, made
-- in Python. NULL until the visitor's next booking for those who were written down before this.
ALTER TABLE people.visitors ADD COLUMN sort_key text;
COMMENT ON COLUMN people.visitors.sort_key IS 'personal; retention=visitor';

-- migrate:down
