-- name: meet_visitors
-- Finds or makes a visitor per address, and locks them in order: one person's wishes are decided one after the other, in
-- whatever process. `fresh` says that the row is new. The language is that of their last wish: a booking made now takes it over; not
-- so (`by_themselves`) where somebody else wrote their address.
INSERT INTO people.visitors (id, programme_id, name, email, email_key, language, version, created_at)
SELECT r.id, :programme_id::uuid, r.name, r.email, r.email_key, r.language, 1, :moment::timestamptz
FROM jsonb_to_recordset(:rows::text::jsonb) AS r(id uuid, name text, email text, email_key text, language text)
ORDER BY r.email_key
ON CONFLICT (programme_id, email_key) DO UPDATE SET language = CASE WHEN :by_themselves::boolean THEN excluded.language ELSE visitors.language END
RETURNING id, email_key, (xmax = 0) AS fresh, address_confirmed_at IS NOT NULL AS address_known;

-- name: lock_visitors
-- The visitors of bookings that will change place, locked in the order of their addresses, as `meet_visitors` does.
SELECT v.id FROM people.visitors v
WHERE v.id IN (SELECT visitor_id FROM bookings WHERE id = ANY (:bookings::uuid[])) OR v.id = ANY (:visitors::uuid[])
ORDER BY v.email_key, v.id
FOR UPDATE;

-- name: name_visitor!
-- What a visitor without a booking is sorted and searched by; whoever has one already keeps it.
UPDATE people.visitors SET sort_key = :sort_key::text WHERE id = :id::uuid AND sort_key IS NULL;

-- name: add_visitor!
-- A visitor who gave no address: a walk-in.
INSERT INTO people.visitors (id, programme_id, name, language, version, created_at)
VALUES (:id::uuid, :programme_id::uuid, :name::text, :language::text, 1, :moment::timestamptz);

-- name: forget_strangers!
-- Visitors made for wishes that were then refused: nothing is kept of them.
DELETE FROM people.visitors WHERE id = ANY (:visitors::uuid[]);

-- name: save_households!
-- Who comes with each booking, and the language it was made in. A visitor is sorted and searched by the name that we keep of them, also when the household is
-- long deleted.
WITH named AS (
    UPDATE people.visitors v SET sort_key = r.sort_key
    FROM jsonb_to_recordset(:rows::text::jsonb) AS r(visitor_id uuid, name text, sort_key text, group_name text)
    WHERE v.id = r.visitor_id AND v.name = r.name AND v.sort_key IS NULL AND r.group_name IS NULL
)
INSERT INTO people.households (booking_id, programme_id, visitor_id, name, sort_key, adults, children_0_2, children_3_5,
                               children_6_12, children_13_17, lives_in, moving, looking_for, group_name, language)
SELECT r.booking_id, :programme_id::uuid, r.visitor_id, r.name, r.sort_key, r.adults, r.children_0_2, r.children_3_5,
       r.children_6_12, r.children_13_17, r.lives_in, r.moving, r.looking_for, r.group_name,
       (SELECT v.language FROM people.visitors v WHERE v.id = r.visitor_id) -- joined, all visitors of the programme would be read
FROM jsonb_to_recordset(:rows::text::jsonb) AS r(
    booking_id uuid, visitor_id uuid, name text, sort_key text, adults integer, children_0_2 integer, children_3_5 integer,
    children_6_12 integer, children_13_17 integer, lives_in text, moving text, looking_for text[], group_name text);

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
-- The language that we write to a visitor in, about all of their bookings.
WITH households AS (
    UPDATE people.households SET language = :language::text WHERE visitor_id = :id::uuid
)
UPDATE people.visitors SET language = :language::text, version = version + 1 WHERE id = :id::uuid AND erased_at IS NULL;

-- name: confirm_address!
-- The visitor of a booking answered our mail: the address is theirs, and need not be confirmed again.
UPDATE people.visitors SET address_confirmed_at = :moment::timestamptz
WHERE id = (SELECT visitor_id FROM bookings WHERE id = :booking_id::uuid) AND address_confirmed_at IS NULL AND erased_at IS NULL;

-- name: lock_visitor^
-- One visitor, to be changed or forgotten; a tombstone too.
SELECT id, language, version, erased_at FROM people.visitors WHERE id = :id::uuid FOR UPDATE;

