-- The ledger's proof is complete, and holds and lots are right to their last edge. See docs/decisions/0031-what-verify-ledger-proves.md.

-- 1. Postings.

-- The id of the posting that an id is the key of: a UUIDv7 stays, any other is hashed, as idOfKey() does.
CREATE FUNCTION ledger.posting_id_of(p_id uuid) RETURNS uuid LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN CASE
    WHEN substr(p_id::text, 15, 1) = '7' AND substr(p_id::text, 20, 1) IN ('8', '9', 'a', 'b') THEN p_id
    ELSE (SELECT (substr(h, 1, 8) || '-' || substr(h, 9, 4) || '-8' || substr(h, 14, 3) || '-'
                  || substr('89ab', (('x' || substr(h, 17, 1))::bit(4)::integer & 3) + 1, 1) || substr(h, 18, 3) || '-' || substr(h, 21, 12))::uuid
            FROM (SELECT encode(sha256(p_id::text::bytea), 'hex') AS h) AS hashed)
  END;

-- The id of a posting that comes about beside the requests' own. Whoever knows a hold can reckon derived_id, whose md5 may look like a
-- UUIDv7: used as a key before, it kept the hold from ever ending, and with it the wallet from moving. No key is stored as a UUIDv3.
CREATE FUNCTION ledger.beside_id(p_role text, p_book_id uuid, p_id uuid) RETURNS uuid LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN overlay(md5(p_role || ':' || p_book_id::text || ':' || p_id::text) PLACING '3' FROM 13 FOR 1)::uuid;

-- The same for what a hold counts through a team: a use under that key was taken for it, and its correction gave the hold's amount back
-- to the team's month. What else is derived stays, for what was stored is found by it.
CREATE OR REPLACE FUNCTION ledger.derived_id(p_role text, p_book_id uuid, p_id uuid) RETURNS uuid LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN CASE WHEN p_role = 'hold' THEN ledger.beside_id(p_role, p_book_id, p_id) ELSE md5(p_role || ':' || p_book_id::text || ':' || p_id::text)::uuid END;
ALTER TABLE team_uses NO FORCE ROW LEVEL SECURITY;
ALTER TABLE hold_members NO FORCE ROW LEVEL SECURITY;
UPDATE team_uses u SET usage_id = ledger.derived_id('hold', m.organization_id, m.hold_id)
  FROM hold_members m
 WHERE u.organization_id = m.organization_id AND u.usage_id = md5('hold:' || m.organization_id::text || ':' || m.hold_id::text)::uuid;
ALTER TABLE hold_members FORCE ROW LEVEL SECURITY;
ALTER TABLE team_uses FORCE ROW LEVEL SECURITY;

-- As in 0019, but for the posting's id: a use whose key is no UUIDv7 named its own id, under which there is no posting.
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
         p_output_tokens[i], p_amounts_micro[i], ledger.posting_id_of(p_ids[i]), p_api_key_ids[i], p_fingerprints[i], p_now
    FROM generate_series(1, cardinality(p_ids)) AS i;
  IF cardinality(p_member_ids) > 0 THEN
    PERFORM count_spending(p_now, p_organization_ids, p_member_ids, p_amounts_micro);
  END IF;
END $$;

-- Those of before. The owner of the tables is walled in as well; for this one statement it has to see all of them.
ALTER TABLE usage_events NO FORCE ROW LEVEL SECURITY;
UPDATE usage_events SET posting_id = ledger.posting_id_of(id)
 WHERE posting_id = id AND substr(id::text, 15, 1) <> '7';
ALTER TABLE usage_events FORCE ROW LEVEL SECURITY;

-- Posts what has come due in the named books, whose locks the caller holds: first the holds, for they give back to lots. All of it:
-- a part was left for the next call, which could spend what had expired.
CREATE OR REPLACE FUNCTION ledger.post_due(p_now timestamptz, p_book_ids uuid[]) RETURNS TABLE (
  place bigint, outcome text, sequence bigint, amount_micro bigint, balance_micro bigint, held_micro bigint, posted_at timestamptz,
  book_id uuid, posting_id uuid, kind text, description text
) LANGUAGE plpgsql SET search_path = ledger, public, pg_temp AS $$
#variable_conflict use_column
DECLARE
  v_due record;
  -- A thousand at a time; this many times, so that it ends whatever happens.
  c_rounds CONSTANT integer := 1000;
BEGIN
  FOR v_round IN 1..c_rounds LOOP
    SELECT array_agg(h.book_id) AS book_ids, array_agg(h.hold_id) AS hold_ids, array_agg(beside_id('release', h.book_id, h.hold_id)) AS ids,
           array_agg('release'::text) AS kinds, array_agg('Hold expired'::text) AS descriptions INTO v_due
      FROM (SELECT h.book_id, h.hold_id FROM holds h WHERE h.book_id = ANY (p_book_ids) AND h.state = 'open' AND h.expires_at <= p_now
             ORDER BY h.expires_at, h.hold_id LIMIT 1000) AS h;
    EXIT WHEN v_due.book_ids IS NULL;
    RETURN QUERY SELECT * FROM post_batch(p_now, v_due.book_ids, v_due.ids, v_due.kinds, '{}', v_due.descriptions, '{}', '{}', '{}',
                                            p_hold_ids => v_due.hold_ids, p_is_due => true);
  END LOOP;
  FOR v_round IN 1..c_rounds LOOP
    -- A lot can expire again: a hold that outlived it gives back. So the key takes in how far the book has come.
    SELECT array_agg(l.book_id) AS book_ids, array_agg(l.lot_id) AS lot_ids, array_agg(beside_id('expiry:' || l.wallet_sequence, l.book_id, l.lot_id)) AS ids,
           array_agg('expiry'::text) AS kinds, array_agg(-l.remaining_micro) AS amounts_micro, array_agg('Credits expired'::text) AS descriptions INTO v_due
      FROM (SELECT l.book_id, l.lot_id, l.remaining_micro, b.wallet_sequence FROM lots l JOIN books b ON b.book_id = l.book_id
             WHERE l.book_id = ANY (p_book_ids) AND l.remaining_micro > 0 AND l.expires_at <= p_now
             ORDER BY l.expires_at, l.lot_id LIMIT 1000) AS l;
    EXIT WHEN v_due.book_ids IS NULL;
    RETURN QUERY SELECT * FROM post_batch(p_now, v_due.book_ids, v_due.ids, v_due.kinds, v_due.amounts_micro, v_due.descriptions, '{}', '{}', '{}',
                                            p_hold_ids => v_due.lot_ids, p_is_due => true);
  END LOOP;
END $$;

