-- migrate:up

-- A programme is the tenant: who recruits, why, for whom. Every text that people read is one per language.
CREATE TABLE programmes (
    programme_id uuid PRIMARY KEY,
    slug text NOT NULL UNIQUE CHECK (slug ~ '^[a-z0-9][a-z0-9-]*$'), -- printed on brochures, so it never changes
    status text NOT NULL CHECK (status IN (
        'draft',
        'published', -- draft -> published: in the public catalogue
        'closed'     -- published -> closed: kept to be read, nothing new happens
    )),
    names jsonb NOT NULL,
    fields jsonb NOT NULL,          -- the field of work, as the catalogue calls it: Tilflytting
    summaries jsonb NOT NULL,       -- who we are, in a few sentences
    aims jsonb NOT NULL,
    reasons jsonb NOT NULL,         -- why move here
    organisation jsonb NOT NULL,    -- how the work is organised
    notes jsonb NOT NULL,           -- what the catalogue says about the entry
    goal_inhabitants integer CHECK (goal_inhabitants > 0),
    goal_year integer CHECK (goal_year BETWEEN 1900 AND 2200),
    language text NOT NULL,
    languages text[] NOT NULL,
    required_languages text[] NOT NULL,
    time_zone text NOT NULL,
    contact text NOT NULL,          -- the published address of the office
    sections jsonb NOT NULL DEFAULT '{}', -- section -> the version that changed it last: see commands.touch
    version integer NOT NULL CHECK (version > 0),
    created_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    published_at timestamptz,
    closed_at timestamptz,
    CHECK (language = ANY (languages)),
    CHECK (required_languages <@ languages)
);
SELECT fence('programmes');

CREATE TABLE municipalities (
    programme_id uuid NOT NULL REFERENCES programmes,
    id uuid NOT NULL,
    position integer NOT NULL,
    slug text NOT NULL,
    name text NOT NULL,
    county text NOT NULL,
    inhabitants integer NOT NULL CHECK (inhabitants >= 0),
    counted_on date NOT NULL,       -- the day for which the number of inhabitants holds
    sami_area boolean NOT NULL,     -- in the administrative area for Sámi languages: texts to the public in Sámi too
    PRIMARY KEY (programme_id, id),
    UNIQUE (programme_id, slug)
);
COMMENT ON COLUMN municipalities.name IS 'public; the name of a municipality';
SELECT fence('municipalities');

-- What a programme lists under its own names: its work areas, target groups, activity types, selling points and partners.
CREATE TABLE terms (
    programme_id uuid NOT NULL REFERENCES programmes,
    id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('work_area', 'target_group', 'activity_type', 'selling_point', 'partner')),
    position integer NOT NULL,
    names jsonb NOT NULL,
    code text,                      -- of the catalogue's vocabulary, where it is a standard term
    parts uuid[] NOT NULL DEFAULT '{}', -- a composed target group: those who are in all of these
    PRIMARY KEY (programme_id, id),
    CHECK (parts = '{}' OR (kind = 'target_group' AND cardinality(parts) > 1))
);
CREATE UNIQUE INDEX terms_code ON terms (programme_id, kind, code) WHERE code IS NOT NULL;
CREATE INDEX terms_listed ON terms (programme_id, kind, position);
SELECT fence('terms');

-- A working group, led by a mayor or chief executive, for one activity; a process group is a group under one.
CREATE TABLE working_groups (
    programme_id uuid NOT NULL REFERENCES programmes,
    id uuid NOT NULL,
    parent_id uuid,
    position integer NOT NULL,
    names jsonb NOT NULL,
    activity_id uuid,
    leader_name text,
    leader_title text CHECK (leader_title IN ('mayor', 'chief_executive')),
    leader_municipality_id uuid,
    version integer NOT NULL CHECK (version > 0),
    PRIMARY KEY (programme_id, id),
    FOREIGN KEY (programme_id, parent_id) REFERENCES working_groups ON DELETE CASCADE,
    FOREIGN KEY (programme_id, activity_id) REFERENCES terms,
    FOREIGN KEY (programme_id, leader_municipality_id) REFERENCES municipalities,
    CHECK (parent_id IS NOT NULL OR (activity_id IS NOT NULL AND leader_title IS NOT NULL AND leader_municipality_id IS NOT NULL))
);
CREATE INDEX working_groups_parent ON working_groups (programme_id, parent_id);
CREATE INDEX working_groups_activity ON working_groups (programme_id, activity_id);
CREATE INDEX working_groups_leader ON working_groups (programme_id, leader_municipality_id);
COMMENT ON COLUMN working_groups.leader_name IS 'personal; retention=office';
SELECT fence('working_groups');

