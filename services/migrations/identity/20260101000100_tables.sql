-- migrate:up
-- Who people are and what they may do, for every service. No service touches these tables: each calls the functions of this
-- schema, which run as its owner. What stands here as a moment comes from the caller.

GRANT USAGE ON SCHEMA identity TO blest_services;
ALTER DEFAULT PRIVILEGES IN SCHEMA identity GRANT EXECUTE ON FUNCTIONS TO blest_services;

-- Which programmes there are: maps the slug of an address to its programme before anything else is known. No personal data.
CREATE TABLE programme_directory (
    id uuid PRIMARY KEY,
    slug text NOT NULL UNIQUE CHECK (slug ~ '^[a-z0-9][a-z0-9-]{0,95}$'),
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    language text NOT NULL CHECK (language ~ '^[a-z]{2}$'),
    status text NOT NULL CHECK (status ~ '^[a-z][a-z_-]{0,31}$'), -- the programmes service's word for it
    registered_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL
);
COMMENT ON COLUMN programme_directory.name IS 'public; the programme''s name';

CREATE TABLE accounts (
    id uuid PRIMARY KEY,
    email text NOT NULL CHECK (length(email) BETWEEN 3 AND 254),
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 120),
    language text NOT NULL CHECK (language ~ '^[a-z]{2}$'),
    operator boolean NOT NULL DEFAULT false,  -- runs the installation: creates programmes, sees the system page
    password_hash text,                       -- argon2id, encoded; NULL until its owner has chosen one
    password_changed_at timestamptz,
    created_at timestamptz NOT NULL,
    used_at timestamptz                       -- the last login
);
CREATE UNIQUE INDEX accounts_email ON accounts (lower(email));
COMMENT ON COLUMN accounts.email IS 'personal; retention=accounts';
COMMENT ON COLUMN accounts.name IS 'personal; retention=accounts';
COMMENT ON COLUMN accounts.language IS 'personal; retention=accounts';
COMMENT ON COLUMN accounts.password_hash IS 'personal; retention=accounts';
COMMENT ON COLUMN accounts.used_at IS 'personal; retention=accounts';

CREATE TABLE memberships (
    programme_id uuid NOT NULL REFERENCES programme_directory ON DELETE CASCADE,
    account_id uuid NOT NULL REFERENCES accounts ON DELETE CASCADE,
    role text NOT NULL CHECK (role IN ('owner', 'organiser', 'marketing', 'stand_host', 'check_in', 'reader')),
    granted_at timestamptz NOT NULL,
    granted_by uuid REFERENCES accounts ON DELETE SET NULL, -- NULL: the installation itself, or somebody erased
    PRIMARY KEY (programme_id, account_id, role)
);
CREATE INDEX memberships_account ON memberships (account_id);
COMMENT ON COLUMN memberships.role IS 'personal; retention=accounts';

-- open ──a──> ended    a: logged out, revoked, replaced by a newer login, password changed; or by its limits, without a trace
CREATE TABLE sessions (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES accounts ON DELETE CASCADE,
    token_hash bytea NOT NULL UNIQUE CHECK (length(token_hash) = 32),
    rotation integer NOT NULL DEFAULT 0,      -- raised when the token is changed; the CSRF token follows it
    agent text NOT NULL CHECK (agent ~ '^[a-z]{1,16}-[a-z]{1,16}$'), -- the class of browser and system: 'firefox-linux'
    created_at timestamptz NOT NULL,
    seen_at timestamptz NOT NULL,             -- to the minute
    ended_at timestamptz,
    end_reason text CHECK (end_reason IN ('logout', 'revoked', 'replaced', 'credentials')),
    CHECK ((ended_at IS NULL) = (end_reason IS NULL))
);
CREATE INDEX sessions_account ON sessions (account_id) WHERE ended_at IS NULL;
COMMENT ON COLUMN sessions.agent IS 'personal; retention=sessions';
COMMENT ON COLUMN sessions.seen_at IS 'personal; retention=sessions';

-- started ──a──> confirmed    a: its owner typed a code made from it
CREATE TABLE second_factors (
    account_id uuid PRIMARY KEY REFERENCES accounts ON DELETE CASCADE,
    sealed bytea NOT NULL,                    -- the TOTP secret, AES-256-GCM under a key derived from token-key
    started_at timestamptz NOT NULL,
    confirmed_at timestamptz,
    last_step bigint                          -- the newest time step accepted: that code and older ones are spent
);
COMMENT ON COLUMN second_factors.sealed IS 'personal; retention=accounts';

CREATE TABLE recovery_codes (
    account_id uuid NOT NULL REFERENCES second_factors ON DELETE CASCADE,
    code_hash bytea NOT NULL CHECK (length(code_hash) = 32),
    used_at timestamptz,
    PRIMARY KEY (account_id, code_hash)
);
COMMENT ON COLUMN recovery_codes.code_hash IS 'personal; retention=accounts';

CREATE TABLE api_tokens (
    id uuid PRIMARY KEY,
    programme_id uuid NOT NULL REFERENCES programme_directory ON DELETE CASCADE,
    account_id uuid NOT NULL REFERENCES accounts ON DELETE CASCADE,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 80),
    prefix text NOT NULL,                     -- the beginning of the token, to recognise it by
    token_hash bytea NOT NULL UNIQUE CHECK (length(token_hash) = 32),
    roles text[] NOT NULL,                    -- a cap: never more than its account has at that moment
    scopes text[] NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz,                      -- to the minute
    revoked_at timestamptz
);
CREATE INDEX api_tokens_account ON api_tokens (account_id);
CREATE INDEX api_tokens_programme ON api_tokens (programme_id);
COMMENT ON COLUMN api_tokens.name IS 'personal; retention=api_tokens';

