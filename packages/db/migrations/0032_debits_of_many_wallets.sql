-- Batches of many wallets: one statement moves wallets that occur once and inserts their postings, what it did is undone by a savepoint,
-- and the answer is two lists instead of a row per wallet. And the index of keys grows at its end only.
-- See docs/decisions/0021-plain-debits.md.

-- 1. The index of keys leads with the key. Keys are ordered by time, so all new ones go to the same last pages, whichever wallet they are
-- of: a third less for the two indexes of a posting. The book is still part of it, so it says the same: once per book.

-- What is known of every book is completed while the old index can tell.
CREATE OR REPLACE FUNCTION ledger.learn_latest_keys(p_books uuid[]) RETURNS void
  LANGUAGE sql SECURITY DEFINER SET search_path = ledger, public, pg_temp SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
  UPDATE books b SET latest_key = (SELECT p.id FROM postings p WHERE p.book_id = b.book_id ORDER BY p.id DESC LIMIT 1),
                     latest_key_sequence = b.wallet_sequence
   WHERE b.latest_key_sequence IS DISTINCT FROM b.wallet_sequence;
$$;
SELECT ledger.learn_latest_keys('{}');

ALTER TABLE ledger.postings DROP CONSTRAINT postings_once_per_key;
ALTER TABLE ledger.postings ADD CONSTRAINT postings_once_per_key UNIQUE (id, book_id);

-- latest_key is the largest key among the book's postings up to latest_key_sequence (none yet: null). Where that is the wallet's own
-- sequence, a larger key is new. Only plain debits keep it; what other ways have posted in the meantime is caught up with here.

-- Notes the largest key of books whose locks are held. Catches up with 10,000 postings at most: the rest next time.
CREATE OR REPLACE FUNCTION ledger.learn_latest_keys(p_books uuid[]) RETURNS void
  LANGUAGE sql SECURITY DEFINER SET search_path = ledger, public, pg_temp SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
  UPDATE books b SET
    -- OFFSET 0: by the sequence, never along the keys of all books.
    latest_key = greatest(b.latest_key, (
      SELECT recent.id FROM (
        SELECT p.id FROM postings p
         WHERE p.book_id = b.book_id AND p.sequence > coalesce(b.latest_key_sequence, 0) AND p.sequence <= coalesce(b.latest_key_sequence, 0) + 10000 OFFSET 0
      ) AS recent ORDER BY recent.id DESC LIMIT 1)),
    latest_key_sequence = least(b.wallet_sequence, coalesce(b.latest_key_sequence, 0) + 10000)
   WHERE b.book_id = ANY (p_books);
$$;

-- 2. Many wallets.

-- Posts a plain batch of debits of several wallets, as ledger.post_debits describes it, and tells what each of p_books had before; null
-- when the batch is not plain: then nothing was done, and no lock is kept. p_amounts_micro are below zero. p_book_places may also be
-- empty when each of p_books is named once, in their order.
CREATE FUNCTION ledger.post_debits_of_many(
  p_now timestamptz, p_books uuid[], p_book_places int[], p_ids uuid[], p_amounts_micro bigint[],
  p_descriptions text[], p_actor_ids uuid[], p_attributes text[], p_fingerprints uuid[],
  OUT sequences bigint[], OUT balances_micro bigint[], OUT totals_micro bigint[], OUT counts bigint[]
) LANGUAGE plpgsql SET search_path = ledger, public, pg_temp AS $$
DECLARE
  c_range_micro CONSTANT bigint := 1000000000000000000;
  c_count CONSTANT integer := cardinality(p_ids);
  v_is_each_once boolean := c_count = cardinality(p_books);
  v_firsts uuid[];
  v_lasts uuid[];
  v_moved uuid[];
  v_are_new boolean[];
  v_unknown uuid[];
  v_consumed bigint[];
  v_consumed_sequences bigint[];