-- As in 0004, but that the end of a hold carries what its hold says (for whom it was placed), so that nobody has to read that first;
-- that ends are therefore the same by amount and description; that a lot or hold under other terms is another request; that a
-- settlement is told what it lacks beside its hold; and that what is due is posted whatever the wallet's size.
CREATE OR REPLACE FUNCTION ledger.post_linked(
  p_now timestamptz, p_book_ids uuid[], p_ids uuid[], p_kinds text[], p_amounts_micro bigint[],
  p_descriptions text[], p_actor_ids uuid[], p_attributes text[], p_fingerprints uuid[],
  p_hold_ids uuid[], p_other_book_ids uuid[], p_expires_at timestamptz[],
  p_tolerances_micro bigint[], p_lot_kinds text[], p_is_due boolean
) RETURNS TABLE (
  place bigint, outcome text, sequence bigint, amount_micro bigint, balance_micro bigint, held_micro bigint, posted_at timestamptz,
  book_id uuid, posting_id uuid, kind text, description text
) LANGUAGE plpgsql SET search_path = ledger, public, pg_temp AS $$
#variable_conflict use_column
DECLARE
  -- Far enough from the end of bigint that a batch of the largest amounts cannot reach it.
  c_range_micro CONSTANT bigint := 1000000000000000000;
  c_largest_micro CONSTANT bigint := 1000000000000000;
