-- name: visitor_to_correct^
-- A visitor as they are written down, locked: two who correct them at once do it one after the other.
SELECT id, name, email, email_key, language, version, erased_at FROM people.visitors WHERE id = :id::uuid FOR UPDATE;

-- name: visitor_of_address$
-- Whose an address is.
SELECT id FROM people.visitors WHERE email_key = :email_key::text;

-- name: count_ties$
-- What else hangs on a visitor's address than one of their bookings: it would all be told to another one.
SELECT (SELECT count(*) FROM bookings WHERE visitor_id = :visitor_id::uuid AND id <> :booking_id::uuid)
     + (SELECT count(*) FROM interests WHERE visitor_id = :visitor_id::uuid);

-- name: correct_name!
-- The name that a booking goes by; and its visitor's, where that was written the same way.
WITH household AS (
    UPDATE people.households SET name = :name::text, sort_key = :sort_key::text WHERE booking_id = :booking_id::uuid
)
UPDATE people.visitors SET name = :name::text, sort_key = :own_key::text WHERE id = :visitor_id::uuid AND name = :before::text;

-- name: correct_address!
-- Another address. Where it is not the same one written otherwise, nobody has shown yet that it is theirs.
UPDATE people.visitors SET email = :email::text, email_key = :email_key::text,
    address_confirmed_at = CASE WHEN email_key = :email_key::text THEN address_confirmed_at END
WHERE id = :id::uuid;

-- name: raise_visitor!
-- Whoever still has the page of before must look again.
UPDATE people.visitors SET version = version + 1 WHERE id = :id::uuid;

-- name: bookings_to_renew
-- Everything of a visitor that links were sent about, locked in order.
SELECT id, rotation FROM bookings WHERE visitor_id = :visitor_id::uuid ORDER BY id FOR UPDATE;

-- name: renew_booking^
-- What was sent about a booking is worthless from now on; who or what changed it last stays as it was.
UPDATE bookings SET rotation = rotation + 1, code = :code::text, version = version + 1, changed_at = :moment::timestamptz
WHERE id = :id::uuid RETURNING {bookings};

-- name: withdraw_hand_overs_to!
-- They were asked to come instead, by a mail that went to somebody else.
UPDATE hand_overs SET ends_by = :moment::timestamptz, ended = 'withdrawn'
WHERE to_visitor_id = :visitor_id::uuid AND accepted_at IS NULL AND ends_by > :moment::timestamptz;
