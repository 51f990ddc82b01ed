-- Debits at the speed of batches. Nearly every batch is plain: debits of known wallets that can pay them, under new keys. Such a
-- batch needs no decision per request, so its statements are set-based and few; all others are left to ledger.post_batch.

-- Posts a batch of debits ("usage"). When all of it is plain (every wallet exists, has no lots and nothing held, can pay its part of
-- the batch, and no key was used before), it answers with one row per wallet, outcome "opening": what the wallet had before
-- (sequence, balance_micro), what was taken (amount_micro, below zero) and by how many requests (place). The caller derives each posting's result, for they are
-- numbered in the order of the requests. Any other batch is answered by ledger.post_batch, row by row.
-- p_books are distinct and in ascending order; p_book_places names, by request, the place of its wallet in p_books, and is empty
-- when there is one. The lists of actors, attributes and fingerprints may be empty. At most 1,000 requests, each key once.
-- Needs READ COMMITTED: what is decided must see what was committed while the lock was waited for.
CREATE FUNCTION ledger.post_debits(
  p_now timestamptz, p_books uuid[], p_book_places int[], p_ids uuid[], p_amounts_micro bigint[],
  p_descriptions text[], p_actor_ids uuid[], p_attributes text[], p_fingerprints uuid[]
) RETURNS TABLE (
  place bigint, outcome text, sequence bigint, amount_micro bigint, balance_micro bigint, held_micro bigint, posted_at timestamptz,
  book_id uuid, posting_id uuid, kind text, description text
) LANGUAGE plpgsql SECURITY DEFINER SET search_path = ledger, public, pg_temp
-- One plan, made once and kept, that does not grow worse with the tables: see ledger.post_batch.
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
  c_range_micro CONSTANT bigint := 1000000000000000000;
  c_largest_micro CONSTANT bigint := 1000000000000000;
  c_count CONSTANT integer := cardinality(p_ids);
  v_book books;
  v_total bigint;
  v_locked uuid[];
  v_wallets bigint[];
  v_sequences bigint[];
  v_consumed bigint[];
  v_consumed_sequences bigint[];
  v_floors bigint[];
  v_totals bigint[];
  v_counts bigint[];
  v_is_plain boolean;
BEGIN
  IF coalesce(current_organization_id(), current_user_id()) <> ANY (p_books) THEN
    RAISE EXCEPTION 'a posting names a book of another owner than the transaction''s' USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF c_count > 1000 THEN
    RAISE EXCEPTION 'a batch holds at most 1000 requests' USING ERRCODE = 'program_limit_exceeded';
  END IF;

