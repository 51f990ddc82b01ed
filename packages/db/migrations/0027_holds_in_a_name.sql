-- Holds in somebody's name: whoever may not spend may not reserve either, and what is reserved counts against the allowance and the
-- team's limit until it is known what was used.

-- For whom a hold was placed. No row: for nobody. What counts is the most that can be settled (the amount with its tolerance), so
-- that settling is never refused for a limit; what was not used is given back when the hold ends, to the month it was placed in.
-- No foreign key to organizations: it would lock their row after the wallet's, against the order of the locks.
CREATE TABLE hold_members (
  organization_id uuid NOT NULL,
  hold_id uuid NOT NULL,
  member_id uuid NOT NULL,
  -- What it is meant to be used on; null: not said.
  model text,
  month date NOT NULL CHECK (extract(day FROM month) = 1),
  reserved_micro bigint NOT NULL CHECK (reserved_micro > 0),
  PRIMARY KEY (organization_id, hold_id)
);
ALTER TABLE hold_members ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY own_organization ON hold_members FOR SELECT USING (organization_id = current_organization_id());
CREATE POLICY engine ON hold_members TO guildhall_engine USING (true) WITH CHECK (true);
GRANT SELECT ON hold_members TO guildhall_app;
GRANT SELECT, INSERT ON hold_members TO guildhall_engine;
GRANT UPDATE (amount_micro) ON team_uses TO guildhall_engine;

-- Judges holds that name a person as admit_spends judges charges, and by its rules: call it once per batch, in the transaction that
-- places them, after their books are locked. Counts what they reserve. Answers with those that are refused; who gets an answer rolls
-- the transaction back. A hold that names no model is refused (model) where the policy names some.
-- Fails with GH001 when a monthly allowance would be exceeded.
CREATE FUNCTION admit_holds(
  p_now timestamptz, p_hold_ids uuid[], p_organization_ids uuid[], p_member_ids uuid[], p_amounts_micro bigint[], p_models text[]
) RETURNS TABLE (place integer, refusal text)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
  SELECT a.place, a.refusal
    -- Under ids of their own: the id of a hold may also be that of a use, when both had the same key.
    FROM admit_spends(p_now,
      ARRAY(SELECT ledger.derived_id('hold', h.organization_id, h.hold_id)
              FROM unnest(p_organization_ids, p_hold_ids) WITH ORDINALITY AS h(organization_id, hold_id, place) ORDER BY h.place),
      p_organization_ids, p_member_ids, p_amounts_micro,
      ARRAY(SELECT coalesce(asked.model, '') FROM unnest(p_models) WITH ORDINALITY AS asked(model, place) ORDER BY asked.place)) AS a;
  IF FOUND THEN
    RETURN;
  END IF;
  INSERT INTO hold_members (organization_id, hold_id, member_id, model, month, reserved_micro)
  SELECT h.organization_id, h.hold_id, h.member_id, h.model, date_trunc('month', p_now AT TIME ZONE 'UTC')::date, h.amount_micro
    FROM unnest(p_organization_ids, p_hold_ids, p_member_ids, p_models, p_amounts_micro)
         AS h(organization_id, hold_id, member_id, model, amount_micro);
  PERFORM count_spending(p_now, p_organization_ids, p_member_ids, p_amounts_micro);
END $$;

-- However a hold ends (settled, released, or due), what of it was not used counts no more. Runs in the transaction that ends it,
-- under the wallet's lock. What is counted never keeps credits from moving, so a count does not go below zero.
CREATE FUNCTION uncount_ended_holds() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  WITH ended AS (
    SELECT m.organization_id, m.hold_id, m.member_id, m.month, h.settled_micro, m.reserved_micro - h.settled_micro AS unused_micro
      FROM changed h
      JOIN unchanged o ON o.book_id = h.book_id AND o.hold_id = h.hold_id
      JOIN hold_members m ON m.organization_id = h.book_id AND m.hold_id = h.hold_id
     WHERE o.state = 'open' AND h.state <> 'open'
  ), through_teams AS (
    UPDATE team_uses u SET amount_micro = e.settled_micro
      FROM ended e WHERE u.organization_id = e.organization_id AND u.usage_id = ledger.derived_id('hold', e.organization_id, e.hold_id)
    RETURNING u.organization_id, u.team_id, u.month, e.unused_micro
  ), of_teams AS (
    UPDATE team_spending s SET spent_micro = greatest(0, s.spent_micro - t.unused_micro)
      FROM (SELECT organization_id, team_id, month, sum(unused_micro)::bigint AS unused_micro FROM through_teams GROUP BY 1, 2, 3) AS t
     WHERE s.organization_id = t.organization_id AND s.team_id = t.team_id AND s.month = t.month
  )
  UPDATE member_spending s SET spent_micro = greatest(0, s.spent_micro - e.unused_micro)
    FROM (SELECT organization_id, member_id, month, sum(unused_micro)::bigint AS unused_micro FROM ended GROUP BY 1, 2, 3) AS e
   WHERE s.organization_id = e.organization_id AND s.member_id = e.member_id AND s.month = e.month;
  RETURN NULL;
END $$;

GRANT CREATE ON SCHEMA public TO guildhall_engine;
ALTER FUNCTION admit_holds OWNER TO guildhall_engine;
ALTER FUNCTION uncount_ended_holds OWNER TO guildhall_engine;
REVOKE CREATE ON SCHEMA public FROM guildhall_engine;
CREATE TRIGGER holds_end AFTER UPDATE ON ledger.holds
  REFERENCING OLD TABLE AS unchanged NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION uncount_ended_holds();
REVOKE ALL ON FUNCTION admit_holds FROM PUBLIC;
GRANT EXECUTE ON FUNCTION admit_holds TO guildhall_app;

-- The second wall behind addTeamMember, as members have it: no team gets an account that was deleted, whoever writes.
CREATE TRIGGER team_members_have_accounts BEFORE INSERT ON team_members
  FOR EACH ROW EXECUTE FUNCTION refuse_deleted_accounts();
