-- name: keep_import_draft!
-- A file that was read, until it is carried out or an hour has passed.
INSERT INTO import_drafts (id, programme_id, event_id, account_id, digest, header, rows, created_at)
VALUES (:id::uuid, :programme_id::uuid, :event_id::uuid, :account_id::uuid, :digest::text, :header::jsonb, :rows::jsonb,
        :moment::timestamptz);

-- name: import_draft^
-- A file that was read and may still be looked at; what is older is gone, whether or not a task has come by.
SELECT id, event_id, digest, header, rows, created_at FROM import_drafts
WHERE id = :id::uuid AND event_id = :event_id::uuid AND created_at > :since::timestamptz;

-- name: drop_import_draft!
-- It was carried out: nothing of the list is kept but the bookings.
DELETE FROM import_drafts WHERE id = :id::uuid;

-- name: expire_import_drafts!
-- Lists that nobody carried out.
DELETE FROM import_drafts WHERE created_at <= :before::timestamptz;

-- name: log_import!
-- What became of each row. Carried out twice at one moment, the first is the one that is told.
INSERT INTO imports (id, programme_id, event_id, account_id, token_id, digest, booked, waiting, left_out, fates, at)
VALUES (:id::uuid, :programme_id::uuid, :event_id::uuid, :account_id::uuid, :token_id::uuid, :digest::text, :booked::integer,
        :waiting::integer, :left_out::integer, :fates::jsonb, :moment::timestamptz)
ON CONFLICT (id) DO NOTHING;

-- name: import_by_id^
-- One import, with the fate of each row.
SELECT id, account_id, booked, waiting, left_out, fates, at FROM imports WHERE id = :id::uuid AND event_id = :event_id::uuid;

-- name: imports_of_event
-- Who brought what into an event, newest first.
SELECT id, account_id, token_id, booked, waiting, left_out, at FROM imports
WHERE event_id = :event_id::uuid ORDER BY id DESC LIMIT :many::integer;

-- name: bookings_of_import
-- Who the bookings of a list are for and where they stand, for a table of fates; who was forgotten since has no name.
SELECT b.id AS booking_id, b.slot_id, b.adults, b.children, h.name, h.group_name
FROM bookings b LEFT JOIN people.households h ON h.booking_id = b.id WHERE b.id = ANY (:bookings::uuid[]);
