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
SELECT * FROM places WHERE event_id = :event_id;
