-- migrate:up

-- Which of a stand's tables a slot is at, so that those at the same time can be told apart. NULL: not heard of yet.
ALTER TABLE slots ADD COLUMN desk integer CHECK (desk > 0);

-- migrate:down
