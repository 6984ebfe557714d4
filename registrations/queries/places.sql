-- name: lock_pools
-- Locks every pool that these wishes may touch, in the order of their ids, so that no two deciders wait for each other in a ring.
-- A place draws on its own pool and on those that lie across it; what is given back to one of those may go to anybody in its line,
-- so then all places under it are locked too. So are the tables of the same stand at the same time, who share one line.
WITH asked AS (
    SELECT event_id, stand_id, slot_id FROM pools WHERE slot_id = ANY (:slots::uuid[])
    UNION SELECT event_id, NULL, NULL FROM pools WHERE slot_id IS NULL AND scope = 'place' AND event_id = ANY (:events::uuid[])
    UNION SELECT event_id, stand_id, slot_id FROM bookings WHERE id = ANY (:bookings::uuid[])
    UNION SELECT event_id, stand_id, slot_id FROM holds WHERE attempt = ANY (:attempts::uuid[])
    UNION SELECT event_id, stand_id, slot_id FROM pools WHERE id = ANY (:pools::uuid[])
), across AS (
    SELECT DISTINCT p.event_id, p.scope, p.stand_id FROM pools p JOIN asked a ON a.event_id = p.event_id
    WHERE p.scope = 'event' OR (p.scope = 'stand' AND p.stand_id = a.stand_id)
), touched AS (
    SELECT p.id FROM pools p JOIN asked a ON a.event_id = p.event_id
    WHERE p.scope = 'place' AND p.slot_id IS NOT DISTINCT FROM a.slot_id AND (a.slot_id IS NOT NULL OR p.slot_id IS NULL)
    UNION SELECT p.id FROM pools p JOIN across c ON c.event_id = p.event_id AND (c.scope = 'event' OR p.stand_id = c.stand_id)
    UNION SELECT pool_id FROM places WHERE booking_id = ANY (:bookings::uuid[])
    UNION SELECT pool_id FROM hold_places WHERE attempt = ANY (:attempts::uuid[])
    UNION SELECT unnest(:pools::uuid[])
), beside AS (
    SELECT t.id FROM pools own JOIN pools t ON t.stand_id = own.stand_id AND t.event_id = own.event_id
    WHERE own.id IN (SELECT id FROM touched) AND own.scope = 'place' AND t.scope = 'place'
      AND (t.starts_at, t.ends_at) = (own.starts_at, own.ends_at)
)
SELECT p.id, p.event_id, p.stand_id, p.slot_id, p.unit, p.capacity, p.used, p.waiting, p.last_line, p.open, p.starts_at, p.ends_at,
       p.version, p.scope, p.goal
FROM pools p
WHERE p.id IN (SELECT id FROM touched UNION SELECT id FROM beside) OR (p.scope <> 'place' AND (p.event_id, p.scope, coalesce(p.stand_id, p.event_id)) IN (
    SELECT event_id, scope, coalesce(stand_id, event_id) FROM across))
ORDER BY p.id
FOR UPDATE OF p;

-- name: bookings_of_wishes
-- The bookings wished about and all counted ones of the visitors who wish, locked in order: a check-in waits for us, or we for it.
SELECT {b: bookings}, (SELECT jsonb_object_agg(w.pool_id, w.wanted) FROM places w WHERE w.booking_id = b.id) AS places
FROM bookings b
WHERE b.id IN (
    SELECT unnest(:bookings::uuid[])
    UNION
    SELECT id FROM bookings
    WHERE visitor_id = ANY (:visitors::uuid[]) AND status IN ('held', 'confirmed', 'waiting', 'offered', 'attended')
)
ORDER BY b.id
FOR UPDATE OF b;

