-- Ownership that is offered and accepted, and accounts that end.

-- An account that was deleted stays as a row without a name, so that what it did keeps its author and nobody its data.
ALTER TABLE users ADD COLUMN deleted_at timestamptz;

-- An owner's offer to a member to become an owner. One that is open at a time; the others are the record.
CREATE TABLE ownership_offers (
  organization_id uuid NOT NULL REFERENCES organizations,
  id uuid NOT NULL,
  from_user_id uuid NOT NULL REFERENCES users,
  to_user_id uuid NOT NULL REFERENCES users,
  -- What the giver is afterwards.
  giver_becomes text NOT NULL CHECK (giver_becomes IN ('owner', 'admin')),
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  -- Null while it is open. 'void': the giver is no owner any more, or the receiver no member, or an owner already.
  outcome text CHECK (outcome IN ('accepted', 'declined', 'revoked', 'expired', 'void')),
  -- Null for what became void: the roster's own events say when.
  closed_at timestamptz,
  PRIMARY KEY (organization_id, id),
  CHECK (from_user_id <> to_user_id),
  CHECK (expires_at > created_at),
  CHECK (outcome IS NOT NULL OR closed_at IS NULL)
);
CREATE UNIQUE INDEX ownership_offers_one_open ON ownership_offers (organization_id) WHERE outcome IS NULL;
CREATE INDEX ownership_offers_by_receiver ON ownership_offers (to_user_id) WHERE outcome IS NULL;

ALTER TABLE ownership_offers ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY own_organization ON ownership_offers
  USING (organization_id = current_organization_id()) WITH CHECK (organization_id = current_organization_id());
-- A person sees what is offered to them, wherever they are.
CREATE POLICY own_offer ON ownership_offers FOR SELECT USING (to_user_id = current_user_id());
GRANT SELECT, INSERT, UPDATE ON ownership_offers TO guildhall_app;

-- An offer lives as long as both stand where they stood: whoever is removed and comes back finds no old offer.
CREATE FUNCTION void_ownership_offers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE ownership_offers
     SET outcome = 'void'
   WHERE organization_id = OLD.organization_id
     AND outcome IS NULL
     AND ((from_user_id = OLD.user_id AND (TG_OP = 'DELETE' OR NEW.role <> 'owner'))
       OR (to_user_id = OLD.user_id AND (TG_OP = 'DELETE' OR NEW.role = 'owner')));
  RETURN NULL;
END $$;
CREATE TRIGGER members_void_offers AFTER DELETE OR UPDATE OF role ON members
  FOR EACH ROW EXECUTE FUNCTION void_ownership_offers();

-- Deleting an account locks its row last; whoever lets the person in meanwhile waits here and then sees that they are gone.
CREATE FUNCTION refuse_deleted_accounts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM users WHERE id = NEW.user_id AND deleted_at IS NULL FOR KEY SHARE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'account % is deleted', NEW.user_id USING ERRCODE = 'foreign_key_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER members_have_accounts BEFORE INSERT ON members
  FOR EACH ROW EXECUTE FUNCTION refuse_deleted_accounts();

-- Teams are walled by enterprise; a person who deletes their account leaves those of all enterprises.
CREATE FUNCTION leave_all_teams() RETURNS void
  LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp
  AS $$ DELETE FROM team_members WHERE user_id = current_user_id() $$;
GRANT SELECT (user_id), DELETE ON team_members TO guildhall_engine;
CREATE POLICY leaving ON team_members FOR ALL TO guildhall_engine USING (user_id = current_user_id()) WITH CHECK (false);
GRANT CREATE ON SCHEMA public TO guildhall_engine;
ALTER FUNCTION leave_all_teams OWNER TO guildhall_engine;
REVOKE CREATE ON SCHEMA public FROM guildhall_engine;
REVOKE ALL ON FUNCTION leave_all_teams FROM PUBLIC;
GRANT EXECUTE ON FUNCTION leave_all_teams TO guildhall_app;

-- What goes with a person goes with their account: every row that refers to them ON DELETE CASCADE. Runs with the caller's rights.
CREATE FUNCTION erase_personal_rows() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  v_part record;
BEGIN
  PERFORM leave_all_teams();
  FOR v_part IN
    SELECT c.conrelid::regclass AS of_table, a.attname AS column_name
      FROM pg_constraint c
      JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
     WHERE c.contype = 'f' AND c.confrelid = 'users'::regclass AND c.confdeltype = 'c' AND cardinality(c.conkey) = 1
     ORDER BY 1
  LOOP
    EXECUTE format('DELETE FROM %s WHERE %I = current_user_id()', v_part.of_table, v_part.column_name);
  END LOOP;
END $$;
