-- Invites in full: sent again, declined, sent by the hundred; and found by whom they are for.

-- Each time an invite is sent it gets new links, and only those of its last generation open it. There are two, because they
-- prove different things: one is shown to whoever invites, to be handed over; the other goes by mail and nowhere else, so who
-- comes with it reads that mailbox. Of both only the SHA-256 is kept.
CREATE TABLE invite_links (
  organization_id uuid NOT NULL,
  invite_id uuid NOT NULL,
  generation integer NOT NULL CHECK (generation > 0),
  token_hash bytea NOT NULL CHECK (length(token_hash) = 32),
  mailed_token_hash bytea CHECK (length(mailed_token_hash) = 32),
  issued_by uuid NOT NULL REFERENCES users,
  issued_at timestamptz NOT NULL,
  PRIMARY KEY (organization_id, invite_id, generation),
  FOREIGN KEY (organization_id, invite_id) REFERENCES invites (organization_id, id),
  UNIQUE (organization_id, token_hash),
  UNIQUE (organization_id, mailed_token_hash)
);
-- How many were sent lately.
CREATE INDEX invite_links_by_time ON invite_links (organization_id, issued_at);

-- The owner of the tables is walled in as well; for this one statement it has to see all of them.
ALTER TABLE invites NO FORCE ROW LEVEL SECURITY;
INSERT INTO invite_links (organization_id, invite_id, generation, token_hash, issued_by, issued_at)
SELECT organization_id, id, 1, token_hash, invited_by, created_at FROM invites;
ALTER TABLE invites FORCE ROW LEVEL SECURITY;

ALTER TABLE invites
  DROP COLUMN token_hash,
  ADD COLUMN generation integer NOT NULL DEFAULT 1 CHECK (generation > 0),
  -- When it was last sent, first or again; seven days later it expires.
  ADD COLUMN sent_at timestamptz,
  ADD COLUMN declined_at timestamptz,
  ADD CONSTRAINT invites_end_once CHECK (num_nonnulls(accepted_at, declined_at, revoked_at) <= 1),
  ADD CONSTRAINT invites_accepted_by_somebody CHECK ((accepted_at IS NULL) = (accepted_by IS NULL));
ALTER TABLE invites NO FORCE ROW LEVEL SECURITY;
UPDATE invites SET sent_at = created_at;
ALTER TABLE invites FORCE ROW LEVEL SECURITY, ALTER COLUMN sent_at SET NOT NULL;

DROP INDEX invites_open_per_address;
CREATE UNIQUE INDEX invites_open_per_address ON invites (organization_id, email)
  WHERE accepted_at IS NULL AND revoked_at IS NULL AND declined_at IS NULL;
-- What an address is invited to, across organizations.
CREATE INDEX invites_open_by_email ON invites (email)
  WHERE accepted_at IS NULL AND revoked_at IS NULL AND declined_at IS NULL;

-- A list of invites that was sent in one go: the same key again is answered from here. Holds what became of each line, no links.
CREATE TABLE invite_batches (
  organization_id uuid NOT NULL REFERENCES organizations,
  sent_by uuid NOT NULL REFERENCES users,
  idempotency_key text NOT NULL CHECK (length(idempotency_key) BETWEEN 1 AND 200),
  -- SHA-256 of what was asked: tells the same request from another one under its key.
  fingerprint text NOT NULL,
  results jsonb NOT NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (organization_id, sent_by, idempotency_key)
);

DO $$
DECLARE
  walled text;
BEGIN
  FOREACH walled IN ARRAY ARRAY['invite_links', 'invite_batches'] LOOP
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', walled);
    EXECUTE format('CREATE POLICY own_organization ON %s USING (organization_id = current_organization_id())
      WITH CHECK (organization_id = current_organization_id())', walled);
  END LOOP;
END $$;
GRANT SELECT, INSERT ON invite_links, invite_batches TO guildhall_app;
-- An invite is never forgotten: who invited whom stays to be read.
REVOKE DELETE ON invites FROM guildhall_app;

-- The invites that are open for the person of the transaction, by the address that they have proved to be theirs. Tells of
-- other organizations no more than their mails do.
CREATE FUNCTION read_received_invites(p_now timestamptz) RETURNS TABLE (
    organization_id uuid, invite_id uuid, organization_name text, role text, inviter_name text, inviter_role text,
    sent_at timestamptz, expires_at timestamptz)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT i.organization_id, i.id, o.name, i.role, inviter.name, m.role, i.sent_at, i.expires_at
    FROM users u
    JOIN invites i ON i.email = u.email AND i.accepted_at IS NULL AND i.revoked_at IS NULL AND i.declined_at IS NULL
    JOIN organizations o ON o.id = i.organization_id AND o.status IN ('active', 'inactive')
    JOIN users inviter ON inviter.id = i.invited_by
    LEFT JOIN members m ON m.organization_id = i.organization_id AND m.user_id = i.invited_by
   WHERE u.id = current_user_id() AND u.email_verified_at IS NOT NULL AND i.expires_at > p_now
   ORDER BY i.sent_at DESC, i.id DESC
$$;
GRANT SELECT (id, email, name, email_verified_at) ON users TO guildhall_engine;
GRANT SELECT (id, name, status) ON organizations TO guildhall_engine;
GRANT SELECT (organization_id, user_id, role) ON members TO guildhall_engine;
GRANT SELECT (organization_id, id, email, role, invited_by, sent_at, expires_at, accepted_at, revoked_at, declined_at)
  ON invites TO guildhall_engine;
CREATE POLICY engine_reads_received ON invites FOR SELECT TO guildhall_engine USING (true);
CREATE POLICY engine_reads_inviters ON members FOR SELECT TO guildhall_engine USING (current_user = 'guildhall_engine');
GRANT CREATE ON SCHEMA public TO guildhall_engine;
ALTER FUNCTION read_received_invites OWNER TO guildhall_engine;
REVOKE CREATE ON SCHEMA public FROM guildhall_engine;
REVOKE ALL ON FUNCTION read_received_invites FROM PUBLIC;
GRANT EXECUTE ON FUNCTION read_received_invites TO guildhall_app;
