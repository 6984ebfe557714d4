-- migrate:up
-- Campaigns whose totals may be read by whoever has the link; read before the programme is known. It holds no personal data.
-- A row stays when the link is withdrawn, so that a link given anew is another one.
CREATE TABLE share_directory (
    campaign_id uuid PRIMARY KEY,
    programme_id uuid NOT NULL,
    rotation integer NOT NULL DEFAULT 0, -- raised by each new link, which makes those before it worthless
    token_hash bytea UNIQUE,             -- NULL: withdrawn
    shared_at timestamptz NOT NULL,
    FOREIGN KEY (programme_id, campaign_id) REFERENCES campaigns (programme_id, id)
);
SELECT fence('share_directory', true);

-- migrate:down
