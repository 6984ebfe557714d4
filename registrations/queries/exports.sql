-- name: exported
-- The bookings of an event in some states as a file holds them, in the order of the list; read by a cursor.
SELECT b.id, b.status, b.awaits, b.adults, b.children, b.starts_at, b.ends_at, b.code, b.line, b.walk_in, b.came, b.heard_of, b.target_groups,
       b.created_at, b.changed_at, h.name, h.group_name, h.children_0_2, h.children_3_5, h.children_6_12, h.children_13_17, h.lives_in, h.moving,
       h.looking_for, (SELECT jsonb_object_agg(a.question_id, a.value) FROM people.answers a WHERE a.booking_id = b.id) AS answers,
       v.email, v.language, s.names AS stand_names, l.titles AS session_titles, f.purpose IS NOT NULL AS follow_up, n.purpose IS NOT NULL AS news
FROM bookings b
JOIN people.visitors v ON v.id = b.visitor_id
LEFT JOIN people.households h ON h.booking_id = b.id
LEFT JOIN stands s ON s.id = b.stand_id
LEFT JOIN slots l ON l.id = b.slot_id
LEFT JOIN people.consents f ON f.visitor_id = b.visitor_id AND f.purpose = 'follow_up' AND f.withdrawn_at IS NULL
LEFT JOIN people.consents n ON n.visitor_id = b.visitor_id AND n.purpose = 'news' AND n.withdrawn_at IS NULL
WHERE b.event_id = :event_id::uuid AND b.status = ANY (:states::text[])
  AND (:to_approve::boolean IS NULL OR (b.awaits IS NOT DISTINCT FROM 'approval') = :to_approve)
  AND (NOT :narrowed::boolean OR h.sort_key LIKE :search::text OR b.code = :code::text
       OR (v.email_key >= :email::text AND v.email_key < :email_end::text))
ORDER BY coalesce(h.sort_key, '~'), b.id;

-- name: count_exported$
-- How many rows such a file will have, for who waits for it.
SELECT count(*) FROM bookings b
JOIN people.visitors v ON v.id = b.visitor_id
LEFT JOIN people.households h ON h.booking_id = b.id
WHERE b.event_id = :event_id::uuid AND b.status = ANY (:states::text[])
  AND (:to_approve::boolean IS NULL OR (b.awaits IS NOT DISTINCT FROM 'approval') = :to_approve)
  AND (NOT :narrowed::boolean OR h.sort_key LIKE :search::text OR b.code = :code::text
       OR (v.email_key >= :email::text AND v.email_key < :email_end::text));

-- name: begin_export$
-- Written down before the first row leaves the house. The same form sent twice is two exports, under two ids.
INSERT INTO exports (id, programme_id, event_id, account_id, token_id, format, columns, states, searched, expected, began_at)
VALUES (:id::uuid, :programme_id::uuid, :event_id::uuid, :account_id::uuid, :token_id::uuid, :format::text, :columns::text[],
        :states::text[], :searched::boolean, :expected::integer, :moment::timestamptz)
ON CONFLICT (id) DO NOTHING RETURNING id;

-- name: count_sent!
-- How far an export has come.
UPDATE exports SET rows = :rows::integer WHERE id = :id::uuid AND ended_at IS NULL;

-- name: end_export!
-- It is over, whole or broken off; from now on the line cannot be changed.
UPDATE exports SET rows = :rows::integer, whole = :whole::boolean, ended_at = :moment::timestamptz
WHERE id = :id::uuid AND ended_at IS NULL;

-- name: export_by_id^
-- One export, for who watches it.
SELECT id, account_id, expected, rows, whole, ended_at FROM exports WHERE id = :id::uuid;

-- name: exports_of_event
-- Who took what out of an event, newest first.
SELECT id, account_id, token_id, format, columns, states, searched, rows, whole, began_at, ended_at FROM exports
WHERE event_id = :event_id::uuid ORDER BY id DESC LIMIT :many::integer;
