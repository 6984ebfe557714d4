-- migrate:up

-- What the first event asked that there was no room for beside the copy's own questions, in its order; empty once an organiser has
-- asked it here or left it out.
ALTER TABLE questions_carried ADD COLUMN left_out uuid[] NOT NULL DEFAULT '{}';

-- migrate:down
