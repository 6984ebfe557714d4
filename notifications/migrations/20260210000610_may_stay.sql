-- migrate:up
-- Who was asked to choose another time is told where that is no longer needed. It comes back at once, one kind wider.
-- squawk-ignore ban-drop-constraint
ALTER TABLE deliveries DROP CONSTRAINT deliveries_kind_check;
ALTER TABLE deliveries ADD CONSTRAINT deliveries_kind_check CHECK (kind IN (
    'confirmed', 'waitlisted', 'offered', 'changed', 'moved', 'event_changed', 'cancelled', 'again', 'reminder', 'interest',
    'address', 'asked', 'declined', 'hand_over', 'handed_over', 'asked_to_move', 'may_stay'
)) NOT VALID;

-- migrate:down
