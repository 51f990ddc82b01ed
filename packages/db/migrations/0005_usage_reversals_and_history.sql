-- Corrections of billed usage, and what lets a wallet's history be searched, stated and exported at any size.

-- A use is corrected as a whole, once: by a refund of exactly what it cost.
CREATE TABLE usage_reversals (
  organization_id uuid NOT NULL,
  usage_id uuid NOT NULL,
  -- The refund's posting; derived from the idempotency key.
  id uuid NOT NULL,
  reason text NOT NULL,
  actor_id uuid,
  api_key_id uuid,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (organization_id, usage_id),
  FOREIGN KEY (organization_id, usage_id) REFERENCES usage_events (organization_id, id)
);
ALTER TABLE usage_reversals ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY own_organization ON usage_reversals FOR SELECT USING (organization_id = current_organization_id());
CREATE POLICY engine ON usage_reversals FOR INSERT TO guildhall_engine WITH CHECK (true);
GRANT SELECT ON usage_reversals TO guildhall_app;
GRANT INSERT ON usage_reversals TO guildhall_engine;

-- Records reversals in the transaction of their refunds: an array of {organizationId, usageId, id, reason, actorId, apiKeyId}.
-- A second one of the same use is a unique violation, which fails its refund, too.
CREATE FUNCTION record_reversals(p_reversals jsonb, p_now timestamptz) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF EXISTS (
    SELECT 1 FROM jsonb_array_elements(p_reversals) AS r
    WHERE current_organization_id() IS NOT NULL AND (r->>'organizationId')::uuid <> current_organization_id()
  ) THEN
    RAISE EXCEPTION 'a reversal names another organization than the transaction''s' USING ERRCODE = 'insufficient_privilege';
  END IF;

  INSERT INTO usage_reversals (organization_id, usage_id, id, reason, actor_id, api_key_id, created_at)
  SELECT r."organizationId", r."usageId", r.id, r.reason, r."actorId", r."apiKeyId", p_now
    FROM jsonb_to_recordset(p_reversals) AS r(
      "organizationId" uuid, "usageId" uuid, id uuid, reason text, "actorId" uuid, "apiKeyId" uuid);
END $$;

-- Records uses that cost nothing, for which no posting guards the key: those recorded before are left as they are. Returns the
-- ids that are new. Only inside the transaction of their organization.
CREATE FUNCTION record_free_usage(p_uses jsonb, p_now timestamptz) RETURNS SETOF uuid
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF EXISTS (
    SELECT 1 FROM jsonb_array_elements(p_uses) AS u
    WHERE (u->>'organizationId')::uuid IS DISTINCT FROM current_organization_id() OR (u->>'amountMicro')::bigint <> 0
  ) THEN
    RAISE EXCEPTION 'a use names another organization than the transaction''s, or an amount' USING ERRCODE = 'insufficient_privilege';
  END IF;

  RETURN QUERY
  INSERT INTO usage_events (organization_id, id, occurred_at, agent, member_id, model, input_tokens, output_tokens,
                            amount_micro, posting_id, api_key_id, fingerprint, created_at)
  SELECT u."organizationId", u.id, u."occurredAt", u.agent, u."memberId", u.model, u."inputTokens", u."outputTokens",
         0, NULL, u."apiKeyId", u.fingerprint, p_now
    FROM jsonb_to_recordset(p_uses) AS u(
      "organizationId" uuid, id uuid, "occurredAt" timestamptz, agent text, "memberId" uuid, model text,
      "inputTokens" bigint, "outputTokens" bigint, "apiKeyId" uuid, fingerprint uuid)
  ON CONFLICT DO NOTHING
  RETURNING usage_events.id;
END $$;
GRANT SELECT (organization_id, id) ON usage_events TO guildhall_engine;

-- What a price was is history: versions are added, never changed or removed.
REVOKE UPDATE, DELETE ON model_prices FROM guildhall_app;

-- Usage is nearly all of a wallet's history. What is not usage is found through this index, and usage by what remains, so the
-- debits that must be fast pay for no index.
CREATE INDEX postings_besides_usage ON ledger.postings (book_id, kind, sequence) INCLUDE (amount_micro) WHERE kind <> 'usage';

-- How many postings of a book were made before a time: its history has no gaps and goes by time, so it is bisected, by as many
-- look-ups as the length has binary digits. Where the clocks of two writers differ a little, the ledger's order decides; what is
-- answered for a time does not change as the history grows beyond it.
CREATE FUNCTION ledger.count_before(p_book_id uuid, p_at timestamptz) RETURNS bigint
  LANGUAGE plpgsql STABLE SET search_path = ledger, public, pg_temp AS $$
DECLARE
  v_last bigint;
  v_count bigint := 0;
  v_step bigint := 1;
BEGIN
  SELECT b.wallet_sequence INTO v_last FROM books b WHERE b.book_id = p_book_id;
  WHILE v_step * 2 <= v_last LOOP
    v_step := v_step * 2;
  END LOOP;
  WHILE v_step > 0 LOOP
    IF v_count + v_step <= v_last
       AND (SELECT p.posted_at < p_at FROM postings p WHERE p.book_id = p_book_id AND p.sequence = v_count + v_step) THEN
      v_count := v_count + v_step;
    END IF;
    v_step := v_step / 2;
  END LOOP;
  RETURN v_count;
END $$;

GRANT CREATE ON SCHEMA public TO guildhall_engine;
ALTER FUNCTION record_reversals OWNER TO guildhall_engine;
ALTER FUNCTION record_free_usage OWNER TO guildhall_engine;
REVOKE CREATE ON SCHEMA public FROM guildhall_engine;
REVOKE ALL ON FUNCTION record_reversals, record_free_usage, ledger.count_before FROM PUBLIC;
GRANT EXECUTE ON FUNCTION record_reversals, record_free_usage, ledger.count_before TO guildhall_app;
