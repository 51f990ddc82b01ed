-- A batch of plain postings is decided in one walk over its requests, no more by window functions: those copied every row
-- four times. What a row is made of stays in the arrays that came in and is taken from there by its place.

-- A CHECK is parsed anew for every statement that writes, which was a third of the time of a single debit. What only the
-- functions below could get wrong is looked for by find_drift and find_misposted; zero sum and floor stay with the table.
ALTER TABLE ledger.postings
  DROP CONSTRAINT postings_against_their_counter, DROP CONSTRAINT postings_sequence_check, DROP CONSTRAINT postings_counter_sequence_check,
  DROP CONSTRAINT postings_description_check, DROP CONSTRAINT postings_attributes_check;
ALTER TABLE ledger.books
  DROP CONSTRAINT books_floor_micro_check, DROP CONSTRAINT books_held_micro_check, DROP CONSTRAINT books_lots_micro_check,
  DROP CONSTRAINT wallet_at_or_above_floor,
  ADD CONSTRAINT wallet_at_or_above_floor CHECK (wallet_micro >= floor_micro AND held_micro >= 0);

-- Names postings whose counter account is not that of their kind and sign.
CREATE FUNCTION ledger.find_misposted(p_book_id uuid DEFAULT NULL)
  RETURNS TABLE (book_id uuid, finding text, account text, sequence bigint, expected text, found text)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ledger, public, pg_temp AS $$
  SELECT p.book_id, 'counter_is_not_that_of_the_kind', p.counter, p.sequence, coalesce(counter_of(p.kind, p.amount_micro), 'none'), p.counter
    FROM postings p
   WHERE (p_book_id IS NULL OR p.book_id = p_book_id) AND p.counter IS DISTINCT FROM counter_of(p.kind, p.amount_micro)
$$;

DROP FUNCTION ledger.post_plain;

-- The statement for batches without holds, lots and transfers; the caller holds the locks. Its answers are post_batch's.
CREATE FUNCTION ledger.post_plain(
  p_now timestamptz, p_book_ids uuid[], p_ids uuid[], p_kinds text[], p_amounts_micro bigint[],
  p_descriptions text[], p_actor_ids uuid[], p_attributes text[], p_fingerprints uuid[]
) RETURNS TABLE (
  place bigint, outcome text, sequence bigint, amount_micro bigint, balance_micro bigint, held_micro bigint, posted_at timestamptz,
  book_id uuid, posting_id uuid, kind text, description text
) LANGUAGE plpgsql SET search_path = ledger, public, pg_temp AS $$
#variable_conflict use_column
DECLARE
  -- Far enough from the end of bigint that a batch of the largest amounts cannot reach it.
  c_range_micro CONSTANT bigint := 1000000000000000000;
  c_largest_micro CONSTANT bigint := 1000000000000000;
  c_count CONSTANT integer := cardinality(p_book_ids);
  v_request record;
  -- By place. A sequence of zero: not posted. Those without a start are set only where they differ from what is usual.
  v_sequences bigint[] := array_fill(0::bigint, ARRAY[c_count]);
  v_balances bigint[] := v_sequences;
  v_counter_sequences bigint[] := v_sequences;
  v_counter_balances bigint[] := v_sequences;
  v_refusals text[];
  v_helds bigint[];
  v_first_sequences bigint[];
  v_first_amounts bigint[];
  v_first_posted_at timestamptz[];
  -- The book that the walk is in, and what its accounts have come to; its counter accounts as numbered by the query.
  v_book_id uuid;
  v_wallet bigint;
  v_wallet_sequence bigint;
  v_counters bigint[];
  v_counters_sequences bigint[];
  v_has_moved boolean;
  -- By book that moved: the places of its last posting and of the last one against each counter account.
  v_moved integer := 0;
  v_moved_ids uuid[];
  v_last_places integer[];
  v_last_counter_places integer[];
