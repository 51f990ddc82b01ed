-- Every slug that an organization has or ever had, and what platform admins may see: counts and money, never content (C4).

-- One unique index over current and former slugs: whoever takes a slug waits for whoever gives it up and then finds it
-- kept. The app's role can add rows and nothing else, so a slug never passes to another organization.
CREATE TABLE organization_slugs (
  organization_id uuid NOT NULL,
  slug text NOT NULL UNIQUE CHECK (slug ~ '^[a-z0-9](?:[a-z0-9-]{0,46}[a-z0-9])?$'),
  taken_at timestamptz NOT NULL,
  PRIMARY KEY (organization_id, slug)
);

-- The migration's role is walled, too.
ALTER TABLE organizations NO FORCE ROW LEVEL SECURITY;
INSERT INTO organization_slugs (organization_id, slug, taken_at) SELECT id, slug, created_at FROM organizations;
-- The slug is taken first, in the same transaction: candidates are tried there. The current one is always among them.
ALTER TABLE organization_slugs ADD FOREIGN KEY (organization_id) REFERENCES organizations DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE organizations ADD FOREIGN KEY (id, slug) REFERENCES organization_slugs (organization_id, slug);
ALTER TABLE organizations FORCE ROW LEVEL SECURITY;

ALTER TABLE organization_slugs ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY own_organization ON organization_slugs
  USING (organization_id = current_organization_id()) WITH CHECK (organization_id = current_organization_id());
-- A person finds the organizations that they belong to under the slugs these once had.
CREATE POLICY own_membership ON organization_slugs FOR SELECT USING (EXISTS (
  SELECT 1 FROM members m WHERE m.organization_id = organization_slugs.organization_id AND m.user_id = current_user_id()));
CREATE POLICY engine ON organization_slugs FOR SELECT TO guildhall_engine USING (true);
GRANT SELECT, INSERT ON organization_slugs TO guildhall_app;
GRANT SELECT ON organization_slugs TO guildhall_engine;

-- A former slug is taken, too, by the organization that had it.
CREATE OR REPLACE FUNCTION is_slug_taken(p_slug text) RETURNS boolean
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
  AS $$ SELECT EXISTS (SELECT 1 FROM organization_slugs WHERE slug = p_slug) $$;

-- Platform admins read through these functions alone. No policy lets them past the walls: what a function does not return,
-- nobody can read by being one. Each looks up the admin itself, so a caller that forgot to ask learns nothing.

CREATE INDEX platform_admins ON users (id) WHERE is_platform_admin;
CREATE INDEX organizations_by_name ON organizations (lower(name), id);
CREATE INDEX organizations_by_creation ON organizations (created_at, id);

CREATE FUNCTION is_platform_admin(p_user_id uuid) RETURNS boolean
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
  AS $$ SELECT EXISTS (SELECT 1 FROM users WHERE id = p_user_id AND is_platform_admin) $$;

-- Also the one it has. As whoever asks, so that it dissolves in the queries below.
CREATE FUNCTION has_had_slug(p_organization_id uuid, p_pattern text) RETURNS boolean LANGUAGE sql STABLE
  AS $$ SELECT EXISTS (SELECT 1 FROM organization_slugs s WHERE s.organization_id = p_organization_id AND s.slug ILIKE p_pattern) $$;
REVOKE ALL ON FUNCTION has_had_slug FROM PUBLIC;
GRANT EXECUTE ON FUNCTION has_had_slug TO guildhall_engine;

-- A page of organizations behind the given one, by name or by age (the newest first). Team counts are read for the page only.
CREATE FUNCTION platform_list_organizations(
    p_admin_id uuid, p_pattern text, p_by_age boolean, p_after_name text, p_after_time timestamptz, p_after_id uuid, p_limit integer)
  RETURNS TABLE (id uuid, name text, slug text, description text, status text, team_count bigint, created_at timestamptz)
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
BEGIN
  IF NOT is_platform_admin(p_admin_id) THEN
    RETURN;
  ELSIF p_by_age THEN
    RETURN QUERY
    SELECT o.id, o.name, o.slug, o.description, o.status,
           (SELECT count(*) FROM teams t WHERE t.organization_id = o.id), o.created_at
      FROM organizations o
     WHERE (p_pattern IS NULL OR o.name ILIKE p_pattern OR has_had_slug(o.id, p_pattern))
       AND (p_after_id IS NULL OR (o.created_at, o.id) < (p_after_time, p_after_id))
     ORDER BY o.created_at DESC, o.id DESC LIMIT p_limit;
  ELSE
    RETURN QUERY
    SELECT o.id, o.name, o.slug, o.description, o.status,
           (SELECT count(*) FROM teams t WHERE t.organization_id = o.id), o.created_at
      FROM organizations o
     WHERE (p_pattern IS NULL OR o.name ILIKE p_pattern OR has_had_slug(o.id, p_pattern))
       AND (p_after_id IS NULL OR (lower(o.name), o.id) > (lower(p_after_name), p_after_id))
     ORDER BY lower(o.name), o.id LIMIT p_limit;
  END IF;