BEGIN
  RETURN QUERY
  WITH request AS (
    SELECT r.place, r.book_id, r.id, r.kind AS asked, r.amount_micro AS asked_micro, r.description, r.actor_id, r.fingerprint,
           r.attributes::jsonb AS attributes, r.hold_id, r.other_book_id, r.expires_at, r.tolerance_micro, r.lot_kind
      FROM unnest(p_book_ids, p_ids, p_kinds, p_amounts_micro, p_descriptions, p_actor_ids, p_attributes, p_fingerprints,
                  p_hold_ids, p_other_book_ids, p_expires_at, p_tolerances_micro, p_lot_kinds)
           WITH ORDINALITY AS r(book_id, id, kind, amount_micro, description, actor_id, attributes, fingerprint,
                                hold_id, other_book_id, expires_at, tolerance_micro, lot_kind, place)
    OFFSET 0
  ), meant AS (
    -- The request's own posting: a release is of what the hold reserved, and settling nothing is a release.
    SELECT r.place, r.book_id, r.id, r.asked, r.asked_micro, r.description, r.actor_id, r.fingerprint, r.hold_id, r.other_book_id,
           r.expires_at, r.tolerance_micro, r.lot_kind, r.asked IN ('settle', 'release') AS is_end,
           -- Whoever a hold was placed for stands in the history with how it ended.
           CASE WHEN r.asked IN ('settle', 'release') THEN coalesce(r.attributes, placed.attributes) ELSE r.attributes END AS attributes,
           h.amount_micro AS hold_micro, h.state AS hold_state, h.tolerance_micro AS hold_tolerance_micro,
           CASE WHEN r.asked = 'settle' THEN CASE WHEN r.asked_micro = 0 THEN 'release' ELSE 'usage' END ELSE r.asked END AS kind,
           CASE WHEN r.asked = 'release' OR r.asked = 'settle' AND r.asked_micro = 0 THEN h.amount_micro ELSE r.asked_micro END AS amount_micro,
           CASE WHEN r.asked = 'settle' AND r.asked_micro < 0 THEN h.amount_micro ELSE 0 END AS released_micro
      FROM request r
      LEFT JOIN holds h ON h.book_id = r.book_id AND h.hold_id = r.hold_id
      LEFT JOIN postings placed ON placed.book_id = h.book_id AND placed.id = h.hold_id
    OFFSET 0
  ), known AS (
    SELECT r.*, counter_of(r.kind, r.amount_micro) AS counter, b.floor_micro, b.wallet_micro, b.wallet_sequence, b.held_micro, b.held_sequence,
           CASE r.kind
             WHEN 'usage' THEN b.consumed_micro WHEN 'refund' THEN b.consumed_micro
             WHEN 'top_up' THEN b.top_ups_micro WHEN 'top_up_reversal' THEN b.top_ups_micro
             WHEN 'hold' THEN b.held_micro WHEN 'release' THEN b.held_micro
             WHEN 'adjustment' THEN b.adjustments_micro WHEN 'expiry' THEN b.expired_micro ELSE b.transfers_micro
           END AS counter_micro,
           CASE r.kind
             WHEN 'usage' THEN b.consumed_sequence WHEN 'refund' THEN b.consumed_sequence
             WHEN 'top_up' THEN b.top_ups_sequence WHEN 'top_up_reversal' THEN b.top_ups_sequence
             WHEN 'hold' THEN b.held_sequence WHEN 'release' THEN b.held_sequence
             WHEN 'adjustment' THEN b.adjustments_sequence WHEN 'expiry' THEN b.expired_sequence ELSE b.transfers_sequence
           END AS counter_sequence,
           o.wallet_micro AS other_micro, o.wallet_sequence AS other_sequence, o.held_micro AS other_held_micro,
           o.transfers_micro AS other_transfers_micro, o.transfers_sequence AS other_transfers_sequence,
           p.sequence AS first_sequence, p.amount_micro AS first_amount_micro,
           p.balance_after_micro AS first_balance_micro, p.posted_at AS first_posted_at,
           b.book_id IS NULL OR r.asked = 'transfer' AND o.book_id IS NULL AS is_unknown,
           b.credit_type_id IS DISTINCT FROM o.credit_type_id AS is_other_type, p.sequence IS NOT NULL AS is_repeated,
           -- Two ends of a hold are the same by what they say: their attributes are the hold's.
           CASE WHEN r.is_end THEN p.kind = r.kind AND p.amount_micro = r.amount_micro AND p.description = r.description
             WHEN r.fingerprint IS NULL AND p.fingerprint IS NULL
             THEN p.kind = r.kind AND p.amount_micro = r.amount_micro AND p.description = r.description
                  AND p.attributes IS NOT DISTINCT FROM r.attributes
                  AND (r.lot_kind IS NULL OR (brought.kind, brought.expires_at) IS NOT DISTINCT FROM (r.lot_kind, r.expires_at))
                  AND (r.asked <> 'hold' OR (held.tolerance_micro, held.expires_at) IS NOT DISTINCT FROM (coalesce(r.tolerance_micro, 0), r.expires_at))
             ELSE p.fingerprint IS NOT DISTINCT FROM r.fingerprint
           END AND p.reference_id IS NOT DISTINCT FROM CASE WHEN r.asked = 'hold' THEN r.id ELSE r.hold_id END
             AND p.other_book_id IS NOT DISTINCT FROM r.other_book_id AS is_same
      FROM meant r
      LEFT JOIN books b ON b.book_id = r.book_id
      LEFT JOIN books o ON o.book_id = r.other_book_id
      LEFT JOIN postings p ON p.book_id = r.book_id AND p.id = r.id
      LEFT JOIN lots brought ON r.lot_kind IS NOT NULL AND brought.book_id = p.book_id AND brought.lot_id = p.id
      LEFT JOIN holds held ON r.asked = 'hold' AND held.book_id = p.book_id AND held.hold_id = p.id
    OFFSET 0
  ), answered AS (
    -- The key comes before the floor: a retry is told what happened, whatever the wallet holds by now.
    SELECT k.*, CASE
             WHEN is_repeated AND is_same THEN 'replayed'
             WHEN is_repeated THEN 'conflict'
             WHEN is_unknown THEN 'unknown_book'
             WHEN asked = 'due' THEN 'nothing'
             WHEN asked IN ('settle', 'release') AND hold_state IS NULL THEN 'unknown_hold'
             WHEN hold_state <> 'open' THEN 'hold_closed'
             WHEN asked = 'settle' AND -asked_micro > hold_micro + hold_tolerance_micro THEN 'hold_exceeded'
             WHEN counter IS NULL OR amount_micro NOT BETWEEN -c_largest_micro AND c_largest_micro
                  OR asked = 'hold' AND expires_at IS NULL OR asked = 'transfer' AND (amount_micro > 0 OR other_book_id = book_id OR other_book_id IS NULL)
                  OR asked = 'expiry' AND NOT p_is_due
                  THEN 'invalid'
             WHEN asked = 'transfer' AND is_other_type THEN 'other_credit_type'
             -- What is due only goes back to where it came from: a wallet that is too large may not keep it from ending.
             WHEN p_is_due THEN NULL
             WHEN abs(wallet_micro) > c_range_micro OR abs(counter_micro) > c_range_micro
                  OR asked = 'transfer' AND (abs(other_micro) > c_range_micro OR abs(other_transfers_micro) > c_range_micro) THEN 'out_of_range'
           END AS answer
      FROM known k
  ), walked AS (
    SELECT a.*, walk(wallet_micro, floor_micro, CASE WHEN answer IS NULL THEN released_micro + amount_micro ELSE 0 END) OVER book AS after_micro
      FROM answered a
    WINDOW book AS (PARTITION BY book_id ORDER BY place ROWS UNBOUNDED PRECEDING)
  ), decided AS (
    SELECT w.*, coalesce(answer, CASE
             -- What nets to nothing (a hold settled in full) always fits.
             WHEN after_micro = lag(after_micro, 1, wallet_micro) OVER book AND released_micro + amount_micro <> 0 THEN 'insufficient'
             ELSE 'accepted' END) AS outcome
      FROM walked w
    WINDOW book AS (PARTITION BY book_id ORDER BY place)
  ), numbered AS MATERIALIZED (
    SELECT d.*,
           wallet_sequence + count(*) FILTER (WHERE outcome = 'accepted') OVER book
             + count(*) FILTER (WHERE outcome = 'accepted' AND released_micro > 0) OVER book AS sequence,
           held_sequence + count(*) FILTER (WHERE outcome = 'accepted' AND (counter = 'held' OR released_micro > 0)) OVER book AS held_sequence_after,
           held_micro - sum_micro(released_micro + CASE WHEN counter = 'held' THEN amount_micro ELSE 0 END)
             FILTER (WHERE outcome = 'accepted') OVER book AS held_after_micro,
           counter_sequence + count(*) FILTER (WHERE outcome = 'accepted') OVER against AS counter_sequence_after,
           counter_micro - sum_micro(amount_micro) FILTER (WHERE outcome = 'accepted') OVER against AS counter_after_micro
      FROM decided d
    WINDOW book AS (PARTITION BY book_id ORDER BY place ROWS UNBOUNDED PRECEDING),
           against AS (PARTITION BY book_id, counter ORDER BY place ROWS UNBOUNDED PRECEDING)
  ), inserted AS (
    INSERT INTO postings (book_id, sequence, id, posted_at, amount_micro, balance_after_micro, counter_sequence, counter_after_micro,
                          kind, counter, fingerprint, actor_id, description, attributes, reference_id, other_book_id)
    SELECT book_id, sequence, id, p_now, amount_micro, after_micro,
           CASE WHEN counter = 'held' THEN held_sequence_after ELSE counter_sequence_after END,
           CASE WHEN counter = 'held' THEN held_after_micro ELSE counter_after_micro END,
           kind, counter, fingerprint, actor_id, description, attributes, CASE WHEN asked = 'hold' THEN id ELSE hold_id END, other_book_id
      FROM numbered WHERE outcome = 'accepted'
  ), beside AS (
    -- The release before what a hold settles, and what a transfer brings to the other book.
    INSERT INTO postings (book_id, sequence, id, posted_at, amount_micro, balance_after_micro, counter_sequence, counter_after_micro,
                          kind, counter, actor_id, description, attributes, reference_id, other_book_id)
    SELECT book_id, sequence - 1, beside_id('release', book_id, hold_id), p_now, released_micro, after_micro - amount_micro,
           held_sequence_after, held_after_micro, 'release', 'held', actor_id, description, attributes, hold_id, NULL
      FROM numbered WHERE released_micro > 0 AND outcome = 'accepted'
    UNION ALL
    SELECT other_book_id, other_sequence + count(*) OVER received, derived_id('transfer', book_id, id), p_now, -amount_micro,
           other_micro - sum_micro(amount_micro) OVER received, other_transfers_sequence + count(*) OVER received,
           other_transfers_micro + sum_micro(amount_micro) OVER received, 'transfer', 'transfers', actor_id, description, attributes, NULL, book_id
      FROM numbered WHERE asked = 'transfer' AND outcome = 'accepted'
    WINDOW received AS (PARTITION BY other_book_id ORDER BY place ROWS UNBOUNDED PRECEDING)
    RETURNING book_id, sequence, id, amount_micro, balance_after_micro, kind, description, other_book_id
  ), held AS (
    INSERT INTO holds (book_id, hold_id, sequence, amount_micro, tolerance_micro, expires_at)
    SELECT book_id, id, sequence, -amount_micro, coalesce(tolerance_micro, 0), expires_at
      FROM numbered WHERE kind = 'hold' AND outcome = 'accepted'
  ), closed AS (
    UPDATE holds h SET closed_at = p_now, settled_micro = coalesce(-d.settled_micro, 0),
           state = CASE WHEN p_is_due THEN 'expired' WHEN d.settled_micro < 0 THEN 'settled' ELSE 'released' END
      FROM (SELECT book_id, hold_id, CASE WHEN kind = 'usage' THEN amount_micro END AS settled_micro
              FROM numbered WHERE asked IN ('settle', 'release') AND outcome = 'accepted') AS d
     WHERE h.book_id = d.book_id AND h.hold_id = d.hold_id
  ), brought AS (
    INSERT INTO lots (book_id, lot_id, sequence, kind, granted_micro, remaining_micro, expires_at, granted_at)
    SELECT book_id, id, sequence, lot_kind, amount_micro, amount_micro, expires_at, p_now
      FROM numbered WHERE lot_kind IS NOT NULL AND outcome = 'accepted'
  ), moved AS (
    UPDATE books b SET
      wallet_micro = b.wallet_micro + m.wallet, wallet_sequence = b.wallet_sequence + m.postings,
      held_micro = b.held_micro - m.held, held_sequence = b.held_sequence + m.held_postings,
      consumed_micro = b.consumed_micro - m.consumed, consumed_sequence = b.consumed_sequence + m.consumed_postings,
      top_ups_micro = b.top_ups_micro - m.top_ups, top_ups_sequence = b.top_ups_sequence + m.top_ups_postings,
      adjustments_micro = b.adjustments_micro - m.adjustments, adjustments_sequence = b.adjustments_sequence + m.adjustments_postings,
      expired_micro = b.expired_micro - m.expired, expired_sequence = b.expired_sequence + m.expired_postings,
      transfers_micro = b.transfers_micro - m.transfers, transfers_sequence = b.transfers_sequence + m.transfers_postings,
      lots_micro = CASE WHEN m.lot_postings = 0 THEN b.lots_micro ELSE coalesce(b.lots_micro, 0) + m.lots END
    FROM (
      SELECT book_id, sum_micro(released_micro + amount_micro) AS wallet, count(*) + count(*) FILTER (WHERE released_micro > 0) AS postings,
             sum_micro(released_micro + CASE WHEN counter = 'held' THEN amount_micro ELSE 0 END) AS held,
             count(*) FILTER (WHERE counter = 'held' OR released_micro > 0) AS held_postings,
             sum_micro(amount_micro) FILTER (WHERE counter = 'consumed') AS consumed, count(*) FILTER (WHERE counter = 'consumed') AS consumed_postings,
             sum_micro(amount_micro) FILTER (WHERE counter = 'top_ups') AS top_ups, count(*) FILTER (WHERE counter = 'top_ups') AS top_ups_postings,
             sum_micro(amount_micro) FILTER (WHERE counter = 'adjustments') AS adjustments, count(*) FILTER (WHERE counter = 'adjustments') AS adjustments_postings,
             sum_micro(amount_micro) FILTER (WHERE counter = 'expired') AS expired, count(*) FILTER (WHERE counter = 'expired') AS expired_postings,
             sum_micro(amount_micro) FILTER (WHERE counter = 'transfers') AS transfers, count(*) FILTER (WHERE counter = 'transfers') AS transfers_postings,
             sum_micro(amount_micro) FILTER (WHERE lot_kind IS NOT NULL) AS lots, count(*) FILTER (WHERE lot_kind IS NOT NULL) AS lot_postings
        FROM numbered WHERE outcome = 'accepted' GROUP BY book_id
    ) AS m
    WHERE b.book_id = m.book_id
  ), received AS (
    UPDATE books b SET
      wallet_micro = b.wallet_micro - m.transfers, wallet_sequence = b.wallet_sequence + m.postings,
      transfers_micro = b.transfers_micro + m.transfers, transfers_sequence = b.transfers_sequence + m.postings
    FROM (
      SELECT other_book_id, sum_micro(amount_micro) AS transfers, count(*) AS postings
        FROM numbered WHERE asked = 'transfer' AND outcome = 'accepted' GROUP BY other_book_id
    ) AS m
    WHERE b.book_id = m.other_book_id
  )
  SELECT CASE WHEN p_is_due THEN NULL ELSE n.place END, n.outcome,
         CASE WHEN outcome = 'accepted' THEN n.sequence ELSE first_sequence END,
         CASE WHEN is_repeated THEN first_amount_micro ELSE n.amount_micro END,
         -- What a settlement lacks, it lacks beside what its hold has reserved.
         CASE WHEN is_repeated THEN first_balance_micro WHEN outcome = 'insufficient' THEN after_micro + released_micro ELSE after_micro END,
         held_after_micro, CASE WHEN outcome = 'accepted' THEN p_now ELSE first_posted_at END,
         CASE WHEN p_is_due THEN n.book_id END, CASE WHEN p_is_due THEN n.id END, CASE WHEN p_is_due THEN n.kind END,
         CASE WHEN p_is_due THEN n.description END
    FROM numbered n
  UNION ALL
  SELECT NULL, 'accepted', s.sequence, s.amount_micro, s.balance_after_micro,
         -- What is held did not change where a transfer arrived; where a hold is settled, the usage after it tells.
         coalesce((SELECT o.other_held_micro FROM numbered o WHERE s.kind = 'transfer' AND o.other_book_id = s.book_id LIMIT 1), 0),
         p_now, s.book_id, s.id, s.kind, s.description
    FROM beside s;
