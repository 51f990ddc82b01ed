-- People, enterprises, organizations, their members, invites, keys and the log of events.
-- Every tenant table leads its key with organization_id and is walled by row-level security, also for its owner (FORCE).
-- Settings are local to a transaction: app.organization_id (one organization), app.user_id (a person reading what is
-- theirs across organizations), app.enterprise_id.

CREATE FUNCTION current_organization_id() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
  RETURN nullif(current_setting('app.organization_id', true), '')::uuid;
CREATE FUNCTION current_user_id() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
  RETURN nullif(current_setting('app.user_id', true), '')::uuid;
CREATE FUNCTION current_enterprise_id() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
  RETURN nullif(current_setting('app.enterprise_id', true), '')::uuid;

-- Identity: belongs to the person, never to an organization (S2.3).

CREATE TABLE users (
  id uuid PRIMARY KEY,
  email text NOT NULL UNIQUE CHECK (email = lower(email) AND length(email) <= 254),
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
  password_hash text NOT NULL,
  email_verified_at timestamptz,
  is_platform_admin boolean NOT NULL DEFAULT false,
  created_at timestamptz NOT NULL
);

-- The key is the SHA-256 of the token, in hex: who reads this table cannot sign in with it.
CREATE TABLE sessions (
  id text PRIMARY KEY CHECK (id ~ '^[0-9a-f]{64}$'),
  user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
  expires_at timestamptz NOT NULL,
  absolute_expires_at timestamptz NOT NULL,
  created_at timestamptz NOT NULL,
  last_used_at timestamptz NOT NULL,
  address text,
  user_agent text
);
CREATE INDEX sessions_by_user ON sessions (user_id);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

-- Enterprises: the account above organizations.

CREATE TABLE enterprises (
  id uuid PRIMARY KEY,
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
  slug text NOT NULL UNIQUE,
  created_at timestamptz NOT NULL
);

CREATE TABLE enterprise_admins (
  enterprise_id uuid NOT NULL REFERENCES enterprises,
  user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (enterprise_id, user_id)
);
CREATE INDEX enterprise_admins_by_user ON enterprise_admins (user_id);

-- Organizations and their roster.

CREATE TABLE organizations (
  id uuid PRIMARY KEY,
  enterprise_id uuid NOT NULL REFERENCES enterprises,
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
  slug text NOT NULL UNIQUE CHECK (slug ~ '^[a-z0-9](?:[a-z0-9-]{0,46}[a-z0-9])?$'),
  code text CHECK (code ~ '^[A-Z0-9]{2,8}$'),
  description text NOT NULL DEFAULT '',
  status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'inactive', 'archived', 'pending_deletion')),
  member_count integer NOT NULL DEFAULT 0 CHECK (member_count >= 0),
  setup_completed_at timestamptz,
  created_at timestamptz NOT NULL,
  UNIQUE (enterprise_id, code)
);

CREATE TABLE members (
  organization_id uuid NOT NULL REFERENCES organizations,
  user_id uuid NOT NULL REFERENCES users,
  role text NOT NULL CHECK (role IN ('owner', 'admin', 'billing_admin', 'member')),
  created_at timestamptz NOT NULL,
  PRIMARY KEY (organization_id, user_id)
);
CREATE INDEX members_by_user ON members (user_id);

-- The count stands in every list of organizations; counting the roster for each row would read all of them.
CREATE FUNCTION count_members() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    UPDATE organizations SET member_count = member_count + 1 WHERE id = NEW.organization_id;
  ELSE
    UPDATE organizations SET member_count = member_count - 1 WHERE id = OLD.organization_id;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER members_counted AFTER INSERT OR DELETE ON members FOR EACH ROW EXECUTE FUNCTION count_members();

CREATE TABLE invites (
  organization_id uuid NOT NULL REFERENCES organizations,
  id uuid NOT NULL,
  email text NOT NULL CHECK (email = lower(email) AND length(email) <= 254),
  role text NOT NULL CHECK (role IN ('owner', 'admin', 'billing_admin', 'member')),
  token_hash bytea NOT NULL UNIQUE CHECK (length(token_hash) = 32),
  invited_by uuid NOT NULL REFERENCES users,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  accepted_at timestamptz,
  accepted_by uuid REFERENCES users,
  revoked_at timestamptz,
  PRIMARY KEY (organization_id, id)
);
CREATE UNIQUE INDEX invites_open_per_address ON invites (organization_id, email)
  WHERE accepted_at IS NULL AND revoked_at IS NULL;

