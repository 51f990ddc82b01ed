-- Charging uses in one statement: the postings, the uses, whether those named may spend, and the event. A transaction of several
-- statements cost four round trips, in which the wallet's lock was held.

-- A row of what ledger.post_batch and ledger.post_debits answer.
CREATE TYPE ledger.batch_row AS (
  place bigint, outcome text, sequence bigint, amount_micro bigint, balance_micro bigint, held_micro bigint, posted_at timestamptz,
  book_id uuid, posting_id uuid, kind text, description text
);

-- What members spend was counted by a trigger that every use paid for, also those in nobody's name. Now the functions that write
-- uses call this, in the same transaction and under the wallet's lock, when somebody is named.
CREATE FUNCTION count_spending(p_now timestamptz, p_organization_ids uuid[], p_member_ids uuid[], p_amounts_micro bigint[]) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  v_month date := date_trunc('month', p_now AT TIME ZONE 'UTC')::date;
  v_over uuid;
BEGIN
  WITH charged AS (
    SELECT a.organization_id, a.member_id, sum(a.amount_micro)::bigint AS amount_micro
      FROM unnest(p_organization_ids, p_member_ids, p_amounts_micro) AS a(organization_id, member_id, amount_micro)
     WHERE a.member_id IS NOT NULL AND a.amount_micro > 0 GROUP BY 1, 2 ORDER BY 1, 2
  ), counted AS (
    INSERT INTO member_spending AS s (organization_id, member_id, month, spent_micro)
    SELECT c.organization_id, c.member_id, v_month, c.amount_micro FROM charged c
    ON CONFLICT (organization_id, member_id, month) DO UPDATE SET spent_micro = s.spent_micro + EXCLUDED.spent_micro
    RETURNING s.organization_id, s.member_id, s.spent_micro
  )
  SELECT c.member_id INTO v_over
    FROM counted c JOIN organizations o ON o.id = c.organization_id
   WHERE c.spent_micro > o.monthly_allowance_micro LIMIT 1;
  IF v_over IS NOT NULL THEN
    RAISE EXCEPTION 'the monthly allowance of member % is used up', v_over USING ERRCODE = 'GH001';
  END IF;
END $$;

DROP TRIGGER usage_counts_for_members ON usage_events;
DROP FUNCTION count_member_spending();