-- People in office who sit in a group, for a municipality or a partner.
CREATE TABLE members (
    programme_id uuid NOT NULL REFERENCES programmes,
    id uuid NOT NULL,
    group_id uuid NOT NULL,
    name text NOT NULL,
    title text NOT NULL,
    municipality_id uuid,
    partner_id uuid,
    joined_at timestamptz NOT NULL,
    PRIMARY KEY (programme_id, id),
    FOREIGN KEY (programme_id, group_id) REFERENCES working_groups ON DELETE CASCADE,
    FOREIGN KEY (programme_id, municipality_id) REFERENCES municipalities,
    FOREIGN KEY (programme_id, partner_id) REFERENCES terms,
    CHECK (num_nonnulls(municipality_id, partner_id) = 1)
);
CREATE INDEX members_group ON members (programme_id, group_id);
CREATE INDEX members_municipality ON members (programme_id, municipality_id);
CREATE INDEX members_partner ON members (programme_id, partner_id);
COMMENT ON COLUMN members.name IS 'personal; retention=office';
COMMENT ON COLUMN members.title IS 'personal; retention=office';
SELECT fence('members');

CREATE TABLE tasks (
    programme_id uuid NOT NULL REFERENCES programmes,
    id uuid NOT NULL,
    group_id uuid NOT NULL,
    title text NOT NULL,
    due_on date,
    owner_id uuid,
    done_at timestamptz,
    PRIMARY KEY (programme_id, id),
    FOREIGN KEY (programme_id, group_id) REFERENCES working_groups ON DELETE CASCADE,
    FOREIGN KEY (programme_id, owner_id) REFERENCES members ON DELETE SET NULL (owner_id)
);
CREATE INDEX tasks_group ON tasks (programme_id, group_id);
CREATE INDEX tasks_owner ON tasks (programme_id, owner_id);
CREATE INDEX tasks_due ON tasks (programme_id, due_on) WHERE done_at IS NULL;
SELECT fence('tasks');

-- The public catalogue: programmes that are published or closed, written in the transaction that changes the programme.
CREATE TABLE catalogue_directory (
    programme_id uuid PRIMARY KEY REFERENCES programmes,
    slug text NOT NULL UNIQUE,
    status text NOT NULL CHECK (status IN ('published', 'closed')),
    names jsonb NOT NULL,
    summaries jsonb NOT NULL,
    municipalities text[] NOT NULL,
    counties text[] NOT NULL,
    target_groups text[] NOT NULL,  -- codes of standard terms, for the filters
    activity_types text[] NOT NULL,
    sort_key text NOT NULL,         -- Norwegian order, made in Python
    grams text[] NOT NULL,          -- trigrams of what may be searched for
    changed_at timestamptz NOT NULL
);
CREATE INDEX catalogue_directory_grams ON catalogue_directory USING gin (grams);
CREATE INDEX catalogue_directory_sorted ON catalogue_directory (sort_key, programme_id);
SELECT fence('catalogue_directory', true);

-- What home shows of the events of all programmes: a projection of events' facts, of published events alone.
CREATE TABLE events_directory (
    programme_id uuid NOT NULL,
    event_id uuid PRIMARY KEY,
    slug text NOT NULL,
    titles jsonb NOT NULL,
    summaries jsonb NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    time_zone text NOT NULL,
    venue text NOT NULL,
    municipality_id uuid,
    terms uuid[] NOT NULL           -- its activity type, target groups and selling points: not removed while it is to come
);
CREATE INDEX events_directory_coming ON events_directory (ends_at);
CREATE INDEX events_directory_programme ON events_directory (programme_id);
SELECT fence('events_directory', true);

-- migrate:down