END $$;

-- As in 0030, but that what returns to a lot that has expired (by the end of a hold, or a refund) is posted last of its wallet's
-- requests. Lots expire before a batch, so what came after it in the same batch could spend them. Whoever sends several requests
-- gets GH004 then, with nothing done, and parts them.
CREATE OR REPLACE FUNCTION ledger.post_batch(
  p_now timestamptz, p_book_ids uuid[], p_ids uuid[], p_kinds text[], p_amounts_micro bigint[],
  p_descriptions text[], p_actor_ids uuid[], p_attributes text[], p_fingerprints uuid[],
  p_hold_ids uuid[] DEFAULT '{}', p_other_book_ids uuid[] DEFAULT '{}', p_expires_at timestamptz[] DEFAULT '{}',
  p_tolerances_micro bigint[] DEFAULT '{}', p_lot_kinds text[] DEFAULT '{}', p_is_due boolean DEFAULT false
) RETURNS TABLE (
  place bigint, outcome text, sequence bigint, amount_micro bigint, balance_micro bigint, held_micro bigint, posted_at timestamptz,
  book_id uuid, posting_id uuid, kind text, description text
) LANGUAGE plpgsql SECURITY DEFINER SET search_path = ledger, public, pg_temp
-- One plan, made once and kept: planning costs ten times what running it for one request does. While a table is young, a
-- scan of it looks cheap, and would stay when it has grown.
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
  v_due_books uuid[];
  v_lot_books uuid[];
  v_lot_sequences bigint[];
