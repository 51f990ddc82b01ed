-- A replay is answered with what was then: the balance was, but what was held came from now, so that their sum was a balance
-- that the wallet never had. And counting what people and teams spend neither waits for an organization nor keeps credits from moving.

-- What was held in a book after a posting: the account's balance at the last hold or release up to there.
CREATE FUNCTION ledger.held_at(p_book_id uuid, p_sequence bigint) RETURNS bigint
  LANGUAGE sql STABLE SET search_path = ledger, public, pg_temp AS $$
  SELECT coalesce((
    SELECT last.counter_after_micro
      FROM (VALUES ('hold'), ('release')) AS moves(kind),
        LATERAL (SELECT p.sequence, p.counter_after_micro FROM postings p
                  WHERE p.book_id = p_book_id AND p.kind = moves.kind AND p.sequence <= p_sequence ORDER BY p.sequence DESC LIMIT 1) AS last
     ORDER BY last.sequence DESC LIMIT 1), 0);
$$;

-- Unchanged, but for what a replay tells of held credits.
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

-- Counts are written under the wallet's lock. These keys then locked the organization's row, against the order of the locks; there
-- is nothing that they would find, for organizations stay.
ALTER TABLE member_spending DROP CONSTRAINT member_spending_organization_id_fkey;
ALTER TABLE team_spending DROP CONSTRAINT team_spending_organization_id_fkey;

-- As in 0016, but a count never goes below zero: it must not keep a correction from giving credits back.
CREATE OR REPLACE FUNCTION uncount_team_spending() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE team_spending s SET spent_micro = greatest(0, s.spent_micro - r.amount_micro)
    FROM (
      SELECT u.organization_id, u.team_id, u.month, sum(u.amount_micro)::bigint AS amount_micro
        FROM added a JOIN team_uses u ON u.organization_id = a.organization_id AND u.usage_id = a.usage_id GROUP BY 1, 2, 3
    ) AS r
   WHERE s.organization_id = r.organization_id AND s.team_id = r.team_id AND s.month = r.month;
  RETURN NULL;
END $$;

GRANT CREATE ON SCHEMA ledger TO guildhall_engine;
ALTER FUNCTION ledger.held_at OWNER TO guildhall_engine;
REVOKE CREATE ON SCHEMA ledger FROM guildhall_engine;
REVOKE ALL ON FUNCTION ledger.held_at FROM PUBLIC;
