-- migrate:up
-- A booking may be held for an answer, and handed over from one visitor to another: each of the two has messages of their own
-- about it, and one of them leads to the hand-over. A slot without a stand is a session.
ALTER TABLE known_bookings ADD COLUMN awaits text;
-- squawk-ignore ban-drop-not-null
ALTER TABLE known_slots ALTER COLUMN stand_id DROP NOT NULL;
ALTER TABLE known_slots ADD COLUMN titles jsonb NOT NULL DEFAULT '{}';
ALTER TABLE known_slots ADD COLUMN room text NOT NULL DEFAULT '';
ALTER TABLE deliveries ADD COLUMN link_id uuid; -- what its link opens, where that is not the booking

-- It comes back at once, six kinds wider.
-- squawk-ignore ban-drop-constraint
ALTER TABLE deliveries DROP CONSTRAINT deliveries_kind_check;
ALTER TABLE deliveries ADD CONSTRAINT deliveries_kind_check CHECK (kind IN (
    'confirmed', 'waitlisted', 'offered', 'changed', 'moved', 'event_changed', 'cancelled', 'again', 'reminder', 'interest',
    'address', 'asked', 'declined', 'hand_over', 'handed_over', 'asked_to_move'
)) NOT VALID;

-- One each, of every recipient's own.
-- squawk-ignore ban-drop-constraint
ALTER TABLE deliveries DROP CONSTRAINT deliveries_booking_id_kind_cause_channel_key;
DROP INDEX deliveries_without_booking;
CREATE UNIQUE INDEX deliveries_once ON deliveries (visitor_id, booking_id, kind, cause, channel) NULLS NOT DISTINCT;

-- migrate:down
