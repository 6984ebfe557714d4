-- migrate:up
-- Who asks: sessions, API tokens, the directory of programmes. Called for every request that carries a cookie or a token.

CREATE FUNCTION find_programme(the_slug text)
RETURNS TABLE (id uuid, slug text, name text, language text, status text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = identity, pg_temp AS $$
    SELECT p.id, p.slug, p.name, p.language, p.status FROM programme_directory p WHERE p.slug = the_slug
$$;

CREATE FUNCTION list_programmes()
RETURNS TABLE (id uuid, slug text, name text, language text, status text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = identity, pg_temp AS $$
    SELECT p.id, p.slug, p.name, p.language, p.status FROM programme_directory p ORDER BY p.registered_at, p.id
$$;

-- Writes a programme into the directory, or changes what it says of it. A slug that another programme has raises unique_violation.
CREATE FUNCTION register_programme(the_id uuid, the_slug text, the_name text, the_language text, the_status text, the_moment timestamptz)
RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = identity, pg_temp AS $$
    INSERT INTO programme_directory AS p (id, slug, name, language, status, registered_at, changed_at)
    VALUES (the_id, the_slug, the_name, the_language, the_status, the_moment, the_moment)
    ON CONFLICT (id) DO UPDATE
    SET slug = excluded.slug, name = excluded.name, language = excluded.language, status = excluded.status,
        changed_at = excluded.changed_at
$$;

-- The roles of one account in all programmes, as two arrays that belong together.
CREATE FUNCTION roles_of(the_account uuid, OUT programmes uuid[], OUT roles text[])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = identity, pg_temp AS $$
    SELECT coalesce(array_agg(m.programme_id ORDER BY m.programme_id, m.role), '{}'),
           coalesce(array_agg(m.role ORDER BY m.programme_id, m.role), '{}')
    FROM memberships m WHERE m.account_id = the_account
$$;

CREATE FUNCTION open_session(the_id uuid, the_account uuid, the_token bytea, the_agent text, the_moment timestamptz)
RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = identity, pg_temp AS $$
    UPDATE accounts SET used_at = the_moment WHERE id = the_account;
    INSERT INTO sessions (id, account_id, token_hash, agent, created_at, seen_at)
    VALUES (the_id, the_account, the_token, the_agent, the_moment, the_moment);
$$;

-- The open session behind a cookie, within its limits, and whose it is. Notes the moment, at most once a minute: reading a
-- page must not cost a write each time.
CREATE FUNCTION find_session(the_token bytea, the_moment timestamptz, the_idle interval, the_absolute interval)
RETURNS TABLE (session_id uuid, rotation integer, account_id uuid, name text, language text, operator boolean,
               programmes uuid[], roles text[])
LANGUAGE sql SECURITY DEFINER SET search_path = identity, pg_temp AS $$
    UPDATE sessions s SET seen_at = the_moment
    WHERE s.token_hash = the_token AND s.ended_at IS NULL AND s.seen_at <= the_moment - interval '1 minute'
      AND s.seen_at > the_moment - the_idle AND s.created_at > the_moment - the_absolute;
    SELECT s.id, s.rotation, a.id, a.name, a.language, a.operator, r.programmes, r.roles
    FROM sessions s JOIN accounts a ON a.id = s.account_id CROSS JOIN LATERAL roles_of(a.id) r
    WHERE s.token_hash = the_token AND s.ended_at IS NULL
      AND s.seen_at > the_moment - the_idle AND s.created_at > the_moment - the_absolute;
$$;

-- Gives a session another token, after its account's rights or credentials changed; returns the new rotation.
CREATE FUNCTION rotate_session(the_session uuid, the_token bytea)
RETURNS integer
LANGUAGE sql SECURITY DEFINER SET search_path = identity, pg_temp AS $$
    UPDATE sessions SET token_hash = the_token, rotation = rotation + 1
    WHERE id = the_session AND ended_at IS NULL RETURNING rotation
$$;

-- Ends one session of an account; false where there is no such open session.
CREATE FUNCTION end_session(the_account uuid, the_session uuid, the_reason text, the_moment timestamptz)
RETURNS boolean
LANGUAGE sql SECURITY DEFINER SET search_path = identity, pg_temp AS $$
    WITH ended AS (
        UPDATE sessions SET ended_at = the_moment, end_reason = the_reason
        WHERE id = the_session AND account_id = the_account AND ended_at IS NULL RETURNING id
    )
    SELECT EXISTS (SELECT FROM ended)
$$;

-- The browser logged in anew: what it had before ends, whosever it was.
CREATE FUNCTION replace_session(the_session uuid, the_moment timestamptz)
RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = identity, pg_temp AS $$
    UPDATE sessions SET ended_at = the_moment, end_reason = 'replaced' WHERE id = the_session AND ended_at IS NULL
$$;

-- Ends all sessions of an account but one (or all, for NULL); returns how many.
CREATE FUNCTION end_sessions(the_account uuid, the_kept uuid, the_reason text, the_moment timestamptz)
RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = identity, pg_temp AS $$
    WITH ended AS (
        UPDATE sessions SET ended_at = the_moment, end_reason = the_reason
        WHERE account_id = the_account AND ended_at IS NULL AND id IS DISTINCT FROM the_kept RETURNING id
    )
    SELECT count(*) FROM ended
$$;

CREATE FUNCTION list_sessions(the_account uuid, the_moment timestamptz, the_idle interval, the_absolute interval)
RETURNS TABLE (id uuid, agent text, created_at timestamptz, seen_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = identity, pg_temp AS $$
    SELECT s.id, s.agent, s.created_at, s.seen_at FROM sessions s
    WHERE s.account_id = the_account AND s.ended_at IS NULL
      AND s.seen_at > the_moment - the_idle AND s.created_at > the_moment - the_absolute
    ORDER BY s.seen_at DESC, s.id
$$;

-- An API token's rights at this moment: its cap, and within it what its account still has. An owner has every role.
CREATE FUNCTION find_token(the_token bytea, the_moment timestamptz)
RETURNS TABLE (token_id uuid, programme_id uuid, account_id uuid, name text, language text, roles text[], scopes text[])
LANGUAGE sql SECURITY DEFINER SET search_path = identity, pg_temp AS $$
    UPDATE api_tokens t SET used_at = the_moment
    WHERE t.token_hash = the_token AND t.revoked_at IS NULL AND t.expires_at > the_moment
      AND (t.used_at IS NULL OR t.used_at <= the_moment - interval '1 minute');
    SELECT t.id, t.programme_id, t.account_id, t.name, a.language,
           ARRAY(SELECT capped.role FROM unnest(t.roles) AS capped (role)
                 WHERE EXISTS (SELECT FROM memberships m
                               WHERE m.programme_id = t.programme_id AND m.account_id = t.account_id
                                 AND m.role IN (capped.role, 'owner'))),
           t.scopes
    FROM api_tokens t JOIN accounts a ON a.id = t.account_id
    WHERE t.token_hash = the_token AND t.revoked_at IS NULL AND t.expires_at > the_moment;
$$;

CREATE FUNCTION create_token(the_id uuid, the_programme uuid, the_account uuid, the_name text, the_prefix text, the_token bytea,
                             the_roles text[], the_scopes text[], the_moment timestamptz, the_expiry timestamptz)
RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = identity, pg_temp AS $$
    INSERT INTO api_tokens (id, programme_id, account_id, name, prefix, token_hash, roles, scopes, created_at, expires_at)
    VALUES (the_id, the_programme, the_account, the_name, the_prefix, the_token, the_roles, the_scopes, the_moment, the_expiry)
$$;

-- The tokens of an account, or of a programme, or of an account in a programme; NULL leaves that question open.
CREATE FUNCTION list_tokens(the_account uuid, the_programme uuid)
RETURNS TABLE (id uuid, programme_id uuid, programme_slug text, programme_name text, account_id uuid, account_name text, name text,
               prefix text, roles text[], scopes text[], created_at timestamptz, expires_at timestamptz, used_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = identity, pg_temp AS $$
    SELECT t.id, t.programme_id, p.slug, p.name, t.account_id, a.name, t.name, t.prefix, t.roles, t.scopes, t.created_at,
           t.expires_at, t.used_at
    FROM api_tokens t JOIN accounts a ON a.id = t.account_id JOIN programme_directory p ON p.id = t.programme_id
    WHERE (the_account IS NOT NULL OR the_programme IS NOT NULL)
      AND (the_account IS NULL OR t.account_id = the_account) AND (the_programme IS NULL OR t.programme_id = the_programme)
      AND t.revoked_at IS NULL
    ORDER BY t.created_at DESC, t.id
$$;

-- Revokes a token of an account or of a programme (the other NULL); false where there is no such live token.
CREATE FUNCTION revoke_token(the_token uuid, the_account uuid, the_programme uuid, the_moment timestamptz)
RETURNS boolean
LANGUAGE sql SECURITY DEFINER SET search_path = identity, pg_temp AS $$
    WITH revoked AS (
        UPDATE api_tokens SET revoked_at = the_moment
        WHERE id = the_token AND revoked_at IS NULL AND (the_account IS NOT NULL OR the_programme IS NOT NULL)
          AND (the_account IS NULL OR account_id = the_account) AND (the_programme IS NULL OR programme_id = the_programme)
        RETURNING id
    )
    SELECT EXISTS (SELECT FROM revoked)
$$;

-- migrate:down
