-- Uses are accepted on what the server remembers of their API key, and only if the transaction that charges them agrees: it asks
-- once for all keys of its batch. The batch spans organizations while the app is walled into one, so a function of the engine looks.

GRANT SELECT (organization_id, id, revoked_at) ON api_keys TO guildhall_engine;
GRANT SELECT (id, status) ON organizations TO guildhall_engine;
CREATE POLICY engine ON api_keys FOR SELECT TO guildhall_engine USING (true);

-- Of the keys at each place of both arrays, those that may not spend as of this statement: with no status when there is no such
-- key in that organization or it was revoked, else with the status of an organization that is not active. Inside one organization's
-- transaction no other organization can be asked about.
CREATE FUNCTION refused_api_keys(p_organization_ids uuid[], p_api_key_ids uuid[])
  RETURNS TABLE (api_key_id uuid, status text)
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF current_organization_id() <> ANY (p_organization_ids) THEN
    RAISE EXCEPTION 'a key names another organization than the transaction''s' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN QUERY
  SELECT asked.key_id, o.status::text
    FROM unnest(p_organization_ids, p_api_key_ids) AS asked (organization_id, key_id)
    LEFT JOIN api_keys k ON k.organization_id = asked.organization_id AND k.id = asked.key_id AND k.revoked_at IS NULL
    LEFT JOIN organizations o ON o.id = k.organization_id
   WHERE k.id IS NULL OR o.status <> 'active';
END $$;

GRANT CREATE ON SCHEMA public TO guildhall_engine;
ALTER FUNCTION refused_api_keys OWNER TO guildhall_engine;
REVOKE CREATE ON SCHEMA public FROM guildhall_engine;
REVOKE ALL ON FUNCTION refused_api_keys FROM PUBLIC;
GRANT EXECUTE ON FUNCTION refused_api_keys TO guildhall_app;
