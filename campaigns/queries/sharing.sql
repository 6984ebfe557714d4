-- name: share_of_campaign^
-- The link by which a campaign's totals are read; its campaign is locked where it is about to change.
SELECT rotation, token_hash, shared_at FROM share_directory WHERE campaign_id = :campaign_id;

-- name: share_campaign!
-- A link, or another one than before.
INSERT INTO share_directory (campaign_id, programme_id, rotation, token_hash, shared_at)
VALUES (:campaign_id, :programme_id, :rotation, :token_hash, :moment)
ON CONFLICT (campaign_id) DO UPDATE SET
    rotation = excluded.rotation, token_hash = excluded.token_hash, shared_at = excluded.shared_at;

-- name: unshare_campaign$
-- The link is worthless from now on; its campaign, or NULL where none was out.
UPDATE share_directory SET token_hash = NULL WHERE campaign_id = :campaign_id AND token_hash IS NOT NULL
RETURNING campaign_id;

-- name: find_share^
-- Which campaign, of which programme, a link leads to. Whether the key still makes that link is for the caller to see.
SELECT campaign_id, programme_id, rotation, token_hash FROM share_directory WHERE token_hash = :token_hash;
