-- name: stands_of_event
-- The stands at an event in the order of the hall plan, those without a number last; removed ones are left out.
SELECT {stands} FROM stands WHERE event_id = :event_id AND NOT removed
ORDER BY number IS NULL, length(number), number, stand_id;

-- name: find_stand^
-- One stand, unless it has been taken away.
SELECT {stands} FROM stands WHERE stand_id = :stand_id AND NOT removed;

-- name: lock_stand^
-- The stand, kept still while it or its slots change: two rules for one stand come one after the other.
SELECT {stands} FROM stands WHERE stand_id = :stand_id AND NOT removed FOR UPDATE;

-- name: insert_stand!
-- A stand is placed at an event.
INSERT INTO stands (
    stand_id, programme_id, event_id, version, number, names, exhibitor, languages, topics, offers, created_at, updated_at
) VALUES (
    :stand_id, :programme_id, :event_id, 1, :number, :names, :exhibitor, :languages, :topics, :offers, :moment, :moment
);

-- name: update_stand!
-- What an organiser may change of a stand; its row is locked.
UPDATE stands
SET version = version + 1, number = :number, names = :names, exhibitor = :exhibitor, languages = :languages,
    topics = :topics, offers = :offers, updated_at = :moment
WHERE stand_id = :stand_id;

-- name: free_numbers!
-- Takes their numbers from stands that are given others in the same transaction, so that two may change numbers.
UPDATE stands SET number = NULL WHERE stand_id = ANY(:stand_ids::uuid[]);

-- name: put_on_plan!
-- Where stands of an event stand in its hall, all in one statement so that two may change places; the event's row is locked. Their
-- versions stay: no fact tells of it.
UPDATE stands
SET x = put.x, y = put.y, width = put.width, depth = put.depth, turned = put.turned, updated_at = :moment
FROM unnest(
    :stand_ids::uuid[], :xs::float8[], :ys::float8[], :widths::float8[], :depths::float8[], :turns::boolean[]
) AS put (stand_id, x, y, width, depth, turned)
WHERE stands.stand_id = put.stand_id;

-- name: remove_stand!
-- The stand is taken away; the row stays, since bookings and leads remember it.
UPDATE stands SET version = version + 1, removed = true, updated_at = :moment WHERE stand_id = :stand_id;

-- name: all_stands
-- Every stand of the programme, to say its state anew.
SELECT {stands} FROM stands ORDER BY stand_id;

-- name: any_stand^
-- One stand, also one that was just taken away.
SELECT {stands} FROM stands WHERE stand_id = :stand_id;
