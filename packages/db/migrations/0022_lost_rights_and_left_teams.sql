-- Invites that die for good with their inviter's right, and teams that an account's end does not leave in silence.

-- Since when whoever sent it last could not give its role any more. Only sending it again makes it valid once more: a right that
-- comes back revives no links that were thought dead. Null for one that has ended before that.
ALTER TABLE invites ADD COLUMN inviter_lost_at timestamptz;

-- Those of today. The owner of the tables is walled in as well; for this one statement it has to see all of them.
ALTER TABLE invites NO FORCE ROW LEVEL SECURITY;
ALTER TABLE members NO FORCE ROW LEVEL SECURITY;
UPDATE invites i SET inviter_lost_at = now()
 WHERE i.accepted_at IS NULL AND i.declined_at IS NULL AND i.revoked_at IS NULL
   AND NOT EXISTS (SELECT 1 FROM members m WHERE m.organization_id = i.organization_id AND m.user_id = i.invited_by
                      AND (m.role = 'owner' OR (m.role = 'admin' AND i.role <> 'owner')));
ALTER TABLE members FORCE ROW LEVEL SECURITY;
ALTER TABLE invites FORCE ROW LEVEL SECURITY;

-- Owners invite as anything, admins as anything but owners, the others not at all: as decideInvite() has it.
CREATE FUNCTION void_invites_of_lost_right() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE invites
     SET inviter_lost_at = now()
   WHERE organization_id = OLD.organization_id
     AND invited_by = OLD.user_id
     AND accepted_at IS NULL AND declined_at IS NULL AND revoked_at IS NULL AND inviter_lost_at IS NULL
     AND (TG_OP = 'DELETE' OR NEW.role NOT IN ('owner', 'admin') OR (NEW.role = 'admin' AND role = 'owner'));
  RETURN NULL;
END $$;
CREATE TRIGGER members_void_invites AFTER DELETE OR UPDATE OF role ON members
  FOR EACH ROW EXECUTE FUNCTION void_invites_of_lost_right();
CREATE INDEX invites_open_by_inviter ON invites (organization_id, invited_by)
  WHERE accepted_at IS NULL AND revoked_at IS NULL AND declined_at IS NULL;

-- As before, without those.
GRANT SELECT (inviter_lost_at) ON invites TO guildhall_engine;
CREATE OR REPLACE FUNCTION read_received_invites(p_now timestamptz) RETURNS TABLE (
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
     AND i.inviter_lost_at IS NULL
   ORDER BY i.sent_at DESC, i.id DESC
$$;

-- The teams of the person of the transaction, in all enterprises, and where they are assigned; locked, so that none is assigned
-- elsewhere before the commit. Whoever deletes their account leaves them where the organization is told.
CREATE FUNCTION lock_own_teams() RETURNS TABLE (enterprise_id uuid, team_id uuid, organization_id uuid)
  LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT t.enterprise_id, t.id, t.organization_id
    FROM teams t JOIN team_members m ON m.enterprise_id = t.enterprise_id AND m.team_id = t.id
   WHERE m.user_id = current_user_id()
   ORDER BY t.id FOR UPDATE OF t
$$;
GRANT CREATE ON SCHEMA public TO guildhall_engine;
ALTER FUNCTION lock_own_teams OWNER TO guildhall_engine;
REVOKE CREATE ON SCHEMA public FROM guildhall_engine;
REVOKE ALL ON FUNCTION lock_own_teams FROM PUBLIC;
GRANT EXECUTE ON FUNCTION lock_own_teams TO guildhall_app;
