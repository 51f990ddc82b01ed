-- Usage is written with its posting: by the hook of the ledger's batch, which spans organizations while the app is walled
-- into one. So the app may read usage, and only this function writes it.

-- What was asked, hashed: tells a retry from another request under the same key, whatever has changed since.
ALTER TABLE usage_events ADD COLUMN fingerprint uuid NOT NULL;

-- What is listed newest first; the id parts uses of the same instant, so that a page's end is exact.
CREATE INDEX usage_events_by_time ON usage_events (organization_id, occurred_at DESC, id DESC);

-- Records uses: an array of {organizationId, id, occurredAt, agent, memberId, model, inputTokens, outputTokens, amountMicro,
-- postingId, apiKeyId, fingerprint}. The id is derived from the idempotency key, so recording the same use again is a unique violation,
-- which fails the posting, too. Inside one organization's transaction no other organization can be named; without that
-- setting (a batch of the ledger) any can.
CREATE FUNCTION record_usage(p_uses jsonb, p_now timestamptz) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF EXISTS (
    SELECT 1 FROM jsonb_array_elements(p_uses) AS u
    WHERE current_organization_id() IS NOT NULL AND (u->>'organizationId')::uuid <> current_organization_id()
  ) THEN
    RAISE EXCEPTION 'a use names another organization than the transaction''s' USING ERRCODE = 'insufficient_privilege';
  END IF;

  INSERT INTO usage_events (organization_id, id, occurred_at, agent, member_id, model, input_tokens, output_tokens,
                            amount_micro, posting_id, api_key_id, fingerprint, created_at)
  SELECT u."organizationId", u.id, u."occurredAt", u.agent, u."memberId", u.model, u."inputTokens", u."outputTokens",
         u."amountMicro", u."postingId", u."apiKeyId", u.fingerprint, p_now
    FROM jsonb_to_recordset(p_uses) AS u(
      "organizationId" uuid, id uuid, "occurredAt" timestamptz, agent text, "memberId" uuid, model text,
      "inputTokens" bigint, "outputTokens" bigint, "amountMicro" bigint, "postingId" uuid, "apiKeyId" uuid, fingerprint uuid);
END $$;

REVOKE INSERT ON usage_events FROM guildhall_app;
GRANT INSERT ON usage_events TO guildhall_engine;
CREATE POLICY engine ON usage_events FOR INSERT TO guildhall_engine WITH CHECK (true);
GRANT CREATE ON SCHEMA public TO guildhall_engine;
ALTER FUNCTION record_usage OWNER TO guildhall_engine;
REVOKE CREATE ON SCHEMA public FROM guildhall_engine;
REVOKE ALL ON FUNCTION record_usage FROM PUBLIC;
GRANT EXECUTE ON FUNCTION record_usage TO guildhall_app;