-- name: bookings_in_line
-- Holds and offers that have ended in these pools, and who waits for those from which something may become free, or for a table
-- beside those.
WITH ended AS (
    SELECT b.id, w.pool_id FROM bookings b JOIN places w ON w.booking_id = b.id
    WHERE b.ends_by <= :moment::timestamptz AND w.pool_id = ANY (:pools::uuid[])
), own AS (
    SELECT pool_id FROM ended UNION SELECT unnest(:freeing::uuid[])
), freed AS (
    SELECT pool_id FROM own
    UNION
    SELECT t.id FROM own JOIN pools o ON o.id = own.pool_id AND o.scope = 'place'
    JOIN pools t ON t.stand_id = o.stand_id AND t.event_id = o.event_id AND t.scope = 'place'
        AND (t.starts_at, t.ends_at) = (o.starts_at, o.ends_at)
), wanted AS (
    SELECT id FROM ended
    UNION
    SELECT b.id FROM bookings b JOIN places w ON w.booking_id = b.id
    WHERE b.status = 'waiting' AND w.pool_id IN (SELECT pool_id FROM freed)
)
SELECT {b: bookings}, (SELECT jsonb_object_agg(w.pool_id, w.wanted) FROM places w WHERE w.booking_id = b.id) AS places,
       (SELECT o.id FROM bookings o WHERE o.visitor_id = b.visitor_id AND o.status = 'offered' AND o.id <> b.id) AS offered
FROM bookings b WHERE b.id IN (SELECT id FROM wanted);

-- name: lock_versions
-- What we read without a lock and will change, locked: their visitor may have asked again meanwhile, which no pool guards.
SELECT id, version FROM bookings WHERE id = ANY (:bookings::uuid[]) ORDER BY id FOR UPDATE;

-- name: holds_to_settle
-- The holds of these forms, and those in these pools that have ended.
SELECT {h: holds}, (SELECT jsonb_object_agg(w.pool_id, w.taken) FROM hold_places w WHERE w.attempt = h.attempt) AS places
FROM holds h
WHERE h.attempt = ANY (:attempts::uuid[])
   OR h.attempt IN (SELECT w.attempt FROM hold_places w JOIN holds e ON e.attempt = w.attempt
                    WHERE e.ends_by <= :moment::timestamptz AND w.pool_id = ANY (:pools::uuid[]))
ORDER BY h.attempt
FOR UPDATE OF h;

-- name: hold_of_form^
-- Until when a form keeps its time at an event, and which.
SELECT ends_by, slot_id FROM holds WHERE attempt = :attempt::uuid AND event_id = :event_id::uuid;

-- name: drop_holds!
-- What these forms kept, to be kept anew or not at all.
DELETE FROM holds WHERE attempt = ANY (:attempts::uuid[]);

-- name: save_holds!
-- What forms keep, and until when.
WITH kept AS (
    INSERT INTO holds (attempt, programme_id, event_id, stand_id, slot_id, adults, children, ends_by)
    SELECT r.attempt, :programme_id::uuid, r.event_id, r.stand_id, r.slot_id, r.adults, r.children, r.ends_by
    FROM jsonb_to_recordset(:rows::text::jsonb) AS r(
        attempt uuid, event_id uuid, stand_id uuid, slot_id uuid, adults integer, children integer, ends_by timestamptz)
)
INSERT INTO hold_places (attempt, pool_id, programme_id, taken)
SELECT r.attempt, p.key::uuid, :programme_id::uuid, p.value::integer
FROM jsonb_to_recordset(:rows::text::jsonb) AS r(attempt uuid, places jsonb), jsonb_each_text(r.places) AS p;

-- name: lock_live_bookings
-- Every live booking of a pool: when the organiser moves or closes it, they all follow.
SELECT {b: bookings}, (SELECT jsonb_object_agg(w.pool_id, w.wanted) FROM places w WHERE w.booking_id = b.id) AS places
FROM bookings b
WHERE b.id IN (SELECT booking_id FROM places WHERE pool_id = ANY (:pools::uuid[]))
  AND b.status IN ('held', 'confirmed', 'waiting', 'offered')
ORDER BY b.id
FOR UPDATE OF b;

