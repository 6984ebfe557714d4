-- migrate:up
-- When the lots are drawn that a booking waits for, as its own fact says it.
ALTER TABLE known_bookings ADD COLUMN lots_at timestamptz;

-- Whom the lots gave no place is told so. The check comes back at once, one kind wider.
-- squawk-ignore ban-drop-constraint
ALTER TABLE deliveries DROP CONSTRAINT deliveries_kind_check;
ALTER TABLE deliveries ADD CONSTRAINT deliveries_kind_check CHECK (kind IN (
    'confirmed', 'waitlisted', 'offered', 'changed', 'moved', 'event_changed', 'cancelled', 'again', 'reminder', 'interest',
    'address', 'asked', 'declined', 'hand_over', 'handed_over', 'asked_to_move', 'may_stay', 'message', 'not_drawn'
)) NOT VALID;

-- migrate:down