BEGIN
  -- Each wallet once, in the order of the wallets: then nothing has to be summed, numbered or looked up by its place.
  IF v_is_each_once AND cardinality(p_book_places) > 0 THEN
    v_is_each_once := p_book_places = ARRAY(SELECT generate_series(1, c_count));
  END IF;
  IF v_is_each_once THEN
    -- Locks all of them, in their order. A key that may be an old one is looked up. One that came while a lock was waited for is not
    -- seen by that, for the statement is older: then the constraint fails it, and the batch is decided request by request.
    WITH moved AS (
      UPDATE books b
         SET wallet_micro = b.wallet_micro + m.amount_micro, wallet_sequence = b.wallet_sequence + 1,
             consumed_micro = b.consumed_micro - m.amount_micro, consumed_sequence = b.consumed_sequence + 1,
             latest_key = CASE WHEN b.latest_key_sequence = b.wallet_sequence THEN greatest(b.latest_key, m.id) ELSE b.latest_key END,
             latest_key_sequence = b.latest_key_sequence + CASE WHEN b.latest_key_sequence = b.wallet_sequence THEN 1 ELSE 0 END
        FROM unnest(p_books, p_ids, p_amounts_micro, p_descriptions, p_actor_ids, p_attributes, p_fingerprints)
             AS m(book_id, id, amount_micro, description, actor_id, attributes, fingerprint)
       WHERE b.book_id = m.book_id AND b.wallet_micro + m.amount_micro >= b.floor_micro AND b.held_micro = 0 AND b.lots_micro IS NULL
         AND abs(b.wallet_micro) <= c_range_micro AND b.consumed_micro <= c_range_micro
         AND (b.latest_key_sequence = b.wallet_sequence AND b.latest_key < m.id
              OR NOT EXISTS (SELECT FROM postings p WHERE p.book_id = m.book_id AND p.id = m.id OFFSET 0))
      RETURNING b.book_id, old.wallet_micro AS opening_micro, new.wallet_micro, new.wallet_sequence, new.consumed_micro, new.consumed_sequence,
                old.latest_key_sequence = old.wallet_sequence AS is_known,
                m.id, m.amount_micro, m.description, m.actor_id, m.attributes, m.fingerprint
    ), inserted AS (
      INSERT INTO postings (book_id, sequence, id, posted_at, amount_micro, balance_after_micro, counter_sequence, counter_after_micro,
                            kind, counter, fingerprint, actor_id, description, attributes)
      SELECT m.book_id, m.wallet_sequence, m.id, p_now, m.amount_micro, m.wallet_micro, m.consumed_sequence, m.consumed_micro,
             'usage', 'consumed', m.fingerprint, m.actor_id, m.description, m.attributes::jsonb
        FROM moved m WHERE (SELECT count(*) FROM moved) = c_count
    )
    SELECT array_agg(m.book_id), array_agg(m.wallet_sequence - 1), array_agg(m.opening_micro), array_agg(m.book_id) FILTER (WHERE m.is_known IS NOT TRUE)
      INTO v_moved, sequences, balances_micro, v_unknown FROM moved m;
    -- Another order, a book that does not exist, or one that is not plain.
    IF v_moved IS DISTINCT FROM p_books THEN
      RAISE EXCEPTION 'the batch is not plain' USING ERRCODE = 'GH005';
    END IF;
    totals_micro := p_amounts_micro;
    counts := array_fill(1::bigint, ARRAY[c_count]);
  ELSE
    SELECT array_agg(r.total ORDER BY r.book_place), array_agg(r.postings ORDER BY r.book_place),
           array_agg(r.ids[1] ORDER BY r.book_place), array_agg(r.ids[r.postings] ORDER BY r.book_place)
      INTO totals_micro, counts, v_firsts, v_lasts
      FROM (
        SELECT r.book_place, sum_micro(r.amount_micro) AS total, count(*) AS postings, array_agg(r.id ORDER BY r.id) AS ids
          FROM unnest(p_book_places, p_amounts_micro, p_ids) AS r(book_place, amount_micro, id) GROUP BY r.book_place
      ) AS r;
    WITH moved AS (
      UPDATE books b
         SET wallet_micro = b.wallet_micro + m.total, wallet_sequence = b.wallet_sequence + m.postings,
             consumed_micro = b.consumed_micro - m.total, consumed_sequence = b.consumed_sequence + m.postings,
             latest_key = CASE WHEN b.latest_key_sequence = b.wallet_sequence THEN greatest(b.latest_key, m.last) ELSE b.latest_key END,
             latest_key_sequence = b.latest_key_sequence + CASE WHEN b.latest_key_sequence = b.wallet_sequence THEN m.postings ELSE 0 END
        FROM unnest(p_books, totals_micro, counts, v_firsts, v_lasts) AS m(book_id, total, postings, first, last)
       WHERE b.book_id = m.book_id AND b.wallet_micro + m.total >= b.floor_micro AND b.held_micro = 0 AND b.lots_micro IS NULL
         AND abs(b.wallet_micro) <= c_range_micro AND b.consumed_micro <= c_range_micro
      RETURNING b.book_id, old.wallet_micro, old.wallet_sequence, old.consumed_micro, old.consumed_sequence,
                old.latest_key_sequence = old.wallet_sequence AS is_known,
                coalesce(old.latest_key_sequence = old.wallet_sequence AND old.latest_key < m.first, false) AS is_new
    )
    SELECT array_agg(m.book_id), array_agg(m.wallet_sequence), array_agg(m.wallet_micro), array_agg(m.consumed_sequence),
           array_agg(m.consumed_micro), array_agg(m.is_new), array_agg(m.book_id) FILTER (WHERE m.is_known IS NOT TRUE)
      INTO v_moved, sequences, balances_micro, v_consumed_sequences, v_consumed, v_are_new, v_unknown
      FROM moved m;
    IF v_moved IS DISTINCT FROM p_books THEN
      RAISE EXCEPTION 'the batch is not plain' USING ERRCODE = 'GH005';
    END IF;
    -- A statement of its own: its snapshot is taken when every lock is held, so it sees every key that was used before.
    INSERT INTO postings (book_id, sequence, id, posted_at, amount_micro, balance_after_micro, counter_sequence, counter_after_micro,
                          kind, counter, fingerprint, actor_id, description, attributes)
    SELECT p_books[r.book_place], sequences[r.book_place] + r.nth, r.id, p_now, r.amount_micro, balances_micro[r.book_place] + r.so_far,
           v_consumed_sequences[r.book_place] + r.nth, v_consumed[r.book_place] - r.so_far, 'usage', 'consumed', r.fingerprint, r.actor_id,
           r.description, r.attributes::jsonb
      FROM (
        SELECT r.*, row_number() OVER of_book AS nth, sum_micro(r.amount_micro) OVER of_book AS so_far
          FROM unnest(p_book_places, p_ids, p_amounts_micro, p_descriptions, p_actor_ids, p_attributes, p_fingerprints) WITH ORDINALITY
               AS r(book_place, id, amount_micro, description, actor_id, attributes, fingerprint, place)
        WINDOW of_book AS (PARTITION BY r.book_place ORDER BY r.place ROWS UNBOUNDED PRECEDING)
      ) AS r
     -- LATERAL and OFFSET 0: one look-up by key each, whatever the planner believes of a young table.
     WHERE TRUE = ALL (v_are_new) OR NOT EXISTS (
       SELECT FROM unnest(p_book_places, p_ids) AS asked(book_place, id),
         LATERAL (
           SELECT FROM postings p
            WHERE NOT v_are_new[asked.book_place] AND p.book_id = p_books[asked.book_place] AND p.id = asked.id OFFSET 0
         ) AS known);
    IF NOT FOUND THEN
      RAISE EXCEPTION 'the batch is not plain' USING ERRCODE = 'GH005';
    END IF;
  END IF;
  IF v_unknown IS NOT NULL THEN
    PERFORM learn_latest_keys(v_unknown);
  END IF;