-- Unchanged but for the counting.
CREATE OR REPLACE FUNCTION record_usage(
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
  IF cardinality(p_member_ids) > 0 THEN
    PERFORM count_spending(p_now, p_organization_ids, p_member_ids, p_amounts_micro);
  END IF;
END $$;

-- Appends one event of a type to each of several logs, in the order of their organizations' ids (ascending, distinct), and returns the
-- new heads. Locks the heads until the commit: call it last. One statement, where live.append_events takes four for events of all kinds.
CREATE FUNCTION live.append_to_each(p_type text, p_audience text[], p_organization_ids uuid[], p_payloads jsonb[], p_now timestamptz)
  RETURNS TABLE (organization_id uuid, sequence bigint)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = live, public, pg_temp AS $$
#variable_conflict use_column
BEGIN
  IF current_organization_id() <> ANY (p_organization_ids) THEN
    RAISE EXCEPTION 'an event names another organization than the transaction''s' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN QUERY
  WITH head AS (
    INSERT INTO live.heads AS h (organization_id, sequence)
    SELECT e.organization_id, 1 FROM unnest(p_organization_ids) WITH ORDINALITY AS e(organization_id, place) ORDER BY e.place
    ON CONFLICT (organization_id) DO UPDATE SET sequence = h.sequence + 1
    RETURNING h.organization_id, h.sequence
  ), logged AS (
    INSERT INTO live.events (organization_id, sequence, type, audience, payload, actor_id, created_at)
    SELECT e.organization_id, head.sequence, p_type, p_audience, e.payload, NULL, p_now
      FROM unnest(p_organization_ids, p_payloads) AS e(organization_id, payload) JOIN head USING (organization_id)
  )
  SELECT head.organization_id, head.sequence FROM head;
END $$;

-- Charges uses: posts their debits as ledger.post_debits does and answers with its rows; for what was posted it records the uses, asks
-- whether the API keys and people named may spend, and appends one wallet.balance_changed per organization to its log. The new heads
-- of the logs come as further rows, outcome "head", with book_id and sequence.
-- One place of each list per use; p_organization_ids and p_key_ids are distinct lists that the places lists point into, from 1.
-- p_organization_places is empty when there is one organization, and p_organization_ids is in ascending order. p_key_places is empty
-- when no key is named, p_member_ids when nobody is; p_use_ids when every use has its posting's id, as those under a UUIDv7 do. Amounts are below zero, as they are posted. Times are milliseconds since 1970.
-- Fails as a whole, having done nothing, with GH001 when a member's monthly allowance is used up, GH002 when a key may not spend
-- (the status of its organization in DETAIL, empty for a revoked key), GH003 when a person may not (the refusal in DETAIL, who in HINT).
CREATE FUNCTION charge_uses(
  p_now timestamptz, p_audience text[], p_organization_ids uuid[], p_organization_places int[], p_ids uuid[], p_amounts_micro bigint[],
  p_descriptions text[], p_attributes text[], p_posting_fingerprints uuid[], p_occurred_at_ms bigint[], p_agents text[], p_models text[],
  p_input_tokens bigint[], p_output_tokens bigint[], p_fingerprints uuid[], p_use_ids uuid[], p_member_ids uuid[],
  p_key_ids uuid[], p_key_organization_places int[], p_key_places int[]
) RETURNS SETOF ledger.batch_row LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  c_count CONSTANT integer := cardinality(p_ids);
  c_is_one CONSTANT boolean := cardinality(p_organization_ids) = 1;
  v_rows ledger.batch_row[];
  v_is_plain boolean;
  v_accepted boolean[];
  v_organizations uuid[];
  v_status text;
  v_refused record;
  v_moved uuid[];
  v_payloads jsonb[];
BEGIN
  IF current_organization_id() <> ANY (p_organization_ids) THEN
    RAISE EXCEPTION 'a use names another organization than the transaction''s' USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF 0 > ANY (p_input_tokens) OR 0 > ANY (p_output_tokens) OR 0 <= ANY (p_amounts_micro) THEN
    RAISE EXCEPTION 'a use that is charged has negative tokens, or no amount' USING ERRCODE = 'check_violation';
  END IF;

  v_rows := ARRAY(
    SELECT r::ledger.batch_row FROM ledger.post_debits(
      p_now, p_organization_ids, p_organization_places, p_ids, p_amounts_micro, p_descriptions, '{}', p_attributes,
      p_posting_fingerprints) AS r);
  v_is_plain := v_rows[1].outcome = 'opening';

  -- After the postings, so that whoever takes a right away while we waited for the wallet's lock is heard.
  IF cardinality(p_key_ids) > 0 THEN
    SELECT coalesce(o.status, '') INTO v_status
      FROM unnest(p_key_organization_places, p_key_ids) AS asked(organization_place, key_id)
      LEFT JOIN api_keys k ON k.organization_id = p_organization_ids[asked.organization_place] AND k.id = asked.key_id AND k.revoked_at IS NULL
      LEFT JOIN organizations o ON o.id = k.organization_id
     WHERE o.status IS DISTINCT FROM 'active'
     LIMIT 1;
    IF FOUND THEN
      RAISE EXCEPTION 'an API key may not spend' USING ERRCODE = 'GH002', DETAIL = v_status;
    END IF;
  END IF;

  IF v_is_plain THEN
    INSERT INTO usage_events (organization_id, id, occurred_at, agent, member_id, model, input_tokens, output_tokens,
                              amount_micro, posting_id, api_key_id, fingerprint, created_at)
    SELECT p_organization_ids[coalesce(u.organization_place, 1)], coalesce(u.use_id, u.id), to_timestamp(u.occurred_at_ms::float8 / 1000), u.agent, u.member_id, u.model,
           u.input_tokens, u.output_tokens, -u.amount_micro, u.id, p_key_ids[u.key_place], u.fingerprint, p_now
      FROM unnest(p_organization_places, p_ids, p_occurred_at_ms, p_agents, p_member_ids, p_models, p_input_tokens, p_output_tokens,
                  p_amounts_micro, p_key_places, p_fingerprints, p_use_ids)
           AS u(organization_place, id, occurred_at_ms, agent, member_id, model, input_tokens, output_tokens, amount_micro, key_place, fingerprint, use_id);
    SELECT array_agg(r.book_id), array_agg(to_balance_change(r.balance_micro + r.amount_micro, 0, r.sequence + 1, r.sequence + r.place))
      INTO v_moved, v_payloads FROM unnest(v_rows) AS r;
  ELSE
    v_accepted := ARRAY(SELECT r.outcome = 'accepted' FROM unnest(v_rows) AS r WHERE r.place IS NOT NULL ORDER BY r.place);
    INSERT INTO usage_events (organization_id, id, occurred_at, agent, member_id, model, input_tokens, output_tokens,
                              amount_micro, posting_id, api_key_id, fingerprint, created_at)
    SELECT p_organization_ids[coalesce(p_organization_places[r.place], 1)], coalesce(p_use_ids[r.place], p_ids[r.place]), to_timestamp(p_occurred_at_ms[r.place]::float8 / 1000),
           p_agents[r.place], p_member_ids[r.place], p_models[r.place], p_input_tokens[r.place], p_output_tokens[r.place],
           -p_amounts_micro[r.place], p_ids[r.place], p_key_ids[p_key_places[r.place]], p_fingerprints[r.place], p_now
      FROM unnest(v_rows) AS r WHERE r.outcome = 'accepted' AND r.place IS NOT NULL;
    SELECT array_agg(m.organization_id), array_agg(to_balance_change(m.last[2], m.last[3], m.first, m.last[1]))
      INTO v_moved, v_payloads
        FROM (
          SELECT coalesce(r.book_id, p_organization_ids[coalesce(p_organization_places[r.place], 1)]) AS organization_id,
                 min(r.sequence) AS first, max(ARRAY[r.sequence, r.balance_micro, r.held_micro]) AS last
            FROM unnest(v_rows) AS r WHERE r.outcome = 'accepted' GROUP BY 1 ORDER BY 1
        ) AS m;
  END IF;

  IF cardinality(p_member_ids) > 0 THEN
    v_organizations := ARRAY(
      SELECT p_organization_ids[coalesce(p_organization_places[i], 1)] FROM generate_series(1, c_count) AS i ORDER BY i);
    SELECT s.refusal, s.member_id INTO v_refused
      FROM (
        SELECT array_agg(coalesce(p_use_ids[i], p_ids[i])) AS ids, array_agg(v_organizations[i]) AS organizations, array_agg(p_member_ids[i]) AS members,
               array_agg(-p_amounts_micro[i]) AS amounts, array_agg(p_models[i]) AS models
          FROM generate_series(1, c_count) AS i
         WHERE p_member_ids[i] IS NOT NULL
           AND (v_is_plain OR v_accepted[i])
      ) AS named,
      LATERAL (
        SELECT a.refusal, named.members[a.place] AS member_id
          FROM admit_spends(p_now, named.ids, named.organizations, named.members, named.amounts, named.models) AS a ORDER BY a.place LIMIT 1
      ) AS s
     WHERE named.ids IS NOT NULL;
    IF FOUND THEN
      RAISE EXCEPTION 'a person may not spend' USING ERRCODE = 'GH003', DETAIL = v_refused.refusal, HINT = v_refused.member_id;
    END IF;
    PERFORM count_spending(p_now, v_organizations, p_member_ids, ARRAY(
      SELECT CASE WHEN v_is_plain OR v_accepted[i] THEN -p_amounts_micro[i] ELSE 0 END
        FROM generate_series(1, c_count) AS i ORDER BY i));
  END IF;

  RETURN QUERY SELECT r.* FROM unnest(v_rows) AS r;
  IF v_moved IS NOT NULL THEN -- The heads of the logs are the last locks.
    RETURN QUERY
    SELECT NULL::bigint, 'head'::text, h.sequence, NULL::bigint, NULL::bigint, NULL::bigint, NULL::timestamptz, h.organization_id, NULL::uuid, NULL::text, NULL::text
      FROM live.append_to_each('wallet.balance_changed', p_audience, v_moved, v_payloads, p_now) AS h;
  END IF;
END $$;

-- The payload of wallet.balance_changed: what a page needs to know of a wallet that has moved.
CREATE FUNCTION to_balance_change(p_available_micro bigint, p_held_micro bigint, p_from_sequence bigint, p_to_sequence bigint)
  RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN jsonb_build_object(
    'balanceMicro', (p_available_micro + p_held_micro)::text, 'heldMicro', p_held_micro::text, 'availableMicro', p_available_micro::text,
    'fromSequence', p_from_sequence::text, 'toSequence', p_to_sequence::text);

GRANT CREATE ON SCHEMA public, live TO guildhall_engine;
ALTER FUNCTION live.append_to_each OWNER TO guildhall_engine;
ALTER FUNCTION count_spending OWNER TO guildhall_engine;
ALTER FUNCTION charge_uses OWNER TO guildhall_engine;
REVOKE CREATE ON SCHEMA public, live FROM guildhall_engine;
REVOKE ALL ON FUNCTION count_spending, charge_uses, live.append_to_each FROM PUBLIC;
GRANT EXECUTE ON FUNCTION charge_uses TO guildhall_app;
