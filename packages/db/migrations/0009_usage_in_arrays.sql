-- Recording uses costs half of charging them: what the statement does not need is taken out of it.

-- The check of this key locked the organization's row once per use; without it, the CHECKs and the JSON the statement takes a
-- quarter less time. It guarded nothing: organizations are never deleted (only their status changes, and now nobody may delete one), a use that is charged is
-- written under the lock of its organization's book, and a free one inside the transaction of its organization.
ALTER TABLE usage_events DROP CONSTRAINT usage_events_organization_id_fkey;
REVOKE DELETE ON organizations FROM guildhall_app;

-- A CHECK is parsed anew for every statement that writes. The functions that write check instead.
ALTER TABLE usage_events
  DROP CONSTRAINT usage_events_input_tokens_check, DROP CONSTRAINT usage_events_output_tokens_check,
  DROP CONSTRAINT usage_events_amount_micro_check;

DROP FUNCTION record_usage(jsonb, timestamptz);

-- Records uses that were charged, one per place of the arrays, each of which is as long as the first; those of members and of API
-- keys are empty when no use has one. The id is derived from the idempotency key and also the posting's, so recording the same
-- use again is a unique violation, which fails the posting, too. Inside one organization's transaction no other organization can
-- be named; without that setting (a batch of the ledger) any can.
CREATE FUNCTION record_usage(
  p_now timestamptz, p_organization_ids uuid[], p_ids uuid[], p_occurred_at timestamptz[], p_agents text[], p_models text[],
  p_input_tokens bigint[], p_output_tokens bigint[], p_amounts_micro bigint[], p_fingerprints uuid[],
  p_member_ids uuid[], p_api_key_ids uuid[]
) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF current_organization_id() <> ANY (p_organization_ids) THEN
    RAISE EXCEPTION 'a use names another organization than the transaction''s' USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF 0 > ANY (p_input_tokens) OR 0 > ANY (p_output_tokens) OR 0 >= ANY (p_amounts_micro) THEN
    RAISE EXCEPTION 'a use that is charged has negative tokens, or no amount' USING ERRCODE = 'check_violation';
  END IF;

  INSERT INTO usage_events (organization_id, id, occurred_at, agent, member_id, model, input_tokens, output_tokens,
                            amount_micro, posting_id, api_key_id, fingerprint, created_at)
  SELECT p_organization_ids[i], p_ids[i], p_occurred_at[i], p_agents[i], p_member_ids[i], p_models[i], p_input_tokens[i],
         p_output_tokens[i], p_amounts_micro[i], p_ids[i], p_api_key_ids[i], p_fingerprints[i], p_now
    FROM generate_series(1, cardinality(p_ids)) AS i;
END $$;

-- Unchanged but for the tokens, which the table does not check any more.
CREATE OR REPLACE FUNCTION record_free_usage(p_uses jsonb, p_now timestamptz) RETURNS SETOF uuid
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF EXISTS (
    SELECT 1 FROM jsonb_array_elements(p_uses) AS u
    WHERE (u->>'organizationId')::uuid IS DISTINCT FROM current_organization_id() OR (u->>'amountMicro')::bigint <> 0
  ) THEN
    RAISE EXCEPTION 'a use names another organization than the transaction''s, or an amount' USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF EXISTS (
    SELECT 1 FROM jsonb_array_elements(p_uses) AS u WHERE (u->>'inputTokens')::bigint < 0 OR (u->>'outputTokens')::bigint < 0
  ) THEN
    RAISE EXCEPTION 'a use has negative tokens' USING ERRCODE = 'check_violation';
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

GRANT CREATE ON SCHEMA public TO guildhall_engine;
ALTER FUNCTION record_usage OWNER TO guildhall_engine;
REVOKE CREATE ON SCHEMA public FROM guildhall_engine;
REVOKE ALL ON FUNCTION record_usage FROM PUBLIC;
GRANT EXECUTE ON FUNCTION record_usage TO guildhall_app;