EXCEPTION WHEN SQLSTATE 'GH005' OR unique_violation THEN
  sequences := NULL;
END $$;

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
  v_book record;
  v_total bigint;
  v_last uuid;
BEGIN
  IF coalesce(current_organization_id(), current_user_id()) <> ANY (p_books) THEN
    RAISE EXCEPTION 'a posting names a book of another owner than the transaction''s' USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF cardinality(p_ids) > 1000 THEN
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
                       latest_key = CASE WHEN b.latest_key_sequence = b.wallet_sequence THEN greatest(b.latest_key, v_last) ELSE b.latest_key END,
                       latest_key_sequence = b.latest_key_sequence + CASE WHEN b.latest_key_sequence = b.wallet_sequence THEN c_count ELSE 0 END
     WHERE b.book_id = p_books[1] AND b.wallet_micro + v_total >= b.floor_micro AND b.held_micro = 0 AND b.lots_micro IS NULL
       AND abs(b.wallet_micro) <= c_range_micro AND b.consumed_micro <= c_range_micro
    RETURNING old.wallet_micro, old.wallet_sequence, old.consumed_micro, old.consumed_sequence, old.latest_key, old.latest_key_sequence,
              old.latest_key_sequence = old.wallet_sequence AS is_known,
              old.latest_key_sequence = old.wallet_sequence AND old.latest_key < ALL (p_ids) AS are_new
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
                         latest_key = v_book.latest_key, latest_key_sequence = v_book.latest_key_sequence
       WHERE b.book_id = p_books[1];
      EXIT plain;
    END IF;
    IF v_book.is_known IS NOT TRUE THEN
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

  SELECT * INTO v_book FROM post_debits_of_many(
    p_now, p_books, p_book_places, p_ids, p_amounts_micro, p_descriptions, p_actor_ids, p_attributes, p_fingerprints);
  IF v_book.sequences IS NULL THEN
    EXIT plain;
  END IF;
  RETURN QUERY
  SELECT m.postings, 'opening', m.sequence, m.total, m.wallet, NULL::bigint, NULL::timestamptz, m.book_id, NULL::uuid, NULL::text, NULL::text
    FROM unnest(p_books, v_book.balances_micro, v_book.sequences, v_book.totals_micro, v_book.counts) AS m(book_id, wallet, sequence, total, postings);
  RETURN;
