-- Teams that spend from the wallet of the organization they are assigned to, and the policy that says who may spend.

-- Teams: linked to an organization of their own enterprise, to at most one, and never lost with it (C3, S0.15).

ALTER TABLE organizations ADD CONSTRAINT organizations_in_their_enterprise UNIQUE (enterprise_id, id);
ALTER TABLE teams
  ADD COLUMN member_count integer NOT NULL DEFAULT 0 CHECK (member_count >= 0),
  -- Since when it is assigned: who is in several teams spends through the first.
  ADD COLUMN assigned_at timestamptz,
  DROP CONSTRAINT teams_organization_id_fkey,
  ADD CONSTRAINT teams_of_one_enterprise FOREIGN KEY (enterprise_id, organization_id)
    REFERENCES organizations (enterprise_id, id) ON DELETE SET NULL (organization_id);
-- Teams from before: as if assigned when they were made. The tables' owner, too, stands before the walls.
ALTER TABLE teams NO FORCE ROW LEVEL SECURITY;
ALTER TABLE team_members NO FORCE ROW LEVEL SECURITY;
UPDATE teams SET assigned_at = created_at WHERE organization_id IS NOT NULL;
UPDATE teams t SET member_count = (SELECT count(*) FROM team_members m WHERE m.enterprise_id = t.enterprise_id AND m.team_id = t.id);
ALTER TABLE teams FORCE ROW LEVEL SECURITY;
ALTER TABLE team_members FORCE ROW LEVEL SECURITY;
CREATE UNIQUE INDEX teams_by_name ON teams (enterprise_id, lower(name));
CREATE INDEX team_members_by_user ON team_members (user_id);

-- Who may spend, and how much at once. No row: everybody whose role or team allows it, without limits.
CREATE TABLE spend_policies (
  organization_id uuid PRIMARY KEY REFERENCES organizations,
  roles text[] NOT NULL CHECK (roles <@ ARRAY['owner', 'admin', 'billing_admin', 'member']),
  teams_may_spend boolean NOT NULL,
  -- Null: no limit.
  per_spend_limit_micro bigint CHECK (per_spend_limit_micro > 0),
  -- What each team may spend in a calendar month (UTC). Null: no limit. Zero: nothing.
  team_monthly_limit_micro bigint CHECK (team_monthly_limit_micro >= 0),
  -- Null: every model.
  models text[] CHECK (cardinality(models) > 0),
  updated_at timestamptz NOT NULL
);

-- What each team has spent of the wallet, by month of the charge, and by which uses: only what people spent who may spend
-- through their team alone.
CREATE TABLE team_spending (
  organization_id uuid NOT NULL REFERENCES organizations,
  team_id uuid NOT NULL,
  month date NOT NULL CHECK (extract(day FROM month) = 1),
  spent_micro bigint NOT NULL CHECK (spent_micro >= 0),
  PRIMARY KEY (organization_id, team_id, month)
);
CREATE TABLE team_uses (
  organization_id uuid NOT NULL,
  usage_id uuid NOT NULL,
  team_id uuid NOT NULL,
  month date NOT NULL,
  amount_micro bigint NOT NULL,
  PRIMARY KEY (organization_id, usage_id)
);

-- The walls.

DO $$
DECLARE
  walled text;
