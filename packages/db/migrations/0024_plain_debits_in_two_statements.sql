-- Plain debits, as in 0010, in two statements instead of four: the update of the wallets is their lock as well, and the postings
-- are inserted by the statement that looks their keys up. A batch that turns out not to be plain takes its update back.
-- And a key is only looked up when it may be an old one.

-- No key of the book is larger than latest_key, as long as the wallet's sequence is still latest_key_sequence; else nothing is known.
-- Keys are ordered by time, so a new one is nearly always larger. Only ledger.post_debits keeps these two. Should they ever
-- be wrong, the constraint postings_once_per_key fails the batch.
ALTER TABLE ledger.books ADD COLUMN latest_key uuid, ADD COLUMN latest_key_sequence bigint;

-- Notes the largest key of books whose locks are held.
CREATE FUNCTION ledger.learn_latest_keys(p_books uuid[]) RETURNS void
  LANGUAGE sql SECURITY DEFINER SET search_path = ledger, public, pg_temp SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
  UPDATE books b SET latest_key = (SELECT p.id FROM postings p WHERE p.book_id = b.book_id ORDER BY p.id DESC LIMIT 1),
                     latest_key_sequence = b.wallet_sequence
   WHERE b.book_id = ANY (p_books);
$$;

-- Posts a batch of debits ("usage"). When all of it is plain (every wallet exists, has no lots and nothing held, can pay its part of
-- the batch, and no key was used before), it answers with one row per wallet, outcome "opening": what the wallet had before
-- (sequence, balance_micro), what was taken (amount_micro, below zero) and by how many requests (place). The caller derives each posting's result, for they are
-- numbered in the order of the requests. Any other batch is answered by ledger.post_batch, row by row.
-- p_books are distinct and in ascending order, which is the order of the locks; p_book_places names, by request, the place of its
-- wallet in p_books, and is empty when there is one. Requests in the order of their wallets cost least.
-- The lists of actors, attributes and fingerprints may be empty. At most 1,000 requests, each key once.
-- Needs READ COMMITTED: what is decided must see what was committed while the lock was waited for.
CREATE OR REPLACE FUNCTION ledger.post_debits(
  p_now timestamptz, p_books uuid[], p_book_places int[], p_ids uuid[], p_amounts_micro bigint[],
  p_descriptions text[], p_actor_ids uuid[], p_attributes text[], p_fingerprints uuid[]
) RETURNS TABLE (
  place bigint, outcome text, sequence bigint, amount_micro bigint, balance_micro bigint, held_micro bigint, posted_at timestamptz,
  book_id uuid, posting_id uuid, kind text, description text
) LANGUAGE plpgsql SECURITY DEFINER SET search_path = ledger, public, pg_temp
-- One plan, made once and kept, that does not grow worse with the tables: see ledger.post_batch. Nested loops also keep the order
-- in which p_books are given, and so the order of the locks.
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off
SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
  c_range_micro CONSTANT bigint := 1000000000000000000;
  c_largest_micro CONSTANT bigint := 1000000000000000;
  c_count CONSTANT integer := cardinality(p_ids);
  v_is_each_once boolean;
  v_book record;
  v_total bigint;
  v_last uuid;
  v_firsts uuid[];
  v_lasts uuid[];
  v_are_new boolean[];
  v_unknown uuid[];
  v_totals bigint[];
  v_counts bigint[];
  v_moved uuid[];
  v_wallets bigint[];
  v_sequences bigint[];
  v_consumed bigint[];
  v_consumed_sequences bigint[];
  v_taken_totals bigint[];
  v_taken_counts bigint[];
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
    v_last := p_ids[c_count];
    IF c_count = 1 THEN
      v_total := p_amounts_micro[1];
    ELSE
      v_total := (SELECT sum_micro(a) FROM unnest(p_amounts_micro) AS a);
      IF v_last < ANY (p_ids) THEN
        v_last := (SELECT id FROM unnest(p_ids) AS id ORDER BY id DESC LIMIT 1);
      END IF;
    END IF;
    UPDATE books b SET wallet_micro = b.wallet_micro + v_total, wallet_sequence = b.wallet_sequence + c_count,
                       consumed_micro = b.consumed_micro - v_total, consumed_sequence = b.consumed_sequence + c_count,
                       latest_key = greatest(b.latest_key, v_last),
                       latest_key_sequence = CASE WHEN b.latest_key_sequence = b.wallet_sequence THEN b.wallet_sequence + c_count END
     WHERE b.book_id = p_books[1] AND b.wallet_micro + v_total >= b.floor_micro AND b.held_micro = 0 AND b.lots_micro IS NULL
       AND abs(b.wallet_micro) <= c_range_micro AND b.consumed_micro <= c_range_micro
    RETURNING old.wallet_micro, old.wallet_sequence, old.consumed_micro, old.consumed_sequence, new.latest_key_sequence IS NOT NULL AS is_known,
              new.latest_key_sequence IS NOT NULL AND old.latest_key < ALL (p_ids) AS are_new
    INTO v_book;
    IF NOT FOUND THEN
      EXIT plain;
    END IF;
    -- A statement of its own: its snapshot is taken when the lock is held, so it sees every key that was used before.
    IF c_count = 1 THEN
      INSERT INTO postings (book_id, sequence, id, posted_at, amount_micro, balance_after_micro, counter_sequence, counter_after_micro,
                            kind, counter, fingerprint, actor_id, description, attributes)
      SELECT p_books[1], v_book.wallet_sequence + 1, p_ids[1], p_now, v_total, v_book.wallet_micro + v_total, v_book.consumed_sequence + 1,
             v_book.consumed_micro - v_total, 'usage', 'consumed', p_fingerprints[1], p_actor_ids[1], p_descriptions[1], p_attributes[1]::jsonb
       WHERE v_book.are_new OR NOT EXISTS (SELECT FROM postings p WHERE p.book_id = p_books[1] AND p.id = p_ids[1]);
    ELSE
      INSERT INTO postings (book_id, sequence, id, posted_at, amount_micro, balance_after_micro, counter_sequence, counter_after_micro,
                            kind, counter, fingerprint, actor_id, description, attributes)
      SELECT p_books[1], v_book.wallet_sequence + r.place, r.id, p_now, r.amount_micro, v_book.wallet_micro + r.so_far,
             v_book.consumed_sequence + r.place, v_book.consumed_micro - r.so_far, 'usage', 'consumed', r.fingerprint, r.actor_id,
             r.description, r.attributes::jsonb
        FROM (
          SELECT r.*, sum_micro(r.amount_micro) OVER (ROWS UNBOUNDED PRECEDING) AS so_far
            FROM unnest(p_ids, p_amounts_micro, p_descriptions, p_actor_ids, p_attributes, p_fingerprints) WITH ORDINALITY
                 AS r(id, amount_micro, description, actor_id, attributes, fingerprint, place)
        ) AS r
       -- LATERAL and OFFSET 0: one look-up by key each, whatever the planner believes of a young table.
       WHERE v_book.are_new OR NOT EXISTS (
         SELECT FROM unnest(p_ids) AS asked(id),
           LATERAL (SELECT FROM postings p WHERE p.book_id = p_books[1] AND p.id = asked.id OFFSET 0) AS known);
    END IF;
    IF NOT FOUND THEN
      UPDATE books b SET wallet_micro = b.wallet_micro - v_total, wallet_sequence = b.wallet_sequence - c_count,
                         consumed_micro = b.consumed_micro + v_total, consumed_sequence = b.consumed_sequence - c_count,
                         latest_key_sequence = NULL
       WHERE b.book_id = p_books[1];
      EXIT plain;
    END IF;
    IF NOT v_book.is_known THEN
      PERFORM learn_latest_keys(p_books);
    END IF;
    place := c_count;
    outcome := 'opening';
    sequence := v_book.wallet_sequence;
    amount_micro := v_total;
    balance_micro := v_book.wallet_micro;
    book_id := p_books[1];
    RETURN NEXT;
    RETURN;
  END IF;

  -- Each wallet once, in the order of the wallets: then nothing has to be summed, numbered or looked up by its place.
  v_is_each_once := c_count = cardinality(p_books) AND p_book_places = ARRAY(SELECT generate_series(1, c_count));
  IF v_is_each_once THEN
    v_totals := p_amounts_micro;
    v_counts := array_fill(1::bigint, ARRAY[c_count]);
    v_firsts := p_ids;
    v_lasts := p_ids;
  ELSE
    SELECT array_agg(r.total ORDER BY r.book_place), array_agg(r.postings ORDER BY r.book_place),
           array_agg(r.ids[1] ORDER BY r.book_place), array_agg(r.ids[r.postings] ORDER BY r.book_place)
      INTO v_totals, v_counts, v_firsts, v_lasts
      FROM (
        SELECT r.book_place, sum_micro(r.amount_micro) AS total, count(*) AS postings, array_agg(r.id ORDER BY r.id) AS ids
          FROM unnest(p_book_places, p_amounts_micro, p_ids) AS r(book_place, amount_micro, id) GROUP BY r.book_place
      ) AS r;
    IF cardinality(v_totals) <> cardinality(p_books) THEN
      EXIT plain;
    END IF;
  END IF;
  -- Locks all of them, in their order, and takes from those that can pay. Whoever cannot is left as it is, for the constraint would
  -- fail the whole.
  WITH moved AS (
    UPDATE books b
       SET wallet_micro = b.wallet_micro + CASE WHEN b.wallet_micro + m.total >= b.floor_micro THEN m.total ELSE 0 END,
           wallet_sequence = b.wallet_sequence + CASE WHEN b.wallet_micro + m.total >= b.floor_micro THEN m.postings ELSE 0 END,
           consumed_micro = b.consumed_micro - CASE WHEN b.wallet_micro + m.total >= b.floor_micro THEN m.total ELSE 0 END,
           consumed_sequence = b.consumed_sequence + CASE WHEN b.wallet_micro + m.total >= b.floor_micro THEN m.postings ELSE 0 END,
           latest_key = greatest(b.latest_key, m.last),
           latest_key_sequence = CASE WHEN b.latest_key_sequence = b.wallet_sequence THEN b.wallet_sequence + m.postings END
      FROM unnest(p_books, v_totals, v_counts, v_firsts, v_lasts) AS m(book_id, total, postings, first, last) WHERE b.book_id = m.book_id
    RETURNING b.book_id, new.latest_key_sequence IS NOT NULL AS is_known,
              new.latest_key_sequence IS NOT NULL AND old.latest_key < m.first AS is_new, old.wallet_micro, old.wallet_sequence, old.consumed_micro, old.consumed_sequence,
              new.wallet_micro - old.wallet_micro AS taken_total, new.wallet_sequence - old.wallet_sequence AS taken_count,
              new.wallet_sequence > old.wallet_sequence AND b.held_micro = 0 AND b.lots_micro IS NULL
              AND abs(old.wallet_micro) <= c_range_micro AND old.consumed_micro <= c_range_micro AS is_plain
  )
  SELECT array_agg(m.book_id), array_agg(m.wallet_micro), array_agg(m.wallet_sequence), array_agg(m.consumed_micro),
         array_agg(m.consumed_sequence), array_agg(m.taken_total), array_agg(m.taken_count), bool_and(m.is_plain),
         array_agg(m.is_new), array_agg(m.book_id) FILTER (WHERE NOT m.is_known)
    INTO v_moved, v_wallets, v_sequences, v_consumed, v_consumed_sequences, v_taken_totals, v_taken_counts, v_is_plain,
         v_are_new, v_unknown
    FROM moved m;
  -- Another order, or a book that does not exist: the places would not meet.
  v_is_plain := v_is_plain AND v_moved = p_books;
  IF v_is_plain THEN
    -- A statement of its own, as above.
    IF v_is_each_once THEN
      INSERT INTO postings (book_id, sequence, id, posted_at, amount_micro, balance_after_micro, counter_sequence, counter_after_micro,
                            kind, counter, fingerprint, actor_id, description, attributes)
      SELECT r.book_id, r.sequence + 1, r.id, p_now, r.amount_micro, r.wallet + r.amount_micro, r.consumed_sequence + 1,
             r.consumed - r.amount_micro, 'usage', 'consumed', r.fingerprint, r.actor_id, r.description, r.attributes::jsonb
        FROM unnest(p_books, v_sequences, v_wallets, v_consumed_sequences, v_consumed, p_ids, p_amounts_micro, p_descriptions, p_actor_ids,
                    p_attributes, p_fingerprints)
             AS r(book_id, sequence, wallet, consumed_sequence, consumed, id, amount_micro, description, actor_id, attributes, fingerprint)
       WHERE TRUE = ALL (v_are_new) OR NOT EXISTS (
         SELECT FROM unnest(p_books, p_ids, v_are_new) AS asked(book_id, id, is_new),
           LATERAL (SELECT FROM postings p WHERE NOT asked.is_new AND p.book_id = asked.book_id AND p.id = asked.id OFFSET 0) AS known);
    ELSE
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
        ) AS r
       WHERE TRUE = ALL (v_are_new) OR NOT EXISTS (
         SELECT FROM unnest(p_book_places, p_ids) AS asked(book_place, id),
           LATERAL (
             SELECT FROM postings p
              WHERE NOT v_are_new[asked.book_place] AND p.book_id = p_books[asked.book_place] AND p.id = asked.id OFFSET 0
           ) AS known);
    END IF;
    v_is_plain := FOUND;
  END IF;
  IF v_is_plain IS NOT TRUE THEN
    UPDATE books b SET wallet_micro = b.wallet_micro - m.total, wallet_sequence = b.wallet_sequence - m.postings,
                       consumed_micro = b.consumed_micro + m.total, consumed_sequence = b.consumed_sequence - m.postings,
                       latest_key_sequence = NULL
      FROM unnest(v_moved, v_taken_totals, v_taken_counts) AS m(book_id, total, postings) WHERE b.book_id = m.book_id;
    EXIT plain;
  END IF;
  IF v_unknown IS NOT NULL THEN
    PERFORM learn_latest_keys(v_unknown);
  END IF;
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
ALTER FUNCTION ledger.learn_latest_keys OWNER TO guildhall_engine;
REVOKE CREATE ON SCHEMA ledger FROM guildhall_engine;
REVOKE ALL ON FUNCTION ledger.learn_latest_keys FROM PUBLIC;
