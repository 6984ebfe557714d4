-- name: keep_programme!
-- The programme's words and contact.
INSERT INTO known_programmes (programme_id, slug, names, language, contact, time_zone)
VALUES (:programme_id, :slug, :names, :language, :contact, :time_zone)
ON CONFLICT (programme_id) DO UPDATE SET slug = excluded.slug, names = excluded.names, language = excluded.language,
    contact = excluded.contact, time_zone = excluded.time_zone;

-- name: keep_event!
-- The newest state of an event.
INSERT INTO known_events (event_id, programme_id, slug, titles, status, starts_at, ends_at, time_zone, venue, reasons, version)
VALUES (:event_id, :programme_id, :slug, :titles, :status, :starts_at, :ends_at, :time_zone, :venue, :reasons, :version)
ON CONFLICT (event_id) DO UPDATE SET slug = excluded.slug, titles = excluded.titles, status = excluded.status,
    starts_at = excluded.starts_at, ends_at = excluded.ends_at, time_zone = excluded.time_zone, venue = excluded.venue,
    reasons = excluded.reasons, version = excluded.version
WHERE known_events.version < excluded.version;

-- name: keep_stand!
-- Where a slot is.
INSERT INTO known_stands (stand_id, programme_id, event_id, number, names, exhibitor)
VALUES (:stand_id, :programme_id, :event_id, :number, :names, :exhibitor)
ON CONFLICT (stand_id) DO UPDATE SET number = excluded.number, names = excluded.names, exhibitor = excluded.exhibitor;

-- name: keep_slot!
-- When a slot is; of a session also what it is called and where in the venue.
INSERT INTO known_slots (slot_id, programme_id, event_id, stand_id, status, starts_at, ends_at, titles, room, version)
VALUES (:slot_id, :programme_id, :event_id, :stand_id, :status, :starts_at, :ends_at, :titles, :room, :version)
ON CONFLICT (slot_id) DO UPDATE SET status = excluded.status, starts_at = excluded.starts_at, ends_at = excluded.ends_at,
    titles = excluded.titles, room = excluded.room, version = excluded.version
WHERE known_slots.version < excluded.version;

-- name: keep_booking!
-- The newest state of a booking.
INSERT INTO known_bookings (booking_id, programme_id, visitor_id, event_id, stand_id, slot_id, status, cause, adults, children,
                            rotation, offer_ends_at, starts_at, ends_at, awaits, welcomed, is_group, lots_at, version)
VALUES (:booking_id, :programme_id, :visitor_id, :event_id, :stand_id, :slot_id, :status, :cause, :adults, :children,
        :rotation, :offer_ends_at, :starts_at, :ends_at, :awaits, :welcomed, :is_group, :lots_at, :version)
ON CONFLICT (booking_id) DO UPDATE SET visitor_id = excluded.visitor_id,
    event_id = excluded.event_id, awaits = excluded.awaits, stand_id = excluded.stand_id, slot_id = excluded.slot_id,
    status = excluded.status, cause = excluded.cause, adults = excluded.adults, children = excluded.children,
    rotation = excluded.rotation, offer_ends_at = excluded.offer_ends_at, starts_at = excluded.starts_at,
    ends_at = excluded.ends_at, welcomed = known_bookings.welcomed OR excluded.welcomed, lots_at = excluded.lots_at,
    version = excluded.version
WHERE known_bookings.version < excluded.version;

-- name: find_event^
-- Before it changes, to see whether time or place did.
SELECT {known_events} FROM known_events WHERE event_id = :event_id;

-- name: find_booking^
-- Before it changes.
SELECT {known_bookings} FROM known_bookings WHERE booking_id = :booking_id;

-- name: find_slot^
-- Before it changes.
SELECT {known_slots} FROM known_slots WHERE slot_id = :slot_id;

-- name: story_of_booking^
-- Everything a mail says about a booking, as it is now. Rows of others may be a moment late: then parts are NULL, and it is
-- not `complete`. A slot's time is its own; until it is heard, the one that the booking names.
SELECT b.booking_id, b.visitor_id, b.status, b.cause, b.adults, b.children, b.rotation, b.offer_ends_at, b.slot_id, s.status AS slot_status,
       b.awaits, b.is_group, b.lots_at, s.titles AS session_titles, s.room,
       e.event_id, e.slug AS event_slug, e.titles, e.status AS event_status, e.time_zone, e.venue, e.reasons,
       coalesce(s.starts_at, CASE WHEN b.slot_id IS NULL THEN e.starts_at END, b.starts_at) AS starts_at,
       coalesce(s.ends_at, CASE WHEN b.slot_id IS NULL THEN e.ends_at END, b.ends_at) AS ends_at,
       p.names IS NOT NULL AND e.titles IS NOT NULL
       AND (coalesce(b.stand_id, s.stand_id) IS NULL OR t.names IS NOT NULL)
       AND (b.slot_id IS NULL OR s.slot_id IS NOT NULL OR (b.stand_id IS NOT NULL AND b.starts_at IS NOT NULL)) AS complete,
       t.number AS stand_number, t.names AS stand_names, t.exhibitor,
       p.names AS programme_names, p.slug AS programme_slug, p.contact, p.language AS programme_language
FROM known_bookings b
LEFT JOIN known_events e ON e.event_id = b.event_id
LEFT JOIN known_slots s ON s.slot_id = b.slot_id
LEFT JOIN known_stands t ON t.stand_id = coalesce(b.stand_id, s.stand_id)
LEFT JOIN known_programmes p ON p.programme_id = b.programme_id
WHERE b.booking_id = :booking_id;

-- name: story_of_programme^
-- What a mail about no booking says.
SELECT names AS programme_names, slug AS programme_slug, contact, language AS programme_language, time_zone
FROM known_programmes WHERE programme_id = :programme_id;

-- name: bookings_to_tell_of_event
-- Those who come or wait, when the event's time or place changes. Whose address is not confirmed hears nothing yet.
SELECT booking_id, visitor_id, slot_id, status FROM known_bookings
WHERE event_id = :event_id AND status IN ('held', 'confirmed', 'waiting', 'offered') AND awaits IS DISTINCT FROM 'address';

-- name: bookings_of_slot
-- Those who come or wait, when the slot's time changes; the reminders of those who come follow it.
SELECT booking_id, visitor_id, status FROM known_bookings
WHERE slot_id = :slot_id AND status IN ('held', 'confirmed', 'waiting', 'offered') AND awaits IS DISTINCT FROM 'address';

-- name: confirmed_of_visitor
-- Of what a visitor is reminded.
SELECT booking_id FROM known_bookings WHERE visitor_id = :visitor_id AND status = 'confirmed';

-- name: confirmed_of_event
-- Those whose reminder follows the event: they booked no slot.
SELECT booking_id, visitor_id, status FROM known_bookings WHERE event_id = :event_id AND slot_id IS NULL AND status = 'confirmed';