CREATE TABLE api_keys (
  organization_id uuid NOT NULL REFERENCES organizations,
  id uuid NOT NULL,
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
  hint text NOT NULL,
  secret_hash bytea NOT NULL UNIQUE CHECK (length(secret_hash) = 32),
  created_by uuid NOT NULL REFERENCES users,
  created_at timestamptz NOT NULL,
  last_used_at timestamptz,
  revoked_at timestamptz,
  PRIMARY KEY (organization_id, id)
);

-- Teams belong to the enterprise and are linked to at most one organization, never owned by it (C3).

CREATE TABLE teams (
  enterprise_id uuid NOT NULL REFERENCES enterprises,
  id uuid NOT NULL,
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
  organization_id uuid REFERENCES organizations,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (enterprise_id, id)
);
CREATE INDEX teams_by_organization ON teams (organization_id);

CREATE TABLE team_members (
  enterprise_id uuid NOT NULL,
  team_id uuid NOT NULL,
  user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (enterprise_id, team_id, user_id),
  FOREIGN KEY (enterprise_id, team_id) REFERENCES teams ON DELETE CASCADE
);

-- The log of events. The head is a row of its own, locked last in every transaction, so that the one lock order is
-- organization → subscription → wallet → head and the order of commits is the order of sequences.

CREATE SCHEMA live;

CREATE TABLE live.heads (
  organization_id uuid PRIMARY KEY,
  sequence bigint NOT NULL DEFAULT 0
);

CREATE TABLE live.events (
  organization_id uuid NOT NULL,
  sequence bigint NOT NULL,
  type text NOT NULL,
  audience text[],
  payload jsonb NOT NULL,
  actor_id uuid,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (organization_id, sequence)
);

-- Appends events and returns the new head of each organization. Locks the heads in id order; p_events is an array of
-- {organizationId, type, audience, payload, actorId} in the order in which they happened. Inside one organization's
-- transaction no other organization can be named; without that setting (a batch of the ledger) any can.
CREATE FUNCTION live.append_events(p_events jsonb, p_now timestamptz)
  RETURNS TABLE (organization_id uuid, sequence bigint)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = live, public, pg_temp AS $$
#variable_conflict use_column
BEGIN
  IF EXISTS (
    SELECT 1 FROM jsonb_array_elements(p_events) AS e
    WHERE current_organization_id() IS NOT NULL AND (e->>'organizationId')::uuid <> current_organization_id()
  ) THEN
    RAISE EXCEPTION 'an event names another organization than the transaction''s' USING ERRCODE = 'insufficient_privilege';
  END IF;

  INSERT INTO live.heads (organization_id)
  SELECT DISTINCT (e->>'organizationId')::uuid FROM jsonb_array_elements(p_events) AS e ORDER BY 1
  ON CONFLICT DO NOTHING;
  PERFORM 1 FROM live.heads h
   WHERE h.organization_id IN (SELECT (e->>'organizationId')::uuid FROM jsonb_array_elements(p_events) AS e)
   ORDER BY h.organization_id FOR UPDATE;

  RETURN QUERY
  WITH numbered AS (
    SELECT (e->>'organizationId')::uuid AS organization_id, e,
           row_number() OVER (PARTITION BY e->>'organizationId' ORDER BY position) AS n
      FROM jsonb_array_elements(p_events) WITH ORDINALITY AS listed(e, position)
  ), inserted AS (
    INSERT INTO live.events (organization_id, sequence, type, audience, payload, actor_id, created_at)
    SELECT n.organization_id, h.sequence + n.n, n.e->>'type',
           CASE WHEN jsonb_typeof(n.e->'audience') = 'array'
                THEN ARRAY(SELECT jsonb_array_elements_text(n.e->'audience')) END,
           coalesce(n.e->'payload', '{}'::jsonb), (n.e->>'actorId')::uuid, p_now
      FROM numbered n JOIN live.heads h USING (organization_id)
    RETURNING live.events.organization_id, live.events.sequence
  ), moved AS (
    UPDATE live.heads h SET sequence = m.sequence
      FROM (SELECT i.organization_id, max(i.sequence) AS sequence FROM inserted i GROUP BY 1) AS m
     WHERE h.organization_id = m.organization_id
    RETURNING h.organization_id, h.sequence
  )
  SELECT moved.organization_id, moved.sequence FROM moved;
END $$;

-- How far each of the named organizations' logs has come: what a gateway asks to find out that it missed a wake-up.
CREATE FUNCTION live.read_heads(p_organization_ids uuid[]) RETURNS TABLE (organization_id uuid, sequence bigint)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = live, pg_temp
  AS $$ SELECT h.organization_id, h.sequence FROM live.heads h WHERE h.organization_id = ANY (p_organization_ids) $$;

