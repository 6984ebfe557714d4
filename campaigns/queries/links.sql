-- name: all_links
-- Every link, for the memory of a process; a few thousand small rows.
SELECT slug, programme_id, placement_id, target, language, changed_at FROM link_directory;

-- name: find_link^
-- On a miss in memory: the hint of a new link may have been lost.
SELECT slug, programme_id, placement_id, target, language, changed_at FROM link_directory WHERE slug = :slug;

-- name: add_link!
-- Fails on a slug that was ever given out.
INSERT INTO link_directory (slug, programme_id, placement_id, target, language, changed_at)
VALUES (:slug, :programme_id, :placement_id, :target, :language, :moment);

-- name: point_link!
-- Leads a printed link to another page of ours.
UPDATE link_directory SET target = :target, language = :language, changed_at = :moment WHERE placement_id = :placement_id;
