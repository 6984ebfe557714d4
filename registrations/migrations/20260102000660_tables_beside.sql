-- migrate:up

-- Whether someone in line could be given what is free now, at the table they chose or at another of its stand at that time (see
-- registrations/domain/tables.py): that table is open, lots are drawn, they have no other offer, and every pool has room. For those
-- who look whether the line moves; it is moved from locked rows (registrations/domain/line.py).
CREATE OR REPLACE FUNCTION fits_now(booking uuid, visitor uuid) RETURNS boolean
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT NOT EXISTS (
               SELECT FROM places w JOIN pools p ON p.id = w.pool_id
               WHERE w.booking_id = booking
                 AND (NOT p.open OR (p.scope <> 'place' AND w.wanted > p.capacity - p.used)))
           AND EXISTS (
               SELECT FROM bookings b
               JOIN places w ON w.booking_id = b.id JOIN pools own ON own.id = w.pool_id AND own.scope = 'place'
               JOIN pools t ON t.id = own.id
                   OR (t.stand_id = own.stand_id AND t.event_id = own.event_id AND t.scope = 'place'
                       AND t.starts_at = own.starts_at AND t.ends_at = own.ends_at)
               WHERE b.id = booking AND t.open
                 AND CASE t.unit WHEN 'persons' THEN b.adults + b.children ELSE 1 END <= t.capacity - t.used)
           AND NOT EXISTS (SELECT FROM bookings o WHERE o.visitor_id = visitor AND o.status = 'offered')
           AND NOT EXISTS (
               SELECT FROM bookings b JOIN events e ON e.id = b.event_id
               LEFT JOIN event_rules r ON r.event_id = b.event_id
               WHERE b.id = booking AND (e.status = 'cancelled' OR (r.draw_at IS NOT NULL AND r.drawn_at IS NULL)));
END;

-- migrate:down