BEGIN
  FOR v_request IN
    SELECT i AS place, p_book_ids[i] AS book_id, p_amounts_micro[i] AS amount, b.floor_micro, b.held_micro,
           b.wallet_micro, b.wallet_sequence, b.consumed_micro, b.consumed_sequence, b.top_ups_micro, b.top_ups_sequence,
           b.adjustments_micro, b.adjustments_sequence,
           CASE p_kinds[i] WHEN 'usage' THEN 1 WHEN 'refund' THEN 1 WHEN 'top_up' THEN 2 WHEN 'top_up_reversal' THEN 2 ELSE 3 END AS counter,
           p.sequence AS first_sequence, p.amount_micro AS first_amount, p.balance_after_micro AS first_balance, p.posted_at AS first_posted_at,
           -- The key comes before the floor: a retry is told what happened, whatever the wallet holds by now.
           CASE
             WHEN p.sequence IS NOT NULL THEN CASE
               WHEN p.reference_id IS NULL AND p.other_book_id IS NULL AND CASE
                 WHEN p_fingerprints[i] IS NULL AND p.fingerprint IS NULL
                   THEN p.kind = p_kinds[i] AND p.amount_micro = p_amounts_micro[i] AND p.description = p_descriptions[i]
                        AND p.attributes IS NOT DISTINCT FROM p_attributes[i]::jsonb
                 ELSE p.fingerprint IS NOT DISTINCT FROM p_fingerprints[i] END
               THEN 'replayed' ELSE 'conflict' END
             WHEN b.book_id IS NULL THEN 'unknown_book'
             WHEN counter_of(p_kinds[i], p_amounts_micro[i]) IS NULL OR p_amounts_micro[i] NOT BETWEEN -c_largest_micro AND c_largest_micro THEN 'invalid'
             WHEN abs(b.wallet_micro) > c_range_micro OR abs(b.consumed_micro) > c_range_micro OR abs(b.top_ups_micro) > c_range_micro
                  OR abs(b.adjustments_micro) > c_range_micro THEN 'out_of_range'
           END AS refusal
      FROM generate_series(1, c_count) AS i
      LEFT JOIN books b ON b.book_id = p_book_ids[i]
      LEFT JOIN postings p ON p.book_id = p_book_ids[i] AND p.id = p_ids[i]
     ORDER BY 2, 1
  LOOP
    IF v_book_id IS DISTINCT FROM v_request.book_id THEN
      v_book_id := v_request.book_id;
      v_wallet := v_request.wallet_micro;
      v_wallet_sequence := v_request.wallet_sequence;
      v_counters := ARRAY[v_request.consumed_micro, v_request.top_ups_micro, v_request.adjustments_micro];
      v_counters_sequences := ARRAY[v_request.consumed_sequence, v_request.top_ups_sequence, v_request.adjustments_sequence];
      v_has_moved := false;
    END IF;
    IF v_request.held_micro > 0 THEN
      v_helds[v_request.place] := v_request.held_micro;
    END IF;

    IF v_request.refusal IS NOT NULL THEN
      v_refusals[v_request.place] := v_request.refusal;
      v_balances[v_request.place] := v_request.first_balance;
      v_first_sequences[v_request.place] := v_request.first_sequence;
      v_first_amounts[v_request.place] := v_request.first_amount;
      v_first_posted_at[v_request.place] := v_request.first_posted_at;
    ELSIF v_request.amount < 0 AND v_wallet + v_request.amount < v_request.floor_micro THEN
      v_refusals[v_request.place] := 'insufficient';
      v_balances[v_request.place] := v_wallet;
    ELSE
      IF NOT v_has_moved THEN
        v_has_moved := true;
        v_moved := v_moved + 1;
        v_moved_ids[v_moved] := v_book_id;
      END IF;
      v_wallet := v_wallet + v_request.amount;
      v_wallet_sequence := v_wallet_sequence + 1;
      v_balances[v_request.place] := v_wallet;
      v_sequences[v_request.place] := v_wallet_sequence;
      v_counters[v_request.counter] := v_counters[v_request.counter] - v_request.amount;
      v_counters_sequences[v_request.counter] := v_counters_sequences[v_request.counter] + 1;
      v_counter_balances[v_request.place] := v_counters[v_request.counter];
      v_counter_sequences[v_request.place] := v_counters_sequences[v_request.counter];
      v_last_places[v_moved] := v_request.place;
      v_last_counter_places[3 * v_moved + v_request.counter] := v_request.place;
    END IF;
  END LOOP;

  IF v_moved > 0 THEN
    INSERT INTO postings (book_id, sequence, id, posted_at, amount_micro, balance_after_micro, counter_sequence, counter_after_micro,
                          kind, counter, fingerprint, actor_id, description, attributes)
    SELECT p_book_ids[i], v_sequences[i], p_ids[i], p_now, p_amounts_micro[i], v_balances[i], v_counter_sequences[i], v_counter_balances[i],
           p_kinds[i], counter_of(p_kinds[i], p_amounts_micro[i]), p_fingerprints[i], p_actor_ids[i], p_descriptions[i], p_attributes[i]::jsonb
      FROM generate_series(1, c_count) AS i WHERE v_sequences[i] > 0;
    UPDATE books b SET
      wallet_micro = v_balances[v_last_places[m]],
      wallet_sequence = v_sequences[v_last_places[m]],
      consumed_micro = coalesce(v_counter_balances[v_last_counter_places[3 * m + 1]], b.consumed_micro),
      consumed_sequence = coalesce(v_counter_sequences[v_last_counter_places[3 * m + 1]], b.consumed_sequence),
      top_ups_micro = coalesce(v_counter_balances[v_last_counter_places[3 * m + 2]], b.top_ups_micro),
      top_ups_sequence = coalesce(v_counter_sequences[v_last_counter_places[3 * m + 2]], b.top_ups_sequence),
      adjustments_micro = coalesce(v_counter_balances[v_last_counter_places[3 * m + 3]], b.adjustments_micro),
      adjustments_sequence = coalesce(v_counter_sequences[v_last_counter_places[3 * m + 3]], b.adjustments_sequence)
      FROM generate_series(1, v_moved) AS m WHERE b.book_id = v_moved_ids[m];
  END IF;

  RETURN QUERY
  SELECT i::bigint, coalesce(v_refusals[i], 'accepted'), CASE WHEN v_sequences[i] > 0 THEN v_sequences[i] ELSE v_first_sequences[i] END,
         coalesce(v_first_amounts[i], p_amounts_micro[i]), v_balances[i], coalesce(v_helds[i], 0), coalesce(v_first_posted_at[i], p_now),
         NULL::uuid, NULL::uuid, NULL::text, NULL::text
    FROM generate_series(1, c_count) AS i;