<<plain>>
BEGIN
  IF 0 <= ANY (p_amounts_micro) OR -c_largest_micro > ANY (p_amounts_micro) THEN
    EXIT plain;
  END IF;

  IF cardinality(p_books) = 1 THEN
    SELECT * INTO v_book FROM books b WHERE b.book_id = p_books[1] FOR NO KEY UPDATE;
    IF v_book.book_id IS NULL OR v_book.held_micro > 0 OR v_book.lots_micro IS NOT NULL
       OR abs(v_book.wallet_micro) > c_range_micro OR v_book.consumed_micro > c_range_micro THEN
      EXIT plain;
    END IF;
    IF c_count = 1 THEN
      v_total := p_amounts_micro[1];
      IF v_book.wallet_micro + v_total < v_book.floor_micro
         OR EXISTS (SELECT FROM postings p WHERE p.book_id = p_books[1] AND p.id = p_ids[1]) THEN
        EXIT plain;
      END IF;
      INSERT INTO postings (book_id, sequence, id, posted_at, amount_micro, balance_after_micro, counter_sequence, counter_after_micro,
                            kind, counter, fingerprint, actor_id, description, attributes)
      VALUES (p_books[1], v_book.wallet_sequence + 1, p_ids[1], p_now, v_total, v_book.wallet_micro + v_total, v_book.consumed_sequence + 1,
              v_book.consumed_micro - v_total, 'usage', 'consumed', p_fingerprints[1], p_actor_ids[1], p_descriptions[1], p_attributes[1]::jsonb);
    ELSE
      v_total := (SELECT sum_micro(a) FROM unnest(p_amounts_micro) AS a);
      -- LATERAL and OFFSET 0: one look-up by key each, whatever the planner believes of a young table.
      IF v_book.wallet_micro + v_total < v_book.floor_micro OR EXISTS (
        SELECT FROM unnest(p_ids) AS asked(id),
          LATERAL (SELECT FROM postings p WHERE p.book_id = p_books[1] AND p.id = asked.id OFFSET 0) AS known
      ) THEN
        EXIT plain;
      END IF;
      INSERT INTO postings (book_id, sequence, id, posted_at, amount_micro, balance_after_micro, counter_sequence, counter_after_micro,
                            kind, counter, fingerprint, actor_id, description, attributes)
      SELECT p_books[1], v_book.wallet_sequence + r.place, r.id, p_now, r.amount_micro, v_book.wallet_micro + r.so_far,
             v_book.consumed_sequence + r.place, v_book.consumed_micro - r.so_far, 'usage', 'consumed', r.fingerprint, r.actor_id,
             r.description, r.attributes::jsonb
        FROM (
          SELECT r.*, sum_micro(r.amount_micro) OVER (ROWS UNBOUNDED PRECEDING) AS so_far
            FROM unnest(p_ids, p_amounts_micro, p_descriptions, p_actor_ids, p_attributes, p_fingerprints) WITH ORDINALITY
                 AS r(id, amount_micro, description, actor_id, attributes, fingerprint, place)
        ) AS r;
    END IF;
    UPDATE books b SET wallet_micro = b.wallet_micro + v_total, wallet_sequence = b.wallet_sequence + c_count,
                       consumed_micro = b.consumed_micro - v_total, consumed_sequence = b.consumed_sequence + c_count
     WHERE b.book_id = p_books[1];
    place := c_count;
    outcome := 'opening';
    sequence := v_book.wallet_sequence;
    amount_micro := v_total;
    balance_micro := v_book.wallet_micro;
    book_id := v_book.book_id;
    RETURN NEXT;
    RETURN;
  END IF;

  SELECT array_agg(r.total), array_agg(r.postings) INTO v_totals, v_counts
    FROM (
      SELECT sum_micro(r.amount_micro) AS total, count(*) AS postings
        FROM unnest(p_book_places, p_amounts_micro) AS r(book_place, amount_micro) GROUP BY r.book_place ORDER BY r.book_place
    ) AS r;
  -- A statement of its own: the next one takes its snapshot when every lock is held.
  SELECT array_agg(l.book_id), array_agg(l.wallet_micro), array_agg(l.wallet_sequence), array_agg(l.consumed_micro), array_agg(l.consumed_sequence),
         array_agg(l.floor_micro),
         bool_and(l.held_micro = 0 AND l.lots_micro IS NULL AND abs(l.wallet_micro) <= c_range_micro AND l.consumed_micro <= c_range_micro)
    INTO v_locked, v_wallets, v_sequences, v_consumed, v_consumed_sequences, v_floors, v_is_plain
    FROM (
      SELECT b.* FROM books b WHERE b.book_id IN (SELECT unnest(p_books)) ORDER BY b.book_id FOR NO KEY UPDATE
    ) AS l;
  -- Another order, or a book that does not exist: the places would not meet.
  IF v_is_plain IS NOT TRUE OR v_locked <> p_books OR cardinality(v_totals) <> cardinality(p_books)
     OR EXISTS (SELECT FROM unnest(v_wallets, v_totals, v_floors) AS b(wallet, total, floor) WHERE b.wallet + b.total < b.floor)
     OR EXISTS (
    SELECT FROM unnest(p_book_places, p_ids) AS asked(book_place, id),
      LATERAL (SELECT FROM postings p WHERE p.book_id = p_books[asked.book_place] AND p.id = asked.id OFFSET 0) AS known
  ) THEN
    EXIT plain;
  END IF;
  INSERT INTO postings (book_id, sequence, id, posted_at, amount_micro, balance_after_micro, counter_sequence, counter_after_micro,
                        kind, counter, fingerprint, actor_id, description, attributes)
  SELECT p_books[r.book_place], v_sequences[r.book_place] + r.nth, r.id, p_now, r.amount_micro, v_wallets[r.book_place] + r.so_far,
         v_consumed_sequences[r.book_place] + r.nth, v_consumed[r.book_place] - r.so_far, 'usage', 'consumed', r.fingerprint, r.actor_id,
         r.description, r.attributes::jsonb
    FROM (
      SELECT r.*, row_number() OVER of_book AS nth, sum_micro(r.amount_micro) OVER of_book AS so_far
        FROM unnest(p_book_places, p_ids, p_amounts_micro, p_descriptions, p_actor_ids, p_attributes, p_fingerprints) WITH ORDINALITY
             AS r(book_place, id, amount_micro, description, actor_id, attributes, fingerprint, place)
      WINDOW of_book AS (PARTITION BY r.book_place ORDER BY r.place ROWS UNBOUNDED PRECEDING)
    ) AS r;
  UPDATE books b SET wallet_micro = b.wallet_micro + m.total, wallet_sequence = b.wallet_sequence + m.postings,
                     consumed_micro = b.consumed_micro - m.total, consumed_sequence = b.consumed_sequence + m.postings
    FROM unnest(p_books, v_totals, v_counts) AS m(book_id, total, postings) WHERE b.book_id = m.book_id;
  RETURN QUERY
  SELECT m.postings, 'opening', m.sequence, m.total, m.wallet, NULL::bigint, NULL::timestamptz, m.book_id, NULL::uuid, NULL::text, NULL::text
    FROM unnest(p_books, v_wallets, v_sequences, v_totals, v_counts) AS m(book_id, wallet, sequence, total, postings);
  RETURN;
END plain;

  RETURN QUERY
  SELECT * FROM post_batch(
    p_now, CASE WHEN cardinality(p_books) = 1 THEN array_fill(p_books[1], ARRAY[c_count])
                ELSE ARRAY(SELECT p_books[r.book_place] FROM unnest(p_book_places) WITH ORDINALITY AS r(book_place, place) ORDER BY r.place) END,
    p_ids, array_fill('usage'::text, ARRAY[c_count]), p_amounts_micro, p_descriptions, p_actor_ids, p_attributes, p_fingerprints);
END $$;

GRANT CREATE ON SCHEMA ledger TO guildhall_engine;
ALTER FUNCTION ledger.post_debits OWNER TO guildhall_engine;
REVOKE CREATE ON SCHEMA ledger FROM guildhall_engine;
REVOKE ALL ON FUNCTION ledger.post_debits FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger.post_debits TO guildhall_app;
