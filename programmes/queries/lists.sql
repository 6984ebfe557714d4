-- name: municipalities
-- The programme's municipalities in its own order.
SELECT id, slug, name, county, inhabitants, counted_on, sami_area
FROM municipalities WHERE programme_id = :programme_id ORDER BY position, id;

-- name: insert_municipality!
-- At the end of the list.
INSERT INTO municipalities (programme_id, id, position, slug, name, county, inhabitants, counted_on, sami_area)
SELECT :programme_id, :id, coalesce(max(position), 0) + 1, :slug, :name, :county, :inhabitants, :counted_on, :sami_area
FROM municipalities WHERE programme_id = :programme_id;

-- name: write_municipality!
-- Its slug stays: others point to it.
UPDATE municipalities
SET name = :name, county = :county, inhabitants = :inhabitants, counted_on = :counted_on, sami_area = :sami_area
WHERE programme_id = :programme_id AND id = :id;

-- name: delete_municipality!
-- Only where no group needs it; the command has looked.
DELETE FROM municipalities WHERE programme_id = :programme_id AND id = :id;

-- name: place_municipalities!
-- The order of the whole list, as given.
UPDATE municipalities m SET position = place FROM unnest(:ids::uuid[]) WITH ORDINALITY AS wanted (id, place)
WHERE m.programme_id = :programme_id AND m.id = wanted.id;

-- name: terms
-- Everything the programme lists, by kind and in its own order.
SELECT id, kind, names, code, parts FROM terms WHERE programme_id = :programme_id ORDER BY kind, position, id;

-- name: insert_term!
-- At the end of the list of its kind.
INSERT INTO terms (programme_id, id, kind, position, names, code, parts)
SELECT :programme_id, :id, :kind, coalesce(max(position), 0) + 1, :names, :code, :parts
FROM terms WHERE programme_id = :programme_id AND kind = :kind;

-- name: write_term!
-- A standard term that gets other names stays the standard term it was.
UPDATE terms SET names = :names, parts = :parts WHERE programme_id = :programme_id AND id = :id;

-- name: delete_term!
-- Only where nothing needs it; the command has looked.
DELETE FROM terms WHERE programme_id = :programme_id AND id = :id;

-- name: place_terms!
-- The order of one kind's whole list, as given.
UPDATE terms t SET position = place FROM unnest(:ids::uuid[]) WITH ORDINALITY AS wanted (id, place)
WHERE t.programme_id = :programme_id AND t.id = wanted.id;

-- name: needing_term
-- What would lose its meaning with a term: groups that work on it, members who stand for it, composed groups, events to come.
SELECT 'group' AS what, g.names FROM working_groups g WHERE g.programme_id = :programme_id AND g.activity_id = :id
UNION ALL
SELECT 'member', g.names FROM members m JOIN working_groups g ON g.programme_id = m.programme_id AND g.id = m.group_id
WHERE m.programme_id = :programme_id AND m.partner_id = :id
UNION ALL
SELECT 'term', t.names FROM terms t WHERE t.programme_id = :programme_id AND :id = ANY (t.parts)
UNION ALL
SELECT 'event', e.titles FROM events_directory e
WHERE e.programme_id = :programme_id AND e.ends_at > :moment AND :id = ANY (e.terms);

-- name: needing_municipality
-- What would lose its meaning with a municipality: groups led from there, members who stand for it, events to come.
SELECT 'group' AS what, g.names FROM working_groups g WHERE g.programme_id = :programme_id AND g.leader_municipality_id = :id
UNION ALL
SELECT 'member', g.names FROM members m JOIN working_groups g ON g.programme_id = m.programme_id AND g.id = m.group_id
WHERE m.programme_id = :programme_id AND m.municipality_id = :id
UNION ALL
SELECT 'event', e.titles FROM events_directory e
WHERE e.programme_id = :programme_id AND e.ends_at > :moment AND e.municipality_id = :id;
