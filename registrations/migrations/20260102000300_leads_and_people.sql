-- migrate:up
-- A double tap on "Save" is one lead: the form's own id, as bookings and interests have it. NULL for older leads.
ALTER TABLE leads ADD COLUMN attempt uuid;
-- squawk-ignore require-concurrent-index-creation
CREATE UNIQUE INDEX leads_attempt ON leads (programme_id, attempt);

-- Leads outlive the households they came with by years, and are still looked for by name: Norwegian order and search, made
-- in Python. NULL until the visitor's next booking for those who were written down before this.
ALTER TABLE people.visitors ADD COLUMN sort_key text;
COMMENT ON COLUMN people.visitors.sort_key IS 'personal; retention=visitor';

-- The language that a booking was made in, or chosen for since: its mails are in it. NULL for older ones: the visitor's.
ALTER TABLE people.households ADD COLUMN language text CHECK (language IN ('nb', 'nn', 'en', 'nl', 'se'));

-- How to reach whoever made a booking, under the name and in the language they made it in; of a message without a booking
-- (or once its household is deleted) those of the visitor. No row: erased, or no address was given.
CREATE FUNCTION people.contact_for(visitor uuid, booking uuid)
RETURNS TABLE (visitor_id uuid, name text, email text, language text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = people, pg_temp
AS $$
    SELECT v.id, coalesce(h.name, v.name), v.email, coalesce(h.language, v.language)
    FROM people.visitors v LEFT JOIN people.households h ON h.booking_id = booking AND h.visitor_id = v.id
    WHERE v.id = visitor AND v.erased_at IS NULL AND v.email IS NOT NULL
$$;
GRANT EXECUTE ON FUNCTION people.contact_for(uuid, uuid) TO notifications_app, notifications_system;

-- migrate:down