-- name: windows
-- When these events may be booked and how they give out their places: their own rules, else what is usual in the programme. Whether
-- a copy has what it was to be given is read with the rules, so that it is never seen ready with other ones.
SELECT e.id, e.status, e.opens_at, e.closes_at, e.time_zone, r.line, r.offer_hours, r.largest_household, r.largest_group, r.confirm_address,
       r.approval, r.change_until_hours, r.cancel_until_hours, r.drawn_at,
       CASE WHEN r.drawn_at IS NULL THEN drawn_by(e.id, r.draw_at) ELSE r.draw_at END AS draw_at,
       e.copied_from IS NULL OR EXISTS (SELECT FROM questions_carried c WHERE c.event_id = e.id) AS ready
FROM events e LEFT JOIN LATERAL (
    SELECT {event_rules} FROM event_rules WHERE event_id IN (e.id, e.programme_id) ORDER BY event_id = e.id DESC LIMIT 1
) r ON true
WHERE e.id = ANY (:events::uuid[]);

-- name: pools_across
-- Pools that lie across places of these events: one laid while we waited for our locks must not be missed.
SELECT id, event_id, stand_id FROM pools WHERE event_id = ANY (:events::uuid[]) AND scope <> 'place';

-- name: asked_to_move
-- Who was asked to choose something else than this place.
SELECT b.id FROM bookings b JOIN places w ON w.booking_id = b.id
WHERE w.pool_id = :pool_id::uuid AND b.asked_to_move_at IS NOT NULL AND b.status IN ('held', 'confirmed', 'offered') ORDER BY b.id;

-- name: asked_for_goals
-- Who was asked to leave pools whose capacity is to fall: where others give back enough, they may stay.
SELECT {b: bookings}, (SELECT jsonb_object_agg(w.pool_id, w.wanted) FROM places w WHERE w.booking_id = b.id) AS places
FROM bookings b
WHERE b.id IN (SELECT booking_id FROM places WHERE pool_id = ANY (:pools::uuid[]))
  AND b.asked_to_move_at IS NOT NULL AND b.status IN ('held', 'confirmed', 'offered')
ORDER BY b.id;

-- name: retime_pool!
-- When a locked place is, ahead of the decision that takes its bookings along.
UPDATE pools SET starts_at = :starts_at::timestamptz, ends_at = :ends_at::timestamptz WHERE id = :id::uuid;

-- name: closed_across
-- Pools across an event's places that are closed.
SELECT id FROM pools WHERE event_id = :event_id::uuid AND scope <> 'place' AND NOT open;

-- name: save_bookings!
-- Writes bookings as they are after the decision, new and changed alike, in an order in which a visitor who leaves one place and
-- takes another in the same batch is never in two (domain/once.py).
INSERT INTO bookings (id, programme_id, visitor_id, event_id, stand_id, slot_id, status, cause, version, rotation, code, adults,
                      children, starts_at, ends_at, line, ends_by, attempt, via, heard_of, target_groups, walk_in,
                      asked_again_at, created_at, changed_at, awaits, asked_to_move_at, is_group, declined)
SELECT r.id, :programme_id::uuid, r.visitor_id, r.event_id, r.stand_id, r.slot_id, r.status, r.cause, r.version, r.rotation, r.code,
       r.adults, r.children, r.starts_at, r.ends_at, r.line, r.ends_by, r.attempt, r.via, r.heard_of, r.target_groups, r.walk_in,
       r.asked_again_at, r.created_at, r.changed_at, r.awaits, r.asked_to_move_at, r.is_group, r.declined
FROM jsonb_to_recordset(:rows::text::jsonb) AS r(
    id uuid, visitor_id uuid, event_id uuid, stand_id uuid, slot_id uuid, status text, cause text, version integer, rotation integer,
    code text, adults integer, children integer, starts_at timestamptz, ends_at timestamptz, line integer, ends_by timestamptz,
    attempt uuid, via uuid, heard_of text, target_groups uuid[], walk_in boolean, asked_again_at timestamptz, created_at timestamptz,
    changed_at timestamptz, awaits text, asked_to_move_at timestamptz, is_group boolean, declined boolean)
