-- name: take_in_places!
-- How full a slot or event is, as registrations last told.
INSERT INTO places (pool_id, programme_id, event_id, scope, stand_id, slot_id, version, unit, capacity, used, waiting)
VALUES (:pool_id, :programme_id, :event_id, :scope, :stand_id, :slot_id, :version, :unit, :capacity, :used, :waiting)
ON CONFLICT (pool_id) DO UPDATE SET
    version = excluded.version, slot_id = excluded.slot_id, unit = excluded.unit, capacity = excluded.capacity,
    used = excluded.used, waiting = excluded.waiting
WHERE places.version <= excluded.version;

-- name: places_of_event
-- How full everything at an event is.
SELECT {places} FROM places WHERE event_id = :event_id;

-- name: places_of_events
-- How full some events are, in each unit by itself: households and persons make no sum. Only what people take places in
-- is counted, at the event itself and in slots that are open; what is counted over a stand or an event as a whole counts the
-- same people again, and does no more than set the event's bound.
SELECT places.event_id, places.unit,
    least(sum(places.capacity), (
        SELECT min(across.capacity) FROM places AS across
        WHERE across.event_id = places.event_id AND across.scope = 'event' AND across.unit = places.unit
    ))::bigint AS capacity,
    sum(places.used)::bigint AS used, sum(places.waiting)::bigint AS waiting
FROM places LEFT JOIN slots ON slots.slot_id = places.slot_id AND slots.event_id = any(:events::uuid[])
WHERE places.event_id = any(:events::uuid[]) AND places.scope = 'place'
    AND (places.slot_id IS NULL OR slots.status = 'open')
GROUP BY places.event_id, places.unit
ORDER BY places.event_id, places.unit;