BEGIN
  IF coalesce(current_organization_id(), current_user_id()) <> ANY (p_book_ids) THEN
    RAISE EXCEPTION 'a posting names a book of another owner than the transaction''s' USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF cardinality(p_book_ids) > 1000 THEN
    RAISE EXCEPTION 'a batch holds at most 1000 requests' USING ERRCODE = 'program_limit_exceeded';
  END IF;
  IF p_other_book_ids && p_book_ids THEN
    RAISE EXCEPTION 'a book that receives a transfer is named in another role' USING ERRCODE = 'invalid_parameter_value';
  END IF;

  -- A statement of its own: the next one takes its snapshot when every lock is held.
  SELECT array_agg(l.book_id) FILTER (WHERE l.held_micro > 0 OR l.lots_micro > 0), array_agg(l.book_id) FILTER (WHERE l.lots_micro IS NOT NULL)
    INTO v_due_books, v_lot_books
    FROM (
      SELECT b.book_id, b.held_micro, b.lots_micro FROM books b
       WHERE b.book_id IN (SELECT unnest(p_book_ids || p_other_book_ids)) ORDER BY b.book_id FOR NO KEY UPDATE
    ) AS l;
  IF v_due_books IS NOT NULL AND NOT p_is_due THEN
    RETURN QUERY SELECT * FROM post_due(p_now, v_due_books);
  END IF;
  IF v_lot_books IS NOT NULL AND NOT p_is_due AND cardinality(p_book_ids) > 1
     AND p_kinds && ARRAY['release', 'settle', 'refund'] AND EXISTS (
    SELECT FROM unnest(p_book_ids, p_kinds, p_hold_ids, p_attributes) WITH ORDINALITY AS r(book_id, kind, hold_id, attributes, place)
      JOIN postings burning ON burning.book_id = r.book_id AND burning.id = CASE
             WHEN r.kind IN ('release', 'settle') THEN r.hold_id
             WHEN r.kind = 'refund' THEN (r.attributes::jsonb->>'refundOf')::uuid END
      JOIN burns b ON b.book_id = burning.book_id AND b.sequence = burning.sequence
      JOIN lots l ON l.book_id = b.book_id AND l.lot_id = b.lot_id AND l.expires_at <= p_now
     WHERE EXISTS (SELECT FROM unnest(p_book_ids) WITH ORDINALITY AS o(book_id, place) WHERE o.book_id = r.book_id AND o.place > r.place)
       AND NOT EXISTS (SELECT FROM postings again WHERE again.book_id = r.book_id AND again.id = p_ids[r.place])
  ) THEN
    RAISE EXCEPTION 'what returns to a lot that has expired is posted last of its wallet' USING ERRCODE = 'GH004';
  END IF;
  IF v_lot_books IS NOT NULL OR cardinality(p_lot_kinds) > 0 THEN
    SELECT array_agg(b.book_id), array_agg(b.wallet_sequence) INTO v_lot_books, v_lot_sequences
      FROM books b
     WHERE b.book_id = ANY (p_book_ids) AND (b.book_id = ANY (v_lot_books) OR b.book_id IN (
       SELECT r.book_id FROM unnest(p_book_ids, p_lot_kinds) AS r(book_id, lot_kind) WHERE r.lot_kind IS NOT NULL));
  END IF;

  IF NOT p_is_due AND cardinality(p_hold_ids) + cardinality(p_other_book_ids) + cardinality(p_expires_at) + cardinality(p_lot_kinds) = 0
     AND NOT p_kinds && ARRAY['hold', 'release', 'settle', 'transfer', 'expiry', 'due'] THEN
    RETURN QUERY
    SELECT r.place, r.outcome, r.sequence, r.amount_micro, r.balance_micro,
           CASE WHEN r.outcome = 'replayed' THEN held_at(p_book_ids[r.place], r.sequence) ELSE r.held_micro END,
           r.posted_at, r.book_id, r.posting_id, r.kind, r.description
      FROM post_plain(p_now, p_book_ids, p_ids, p_kinds, p_amounts_micro, p_descriptions, p_actor_ids, p_attributes, p_fingerprints) AS r;
  ELSE
    RETURN QUERY
    SELECT r.place, r.outcome, r.sequence, r.amount_micro, r.balance_micro,
           CASE WHEN r.outcome = 'replayed' AND r.place IS NOT NULL THEN held_at(p_book_ids[r.place], r.sequence) ELSE r.held_micro END,
           r.posted_at, r.book_id, r.posting_id, r.kind, r.description
      FROM post_linked(p_now, p_book_ids, p_ids, p_kinds, p_amounts_micro, p_descriptions, p_actor_ids, p_attributes, p_fingerprints,
                       p_hold_ids, p_other_book_ids, p_expires_at, p_tolerances_micro, p_lot_kinds, p_is_due) AS r;
  END IF;

  IF v_lot_books IS NOT NULL THEN
    PERFORM account_for_lots(l.book_id, l.sequence), carry_lots_over(l.book_id, l.sequence, p_now)
       FROM unnest(v_lot_books, v_lot_sequences) AS l(book_id, sequence);
  END IF;
END $$;


-- 2. Authority.

-- A charge looks at its key and its organization's status under the lock of the wallet. Whatever takes them away takes the same lock
-- before its commit, as members and policies do since 0016: a charge is either committed before it, or sees it and is refused.
CREATE FUNCTION lock_books_of_ended_keys() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM 1 FROM ledger.books b
    WHERE b.book_id IN (
      SELECT c.organization_id FROM changed c JOIN unchanged u ON u.organization_id = c.organization_id AND u.id = c.id
       WHERE c.revoked_at IS DISTINCT FROM u.revoked_at)
    ORDER BY b.book_id FOR UPDATE;
  RETURN NULL;
END $$;
CREATE FUNCTION lock_books_of_changed_status() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM 1 FROM ledger.books b
    WHERE b.book_id IN (SELECT c.id FROM changed c JOIN unchanged u ON u.id = c.id WHERE c.status IS DISTINCT FROM u.status)
    ORDER BY b.book_id FOR UPDATE;
  RETURN NULL;
END $$;
GRANT CREATE ON SCHEMA public TO guildhall_engine;
ALTER FUNCTION lock_books_of_ended_keys OWNER TO guildhall_engine;
ALTER FUNCTION lock_books_of_changed_status OWNER TO guildhall_engine;
REVOKE CREATE ON SCHEMA public FROM guildhall_engine;
CREATE TRIGGER api_keys_change AFTER UPDATE ON api_keys
  REFERENCING OLD TABLE AS unchanged NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION lock_books_of_ended_keys();
CREATE TRIGGER organizations_change_status AFTER UPDATE ON organizations
  REFERENCING OLD TABLE AS unchanged NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION lock_books_of_changed_status();