ON CONFLICT (id) DO UPDATE SET
    visitor_id = excluded.visitor_id, event_id = excluded.event_id, stand_id = excluded.stand_id, slot_id = excluded.slot_id, status = excluded.status, cause = excluded.cause,
    version = excluded.version, rotation = excluded.rotation, code = excluded.code, adults = excluded.adults,
    children = excluded.children, starts_at = excluded.starts_at, ends_at = excluded.ends_at, line = excluded.line,
    ends_by = excluded.ends_by, asked_again_at = excluded.asked_again_at, changed_at = excluded.changed_at,
    awaits = excluded.awaits, asked_to_move_at = excluded.asked_to_move_at, declined = excluded.declined;

-- name: leave_pools!
-- Takes away what a booking wanted of the pools it has left for others.
DELETE FROM places WHERE booking_id = ANY (:bookings::uuid[]);

-- name: save_places!
-- What each booking wants of each pool, and whether it has it.
INSERT INTO places (booking_id, pool_id, programme_id, wanted, taken)
SELECT r.booking_id, r.pool_id, :programme_id::uuid, r.wanted, r.taken
FROM jsonb_to_recordset(:rows::text::jsonb) AS r(booking_id uuid, pool_id uuid, wanted integer, taken integer)
ON CONFLICT (booking_id, pool_id) DO UPDATE SET wanted = excluded.wanted, taken = excluded.taken;

-- name: save_pools
-- Writes pools as they are after the decision; the CHECK on the table stands behind it.
UPDATE pools p SET capacity = r.capacity, used = r.used, waiting = r.waiting, last_line = r.last_line, open = r.open,
       starts_at = r.starts_at, ends_at = r.ends_at, goal = r.goal, version = p.version + 1
FROM jsonb_to_recordset(:rows::text::jsonb) AS r(
    id uuid, capacity integer, used integer, waiting integer, last_line integer, open boolean, starts_at timestamptz,
    ends_at timestamptz, goal integer)
WHERE p.id = r.id
RETURNING p.id, p.event_id, p.stand_id, p.slot_id, p.scope, p.unit, p.capacity, p.used, p.waiting, p.open, p.version;

-- name: save_line_log!
-- Why the line moved as it did.
INSERT INTO line_log (programme_id, decided, pool_id, booking_id, turn, line, decision, needed, free, needs, frees, reason, why,
                      account_id, at)
SELECT :programme_id::uuid, :decided::uuid, r.pool_id, r.booking_id, r.turn, r.line, r.decision, r.needed, r.free, r.needs, r.frees,
       r.reason, r.why, r.account_id, :moment::timestamptz
FROM jsonb_to_recordset(:rows::text::jsonb) AS r(
    pool_id uuid, booking_id uuid, turn integer, line integer, decision text, needed integer, free integer, needs jsonb, frees jsonb,
    reason text, why text, account_id uuid);

-- name: save_drawn!
-- Lots are drawn: once, with the seed from which they can be drawn again.
UPDATE event_rules SET drawn_at = :moment::timestamptz, seed = :seed::bytea, version = version + 1
WHERE event_id = :event_id::uuid AND drawn_at IS NULL;

-- name: draws_due
-- Events whose lots are to be drawn.
SELECT programme_id, event_id AS id FROM event_rules
WHERE draw_at IS NOT NULL AND drawn_at IS NULL AND drawn_by(event_id, draw_at) <= :moment::timestamptz ORDER BY draw_at, event_id;

-- name: when_drawn^
-- Between which moments an event's lots may be drawn: from when one can book, until its first place begins (or the event, as long as
-- it has none).
SELECT e.opens_at, coalesce(
    (SELECT min(p.starts_at) FROM pools p WHERE p.event_id = e.id AND p.scope = 'place' AND p.open), e.starts_at) AS begins_at
FROM events e WHERE e.id = :event_id::uuid;

-- name: draw_overtaken^
-- The moment that was chosen to draw an event's lots, where its first place has come to begin before it; and when they are drawn.
SELECT draw_at AS chosen, drawn_by(event_id, draw_at) AS lots_at FROM event_rules
WHERE event_id = :event_id::uuid AND drawn_at IS NULL AND drawn_by(event_id, draw_at) < draw_at;

