-- migrate:up

-- A message that was taken back before all of it went out.
ALTER TABLE messages ADD COLUMN stopped_at timestamptz;
CREATE INDEX messages_ahead ON messages (due_at) WHERE stopped_at IS NULL;
-- Whom one message goes to.
CREATE INDEX deliveries_of_message ON deliveries (link_id) WHERE kind = 'message';

-- migrate:down
