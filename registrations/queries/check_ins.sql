-- name: booking_of_token^
-- Which booking a scanned ticket or opened link belongs to, and in which programme.
SELECT booking_id, programme_id FROM token_directory
WHERE token_hash = :token_hash::bytea AND purpose = :purpose::text;

-- name: rotation_of_booking$
-- How often a booking's tokens were made anew: only the last are good.
SELECT rotation FROM bookings WHERE id = :id::uuid;

-- name: bookings_of_code
-- Bookings with a typed code, those of this event first; two may share a code only by the rarest chance.
SELECT id, event_id FROM bookings
WHERE programme_id = :programme_id::uuid AND code = :code::text
ORDER BY event_id <> :event_id::uuid, id LIMIT 5;

-- name: lock_booking^
-- One booking, for a change that takes and frees no place.
SELECT {bookings} FROM bookings WHERE id = :id::uuid FOR UPDATE;

-- name: set_status^
-- The next status of a locked booking, and the version under which it is told.
UPDATE bookings SET status = :status::text, cause = :cause::text, version = version + 1, changed_at = :moment::timestamptz,
       came = NULL
WHERE id = :id::uuid RETURNING {bookings};

-- name: count_group$
-- How many of a group that is in came; no row: it is none, or is not in.
UPDATE bookings SET came = :came::integer WHERE id = :id::uuid AND event_id = :event_id::uuid AND is_group AND status = 'attended'
RETURNING id;

-- name: find_scan^
-- What was answered to a scan that was sent before.
SELECT id, nonce, event_id, booking_id, verdict, scanned_at FROM check_ins
WHERE programme_id = :programme_id::uuid AND nonce = :nonce::uuid;

-- name: save_scan$
-- Writes a scan down; nothing comes back where the same one was sent before.
INSERT INTO check_ins (id, programme_id, nonce, event_id, booking_id, verdict, scanned_at, received_at, offline, account_id)
VALUES (:id::uuid, :programme_id::uuid, :nonce::uuid, :event_id::uuid, :booking_id::uuid, :verdict::text, :scanned_at::timestamptz,
        :received_at::timestamptz, :offline::boolean, :account_id::uuid)
ON CONFLICT (programme_id, nonce) DO NOTHING
RETURNING id;

-- name: last_admission^
-- The scan that let a booking in, to be taken back.
SELECT id, scanned_at, received_at FROM check_ins
WHERE booking_id = :booking_id::uuid AND verdict = 'admitted' ORDER BY received_at DESC, id DESC LIMIT 1;

-- name: missed_bookings
-- Confirmed bookings whose time is over, at events where somebody was checked in: these did not come.
SELECT b.id, b.programme_id FROM bookings b
WHERE b.status = 'confirmed' AND b.ends_at < :before::timestamptz
  AND EXISTS (SELECT FROM check_ins c WHERE c.event_id = b.event_id AND c.verdict = 'admitted')
ORDER BY b.programme_id, b.id LIMIT 1000;

-- name: miss_booking^
-- Marks one as missed, unless it was checked in meanwhile.
UPDATE bookings SET status = 'no_show', cause = 'event', version = version + 1, changed_at = :moment::timestamptz
WHERE id = :id::uuid AND status = 'confirmed' RETURNING {bookings};