-- name: save_tokens!
-- The hashes under which a booking's links and ticket are found.
INSERT INTO token_directory (token_hash, programme_id, purpose, booking_id)
SELECT r.token_hash, :programme_id::uuid, r.purpose, r.booking_id
FROM jsonb_to_recordset(:rows::text::jsonb) AS r(token_hash bytea, purpose text, booking_id uuid);

-- name: mark_clashes!
-- Marks live bookings that the organiser moved onto another of the same visitor's, so that both can be told apart from our own doing.
UPDATE bookings b SET clashes = true
FROM bookings other
WHERE b.id = ANY (:bookings::uuid[]) AND other.visitor_id = b.visitor_id AND other.id <> b.id
  AND b.slot_id IS NOT NULL AND other.slot_id IS NOT NULL
  AND b.status IN ('held', 'confirmed', 'offered') AND other.status IN ('held', 'confirmed', 'offered', 'attended')
  AND b.starts_at < other.ends_at AND other.starts_at < b.ends_at;

-- name: open_pool^
-- The first capacity of a place; it is ours from then on, so a place that has one keeps it.
INSERT INTO pools (id, programme_id, event_id, stand_id, slot_id, unit, capacity, open, starts_at, ends_at, version)
VALUES (:id::uuid, :programme_id::uuid, :event_id::uuid, :stand_id::uuid, :slot_id::uuid, :unit::text, :capacity::integer,
        :open::boolean, :starts_at::timestamptz, :ends_at::timestamptz, 1)
ON CONFLICT DO NOTHING
RETURNING id, event_id, stand_id, slot_id, scope, unit, capacity, used, waiting, open, version;

-- name: open_pool_across^
-- Places counted over a stand or an event as a whole, in one more unit; nothing where that is counted already.
INSERT INTO pools (id, programme_id, event_id, stand_id, scope, unit, capacity, open, starts_at, ends_at, version, used)
SELECT :id::uuid, e.programme_id, e.id, :stand_id::uuid, :scope::text, :unit::text, :capacity::integer, true, e.starts_at, e.ends_at, 1, 0
FROM events e WHERE e.id = :event_id::uuid
ON CONFLICT DO NOTHING
RETURNING id, event_id, stand_id, slot_id, scope, unit, capacity, used, waiting, open, version;

-- name: places_under
-- What bookings and holds at an event, or at one stand of it, would take of a pool across them.
SELECT b.id AS booking_id, NULL::uuid AS attempt, b.adults, b.children, b.status FROM bookings b
WHERE b.event_id = :event_id::uuid AND (:stand_id::uuid IS NULL OR b.stand_id = :stand_id::uuid)
  AND b.status IN ('held', 'confirmed', 'waiting', 'offered', 'attended', 'no_show')
  AND EXISTS (SELECT FROM places w WHERE w.booking_id = b.id)
UNION ALL
SELECT NULL, h.attempt, h.adults, h.children, 'hold' FROM holds h
WHERE h.event_id = :event_id::uuid AND (:stand_id::uuid IS NULL OR h.stand_id = :stand_id::uuid);

-- name: fill_pool_across^
-- What is taken of a pool that was laid across places, and how many wait for it.
UPDATE pools SET used = :used::integer, waiting = :waiting::integer,
       last_line = (SELECT coalesce(max(last_line), 0) FROM pools o WHERE o.event_id = pools.event_id)
WHERE id = :id::uuid
RETURNING id, event_id, stand_id, slot_id, scope, unit, capacity, used, waiting, open, version;

-- name: draw_on!
-- Bookings draw on a pool that was laid across their places.
INSERT INTO places (booking_id, pool_id, programme_id, wanted, taken)
SELECT r.booking_id, :pool_id::uuid, :programme_id::uuid, r.wanted, r.taken
FROM jsonb_to_recordset(:rows::text::jsonb) AS r(booking_id uuid, wanted integer, taken integer);