-- 3. Proof. Like find_drift: one row per thing that must never be, of one book or of all, from one snapshot; nothing is repaired.
-- Every check is a fixed number of scans, hash joins and sums over the rows of its tables: time grows with them as n, or n log n
-- where they are sorted. Without nested loops, for those would be the plan for tables of which nothing is known yet, and never end.
-- Of one book only that book's rows are read: its id is known when the plan is made.
ALTER FUNCTION ledger.find_drift SET plan_cache_mode = force_custom_plan SET enable_nestloop = off SET work_mem = '64MB';
ALTER FUNCTION ledger.find_misposted SET plan_cache_mode = force_custom_plan;

-- Holds against the postings that placed and ended them.
CREATE FUNCTION ledger.find_hold_drift(p_book_id uuid DEFAULT NULL)
  RETURNS TABLE (book_id uuid, finding text, subject text, sequence bigint, expected text, found text)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ledger, public, pg_temp
  SET plan_cache_mode = force_custom_plan SET enable_nestloop = off SET work_mem = '64MB' AS $$
  WITH hold AS (
    SELECT h.*, CASE WHEN h.state IN ('released', 'expired') THEN 'given back' ELSE h.state END AS how
      FROM holds h WHERE p_book_id IS NULL OR h.book_id = p_book_id
  ), placed AS (
    SELECT p.* FROM postings p WHERE p.kind = 'hold' AND (p_book_id IS NULL OR p.book_id = p_book_id)
  ), ended AS (
    SELECT p.* FROM postings p WHERE p.kind = 'release' AND (p_book_id IS NULL OR p.book_id = p_book_id)
  ), used AS (
    SELECT p.book_id, p.reference_id, min(p.sequence) AS sequence, -sum(p.amount_micro) AS amount_micro
      FROM postings p WHERE p.kind = 'usage' AND p.reference_id IS NOT NULL AND (p_book_id IS NULL OR p.book_id = p_book_id) GROUP BY 1, 2
  ), outcome AS (
    SELECT h.*, r.sequence AS ended_sequence, r.amount_micro AS ended_micro, coalesce(u.amount_micro, 0) AS used_micro,
           CASE WHEN u.reference_id IS NOT NULL THEN 'settled' WHEN r.reference_id IS NOT NULL THEN 'given back' ELSE 'open' END AS posted_how
      FROM hold h
      LEFT JOIN ended r ON r.book_id = h.book_id AND r.reference_id = h.hold_id
      LEFT JOIN used u ON u.book_id = h.book_id AND u.reference_id = h.hold_id
  )
  SELECT coalesce(h.book_id, p.book_id), 'hold_is_not_its_posting', 'hold ' || coalesce(h.hold_id, p.id), coalesce(p.sequence, h.sequence),
         CASE WHEN p.id IS NULL THEN 'no hold' ELSE -p.amount_micro || ' in posting ' || p.sequence END,
         CASE WHEN h.hold_id IS NULL THEN 'no hold' ELSE h.amount_micro || ' in posting ' || h.sequence END
    FROM hold h FULL JOIN placed p ON p.book_id = h.book_id AND p.id = h.hold_id
   WHERE (h.amount_micro, h.sequence) IS DISTINCT FROM (-p.amount_micro, p.sequence)
  UNION ALL
  SELECT o.book_id, 'hold_did_not_end_as_posted', 'hold ' || o.hold_id, o.ended_sequence, o.posted_how || ', used ' || o.used_micro,
         o.how || ', used ' || o.settled_micro
    FROM outcome o WHERE (o.how, o.settled_micro) IS DISTINCT FROM (o.posted_how, o.used_micro)
  UNION ALL
  SELECT o.book_id, 'release_is_not_what_was_held', 'hold ' || o.hold_id, o.ended_sequence, o.amount_micro::text, coalesce(o.ended_micro::text, 'none')
    FROM outcome o WHERE o.posted_how <> 'open' AND o.ended_micro IS DISTINCT FROM o.amount_micro
  UNION ALL
  SELECT o.book_id, 'hold_settled_beyond_its_tolerance', 'hold ' || o.hold_id, o.ended_sequence, 'at most ' || o.amount_micro + o.tolerance_micro, o.used_micro::text
    FROM outcome o WHERE o.used_micro > o.amount_micro + o.tolerance_micro
  UNION ALL
  SELECT e.book_id, 'end_of_no_hold', 'hold ' || coalesce(e.reference_id::text, 'none'), e.sequence, 'a hold', 'none'
    FROM (SELECT book_id, reference_id, sequence FROM ended UNION ALL SELECT book_id, reference_id, sequence FROM used) AS e
   WHERE NOT EXISTS (SELECT FROM hold h WHERE h.book_id = e.book_id AND h.hold_id = e.reference_id)
$$;

