-- name: groups
-- Working groups and the process groups under them, each in its own order.
SELECT id, parent_id, names, activity_id, leader_name, leader_title, leader_municipality_id, version
FROM working_groups WHERE programme_id = :programme_id ORDER BY position, id;

-- name: members
-- Who sits in the groups; names are put into Norwegian order where they are read.
SELECT id, group_id, name, title, municipality_id, partner_id, body
FROM members WHERE programme_id = :programme_id ORDER BY id;

-- name: tasks
-- Open tasks first, by the day they are due; done ones after them, the latest first.
SELECT id, group_id, title, due_on, owner_id, done_at
FROM tasks WHERE programme_id = :programme_id ORDER BY done_at IS NOT NULL, done_at DESC, due_on NULLS LAST, id;

-- name: insert_group!
-- At the end of the list of working groups, or of its parent's process groups.
INSERT INTO working_groups (
    programme_id, id, parent_id, position, names, activity_id, leader_name, leader_title, leader_municipality_id, version
)
SELECT :programme_id, :id, :parent_id, coalesce(max(position), 0) + 1, :names, :activity_id, :leader_name, :leader_title,
    :leader_municipality_id, 1
FROM working_groups WHERE programme_id = :programme_id AND parent_id IS NOT DISTINCT FROM :parent_id::uuid;

-- name: touch_group^
-- The lock that every change of a group begins with. No row: it is gone, or was changed after `seen` (NULL: whatever was seen).
UPDATE working_groups SET version = version + 1
WHERE programme_id = :programme_id AND id = :id AND (:seen::integer IS NULL OR version <= :seen::integer)
RETURNING version, parent_id;

-- name: write_group!
-- What the group is called, works on, and who leads it.
UPDATE working_groups
SET names = :names, activity_id = :activity_id, leader_name = :leader_name, leader_title = :leader_title,
    leader_municipality_id = :leader_municipality_id
WHERE programme_id = :programme_id AND id = :id;

-- name: delete_group!
-- Its process groups, members and tasks go with it.
DELETE FROM working_groups WHERE programme_id = :programme_id AND id = :id;

-- name: place_groups!
-- The order of all working groups, or of one's process groups, as given.
UPDATE working_groups g SET position = place FROM unnest(:ids::uuid[]) WITH ORDINALITY AS wanted (id, place)
WHERE g.programme_id = :programme_id AND g.id = wanted.id;

-- name: insert_member!
-- Someone takes a seat, for a municipality, a partner or another body.
INSERT INTO members (programme_id, id, group_id, name, title, municipality_id, partner_id, body, joined_at)
VALUES (:programme_id, :id, :group_id, :name, :title, :municipality_id, :partner_id, :body, :moment);

-- name: write_member!
-- Another name, title or body for the same seat.
UPDATE members SET name = :name, title = :title, municipality_id = :municipality_id, partner_id = :partner_id, body = :body
WHERE programme_id = :programme_id AND id = :id AND group_id = :group_id;

-- name: delete_member!
-- A seat is left: the name goes at once; tasks stay without an owner.
DELETE FROM members WHERE programme_id = :programme_id AND id = :id AND group_id = :group_id;

-- name: insert_task!
-- Something the group will do.
INSERT INTO tasks (programme_id, id, group_id, title, due_on, owner_id)
VALUES (:programme_id, :id, :group_id, :title, :due_on, :owner_id);

-- name: write_task!
-- Other words, another day or another owner.
UPDATE tasks SET title = :title, due_on = :due_on, owner_id = :owner_id
WHERE programme_id = :programme_id AND id = :id AND group_id = :group_id;

-- name: settle_task!
-- Done at a moment, or open again (NULL). Done twice keeps the first moment.
UPDATE tasks
SET done_at = CASE WHEN :done_at::timestamptz IS NULL THEN NULL ELSE coalesce(done_at, :done_at) END
WHERE programme_id = :programme_id AND id = :id AND group_id = :group_id;

-- name: delete_task!
-- It will not be done.
DELETE FROM tasks WHERE programme_id = :programme_id AND id = :id AND group_id = :group_id;

-- name: due_tasks
-- Open tasks with a day, the most urgent first, for the organiser's home.
SELECT t.id, t.group_id, t.title, t.due_on, g.names AS group_names
FROM tasks t JOIN working_groups g ON g.programme_id = t.programme_id AND g.id = t.group_id
WHERE t.programme_id = :programme_id AND t.done_at IS NULL AND t.due_on IS NOT NULL ORDER BY t.due_on, t.id LIMIT :many;

-- name: count_tasks^
-- How many tasks are done, open and late on a day.
SELECT
    count(*) FILTER (WHERE done_at IS NOT NULL) AS done,
    count(*) FILTER (WHERE done_at IS NULL) AS open,
    count(*) FILTER (WHERE done_at IS NULL AND due_on < :today::date) AS late
FROM tasks WHERE programme_id = :programme_id;