-- open ──a──> accepted    a: whoever holds the link took it
--      ──b──> withdrawn   b: an owner took it back
CREATE TABLE invitations (
    id uuid PRIMARY KEY,
    programme_id uuid NOT NULL REFERENCES programme_directory ON DELETE CASCADE,
    email text NOT NULL CHECK (length(email) BETWEEN 3 AND 254),
    roles text[] NOT NULL CHECK (cardinality(roles) > 0),
    language text NOT NULL CHECK (language ~ '^[a-z]{2}$'),
    rotation integer NOT NULL DEFAULT 0,      -- raised when it is sent again: the older link is worthless
    token_hash bytea NOT NULL UNIQUE CHECK (length(token_hash) = 32),
    invited_by uuid REFERENCES accounts ON DELETE SET NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    accepted_at timestamptz,
    withdrawn_at timestamptz
);
CREATE UNIQUE INDEX invitations_open ON invitations (programme_id, lower(email)) WHERE accepted_at IS NULL AND withdrawn_at IS NULL;
COMMENT ON COLUMN invitations.email IS 'personal; retention=invitations';
COMMENT ON COLUMN invitations.language IS 'personal; retention=invitations';

CREATE TABLE password_resets (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES accounts ON DELETE CASCADE,
    token_hash bytea NOT NULL UNIQUE CHECK (length(token_hash) = 32),
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz
);
CREATE INDEX password_resets_account ON password_resets (account_id);

-- Failed attempts, under a keyed hash of what they were made at (an account's address) or from (a network address).
CREATE TABLE throttles (
    key bytea PRIMARY KEY CHECK (length(key) = 32),
    failures integer NOT NULL,
    failed_at timestamptz NOT NULL,
    closed_until timestamptz NOT NULL
);
CREATE INDEX throttles_failed ON throttles (failed_at);
COMMENT ON COLUMN throttles.key IS 'personal; retention=throttles';

-- Mails to be sent. A row holds no link and no text: both are made when it is sent, from the keys and the templates.
-- waiting ──a──> sent       a: the mail server took it
--         ──b──> given_up   b: refused for good, or too many attempts
CREATE TABLE outgoing_mails (
    id uuid PRIMARY KEY,
    kind text NOT NULL CHECK (kind ~ '^[a-z_]{1,32}$'),
    recipient text NOT NULL CHECK (length(recipient) BETWEEN 3 AND 254),
    language text NOT NULL CHECK (language ~ '^[a-z]{2}$'),
    reference uuid,                           -- the invitation; for a reset none: the account is looked for when it is sent
    created_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,              -- not before; moved ahead while a sender has it
    attempts integer NOT NULL DEFAULT 0,
    sent_at timestamptz,
    given_up_at timestamptz,
    error text                                -- the mail server's status code of the last failure, never its text
);
CREATE INDEX outgoing_mails_waiting ON outgoing_mails (due_at) WHERE sent_at IS NULL AND given_up_at IS NULL;
COMMENT ON COLUMN outgoing_mails.recipient IS 'personal; retention=outgoing_mails';
COMMENT ON COLUMN outgoing_mails.language IS 'personal; retention=outgoing_mails';

-- Who did what, to what. Identifiers and codes only; a name is looked up while its account exists.
CREATE TABLE audit (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- keeps the order of what was done at one moment
    programme_id uuid,
    actor text NOT NULL CHECK (actor IN ('account', 'token', 'guest', 'system')),
    account_id uuid,                          -- no foreign key: the row outlives the account, and then names nobody
    token_id uuid,
    action text NOT NULL CHECK (action ~ '^[a-z][a-z0-9_.-]{1,79}$'),
    subject text NOT NULL CHECK (length(subject) <= 120 AND strpos(subject, '@') = 0),
    details jsonb NOT NULL,
    at timestamptz NOT NULL
);
CREATE INDEX audit_programme ON audit (programme_id, at DESC, id DESC);
CREATE INDEX audit_subject ON audit (subject, at DESC);

CREATE FUNCTION refuse_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = identity, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'the audit is append-only' USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit EXECUTE FUNCTION refuse_change();
-- Not even its owner: the trigger says why, the missing right stands behind it.
REVOKE UPDATE, DELETE, TRUNCATE ON audit FROM CURRENT_USER;

-- Only the functions of this schema, which run as its owner, reach these tables: no role of a service, not the chassis's own
-- either. The fences stand all the same, and let the functions through by a policy of their own.
DO $$
DECLARE
    fenced text;
BEGIN
    FOREACH fenced IN ARRAY ARRAY['memberships', 'api_tokens', 'invitations', 'audit'] LOOP
        PERFORM fence(fenced::regclass);
        EXECUTE format('CREATE POLICY functions ON %I TO %I USING (true) WITH CHECK (true)', fenced, current_user);
    END LOOP;
END
$$;
REVOKE ALL ON programme_directory, accounts, memberships, sessions, second_factors, recovery_codes, api_tokens, invitations,
    password_resets, throttles, outgoing_mails, audit FROM identity_app, identity_system;

-- migrate:down
