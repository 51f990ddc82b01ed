-- The audit log: who changed what, from what to what, from where. One chain of hashes per organization, and one per person for
-- what belongs to no organization (sessions, password, second factor). Written only by audit.append, in the transaction of the
-- change; nobody has a grant to change or delete an entry, and whoever gets around that breaks the chain.
-- Lock order: organization → subscription → wallet → audit head → log head.

CREATE SCHEMA audit;

CREATE TABLE audit.heads (
  scope_id uuid PRIMARY KEY,
  scope text NOT NULL CHECK (scope IN ('organization', 'person')),
  sequence bigint NOT NULL DEFAULT 0 CHECK (sequence >= 0),
  -- The hash of the last entry; zeros before the first.
  hash bytea NOT NULL DEFAULT decode(repeat('00', 32), 'hex') CHECK (length(hash) = 32)
);

CREATE TABLE audit.entries (
  scope_id uuid NOT NULL,
  sequence bigint NOT NULL CHECK (sequence > 0),
  scope text NOT NULL CHECK (scope IN ('organization', 'person')),
  -- "member.role_changed": the kind of thing, a dot, what happened to it.
  action text NOT NULL CHECK (action ~ '^[a-z][a-z_]*\.[a-z][a-z_]*$' AND length(action) <= 80),
  -- Null: the portal itself. The name is the one of that day: the entry stays readable when people rename or leave.
  actor_id uuid,
  actor_name text,
  subject_kind text NOT NULL CHECK (length(subject_kind) BETWEEN 1 AND 40),
  subject_id text NOT NULL CHECK (length(subject_id) <= 200),
  subject_label text NOT NULL CHECK (length(subject_label) <= 500),
  -- Only what changed; never a secret.
  before jsonb CHECK (jsonb_typeof(before) = 'object'),
  after jsonb CHECK (jsonb_typeof(after) = 'object'),
  address text,
  user_agent text,
  request_id text,
  at timestamptz NOT NULL,
  previous_hash bytea NOT NULL CHECK (length(previous_hash) = 32),
  hash bytea NOT NULL CHECK (length(hash) = 32),
  PRIMARY KEY (scope_id, sequence)
);
-- What the page filters by: the person, the kind of action, the day. Each is read newest first.
CREATE INDEX entries_by_actor ON audit.entries (scope_id, actor_id, sequence);
CREATE INDEX entries_by_kind ON audit.entries (scope_id, split_part(action, '.', 1), sequence);
CREATE INDEX entries_by_time ON audit.entries (scope_id, at, sequence);

