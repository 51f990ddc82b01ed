-- Credit types of an enterprise, and the monthly allowance per member.

-- What credits of a kind cost: an integer of micro-credits per minor unit of a currency (a cent), so that every conversion at
-- top-up is exact. Types never mix: a wallet has one, for good.
CREATE TABLE credit_types (
  enterprise_id uuid NOT NULL REFERENCES enterprises,
  id uuid NOT NULL,
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 40),
  currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
  micro_per_minor_unit bigint NOT NULL CHECK (micro_per_minor_unit > 0),
  created_at timestamptz NOT NULL,
  PRIMARY KEY (enterprise_id, id)
);
CREATE UNIQUE INDEX credit_types_by_name ON credit_types (enterprise_id, lower(name));

ALTER TABLE organizations
  -- What its maker asked for, hashed: tells a form that was sent twice from a key that was used twice.
  ADD COLUMN creation_fingerprint text,
  ADD COLUMN credit_type_id uuid,
  -- What one member may spend of the wallet in a calendar month (UTC): null = no limit, 0 = nothing (C10).
  ADD COLUMN monthly_allowance_micro bigint CHECK (monthly_allowance_micro >= 0),
  ADD FOREIGN KEY (enterprise_id, credit_type_id) REFERENCES credit_types (enterprise_id, id);

ALTER TABLE credit_types ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY own_enterprise ON credit_types
  USING (enterprise_id = current_enterprise_id()) WITH CHECK (enterprise_id = current_enterprise_id());
-- An organization reads the types of its enterprise.
CREATE POLICY own_organization ON credit_types FOR SELECT USING (EXISTS (
  SELECT 1 FROM organizations o WHERE o.id = current_organization_id() AND o.enterprise_id = credit_types.enterprise_id));
GRANT SELECT, INSERT ON credit_types TO guildhall_app;

-- What each member has spent of the wallet, by month of the charge: the sum that the allowance limits.
CREATE TABLE member_spending (
  organization_id uuid NOT NULL REFERENCES organizations,
  member_id uuid NOT NULL,
  month date NOT NULL CHECK (extract(day FROM month) = 1),
  spent_micro bigint NOT NULL CHECK (spent_micro >= 0),
  PRIMARY KEY (organization_id, member_id, month)
);
ALTER TABLE member_spending ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY own_organization ON member_spending FOR SELECT USING (organization_id = current_organization_id());
CREATE POLICY engine ON member_spending TO guildhall_engine USING (true) WITH CHECK (true);
GRANT SELECT ON member_spending TO guildhall_app;
GRANT SELECT, INSERT, UPDATE ON member_spending TO guildhall_engine;
GRANT SELECT (id, monthly_allowance_micro) ON organizations TO guildhall_engine;

-- Runs once per statement that records usage, in the transaction that charges it, under the wallet's lock: so the limit is exact
-- however many servers charge. The month is that of the charge, not the one that the program reports: it cannot be dodged.
CREATE FUNCTION count_member_spending() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  v_over uuid;
BEGIN
  WITH charged AS (
    SELECT a.organization_id, a.member_id, date_trunc('month', a.created_at AT TIME ZONE 'UTC')::date AS month,
           sum(a.amount_micro)::bigint AS amount_micro
      FROM added a WHERE a.member_id IS NOT NULL AND a.amount_micro > 0 GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
  ), counted AS (
    INSERT INTO member_spending AS s (organization_id, member_id, month, spent_micro)
    SELECT c.organization_id, c.member_id, c.month, c.amount_micro FROM charged c
    ON CONFLICT (organization_id, member_id, month) DO UPDATE SET spent_micro = s.spent_micro + EXCLUDED.spent_micro
    RETURNING s.organization_id, s.member_id, s.spent_micro
  )
  SELECT c.member_id INTO v_over
    FROM counted c JOIN organizations o ON o.id = c.organization_id
   WHERE c.spent_micro > o.monthly_allowance_micro LIMIT 1;
  IF v_over IS NOT NULL THEN
    RAISE EXCEPTION 'the monthly allowance of member % is used up', v_over USING ERRCODE = 'GH001';
  END IF;
  RETURN NULL;
END $$;
GRANT CREATE ON SCHEMA public TO guildhall_engine;
ALTER FUNCTION count_member_spending OWNER TO guildhall_engine;
REVOKE CREATE ON SCHEMA public FROM guildhall_engine;
CREATE TRIGGER usage_counts_for_members AFTER INSERT ON usage_events
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION count_member_spending();