-- Lots and burns against their postings and the wallet. The wallet may be as far below its lots as its floor is below zero.
CREATE FUNCTION ledger.find_lot_drift(p_book_id uuid DEFAULT NULL)
  RETURNS TABLE (book_id uuid, finding text, subject text, sequence bigint, expected text, found text)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ledger, public, pg_temp
  SET plan_cache_mode = force_custom_plan SET enable_nestloop = off SET work_mem = '64MB' AS $$
  WITH posting AS NOT MATERIALIZED (
    SELECT p.* FROM postings p WHERE p_book_id IS NULL OR p.book_id = p_book_id
  ), lot AS (
    SELECT l.*, sum(l.granted_micro) OVER (PARTITION BY l.book_id, l.sequence) AS together_micro
      FROM lots l WHERE p_book_id IS NULL OR l.book_id = p_book_id
  ), burn AS (
    SELECT b.* FROM burns b WHERE p_book_id IS NULL OR b.book_id = p_book_id
  ), burned AS (
    SELECT b.book_id, b.sequence, sum(b.amount_micro) AS amount_micro, bool_and(b.amount_micro > 0) AS is_taken, bool_and(b.amount_micro < 0) AS is_given
      FROM burn b GROUP BY 1, 2
  ), returned AS (
    SELECT r.book_id, h.hold_id, r.sequence, h.sequence AS held_at
      FROM holds h JOIN postings r ON r.book_id = h.book_id AND r.reference_id = h.hold_id AND r.kind = 'release'
     WHERE p_book_id IS NULL OR h.book_id = p_book_id AND r.book_id = p_book_id
  )
  SELECT l.book_id, 'lot_is_out_of_its_bounds', 'lot ' || l.lot_id, l.sequence, '0 to ' || l.granted_micro, l.remaining_micro::text
    FROM lot l WHERE l.remaining_micro NOT BETWEEN 0 AND l.granted_micro
  UNION ALL
  SELECT l.book_id, 'lot_is_not_what_was_posted', 'lot ' || l.lot_id, l.sequence, coalesce(p.amount_micro::text, 'no posting'), l.together_micro::text
    FROM lot l LEFT JOIN posting p ON p.book_id = l.book_id AND p.sequence = l.sequence
   WHERE l.together_micro > p.amount_micro OR p.amount_micro IS NULL
      OR p.kind = 'top_up' AND (l.together_micro <> p.amount_micro OR p.id <> l.lot_id)
  UNION ALL
  SELECT b.book_id, 'lots_exceed_the_wallet', 'all lots', NULL, 'at most ' || b.wallet_micro - b.floor_micro, l.remaining_micro::text
    FROM (SELECT b.* FROM books b WHERE p_book_id IS NULL OR b.book_id = p_book_id) AS b
    JOIN (SELECT l.book_id, sum(l.remaining_micro) AS remaining_micro FROM lot l GROUP BY 1) AS l USING (book_id)
   WHERE l.remaining_micro > b.wallet_micro - b.floor_micro
  UNION ALL
  SELECT b.book_id, 'burns_are_not_those_of_their_posting', 'posting ' || b.sequence, b.sequence,
         CASE WHEN p.amount_micro < 0 THEN '0 to ' || -p.amount_micro WHEN p.amount_micro > 0 THEN -p.amount_micro || ' to 0' ELSE 'no posting' END,
         b.amount_micro::text
    FROM burned b LEFT JOIN posting p ON p.book_id = b.book_id AND p.sequence = b.sequence
   WHERE NOT coalesce(CASE WHEN p.amount_micro < 0 THEN b.is_taken AND b.amount_micro <= -p.amount_micro
                           ELSE b.is_given AND b.amount_micro >= -p.amount_micro END, false)
  UNION ALL
  SELECT b.book_id, 'burn_of_no_lot', 'lot ' || b.lot_id, b.sequence, 'a lot', 'none'
    FROM burn b WHERE NOT EXISTS (SELECT FROM lot l WHERE l.book_id = b.book_id AND l.lot_id = b.lot_id)
  UNION ALL
  SELECT r.book_id, 'release_did_not_return_to_the_lot', 'lot ' || held.lot_id, r.sequence, (-held.amount_micro)::text, coalesce(back.amount_micro, 0)::text
    FROM returned r
    JOIN burn held ON held.book_id = r.book_id AND held.sequence = r.held_at
    LEFT JOIN burn back ON back.book_id = r.book_id AND back.sequence = r.sequence AND back.lot_id = held.lot_id
   WHERE back.amount_micro IS DISTINCT FROM -held.amount_micro
$$;

-- Refunds against what they give back, and what ledger.post_debits believes of a book's keys. Such a belief is checked where it is in
-- force: that no key is larger. A key that is wrongly believed to be larger costs a look-up, nothing else.
CREATE FUNCTION ledger.find_key_drift(p_book_id uuid DEFAULT NULL)
  RETURNS TABLE (book_id uuid, finding text, subject text, sequence bigint, expected text, found text)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ledger, public, pg_temp
  SET plan_cache_mode = force_custom_plan SET enable_nestloop = off SET work_mem = '64MB' AS $$
  WITH posting AS NOT MATERIALIZED (
    SELECT p.* FROM postings p WHERE p_book_id IS NULL OR p.book_id = p_book_id
  ), refund AS (
    SELECT r.*, CASE WHEN r.attributes->>'refundOf' ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN (r.attributes->>'refundOf')::uuid END AS use_id,
           sum(r.amount_micro) OVER (PARTITION BY r.book_id, r.attributes->>'refundOf') AS together_micro
      FROM postings r WHERE r.kind = 'refund' AND r.attributes ? 'refundOf' AND (p_book_id IS NULL OR r.book_id = p_book_id)
  ), book AS (
    SELECT b.* FROM books b WHERE p_book_id IS NULL OR b.book_id = p_book_id
  )
  SELECT r.book_id, 'refund_exceeds_what_was_used', 'posting ' || (r.attributes->>'refundOf'), r.sequence,
         'at most ' || coalesce(-u.amount_micro, 0), r.together_micro::text
    FROM refund r LEFT JOIN posting u ON u.book_id = r.book_id AND u.id = r.use_id AND u.kind = 'usage' AND u.sequence < r.sequence
   WHERE r.together_micro > coalesce(-u.amount_micro, 0)
  UNION ALL
  SELECT b.book_id, 'refunds_exceed_what_was_used', 'all refunds', NULL, 'at least 0', b.consumed_micro::text
    FROM book b WHERE b.consumed_micro < 0
  UNION ALL
  SELECT b.book_id, 'latest_key_is_not_the_largest', 'key ' || latest.id, latest.sequence, latest.id::text, b.latest_key::text
    FROM book b CROSS JOIN LATERAL (SELECT p.id, p.sequence FROM postings p WHERE p.book_id = b.book_id ORDER BY p.id DESC LIMIT 1) AS latest
   WHERE b.latest_key_sequence = b.wallet_sequence AND b.latest_key < latest.id
  UNION ALL
  SELECT b.book_id, 'latest_key_is_of_a_posting_to_come', 'key ' || b.latest_key, NULL, 'at most ' || b.wallet_sequence, b.latest_key_sequence::text
    FROM book b WHERE b.latest_key_sequence > b.wallet_sequence
$$;