END $$;

-- Unchanged but for the call of post_plain, which answers with the same columns now.
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
    SELECT * FROM post_plain(p_now, p_book_ids, p_ids, p_kinds, p_amounts_micro, p_descriptions, p_actor_ids, p_attributes, p_fingerprints);
  ELSE
    RETURN QUERY
    SELECT * FROM post_linked(p_now, p_book_ids, p_ids, p_kinds, p_amounts_micro, p_descriptions, p_actor_ids, p_attributes, p_fingerprints,
                              p_hold_ids, p_other_book_ids, p_expires_at, p_tolerances_micro, p_lot_kinds, p_is_due);
  END IF;

  IF v_lot_books IS NOT NULL THEN
    PERFORM account_for_lots(l.book_id, l.sequence), carry_lots_over(l.book_id, l.sequence, p_now)
       FROM unnest(v_lot_books, v_lot_sequences) AS l(book_id, sequence);
  END IF;
END $$;



GRANT CREATE ON SCHEMA ledger TO guildhall_engine;
ALTER FUNCTION ledger.find_misposted OWNER TO guildhall_engine;
REVOKE CREATE ON SCHEMA ledger FROM guildhall_engine;
REVOKE ALL ON FUNCTION ledger.find_misposted FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger.find_misposted TO guildhall_app;
