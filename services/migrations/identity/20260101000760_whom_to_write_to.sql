-- migrate:up
-- How to write to one of a programme's people: notifications tells hosts of their shifts. No row for who is not among them.
CREATE FUNCTION contact_of_member(the_programme uuid, the_account uuid)
RETURNS TABLE (name text, email text, language text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = identity, pg_temp AS $$
    SELECT a.name, a.email, a.language FROM accounts a
    WHERE a.id = the_account
      AND EXISTS (SELECT FROM memberships m WHERE m.programme_id = the_programme AND m.account_id = a.id)
$$;
GRANT EXECUTE ON FUNCTION contact_of_member(uuid, uuid) TO blest_services;

-- migrate:down