-- One part of what is hashed, as a netstring: no two lists of parts give the same text.
CREATE FUNCTION audit.part_of(p_text text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN CASE WHEN p_text IS NULL THEN '-,' ELSE octet_length(p_text) || ':' || p_text || ',' END;

-- The hash of an entry: SHA-256 over the hash before it and everything that the entry says. Its sequence is not in it: the place
-- of an entry is what it links to.
CREATE FUNCTION audit.hash_of(p_entry audit.entries) RETURNS bytea LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN sha256(p_entry.previous_hash || convert_to(
    audit.part_of(p_entry.scope) || audit.part_of(p_entry.scope_id::text) || audit.part_of(p_entry.action)
    || audit.part_of(p_entry.actor_id::text) || audit.part_of(p_entry.actor_name)
    || audit.part_of(p_entry.subject_kind) || audit.part_of(p_entry.subject_id) || audit.part_of(p_entry.subject_label)
    || audit.part_of(p_entry.before::text) || audit.part_of(p_entry.after::text)
    || audit.part_of(p_entry.address) || audit.part_of(p_entry.user_agent) || audit.part_of(p_entry.request_id)
    -- Microseconds since 1970: the same text in every time zone.
    || audit.part_of((extract(epoch FROM p_entry.at) * 1000000)::bigint::text), 'UTF8'));

-- Appends entries in their order and returns the new heads. p_entries is an array of {scope, scopeId, action, actorId,
-- subjectKind, subjectId, subjectLabel, before, after, address, userAgent, requestId}. Locks the heads in the order of their ids:
-- call it after every other lock but that of the log of events. Inside one organization's transaction no other organization can be
-- named, inside one person's no other person; without those settings (a batch of the ledger) any can.
CREATE FUNCTION audit.append(p_entries jsonb, p_now timestamptz) RETURNS TABLE (scope_id uuid, sequence bigint)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = audit, public, pg_temp AS $$
#variable_conflict use_column
DECLARE
  v_row record;
  v_head audit.heads;
  v_entry audit.entries;
BEGIN
  IF EXISTS (
    SELECT 1 FROM jsonb_array_elements(p_entries) AS e
     WHERE (e->>'scope' = 'organization' AND current_organization_id() IS NOT NULL
            AND (e->>'scopeId')::uuid <> current_organization_id())
        OR (e->>'scope' = 'person' AND current_user_id() IS NOT NULL AND (e->>'scopeId')::uuid <> current_user_id())
  ) THEN
    RAISE EXCEPTION 'an audit entry is for another chain than the transaction''s' USING ERRCODE = 'insufficient_privilege';
  END IF;

  INSERT INTO audit.heads (scope_id, scope)
  SELECT DISTINCT (e->>'scopeId')::uuid, e->>'scope' FROM jsonb_array_elements(p_entries) AS e ORDER BY 1
  ON CONFLICT DO NOTHING;
  PERFORM 1 FROM audit.heads h
   WHERE h.scope_id IN (SELECT (e->>'scopeId')::uuid FROM jsonb_array_elements(p_entries) AS e)
   ORDER BY h.scope_id FOR UPDATE;

  FOR v_row IN SELECT e.value AS e FROM jsonb_array_elements(p_entries) WITH ORDINALITY AS e(value, position) ORDER BY e.position
  LOOP
    SELECT * INTO STRICT v_head FROM audit.heads h
     WHERE h.scope_id = (v_row.e->>'scopeId')::uuid AND h.scope = v_row.e->>'scope';
    v_entry.scope_id := v_head.scope_id;
    v_entry.sequence := v_head.sequence + 1;
    v_entry.scope := v_head.scope;
    v_entry.action := v_row.e->>'action';
    v_entry.actor_id := (v_row.e->>'actorId')::uuid;
    v_entry.actor_name := (SELECT u.name FROM public.users u WHERE u.id = v_entry.actor_id);
    v_entry.subject_kind := v_row.e->>'subjectKind';
    v_entry.subject_id := v_row.e->>'subjectId';
    v_entry.subject_label := v_row.e->>'subjectLabel';
    v_entry.before := nullif(v_row.e->'before', 'null');
    v_entry.after := nullif(v_row.e->'after', 'null');
    v_entry.address := v_row.e->>'address';
    v_entry.user_agent := v_row.e->>'userAgent';
    v_entry.request_id := v_row.e->>'requestId';
    v_entry.at := p_now;
    v_entry.previous_hash := v_head.hash;
    v_entry.hash := audit.hash_of(v_entry);
    INSERT INTO audit.entries SELECT v_entry.*;
    UPDATE audit.heads h SET sequence = v_entry.sequence, hash = v_entry.hash WHERE h.scope_id = v_entry.scope_id;
  END LOOP;

  RETURN QUERY SELECT h.scope_id, h.sequence FROM audit.heads h
   WHERE h.scope_id IN (SELECT (e->>'scopeId')::uuid FROM jsonb_array_elements(p_entries) AS e);
END $$;

-- The first thing wrong with each chain, or with the one that is named; nothing for chains that hold. Tells places, never content.
CREATE FUNCTION audit.find_breaks(p_scope_id uuid DEFAULT NULL)
  RETURNS TABLE (scope text, scope_id uuid, sequence bigint, finding text)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = audit, pg_temp AS $$
  WITH walked AS (
    SELECT e.scope, e.scope_id, e.sequence, e.hash, e.previous_hash, audit.hash_of(e) AS computed,
           row_number() OVER chain AS place, lag(e.hash) OVER chain AS hash_before
      FROM audit.entries e WHERE p_scope_id IS NULL OR e.scope_id = p_scope_id
    WINDOW chain AS (PARTITION BY e.scope_id ORDER BY e.sequence)
  ), found AS (
    SELECT w.scope, w.scope_id, least(w.place, w.sequence) AS sequence,
           CASE WHEN w.sequence <> w.place THEN 'missing'
                WHEN w.hash <> w.computed THEN 'changed'
                ELSE 'out_of_order' END AS finding
      FROM walked w
     WHERE w.sequence <> w.place OR w.hash <> w.computed
        OR w.previous_hash <> coalesce(w.hash_before, decode(repeat('00', 32), 'hex'))
    UNION ALL
    -- The head says how long the chain is and how it ends.
    SELECT h.scope, h.scope_id, least(h.sequence, coalesce(last.sequence, 0)) + 1,
           CASE WHEN h.sequence > coalesce(last.sequence, 0) THEN 'truncated' ELSE 'beyond_head' END
      FROM audit.heads h
      LEFT JOIN LATERAL (SELECT max(e.sequence) AS sequence FROM audit.entries e WHERE e.scope_id = h.scope_id) last ON true
     WHERE (p_scope_id IS NULL OR h.scope_id = p_scope_id) AND h.sequence <> coalesce(last.sequence, 0)
    UNION ALL
    SELECT h.scope, h.scope_id, h.sequence, 'head_changed'
      FROM audit.heads h JOIN audit.entries e ON e.scope_id = h.scope_id AND e.sequence = h.sequence
     WHERE (p_scope_id IS NULL OR h.scope_id = p_scope_id) AND e.hash <> h.hash
    UNION ALL
    SELECT DISTINCT e.scope, e.scope_id, 1::bigint, 'headless'
      FROM audit.entries e LEFT JOIN audit.heads h ON h.scope_id = e.scope_id AND h.scope = e.scope
     WHERE (p_scope_id IS NULL OR e.scope_id = p_scope_id) AND h.scope_id IS NULL
  )
  SELECT DISTINCT ON (f.scope_id) f.scope, f.scope_id, f.sequence, f.finding
    FROM found f ORDER BY f.scope_id, f.sequence, f.finding
$$;

-- How many chains and entries there are, for one chain or all, and where a single one ends: what an auditor writes down elsewhere.
CREATE FUNCTION audit.read_extent(p_scope_id uuid DEFAULT NULL)
  RETURNS TABLE (chains bigint, entries bigint, hash text)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = audit, pg_temp AS $$
  SELECT count(*), coalesce(sum(h.sequence), 0)::bigint,
         CASE WHEN p_scope_id IS NOT NULL THEN encode(min(h.hash), 'hex') END
    FROM audit.heads h WHERE p_scope_id IS NULL OR h.scope_id = p_scope_id
$$;

-- Whether an entry has this hash: for whoever wrote it down elsewhere.
CREATE FUNCTION audit.has_hash(p_scope_id uuid, p_sequence bigint, p_hash text) RETURNS boolean
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = audit, pg_temp AS $$
  SELECT EXISTS (SELECT 1 FROM audit.entries e
                  WHERE e.scope_id = p_scope_id AND e.sequence = p_sequence AND e.hash = decode(p_hash, 'hex'))
$$;

-- The walls: an organization's transaction reads its chain, a person's transaction theirs.
ALTER TABLE audit.heads ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE audit.entries ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY own_organization ON audit.heads FOR SELECT
  USING (scope = 'organization' AND scope_id = current_organization_id());
CREATE POLICY own_organization ON audit.entries FOR SELECT
  USING (scope = 'organization' AND scope_id = current_organization_id());
CREATE POLICY own_person ON audit.heads FOR SELECT USING (scope = 'person' AND scope_id = current_user_id());
CREATE POLICY own_person ON audit.entries FOR SELECT USING (scope = 'person' AND scope_id = current_user_id());
CREATE POLICY engine ON audit.heads TO guildhall_engine USING (true) WITH CHECK (true);
CREATE POLICY engine ON audit.entries TO guildhall_engine USING (true) WITH CHECK (true);

GRANT USAGE, CREATE ON SCHEMA audit TO guildhall_engine;
GRANT SELECT, INSERT ON audit.entries TO guildhall_engine;
GRANT SELECT, INSERT, UPDATE ON audit.heads TO guildhall_engine;
GRANT SELECT (id, name) ON users TO guildhall_engine;
ALTER FUNCTION audit.part_of OWNER TO guildhall_engine;
ALTER FUNCTION audit.hash_of OWNER TO guildhall_engine;
ALTER FUNCTION audit.append OWNER TO guildhall_engine;
ALTER FUNCTION audit.find_breaks OWNER TO guildhall_engine;
ALTER FUNCTION audit.read_extent OWNER TO guildhall_engine;
ALTER FUNCTION audit.has_hash OWNER TO guildhall_engine;
REVOKE CREATE ON SCHEMA audit FROM guildhall_engine;
REVOKE ALL ON FUNCTION audit.append, audit.find_breaks, audit.read_extent, audit.has_hash FROM PUBLIC;

GRANT USAGE ON SCHEMA audit TO guildhall_app;
GRANT SELECT ON audit.heads, audit.entries TO guildhall_app;
GRANT EXECUTE ON FUNCTION audit.append, audit.find_breaks, audit.read_extent, audit.has_hash TO guildhall_app;