END $$;

CREATE FUNCTION platform_count_organizations(p_admin_id uuid, p_pattern text)
  RETURNS TABLE (total bigint, active bigint)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT count(*), count(*) FILTER (WHERE o.status = 'active')
    FROM organizations o
   WHERE is_platform_admin(p_admin_id) AND (p_pattern IS NULL OR o.name ILIKE p_pattern OR has_had_slug(o.id, p_pattern)) $$;

-- One organization: what it is called, how many of what there are, and money. Not who, not what for.
CREATE FUNCTION platform_read_organization(p_admin_id uuid, p_organization_id uuid)
  RETURNS TABLE (
    id uuid, name text, slug text, description text, code text, status text, enterprise_name text, credit_type_name text,
    created_at timestamptz, setup_completed_at timestamptz, former_slugs text[],
    owners bigint, admins bigint, billing_admins bigint, members bigint, open_invites bigint, teams bigint, api_keys bigint,
    wallet_micro bigint, held_micro bigint, spent_micro bigint, postings bigint)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT o.id, o.name, o.slug, o.description, o.code, o.status, e.name, c.name, o.created_at, o.setup_completed_at,
         ARRAY(SELECT s.slug FROM organization_slugs s WHERE s.organization_id = o.id AND s.slug <> o.slug ORDER BY s.taken_at DESC, s.slug),
         r.owners, r.admins, r.billing_admins, r.members,
         (SELECT count(*) FROM invites i WHERE i.organization_id = o.id AND i.accepted_at IS NULL AND i.revoked_at IS NULL),
         (SELECT count(*) FROM teams t WHERE t.organization_id = o.id),
         (SELECT count(*) FROM api_keys k WHERE k.organization_id = o.id AND k.revoked_at IS NULL),
         coalesce(b.wallet_micro, 0), coalesce(b.held_micro, 0), coalesce(b.consumed_micro, 0), coalesce(b.wallet_sequence, 0)
    FROM organizations o
    JOIN enterprises e ON e.id = o.enterprise_id
    LEFT JOIN credit_types c ON c.enterprise_id = o.enterprise_id AND c.id = o.credit_type_id
    LEFT JOIN ledger.books b ON b.book_id = o.id
    CROSS JOIN LATERAL (
      SELECT count(*) FILTER (WHERE m.role = 'owner') AS owners, count(*) FILTER (WHERE m.role = 'admin') AS admins,
             count(*) FILTER (WHERE m.role = 'billing_admin') AS billing_admins, count(*) FILTER (WHERE m.role = 'member') AS members
        FROM members m WHERE m.organization_id = o.id) AS r
   WHERE o.id = p_organization_id AND is_platform_admin(p_admin_id) $$;

GRANT SELECT (id, is_platform_admin) ON users TO guildhall_engine;
GRANT SELECT (id, enterprise_id, name, slug, code, description, status, created_at, setup_completed_at, credit_type_id)
  ON organizations TO guildhall_engine;
GRANT SELECT (id, name) ON enterprises TO guildhall_engine;
GRANT SELECT (enterprise_id, id, name) ON credit_types TO guildhall_engine;
GRANT SELECT (organization_id, role) ON members TO guildhall_engine;
GRANT SELECT (organization_id, accepted_at, revoked_at) ON invites TO guildhall_engine;
GRANT SELECT (organization_id, revoked_at) ON api_keys TO guildhall_engine;
GRANT SELECT (organization_id) ON teams TO guildhall_engine;

DO $$
DECLARE
  counted text;
  told regprocedure;
BEGIN
  FOREACH counted IN ARRAY ARRAY['credit_types', 'members', 'invites', 'api_keys', 'teams'] LOOP
    EXECUTE format('CREATE POLICY platform_counts ON %s FOR SELECT TO guildhall_engine USING (current_user = ''guildhall_engine'')', counted);
  END LOOP;
  GRANT CREATE ON SCHEMA public TO guildhall_engine;
  FOREACH told IN ARRAY ARRAY['is_platform_admin(uuid)', 'platform_count_organizations(uuid, text)', 'platform_read_organization(uuid, uuid)',
    'platform_list_organizations(uuid, text, boolean, text, timestamptz, uuid, integer)']::regprocedure[] LOOP
    EXECUTE format('ALTER FUNCTION %s OWNER TO guildhall_engine', told);
    EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', told);
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO guildhall_app', told);
  END LOOP;
  REVOKE CREATE ON SCHEMA public FROM guildhall_engine;
END $$;