BEGIN
  FOREACH walled IN ARRAY ARRAY['spend_policies', 'team_spending', 'team_uses'] LOOP
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', walled);
    EXECUTE format('CREATE POLICY own_organization ON %s USING (organization_id = current_organization_id())
      WITH CHECK (organization_id = current_organization_id())', walled);
    EXECUTE format('CREATE POLICY engine ON %s TO guildhall_engine USING (true) WITH CHECK (true)', walled);
  END LOOP;
END $$;
GRANT SELECT, INSERT, UPDATE ON spend_policies TO guildhall_app;
GRANT SELECT ON team_spending, team_uses TO guildhall_app;
GRANT SELECT ON spend_policies TO guildhall_engine;
GRANT SELECT, INSERT, UPDATE ON team_spending TO guildhall_engine;
GRANT SELECT, INSERT ON team_uses TO guildhall_engine;

-- An organization sees the teams of its enterprise, takes those that are free, and lets go of its own; nothing else of them.
CREATE FUNCTION is_own_enterprise(p_enterprise_id uuid) RETURNS boolean LANGUAGE sql STABLE
  RETURN EXISTS (SELECT 1 FROM organizations o WHERE o.id = current_organization_id() AND o.enterprise_id = p_enterprise_id);
DROP POLICY assigned_organization ON teams;
CREATE POLICY organization_of_enterprise ON teams FOR SELECT USING (is_own_enterprise(enterprise_id));
CREATE POLICY takes_and_lets_go ON teams FOR UPDATE
  USING (is_own_enterprise(enterprise_id) AND (organization_id IS NULL OR organization_id = current_organization_id()))
  WITH CHECK (is_own_enterprise(enterprise_id) AND (organization_id IS NULL OR organization_id = current_organization_id()));
-- Who pays sees for whom.
CREATE POLICY assigned_organization ON team_members FOR SELECT USING (EXISTS (
  SELECT 1 FROM teams t WHERE t.enterprise_id = team_members.enterprise_id AND t.id = team_members.team_id
     AND t.organization_id = current_organization_id()));
-- An enterprise sees where its teams are.
CREATE POLICY own_enterprise ON organizations FOR SELECT USING (enterprise_id = current_enterprise_id());

-- Not for the owner of the tables, who is a member of that role: they stay walled.
CREATE POLICY spending ON members FOR SELECT TO guildhall_engine USING (current_user = 'guildhall_engine');
CREATE POLICY spending ON teams TO guildhall_engine USING (true) WITH CHECK (true);
CREATE POLICY spending ON team_members FOR SELECT TO guildhall_engine USING (true);
GRANT SELECT (organization_id, user_id, role) ON members TO guildhall_engine;
GRANT SELECT, UPDATE (member_count) ON teams TO guildhall_engine;
GRANT SELECT ON team_members TO guildhall_engine;

-- The count stands in every list of teams.
CREATE FUNCTION count_team_members() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE teams t SET member_count = member_count + c.count * CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END
    FROM (SELECT m.enterprise_id, m.team_id, count(*) AS count FROM changed m GROUP BY 1, 2) AS c
   WHERE t.enterprise_id = c.enterprise_id AND t.id = c.team_id;
  RETURN NULL;
END $$;

-- A charge holds the lock of its organization's book while it looks at who may spend. Whatever takes such a right away takes the
-- same lock before its commit: a charge is either committed before it, or sees it and is refused. Costs charges nothing. Statements,
-- not rows, so that several books are locked in the order of their ids.
CREATE FUNCTION lock_books_of_spenders() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM 1 FROM ledger.books b
    WHERE b.book_id IN (SELECT c.organization_id FROM changed c) ORDER BY b.book_id FOR UPDATE;
  RETURN NULL;
END $$;

GRANT CREATE ON SCHEMA public TO guildhall_engine;
ALTER FUNCTION count_team_members OWNER TO guildhall_engine;
ALTER FUNCTION lock_books_of_spenders OWNER TO guildhall_engine;
REVOKE CREATE ON SCHEMA public FROM guildhall_engine;

CREATE TRIGGER team_members_join AFTER INSERT ON team_members
  REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION count_team_members();
CREATE TRIGGER team_members_leave AFTER DELETE ON team_members
  REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION count_team_members();
-- Also fires when somebody leaves a team, since that is counted.
CREATE TRIGGER teams_change AFTER UPDATE ON teams
  REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION lock_books_of_spenders();
CREATE TRIGGER teams_end AFTER DELETE ON teams
  REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION lock_books_of_spenders();
CREATE TRIGGER members_change AFTER UPDATE ON members
  REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION lock_books_of_spenders();
CREATE TRIGGER members_leave AFTER DELETE ON members
  REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION lock_books_of_spenders();
CREATE TRIGGER spend_policies_begin AFTER INSERT ON spend_policies
  REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION lock_books_of_spenders();
CREATE TRIGGER spend_policies_change AFTER UPDATE ON spend_policies
  REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION lock_books_of_spenders();

-- One step of filling a limit: what does not fit changes nothing, so the next is tried against what is left.
CREATE FUNCTION fit_step(left_micro bigint, opening_micro bigint, amount_micro bigint) RETURNS bigint
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN coalesce(left_micro, opening_micro)
    - CASE WHEN amount_micro <= coalesce(left_micro, opening_micro) THEN amount_micro ELSE 0 END;
CREATE AGGREGATE fit_into(opening_micro bigint, amount_micro bigint) (SFUNC = fit_step, STYPE = bigint);

-- Judges charges that name a person, one per place of the arrays, and counts what goes through teams. Call it once per batch, in
-- the transaction of the charges, after their books are locked, with a statement of its own (or from a function that is VOLATILE):
-- it must see what was committed while it waited for the locks. Returns a row for each charge that is refused, with the reason:
-- unknown_member, role, teams, per_spend_limit, model, team_limit. The others are counted: who refuses one of them after all rolls
-- the transaction back. Inside one organization's transaction no other organization can be named.
CREATE FUNCTION admit_spends(
  p_now timestamptz, p_usage_ids uuid[], p_organization_ids uuid[], p_member_ids uuid[], p_amounts_micro bigint[], p_models text[]
) RETURNS TABLE (place integer, refusal text)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
  -- A batch may name as many people as it has charges, whatever plans its caller prefers.
  SET enable_hashjoin = on AS $$
#variable_conflict use_column
DECLARE
  v_month date := date_trunc('month', p_now AT TIME ZONE 'UTC')::date;
BEGIN
  IF current_organization_id() <> ANY (p_organization_ids) THEN
    RAISE EXCEPTION 'a charge names another organization than the transaction''s' USING ERRCODE = 'insufficient_privilege';
  END IF;

  RETURN QUERY
  WITH asked AS (
    SELECT i AS place, p_usage_ids[i] AS usage_id, p_organization_ids[i] AS organization_id, p_member_ids[i] AS user_id,
           p_amounts_micro[i] AS amount_micro, p_models[i] AS model
      FROM generate_series(1, cardinality(p_usage_ids)) AS i
  ), standing AS (
    SELECT a.organization_id, a.user_id, m.role, t.id AS team_id,
           m.role IS NOT NULL AND (s.roles IS NULL OR m.role = ANY (s.roles)) AS is_by_role,
           t.id IS NOT NULL AND coalesce(s.teams_may_spend, true) AS is_by_team,
           s.per_spend_limit_micro, s.team_monthly_limit_micro, s.models
      FROM (SELECT DISTINCT organization_id, user_id FROM asked) AS a
      LEFT JOIN members m ON m.organization_id = a.organization_id AND m.user_id = a.user_id
      LEFT JOIN spend_policies s ON s.organization_id = a.organization_id
      LEFT JOIN LATERAL (
        SELECT t.id FROM teams t JOIN team_members tm ON tm.enterprise_id = t.enterprise_id AND tm.team_id = t.id
         WHERE t.organization_id = a.organization_id AND tm.user_id = a.user_id ORDER BY t.assigned_at, t.id LIMIT 1
      ) AS t ON true
  ), judged AS (
    SELECT a.*, CASE WHEN NOT s.is_by_role AND s.is_by_team THEN s.team_id END AS through_team_id,
           s.team_monthly_limit_micro, CASE
             WHEN s.role IS NULL AND s.team_id IS NULL THEN 'unknown_member'
             WHEN s.role IS NOT NULL AND NOT s.is_by_role AND NOT s.is_by_team THEN 'role'
             WHEN NOT s.is_by_role AND NOT s.is_by_team THEN 'teams'
             WHEN a.amount_micro > s.per_spend_limit_micro THEN 'per_spend_limit'
             WHEN a.model <> ALL (s.models) THEN 'model'
           END AS refusal
      FROM asked a JOIN standing s USING (organization_id, user_id)
  ), limited AS (
    SELECT j.place, j.amount_micro, fit_into(j.team_monthly_limit_micro - coalesce(s.spent_micro, 0), j.amount_micro)
             OVER (PARTITION BY j.organization_id, j.through_team_id ORDER BY j.place) AS left_micro,
           j.team_monthly_limit_micro - coalesce(s.spent_micro, 0) AS opening_micro, j.organization_id, j.through_team_id
      FROM judged j LEFT JOIN team_spending s
        ON s.organization_id = j.organization_id AND s.team_id = j.through_team_id AND s.month = v_month
     WHERE j.refusal IS NULL AND j.through_team_id IS NOT NULL AND j.team_monthly_limit_micro IS NOT NULL
  ), over_limit AS (
    SELECT l.place FROM (
      SELECT l.*, coalesce(lag(l.left_micro) OVER (PARTITION BY l.organization_id, l.through_team_id ORDER BY l.place), l.opening_micro)
                  AS before_micro FROM limited l
    ) AS l WHERE l.before_micro = l.left_micro AND l.amount_micro > 0
  ), recorded AS (
    INSERT INTO team_uses (organization_id, usage_id, team_id, month, amount_micro)
    SELECT j.organization_id, j.usage_id, j.through_team_id, v_month, j.amount_micro
      FROM judged j WHERE j.refusal IS NULL AND j.through_team_id IS NOT NULL AND j.place NOT IN (SELECT o.place FROM over_limit o)
    RETURNING team_uses.organization_id, team_uses.team_id, team_uses.amount_micro
  ), counted AS (
    INSERT INTO team_spending AS s (organization_id, team_id, month, spent_micro)
    SELECT r.organization_id, r.team_id, v_month, sum(r.amount_micro)::bigint FROM recorded r GROUP BY 1, 2 ORDER BY 1, 2
    ON CONFLICT (organization_id, team_id, month) DO UPDATE SET spent_micro = s.spent_micro + EXCLUDED.spent_micro
  )
  SELECT j.place, j.refusal FROM judged j WHERE j.refusal IS NOT NULL
  UNION ALL
  SELECT o.place, 'team_limit' FROM over_limit o;
END $$;

-- What a reversal gives back no longer counts against the team's month, in which it was charged.
CREATE FUNCTION uncount_team_spending() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE team_spending s SET spent_micro = s.spent_micro - r.amount_micro
    FROM (
      SELECT u.organization_id, u.team_id, u.month, sum(u.amount_micro)::bigint AS amount_micro
        FROM added a JOIN team_uses u ON u.organization_id = a.organization_id AND u.usage_id = a.usage_id GROUP BY 1, 2, 3
    ) AS r
   WHERE s.organization_id = r.organization_id AND s.team_id = r.team_id AND s.month = r.month;
  RETURN NULL;
END $$;

-- The ways by which a person may come to spend an organization's credits, and no more of the organizations than their names: one row
-- per membership, and one per team that they are in (without an organization while it is assigned to none).
CREATE FUNCTION ways_to_spend() RETURNS TABLE (
  organization_id uuid, organization_name text, status text, role text, team_id uuid, team_name text, enterprise_name text,
  enterprise_id uuid, roles text[], teams_may_spend boolean
) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT o.id, o.name, o.status, m.role, NULL::uuid, NULL, NULL, NULL::uuid, s.roles, coalesce(s.teams_may_spend, true)
    FROM members m JOIN organizations o ON o.id = m.organization_id
    LEFT JOIN spend_policies s ON s.organization_id = o.id
   WHERE m.user_id = current_user_id()
  UNION ALL
  SELECT o.id, o.name, o.status, NULL, t.id, t.name, e.name, e.id, s.roles, coalesce(s.teams_may_spend, true)
    FROM team_members tm
    JOIN teams t ON t.enterprise_id = tm.enterprise_id AND t.id = tm.team_id
    JOIN enterprises e ON e.id = t.enterprise_id
    LEFT JOIN organizations o ON o.id = t.organization_id
    LEFT JOIN spend_policies s ON s.organization_id = o.id
   WHERE tm.user_id = current_user_id()
$$;
GRANT SELECT (id, name, status) ON organizations TO guildhall_engine;
GRANT SELECT (id, name) ON enterprises TO guildhall_engine;

GRANT CREATE ON SCHEMA public TO guildhall_engine;
ALTER FUNCTION ways_to_spend OWNER TO guildhall_engine;
ALTER FUNCTION admit_spends OWNER TO guildhall_engine;
ALTER FUNCTION uncount_team_spending OWNER TO guildhall_engine;
REVOKE CREATE ON SCHEMA public FROM guildhall_engine;
CREATE TRIGGER reversals_restore_team_limits AFTER INSERT ON usage_reversals
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION uncount_team_spending();
REVOKE ALL ON FUNCTION admit_spends, ways_to_spend FROM PUBLIC;
GRANT EXECUTE ON FUNCTION admit_spends, ways_to_spend TO guildhall_app;