-- Usage: what a program reported and what it cost. Written in the same transaction as its posting.

CREATE TABLE model_prices (
  model text NOT NULL,
  effective_from timestamptz NOT NULL,
  input_micro_per_million bigint NOT NULL CHECK (input_micro_per_million >= 0),
  output_micro_per_million bigint NOT NULL CHECK (output_micro_per_million >= 0),
  PRIMARY KEY (model, effective_from)
);

CREATE TABLE usage_events (
  organization_id uuid NOT NULL REFERENCES organizations,
  id uuid NOT NULL,
  occurred_at timestamptz NOT NULL,
  agent text NOT NULL,
  member_id uuid,
  model text NOT NULL,
  input_tokens bigint NOT NULL CHECK (input_tokens >= 0),
  output_tokens bigint NOT NULL CHECK (output_tokens >= 0),
  amount_micro bigint NOT NULL CHECK (amount_micro >= 0),
  posting_id uuid,
  api_key_id uuid,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (organization_id, id)
);

-- The walls.

DO $$
DECLARE
  walled text;
BEGIN
  FOREACH walled IN ARRAY ARRAY['organizations', 'members', 'invites', 'api_keys', 'teams', 'team_members', 'usage_events', 'live.heads', 'live.events'] LOOP
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', walled);
  END LOOP;
  FOREACH walled IN ARRAY ARRAY['members', 'invites', 'api_keys', 'usage_events', 'live.heads', 'live.events'] LOOP
    EXECUTE format('CREATE POLICY own_organization ON %s USING (organization_id = current_organization_id())
      WITH CHECK (organization_id = current_organization_id())', walled);
  END LOOP;
END $$;

CREATE POLICY own_organization ON organizations
  USING (id = current_organization_id()) WITH CHECK (id = current_organization_id());
-- A person sees the organizations that they belong to, and their own row in each roster.
CREATE POLICY own_membership ON members FOR SELECT USING (user_id = current_user_id());
CREATE POLICY own_membership ON organizations FOR SELECT
  USING (EXISTS (SELECT 1 FROM members m WHERE m.organization_id = organizations.id AND m.user_id = current_user_id()));
CREATE POLICY own_enterprise ON teams
  USING (enterprise_id = current_enterprise_id()) WITH CHECK (enterprise_id = current_enterprise_id());
CREATE POLICY assigned_organization ON teams FOR SELECT USING (organization_id = current_organization_id());
CREATE POLICY own_enterprise ON team_members
  USING (enterprise_id = current_enterprise_id()) WITH CHECK (enterprise_id = current_enterprise_id());

-- Whether a slug is free can only be known across all organizations; nothing else of them is told.
CREATE FUNCTION is_slug_taken(p_slug text) RETURNS boolean
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
  AS $$ SELECT EXISTS (SELECT 1 FROM organizations WHERE slug = p_slug) $$;
GRANT SELECT (slug) ON organizations TO guildhall_engine;
GRANT CREATE ON SCHEMA public TO guildhall_engine;
CREATE POLICY engine ON organizations FOR SELECT TO guildhall_engine USING (true);
ALTER FUNCTION is_slug_taken OWNER TO guildhall_engine;
REVOKE CREATE ON SCHEMA public FROM guildhall_engine;
REVOKE ALL ON FUNCTION is_slug_taken FROM PUBLIC;

-- The engine's role owns the functions that write what the app may only read.
GRANT USAGE, CREATE ON SCHEMA live TO guildhall_engine;
GRANT SELECT, INSERT ON live.events TO guildhall_engine;
GRANT SELECT, INSERT, UPDATE ON live.heads TO guildhall_engine;
CREATE POLICY engine ON live.heads TO guildhall_engine USING (true) WITH CHECK (true);
CREATE POLICY engine ON live.events TO guildhall_engine USING (true) WITH CHECK (true);
ALTER FUNCTION live.append_events OWNER TO guildhall_engine;
ALTER FUNCTION live.read_heads OWNER TO guildhall_engine;
REVOKE CREATE ON SCHEMA live FROM guildhall_engine;
REVOKE ALL ON FUNCTION live.append_events, live.read_heads FROM PUBLIC;

GRANT USAGE ON SCHEMA public, live TO guildhall_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON users, sessions, enterprises, enterprise_admins, organizations, members, invites,
  api_keys, teams, team_members, model_prices TO guildhall_app;
GRANT SELECT, INSERT ON usage_events TO guildhall_app;
GRANT SELECT ON live.heads, live.events TO guildhall_app;
GRANT EXECUTE ON FUNCTION is_slug_taken, live.append_events, live.read_heads TO guildhall_app;