-- name: live_bookings_of_visitor
-- What a visitor still has, to be given back before they are forgotten.
SELECT id FROM bookings WHERE visitor_id = :visitor_id::uuid AND status IN ('held', 'confirmed', 'waiting', 'offered') ORDER BY id;

-- name: erase_visitor$
-- Nothing of the person is left but an id that leads to nobody; the version under which it is told.
UPDATE people.visitors SET name = NULL, email = NULL, email_key = NULL, sort_key = NULL, erased_at = :moment::timestamptz, version = version + 1
WHERE id = :id::uuid AND erased_at IS NULL RETURNING version;

-- name: erase_households!
-- Who came along with a visitor's bookings.
DELETE FROM people.households WHERE visitor_id = :visitor_id::uuid;

-- name: erase_interests!
-- What a visitor wrote to hear more.
UPDATE interests SET lives_in = NULL, moving = NULL, looking_for = '{}', message = NULL, version = version + 1 WHERE visitor_id = :visitor_id::uuid;

-- name: erase_tokens!
-- Links and tickets of a forgotten visitor lead nowhere.
DELETE FROM token_directory WHERE booking_id IN (SELECT id FROM bookings WHERE visitor_id = :visitor_id::uuid);

-- name: withdraw_all_consents!
-- Being forgotten takes everything back.
UPDATE people.consents SET withdrawn_at = :moment::timestamptz WHERE visitor_id = :visitor_id::uuid AND withdrawn_at IS NULL;

-- name: data_of_visitor^
-- Everything we keep of a visitor, as one document for themselves.
SELECT jsonb_build_object(
    'name', v.name, 'email', v.email, 'language', v.language, 'known_since', v.created_at,
    'bookings', (
        SELECT coalesce(jsonb_agg(jsonb_build_object(
            'event', e.titles, 'starts_at', b.starts_at, 'ends_at', b.ends_at, 'status', b.status, 'code', b.code,
            'name', h.name, 'group', h.group_name, 'adults', h.adults, 'children_0_2', h.children_0_2, 'children_3_5', h.children_3_5,
            'children_6_12', h.children_6_12, 'children_13_17', h.children_13_17, 'lives_in', h.lives_in, 'moving', h.moving,
            'looking_for', h.looking_for,
            'answers', (
                SELECT coalesce(jsonb_agg(jsonb_build_object(
                    'question', w.labels ->> a.language, 'answer', a.value,
                    'chosen', (SELECT jsonb_agg(o -> 'labels') FROM jsonb_array_elements(w.options) o WHERE a.value ? (o ->> 'key')),
                    'wording', a.wording, 'language', a.language, 'given_at', a.given_at, 'given_through', a.given_through) ORDER BY q.position), '[]')
                FROM people.answers a JOIN questions q ON q.id = a.question_id
                JOIN question_wordings w ON w.question_id = a.question_id AND w.wording = a.wording
                WHERE a.booking_id = b.id),
            'heard_of', b.heard_of, 'came_by_link', b.via IS NOT NULL, 'target_groups', b.target_groups, 'booked_at', b.created_at) ORDER BY b.id), '[]')
        FROM bookings b LEFT JOIN people.households h ON h.booking_id = b.id LEFT JOIN events e ON e.id = b.event_id
        WHERE b.visitor_id = v.id),
    'hand_overs', (
        SELECT coalesce(jsonb_agg(jsonb_build_object(
            'event', e.titles, 'asked', CASE WHEN o.from_visitor_id = v.id THEN 'by them' ELSE 'to come instead' END, 'asked_at', o.asked_at,
            'accepted_at', o.accepted_at, 'ended', o.ended, 'ends_by', o.ends_by) ORDER BY o.id), '[]')
        FROM hand_overs o JOIN bookings b ON b.id = o.booking_id LEFT JOIN events e ON e.id = b.event_id
        WHERE v.id IN (o.from_visitor_id, o.to_visitor_id)),
    'consents', (
        SELECT coalesce(jsonb_agg(jsonb_build_object(
            'purpose', c.purpose, 'wording', c.wording, 'language', c.language, 'given_at', c.given_at,
            'given_through', c.given_through, 'withdrawn_at', c.withdrawn_at) ORDER BY c.given_at), '[]')
        FROM people.consents c WHERE c.visitor_id = v.id),
    'consents_at_events', (
        SELECT coalesce(jsonb_agg(jsonb_build_object(
            'question', w.labels ->> c.language, 'wording', c.wording, 'language', c.language, 'given_at', c.given_at,
            'given_through', c.given_through, 'withdrawn_at', c.withdrawn_at) ORDER BY c.given_at), '[]')
        FROM people.question_consents c JOIN question_wordings w ON w.question_id = c.question_id AND w.wording = c.wording
        WHERE c.visitor_id = v.id),
    'conversations', (
        SELECT coalesce(jsonb_agg(jsonb_build_object(
            'noted_at', l.noted_at, 'interest', l.interest, 'tags', l.tags, 'note', l.note, 'promise', l.promise,
            'next_step', l.next_step, 'next_step_on', l.next_step_on) ORDER BY l.id), '[]')
        FROM leads l WHERE l.visitor_id = v.id),
    'outcomes', (
        SELECT coalesce(jsonb_agg(jsonb_build_object(
            'kind', o.kind, 'source', o.source, 'on', o.happened_on, 'adults', o.adults, 'children', o.children)
            ORDER BY o.happened_on), '[]')
        FROM outcomes o WHERE o.visitor_id = v.id AND NOT o.withdrawn),
    'interests', (
        SELECT coalesce(jsonb_agg(jsonb_build_object(
            'at', i.created_at, 'lives_in', i.lives_in, 'moving', i.moving, 'looking_for', i.looking_for, 'message', i.message, 'heard_of', i.heard_of,
            'came_by_link', i.via IS NOT NULL, 'target_groups', i.target_groups) ORDER BY i.id), '[]')
        FROM interests i WHERE i.visitor_id = v.id)
) AS data
FROM people.visitors v WHERE v.id = :id::uuid AND v.erased_at IS NULL;

