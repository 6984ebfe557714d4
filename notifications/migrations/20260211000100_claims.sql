-- migrate:up
-- A sender claims many at once and hands them over one by one. One that dies must leave behind which of them it had come to.
-- False also where an older process claims it: then nobody knows.
ALTER TABLE deliveries ADD COLUMN not_begun boolean NOT NULL DEFAULT false;

-- migrate:down
