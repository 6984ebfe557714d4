-- name: insert_programme!
-- A new programme, as a draft; its slug is unique across the installation.
INSERT INTO programmes (
    programme_id, slug, status, names, fields, summaries, aims, reasons, organisation, notes,
    language, languages, required_languages, time_zone, contact, version, created_at, changed_at
) VALUES (
    :programme_id, :slug, 'draft', :names, :fields, '{}', '{}', '{}', '{}', '{}',
    :language, :languages, :required_languages, :time_zone, :contact, 1, :moment, :moment
);

-- name: find_programme^
-- One programme, whole but for its lists.
SELECT
    programme_id AS id, slug, status, names, fields, summaries, aims, reasons, organisation, notes, goal_inhabitants, goal_year,
    language, languages, required_languages, time_zone, contact, version, changed_at
FROM programmes WHERE programme_id = :programme_id;

-- name: touch^
-- The lock that every public change begins with. No row: the section was changed after `seen` (NULL: whatever was seen).
UPDATE programmes
SET version = version + 1, changed_at = :moment, sections = jsonb_set(sections, ARRAY[:section::text], to_jsonb(version + 1))
WHERE programme_id = :programme_id
    AND (:seen::integer IS NULL OR coalesce((sections ->> :section::text)::integer, 1) <= :seen::integer)
RETURNING version;

-- name: write_about!
-- The texts that say who recruits and why.
UPDATE programmes
SET names = :names, fields = :fields, summaries = :summaries, aims = :aims, reasons = :reasons,
    organisation = :organisation, notes = :notes
WHERE programme_id = :programme_id;

-- name: write_settings!
-- Languages, time zone, address and goal.
UPDATE programmes
SET language = :language, languages = :languages, required_languages = :required_languages, time_zone = :time_zone,
    contact = :contact, goal_inhabitants = :goal_inhabitants, goal_year = :goal_year
WHERE programme_id = :programme_id;

-- name: publish!
-- draft -> published; 0 rows where it is not a draft.
UPDATE programmes SET status = 'published', published_at = :moment WHERE programme_id = :programme_id AND status = 'draft';

-- name: close!
-- published -> closed; 0 rows where it is not published.
UPDATE programmes SET status = 'closed', closed_at = :moment WHERE programme_id = :programme_id AND status = 'published';

-- name: all_programmes
-- For those who run the installation: every programme, drafts too. Needs the system role.
SELECT programme_id AS id, slug, created_at FROM programmes ORDER BY created_at, programme_id;

-- name: long_closed
-- The programmes that were closed before `before`, and still hold names of people in office. Needs the system role.
SELECT programme_id AS id FROM programmes p
WHERE closed_at < :before AND (
    EXISTS (SELECT FROM members m WHERE m.programme_id = p.programme_id)
    OR EXISTS (SELECT FROM working_groups g WHERE g.programme_id = p.programme_id AND g.leader_name IS NOT NULL)
);

-- name: forget_members!
-- Retention: who sat in the groups of a programme that is over; their tasks stay without an owner.
DELETE FROM members WHERE programme_id = :programme_id;

-- name: forget_leaders!
-- Retention: who led the groups of a programme that is over; the office stays.
UPDATE working_groups SET leader_name = NULL WHERE programme_id = :programme_id AND leader_name IS NOT NULL;

-- name: out_of_step$
-- Check: published or closed programmes whose catalogue entry is missing, stale in its state, or left over.
SELECT count(*) FROM programmes p FULL JOIN catalogue_directory d USING (programme_id)
WHERE coalesce(p.status, 'gone') <> coalesce(d.status, 'draft');
