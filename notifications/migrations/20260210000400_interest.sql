-- migrate:up
-- A receipt for those who want to hear more: a message about no booking. One each, as for those about bookings.
-- It comes back at once, one kind wider.
-- squawk-ignore ban-drop-constraint
ALTER TABLE deliveries DROP CONSTRAINT deliveries_kind_check;
ALTER TABLE deliveries ADD CONSTRAINT deliveries_kind_check CHECK (kind IN (
    'confirmed', 'waitlisted', 'offered', 'changed', 'moved', 'event_changed', 'cancelled', 'again', 'reminder', 'interest'
)) NOT VALID;
CREATE UNIQUE INDEX deliveries_without_booking ON deliveries (visitor_id, kind, cause, channel) WHERE booking_id IS NULL;

-- migrate:down
