-- name: mirror_programme!
-- What a programme offers its visitors.
INSERT INTO programmes (programme_id, slug, names, status, languages, time_zone, contact, target_groups)
VALUES (:programme_id::uuid, :slug::text, :names::jsonb, :status::text, :languages::text[], :time_zone::text, :contact::text,
        :target_groups::jsonb)
ON CONFLICT (programme_id) DO UPDATE SET slug = excluded.slug, names = excluded.names, status = excluded.status,
    languages = excluded.languages, time_zone = excluded.time_zone, contact = excluded.contact,
    target_groups = excluded.target_groups;

-- name: mirror_event!
-- When and where an event is, and when it may be booked.
INSERT INTO events (id, programme_id, slug, titles, summaries, status, starts_at, ends_at, time_zone, venue, target_groups,
                    opens_at, closes_at, copied_from)
VALUES (:id::uuid, :programme_id::uuid, :slug::text, :titles::jsonb, :summaries::jsonb, :status::text, :starts_at::timestamptz,
        :ends_at::timestamptz, :time_zone::text, :venue::jsonb, :target_groups::uuid[], :opens_at::timestamptz,
        :closes_at::timestamptz, :copied_from::uuid)
ON CONFLICT (id) DO UPDATE SET slug = excluded.slug, titles = excluded.titles, summaries = excluded.summaries,
    status = excluded.status, starts_at = excluded.starts_at, ends_at = excluded.ends_at, time_zone = excluded.time_zone,
    venue = excluded.venue, target_groups = excluded.target_groups, opens_at = excluded.opens_at,
    closes_at = excluded.closes_at, copied_from = excluded.copied_from;

-- name: list_event!
-- Where the event's address leads.
INSERT INTO event_directory (event_id, programme_id, slug) VALUES (:event_id::uuid, :programme_id::uuid, :slug::text)
ON CONFLICT (event_id) DO UPDATE SET slug = excluded.slug;

-- name: mirror_stand!
-- Who stands where.
INSERT INTO stands (id, programme_id, event_id, number, names, exhibitor, removed)
VALUES (:id::uuid, :programme_id::uuid, :event_id::uuid, :number::text, :names::jsonb, :exhibitor::text, :removed::boolean)
ON CONFLICT (id) DO UPDATE SET number = excluded.number, names = excluded.names, exhibitor = excluded.exhibitor,
    removed = excluded.removed;

-- name: mirror_slot!
-- What a session is called, and where it is held; at which table of its stand a time is.
INSERT INTO slots (id, programme_id, event_id, titles, room, desk)
VALUES (:id::uuid, :programme_id::uuid, :event_id::uuid, :titles::jsonb, :room::text, :desk::integer)
ON CONFLICT (id) DO UPDATE SET event_id = excluded.event_id, titles = excluded.titles, room = excluded.room, desk = excluded.desk;

-- name: mirror_told_entry!
-- As what a booking's calendar entry was mailed; deliveries of one booking end in any order.
INSERT INTO told_entries (booking_id, programme_id, sequence) VALUES (:booking_id::uuid, :programme_id::uuid, :sequence::integer)
ON CONFLICT (booking_id) DO UPDATE SET sequence = greatest(told_entries.sequence, excluded.sequence);