-- What counts as spent by people and teams against the uses and holds that it counts, and those against their postings.
CREATE FUNCTION find_spending_drift(p_organization_id uuid DEFAULT NULL)
  RETURNS TABLE (book_id uuid, finding text, subject text, sequence bigint, expected text, found text)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
  SET plan_cache_mode = force_custom_plan SET enable_nestloop = off SET work_mem = '64MB' AS $$
  WITH posting AS NOT MATERIALIZED (
    SELECT p.* FROM ledger.postings p WHERE p_organization_id IS NULL OR p.book_id = p_organization_id
  ), hold AS NOT MATERIALIZED (
    SELECT h.* FROM ledger.holds h WHERE p_organization_id IS NULL OR h.book_id = p_organization_id
  ), reversal AS NOT MATERIALIZED (
    SELECT r.* FROM usage_reversals r WHERE p_organization_id IS NULL OR r.organization_id = p_organization_id
  ), used AS (
    SELECT u.*, r.id AS reversal_id
      FROM usage_events u LEFT JOIN reversal r ON r.organization_id = u.organization_id AND r.usage_id = u.id
     WHERE p_organization_id IS NULL OR u.organization_id = p_organization_id
  ), held AS (
    SELECT m.*, h.hold_id IS NOT NULL AS is_there, h.amount_micro + h.tolerance_micro AS most_micro, p.attributes->>'memberId' AS posted_for, h.sequence,
           CASE WHEN h.state <> 'open' THEN h.settled_micro ELSE m.reserved_micro END AS counted_micro,
           ledger.derived_id('hold', m.organization_id, m.hold_id) AS team_use_id
      FROM hold_members m
      LEFT JOIN hold h ON h.book_id = m.organization_id AND h.hold_id = m.hold_id
      LEFT JOIN posting p ON p.book_id = m.organization_id AND p.id = m.hold_id AND p.kind = 'hold'
     WHERE p_organization_id IS NULL OR m.organization_id = p_organization_id
  ), through_team AS (
    SELECT t.*, coalesce(u.amount_micro, h.counted_micro) AS expected_micro, u.reversal_id
      FROM team_uses t
      LEFT JOIN used u ON u.organization_id = t.organization_id AND u.id = t.usage_id
      LEFT JOIN held h ON h.organization_id = t.organization_id AND h.team_use_id = t.usage_id
     WHERE p_organization_id IS NULL OR t.organization_id = p_organization_id
  ), of_member AS (
    SELECT c.organization_id, c.member_id, c.month, sum(c.amount_micro) AS amount_micro
      FROM (
        SELECT u.organization_id, u.member_id, date_trunc('month', u.created_at AT TIME ZONE 'UTC')::date AS month, u.amount_micro
          FROM used u WHERE u.member_id IS NOT NULL AND u.amount_micro > 0 AND u.reversal_id IS NULL
        UNION ALL
        SELECT h.organization_id, h.member_id, h.month, h.counted_micro FROM held h
      ) AS c GROUP BY 1, 2, 3
  ), of_team AS (
    SELECT t.organization_id, t.team_id, t.month, sum(t.amount_micro) AS amount_micro
      FROM through_team t WHERE t.reversal_id IS NULL GROUP BY 1, 2, 3
  )
  SELECT coalesce(s.organization_id, c.organization_id), 'member_spending_is_not_what_was_used',
         'member ' || coalesce(s.member_id, c.member_id) || ' in ' || to_char(coalesce(s.month, c.month), 'YYYY-MM'), NULL::bigint,
         coalesce(c.amount_micro, 0)::text, coalesce(s.spent_micro, 0)::text
    FROM (SELECT * FROM member_spending s WHERE p_organization_id IS NULL OR s.organization_id = p_organization_id) AS s
    FULL JOIN of_member c ON c.organization_id = s.organization_id AND c.member_id = s.member_id AND c.month = s.month
   WHERE coalesce(c.amount_micro, 0) <> coalesce(s.spent_micro, 0)
  UNION ALL
  SELECT coalesce(s.organization_id, c.organization_id), 'team_spending_is_not_what_was_used',
         'team ' || coalesce(s.team_id, c.team_id) || ' in ' || to_char(coalesce(s.month, c.month), 'YYYY-MM'), NULL,
         coalesce(c.amount_micro, 0)::text, coalesce(s.spent_micro, 0)::text
    FROM (SELECT * FROM team_spending s WHERE p_organization_id IS NULL OR s.organization_id = p_organization_id) AS s
    FULL JOIN of_team c ON c.organization_id = s.organization_id AND c.team_id = s.team_id AND c.month = s.month
   WHERE coalesce(c.amount_micro, 0) <> coalesce(s.spent_micro, 0)
  UNION ALL
  SELECT t.organization_id, 'team_use_is_not_what_was_used', 'use ' || t.usage_id, NULL, coalesce(t.expected_micro::text, 'no use'), t.amount_micro::text
    FROM through_team t WHERE t.amount_micro IS DISTINCT FROM t.expected_micro
  UNION ALL
  SELECT h.organization_id, 'hold_member_is_not_of_the_hold', 'hold ' || h.hold_id, h.sequence,
         CASE WHEN h.is_there THEN h.most_micro || ' for ' || coalesce(h.posted_for, 'nobody') ELSE 'no hold' END, h.reserved_micro || ' for ' || h.member_id
    FROM held h WHERE NOT h.is_there OR h.reserved_micro <> h.most_micro OR h.posted_for IS DISTINCT FROM h.member_id::text
  UNION ALL
  SELECT p.book_id, 'hold_lacks_its_member', 'hold ' || p.id, p.sequence, 'for ' || (p.attributes->>'memberId'), 'nobody'
    FROM posting p
   WHERE p.kind = 'hold' AND p.attributes ? 'memberId'
     AND NOT EXISTS (SELECT FROM held m WHERE m.organization_id = p.book_id AND m.hold_id = p.id)
  UNION ALL
  SELECT u.organization_id, 'use_is_not_its_posting', 'use ' || u.id, p.sequence, coalesce(-p.amount_micro, 0)::text, u.amount_micro::text
    FROM used u LEFT JOIN posting p ON p.book_id = u.organization_id AND p.id = u.posting_id AND p.kind = 'usage'
   WHERE u.amount_micro <> coalesce(-p.amount_micro, 0)
  UNION ALL
  SELECT u.organization_id, 'reversal_is_not_its_refund', 'use ' || u.id, p.sequence, u.amount_micro::text, coalesce(p.amount_micro::text, 'no refund')
    FROM used u LEFT JOIN posting p ON p.book_id = u.organization_id AND p.id = ledger.posting_id_of(u.reversal_id) AND p.kind = 'refund'
   WHERE u.reversal_id IS NOT NULL AND p.amount_micro IS DISTINCT FROM u.amount_micro
  UNION ALL
  SELECT p.book_id, 'refund_without_its_reversal', 'use ' || (p.attributes->>'usageId'), p.sequence, 'a reversal', 'none'
    FROM posting p
   WHERE p.kind = 'refund' AND p.attributes ? 'usageId'
     AND NOT EXISTS (SELECT FROM reversal r WHERE r.organization_id = p.book_id AND r.usage_id::text = p.attributes->>'usageId')
$$;

CREATE POLICY engine_reads ON usage_reversals FOR SELECT TO guildhall_engine USING (true);
GRANT SELECT ON usage_events, usage_reversals TO guildhall_engine;

GRANT CREATE ON SCHEMA ledger, public TO guildhall_engine;
ALTER FUNCTION ledger.find_hold_drift OWNER TO guildhall_engine;
ALTER FUNCTION ledger.find_lot_drift OWNER TO guildhall_engine;
ALTER FUNCTION ledger.find_key_drift OWNER TO guildhall_engine;
ALTER FUNCTION find_spending_drift OWNER TO guildhall_engine;
REVOKE CREATE ON SCHEMA ledger, public FROM guildhall_engine;
REVOKE ALL ON FUNCTION ledger.find_hold_drift, ledger.find_lot_drift, ledger.find_key_drift, find_spending_drift FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger.find_hold_drift, ledger.find_lot_drift, ledger.find_key_drift, find_spending_drift TO guildhall_app;
