-- migrate:up
-- What the mail tells that is being handed over: a sender may die over it while the shift changes.
ALTER TABLE shift_letters
    ADD COLUMN telling_by uuid, -- the claim under which it was begun; another than `claim`: a mail of before
    ADD COLUMN telling_starts_at timestamptz, -- NULL: it tells that the shift is taken away
    ADD COLUMN telling_ends_at timestamptz;

-- migrate:down
