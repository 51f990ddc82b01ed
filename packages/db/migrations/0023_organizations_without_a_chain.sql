-- An organization whose whole chain is gone, head and entries, leaves nothing in the audit's tables that could show it. That it was
-- made is audited since the log began, with the migration that made the log: one that was made later and has no chain is a break.

CREATE FUNCTION audit.find_chainless(p_scope_id uuid DEFAULT NULL)
  RETURNS TABLE (scope text, scope_id uuid, sequence bigint, finding text)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = audit, pg_temp AS $$
  SELECT 'organization', o.id, 1::bigint, 'unrecorded' FROM public.organizations o
   WHERE (p_scope_id IS NULL OR o.id = p_scope_id)
     AND o.created_at > (SELECT m.applied_at FROM public.schema_migrations m WHERE m.name = '0012_audit.sql')
     AND NOT EXISTS (SELECT 1 FROM audit.heads h WHERE h.scope_id = o.id)
     AND NOT EXISTS (SELECT 1 FROM audit.entries e WHERE e.scope_id = o.id)
   ORDER BY o.id
$$;

GRANT SELECT (name, applied_at) ON public.schema_migrations TO guildhall_engine;
GRANT SELECT (id, created_at) ON organizations TO guildhall_engine;
GRANT CREATE ON SCHEMA audit TO guildhall_engine;
ALTER FUNCTION audit.find_chainless OWNER TO guildhall_engine;
REVOKE CREATE ON SCHEMA audit FROM guildhall_engine;
REVOKE ALL ON FUNCTION audit.find_chainless FROM PUBLIC;
GRANT EXECUTE ON FUNCTION audit.find_chainless TO guildhall_app;