END plain;

  RETURN QUERY
  SELECT * FROM post_batch(
    p_now, CASE WHEN cardinality(p_books) = 1 THEN array_fill(p_books[1], ARRAY[c_count])
                ELSE ARRAY(SELECT p_books[r.book_place] FROM unnest(p_book_places) WITH ORDINALITY AS r(book_place, place) ORDER BY r.place) END,
    p_ids, array_fill('usage'::text, ARRAY[c_count]), p_amounts_micro, p_descriptions, p_actor_ids, p_attributes, p_fingerprints);
END $$;

-- As ledger.post_debits, for several wallets: a plain batch is answered by one row, outcome "openings", with what each of p_books had
-- before as two lists in their order. A row per wallet costs a tenth of the whole, there and here. p_book_places may also be empty
-- when each of p_books is named once, in their order.
CREATE FUNCTION ledger.post_debits_in_brief(
  p_now timestamptz, p_books uuid[], p_book_places int[], p_ids uuid[], p_amounts_micro bigint[],
  p_descriptions text[], p_actor_ids uuid[], p_attributes text[], p_fingerprints uuid[]
) RETURNS TABLE (
  place bigint, outcome text, sequence bigint, amount_micro bigint, balance_micro bigint, held_micro bigint, posted_at timestamptz,
  book_id uuid, posting_id uuid, kind text, description text, sequences bigint[], balances_micro bigint[]
) LANGUAGE plpgsql SECURITY DEFINER SET search_path = ledger, public, pg_temp
-- One plan, made once and kept, that does not grow worse with the tables: see ledger.post_batch. Nested loops also keep the order
-- in which p_books are given, and so the order of the locks.
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off
SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
  c_largest_micro CONSTANT bigint := 1000000000000000;
  v_openings record;
