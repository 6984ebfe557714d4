-- migrate:up
-- The system page, for those who run the installation: what was done lately anywhere, and which programs have access. For
-- identity's own roles alone, as everything that shows more than one programme.

-- The newest entries of the audit, of all programmes and of the installation (programme_name NULL).
CREATE FUNCTION latest_audit(the_number integer)
RETURNS TABLE (id bigint, at timestamptz, actor text, account_id uuid, account_name text, token_name text, action text, subject text,
               subject_name text, details text, programme_name text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = identity, pg_temp AS $$
    SELECT u.id, u.at, u.actor, u.account_id, a.name, t.name, u.action, u.subject, s.name, u.details::text, p.name
    FROM audit u LEFT JOIN accounts a ON a.id = u.account_id LEFT JOIN api_tokens t ON t.id = u.token_id
    LEFT JOIN accounts s ON s.id = CASE WHEN u.subject ~ '^account:[0-9a-f-]{36}$' THEN substr(u.subject, 9)::uuid END
    LEFT JOIN programme_directory p ON p.id = u.programme_id
    ORDER BY u.id DESC LIMIT the_number
$$;
REVOKE EXECUTE ON FUNCTION latest_audit(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION latest_audit(integer) TO identity_app, identity_system;

-- API tokens that still work, of all programmes, the last used first.
CREATE FUNCTION live_tokens(the_moment timestamptz, the_number integer)
RETURNS TABLE (id uuid, programme_id uuid, programme_slug text, programme_name text, account_id uuid, account_name text, name text,
               prefix text, roles text[], scopes text[], created_at timestamptz, expires_at timestamptz, used_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = identity, pg_temp AS $$
    SELECT t.id, t.programme_id, p.slug, p.name, t.account_id, a.name, t.name, t.prefix, t.roles, t.scopes, t.created_at,
           t.expires_at, t.used_at
    FROM api_tokens t JOIN accounts a ON a.id = t.account_id JOIN programme_directory p ON p.id = t.programme_id
    WHERE t.revoked_at IS NULL AND t.expires_at > the_moment
    ORDER BY t.used_at DESC NULLS LAST, t.id LIMIT the_number
$$;
REVOKE EXECUTE ON FUNCTION live_tokens(timestamptz, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION live_tokens(timestamptz, integer) TO identity_app, identity_system;

-- migrate:down