-- name: visitors_to_forget
-- Visitors for whom every reason to keep them has passed: their last event long over, and no consent, lead or interest that
-- still lives, nor a place that they may still take over. With `only`, whether that is so of this one.
SELECT v.id, v.programme_id FROM people.visitors v
WHERE v.erased_at IS NULL AND v.created_at < :visitor_before::timestamptz AND (:only::uuid IS NULL OR v.id = :only::uuid)
  AND NOT EXISTS (SELECT FROM bookings b WHERE b.visitor_id = v.id AND b.ends_at >= :visitor_before::timestamptz)
  AND NOT EXISTS (
      SELECT FROM people.consents c WHERE c.visitor_id = v.id AND c.withdrawn_at IS NULL AND c.given_at >= :consent_before::timestamptz)
  AND NOT EXISTS (SELECT FROM leads l WHERE l.visitor_id = v.id AND l.changed_at >= :consent_before::timestamptz)
  AND NOT EXISTS (SELECT FROM outcomes o WHERE o.visitor_id = v.id AND o.logged_at >= :consent_before::timestamptz)
  AND NOT EXISTS (
      SELECT FROM interests i WHERE i.visitor_id = v.id AND i.created_at >= :interest_before::timestamptz)
  AND NOT EXISTS (
      SELECT FROM hand_overs h WHERE h.to_visitor_id = v.id AND h.accepted_at IS NULL AND h.ends_by > :moment::timestamptz)
ORDER BY v.programme_id, v.id LIMIT :many::integer;

-- name: expire_households!
-- Who came along is not needed any more once the event is long over.
DELETE FROM people.households h USING bookings b WHERE b.id = h.booking_id AND b.ends_at < :before::timestamptz;

-- name: expire_leads!
-- What was said years ago is forgotten; that there was a conversation still counts.
UPDATE leads SET tags = '{}', note = NULL, promise = NULL, next_step = NULL, next_step_on = NULL
WHERE changed_at < :before::timestamptz
  AND (tags <> '{}' OR note IS NOT NULL OR promise IS NOT NULL OR next_step IS NOT NULL);

-- name: expire_interests!
-- What someone wrote to hear more, two years on.
UPDATE interests SET lives_in = NULL, moving = NULL, looking_for = '{}', message = NULL
WHERE created_at < :before::timestamptz
  AND (lives_in IS NOT NULL OR moving IS NOT NULL OR looking_for <> '{}' OR message IS NOT NULL);