-- name: hold_on!
-- Holds draw on a pool that was laid across their places.
INSERT INTO hold_places (attempt, pool_id, programme_id, taken)
SELECT r.attempt, :pool_id::uuid, :programme_id::uuid, r.taken
FROM jsonb_to_recordset(:rows::text::jsonb) AS r(attempt uuid, taken integer);

-- name: drop_tokens!
-- Forgets a booking's tokens: links and tickets sent before lead nowhere.
DELETE FROM token_directory WHERE booking_id = :booking_id::uuid;

-- name: pools_of_event
-- Every place of an event, its own and its slots', in the order of time.
SELECT id, event_id, stand_id, slot_id, scope, unit, capacity, goal, used, waiting, open, starts_at, ends_at, version
FROM pools WHERE event_id = :event_id::uuid ORDER BY starts_at, stand_id, id;

-- name: save_rules$
-- How an event gives out its places, or what is usual in a programme (`event_id` is its own then). Lots once drawn stay drawn.
-- Null where `version` was given and is not the one that holds (0: none does).
INSERT INTO event_rules (event_id, programme_id, line, offer_hours, largest_household, largest_group, confirm_address, approval, change_until_hours,
                         cancel_until_hours, draw_at, version)
VALUES (:event_id::uuid, :programme_id::uuid, :line::text, :offer_hours::integer, :largest_household::integer,
        :largest_group::integer, :confirm_address::boolean, :approval::boolean, :change_until_hours::integer, :cancel_until_hours::integer,
        :draw_at::timestamptz, 1)
ON CONFLICT (event_id) DO UPDATE SET line = excluded.line, offer_hours = excluded.offer_hours,
    largest_household = excluded.largest_household, largest_group = excluded.largest_group, confirm_address = excluded.confirm_address, approval = excluded.approval,
    change_until_hours = excluded.change_until_hours, cancel_until_hours = excluded.cancel_until_hours,
    draw_at = CASE WHEN event_rules.drawn_at IS NULL THEN excluded.draw_at ELSE event_rules.draw_at END,
    version = event_rules.version + 1
    WHERE :version::integer IS NULL OR event_rules.version = :version::integer
RETURNING version;

-- name: carry_rules!
-- A copied event gives its places out as the first one does, where that one has rules of its own and somebody has not set
-- others meanwhile. Without the lots: they are drawn per event.
INSERT INTO event_rules (event_id, programme_id, line, offer_hours, largest_household, largest_group, confirm_address, approval, change_until_hours,
                         cancel_until_hours, version)
SELECT :event_id::uuid, programme_id, line, offer_hours, largest_household, largest_group, confirm_address, approval, change_until_hours,
       cancel_until_hours, 1
FROM event_rules WHERE event_id = :from_event_id::uuid
ON CONFLICT (event_id) DO NOTHING;

-- name: version_of_rules$
-- Which version of an event's own rules holds; null where it has none.
SELECT version FROM event_rules WHERE event_id = :event_id::uuid;

-- name: lock_rules^
-- An event's own rules, so that lots are drawn once.
SELECT draw_at, drawn_at FROM event_rules WHERE event_id = :event_id::uuid FOR UPDATE;

-- name: usual_rules^
-- What is usual in the programme where an event has no rules of its own.
SELECT line, offer_hours, largest_household, largest_group, confirm_address, approval, change_until_hours, cancel_until_hours, draw_at, drawn_at
FROM event_rules WHERE event_id = :programme_id::uuid;

-- name: drop_rules!
-- An event goes by what is usual again; one whose lots were drawn keeps its rules.
DELETE FROM event_rules WHERE event_id = :event_id::uuid AND drawn_at IS NULL;

-- name: events_with_rules
-- Events that are not over and have rules of their own.
SELECT e.slug, e.titles, e.starts_at, e.ends_at, e.time_zone FROM event_rules r JOIN events e ON e.id = r.event_id
WHERE e.ends_at > :moment::timestamptz ORDER BY e.starts_at, e.id;