BEGIN
  IF coalesce(current_organization_id(), current_user_id()) <> ANY (p_books) THEN
    RAISE EXCEPTION 'a posting names a book of another owner than the transaction''s' USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF cardinality(p_ids) > 1000 THEN
    RAISE EXCEPTION 'a batch holds at most 1000 requests' USING ERRCODE = 'program_limit_exceeded';
  END IF;
  IF cardinality(p_book_places) = 0 AND cardinality(p_books) <> cardinality(p_ids) THEN
    RAISE EXCEPTION 'the places of the wallets are missing' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF NOT (0 <= ANY (p_amounts_micro) OR -c_largest_micro > ANY (p_amounts_micro)) THEN
    SELECT * INTO v_openings FROM post_debits_of_many(
      p_now, p_books, p_book_places, p_ids, p_amounts_micro, p_descriptions, p_actor_ids, p_attributes, p_fingerprints);
    IF v_openings.sequences IS NOT NULL THEN
      outcome := 'openings';
      sequences := v_openings.sequences;
      balances_micro := v_openings.balances_micro;
      RETURN NEXT;
      RETURN;
    END IF;
  END IF;
  RETURN QUERY
  SELECT r.*, NULL::bigint[], NULL::bigint[] FROM post_batch(
    p_now, CASE WHEN cardinality(p_book_places) = 0 THEN p_books
                ELSE ARRAY(SELECT p_books[r.book_place] FROM unnest(p_book_places) WITH ORDINALITY AS r(book_place, place) ORDER BY r.place) END,
    p_ids, array_fill('usage'::text, ARRAY[cardinality(p_ids)]), p_amounts_micro, p_descriptions, p_actor_ids, p_attributes, p_fingerprints) AS r;
END $$;


-- 3. The proof: what is known of keys holds for every book, also where other ways have posted since.
CREATE OR REPLACE FUNCTION ledger.find_key_drift(p_book_id uuid DEFAULT NULL)
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
    FROM book b JOIN (
      SELECT DISTINCT ON (p.book_id) p.book_id, p.id, p.sequence FROM book b JOIN posting p ON p.book_id = b.book_id
       WHERE p.sequence <= b.latest_key_sequence AND p.id > coalesce(b.latest_key, '00000000-0000-0000-0000-000000000000')
       ORDER BY p.book_id, p.id DESC
    ) AS latest ON latest.book_id = b.book_id
  UNION ALL
  SELECT b.book_id, 'latest_key_is_of_a_posting_to_come', 'key ' || b.latest_key, NULL, 'at most ' || b.wallet_sequence, b.latest_key_sequence::text
    FROM book b WHERE b.latest_key_sequence > b.wallet_sequence
$$;

-- 4. What was held in a book after a posting, as in 0030, but that the kinds are constants: with variables the index of what is not usage
-- was of no use, and every replay read its wallet's history to the beginning.
CREATE OR REPLACE FUNCTION ledger.held_at(p_book_id uuid, p_sequence bigint) RETURNS bigint
  LANGUAGE plpgsql STABLE SET search_path = ledger, public, pg_temp AS $$
BEGIN
  -- Nothing was ever held in most books.
  IF (SELECT b.held_sequence FROM books b WHERE b.book_id = p_book_id) = 0 THEN
    RETURN 0;
  END IF;
  RETURN coalesce((
    SELECT last.counter_after_micro
      FROM (
        (SELECT p.sequence, p.counter_after_micro FROM postings p
          WHERE p.book_id = p_book_id AND p.kind = 'hold' AND p.sequence <= p_sequence ORDER BY p.sequence DESC LIMIT 1)
        UNION ALL
        (SELECT p.sequence, p.counter_after_micro FROM postings p
          WHERE p.book_id = p_book_id AND p.kind = 'release' AND p.sequence <= p_sequence ORDER BY p.sequence DESC LIMIT 1)
      ) AS last
     ORDER BY last.sequence DESC LIMIT 1), 0);
END $$;

GRANT CREATE ON SCHEMA ledger TO guildhall_engine;
ALTER FUNCTION ledger.post_debits_of_many OWNER TO guildhall_engine;
ALTER FUNCTION ledger.post_debits_in_brief OWNER TO guildhall_engine;
REVOKE CREATE ON SCHEMA ledger FROM guildhall_engine;
REVOKE ALL ON FUNCTION ledger.post_debits_of_many, ledger.post_debits_in_brief FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger.post_debits_in_brief TO guildhall_app;
