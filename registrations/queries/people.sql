-- name: meet_visitors
-- Finds or makes a visitor per address, and locks them in order: one person's wishes are decided one after the other, in
-- whatever process. `fresh` says that the row is new.
INSERT INTO people.visitors (id, programme_id, name, email, email_key, language, version, created_at)
SELECT r.id, :programme_id::uuid, r.name, r.email, r.email_key, r.language, 1, :moment::timestamptz
FROM jsonb_to_recordset(:rows::text::jsonb) AS r(id uuid, name text, email text, email_key text, language text)
ORDER BY r.email_key
ON CONFLICT (programme_id, email_key) DO UPDATE SET version = visitors.version
RETURNING id, email_key, (xmax = 0) AS fresh;

-- name: lock_visitors
-- The visitors of bookings that will change place, locked in the order of their addresses, as `meet_visitors` does.
SELECT v.id FROM people.visitors v
WHERE v.id IN (SELECT visitor_id FROM bookings WHERE id = ANY (:bookings::uuid[]))
ORDER BY v.email_key, v.id
FOR UPDATE;

-- name: add_visitor!
-- A visitor who gave no address: a walk-in.
INSERT INTO people.visitors (id, programme_id, name, language, version, created_at)
VALUES (:id::uuid, :programme_id::uuid, :name::text, :language::text, 1, :moment::timestamptz);

-- name: forget_strangers!
-- Visitors made for wishes that were then refused: nothing is kept of them.
DELETE FROM people.visitors WHERE id = ANY (:visitors::uuid[]);

-- name: save_households!
-- Who comes with each booking.
INSERT INTO people.households (booking_id, programme_id, visitor_id, name, sort_key, adults, children_0_2, children_3_5,
                               children_6_12, children_13_17, lives_in, moving)
SELECT r.booking_id, :programme_id::uuid, r.visitor_id, r.name, r.sort_key, r.adults, r.children_0_2, r.children_3_5,
       r.children_6_12, r.children_13_17, r.lives_in, r.moving
FROM jsonb_to_recordset(:rows::text::jsonb) AS r(
    booking_id uuid, visitor_id uuid, name text, sort_key text, adults integer, children_0_2 integer, children_3_5 integer,
    children_6_12 integer, children_13_17 integer, lives_in text, moving text);

-- name: resize_household!
-- More or fewer come.
UPDATE people.households SET adults = :adults, children_0_2 = :children_0_2, children_3_5 = :children_3_5,
       children_6_12 = :children_6_12, children_13_17 = :children_13_17
WHERE booking_id = :booking_id::uuid;

-- name: save_consents!
-- What was agreed to; one that stands already is not given twice.
INSERT INTO people.consents (id, programme_id, visitor_id, purpose, wording, language, given_at, given_through)
SELECT r.id, :programme_id::uuid, r.visitor_id, r.purpose, r.wording, r.language, :moment::timestamptz, r.given_through
FROM jsonb_to_recordset(:rows::text::jsonb) AS r(
    id uuid, visitor_id uuid, purpose text, wording integer, language text, given_through text)
ON CONFLICT (visitor_id, purpose) WHERE withdrawn_at IS NULL DO NOTHING;

-- name: withdraw_consent!
-- Taken back; the row stays as proof of what was agreed to, and until when.
UPDATE people.consents SET withdrawn_at = :moment::timestamptz
WHERE visitor_id = :visitor_id::uuid AND purpose = :purpose::text AND withdrawn_at IS NULL;

-- name: consents_of
-- Everything a visitor has agreed to, newest first.
SELECT purpose, wording, language, given_at, given_through, withdrawn_at FROM people.consents
WHERE visitor_id = :visitor_id::uuid ORDER BY given_at DESC, purpose;

-- name: find_visitor^
-- A visitor, for their own page.
SELECT id, name, email, language, version, created_at, erased_at FROM people.visitors WHERE id = :id::uuid;

-- name: set_language!
-- The language that we write to a visitor in.
UPDATE people.visitors SET language = :language::text, version = version + 1 WHERE id = :id::uuid AND erased_at IS NULL;
