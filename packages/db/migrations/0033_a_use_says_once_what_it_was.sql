-- Lists are read in the select list, not as a function in FROM: Postgres writes what such a function returns into a store of its own, one
-- per list, and reads it again, which was half of what reading a batch cost. And a use says once what it was: see
-- docs/decisions/0033-a-use-says-once-what-it-was.md.

-- 1. Debits, as in 0032 but for that, that descriptions may be left out, and that what the wallet has after each debit is summed up in a loop
-- (a window stores its rows as well).

-- Posts a plain batch of debits of several wallets, as ledger.post_debits describes it, and tells what each of p_books had before; null
-- when the batch is not plain: then nothing was done, and no lock is kept. p_amounts_micro are below zero. p_book_places may also be
-- empty when each of p_books is named once, in their order.
CREATE OR REPLACE FUNCTION ledger.post_debits_of_many(
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
        FROM (SELECT unnest(p_books), unnest(p_ids), unnest(p_amounts_micro), unnest(p_descriptions), unnest(p_actor_ids),
                     unnest(p_attributes), unnest(p_fingerprints)) AS m(book_id, id, amount_micro, description, actor_id, attributes, fingerprint)
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
             'usage', 'consumed', m.fingerprint, m.actor_id, coalesce(m.description, ''), m.attributes::jsonb
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
          FROM (SELECT unnest(p_book_places), unnest(p_amounts_micro), unnest(p_ids)) AS r(book_place, amount_micro, id) GROUP BY r.book_place
      ) AS r;
    WITH moved AS (
      UPDATE books b
         SET wallet_micro = b.wallet_micro + m.total, wallet_sequence = b.wallet_sequence + m.postings,
             consumed_micro = b.consumed_micro - m.total, consumed_sequence = b.consumed_sequence + m.postings,
             latest_key = CASE WHEN b.latest_key_sequence = b.wallet_sequence THEN greatest(b.latest_key, m.last) ELSE b.latest_key END,
             latest_key_sequence = b.latest_key_sequence + CASE WHEN b.latest_key_sequence = b.wallet_sequence THEN m.postings ELSE 0 END
        FROM (SELECT unnest(p_books), unnest(totals_micro), unnest(counts), unnest(v_firsts), unnest(v_lasts)) AS m(book_id, total, postings, first, last)
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
           coalesce(r.description, ''), r.attributes::jsonb
      FROM (
        SELECT r.*, row_number() OVER of_book AS nth, sum_micro(r.amount_micro) OVER of_book AS so_far
          FROM (SELECT unnest(p_book_places), unnest(p_ids), unnest(p_amounts_micro), unnest(p_descriptions), unnest(p_actor_ids),
                       unnest(p_attributes), unnest(p_fingerprints), generate_series(1, c_count)) AS r(book_place, id, amount_micro, description, actor_id, attributes, fingerprint, place)
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

-- Posts a plain batch of debits of one wallet, as ledger.post_debits describes it, and answers with its one row. All of it is null when the
-- batch is not plain: then nothing was done. Only for functions that have proved whose wallet it is. It has no settings of its own, so that
-- calling it costs no more than an expression: everything in it is named with its schema.
CREATE FUNCTION ledger.post_debits_of_one(
  p_now timestamptz, p_book uuid, p_ids uuid[], p_amounts_micro bigint[],
  p_descriptions text[], p_actor_ids uuid[], p_attributes text[], p_fingerprints uuid[]
) RETURNS ledger.batch_row LANGUAGE plpgsql AS $$
DECLARE
  c_range_micro CONSTANT bigint := 1000000000000000000;
  c_largest_micro CONSTANT bigint := 1000000000000000;
  c_count CONSTANT integer := cardinality(p_ids);
  v_book record;
  v_so_far bigint[] := p_amounts_micro;
  v_total bigint;
  v_last uuid := p_ids[c_count];
  v_row ledger.batch_row;
BEGIN
  IF 0 <= ANY (p_amounts_micro) OR -c_largest_micro > ANY (p_amounts_micro) THEN
    RETURN NULL;
  END IF;
  FOR i IN 2..c_count LOOP
    v_so_far[i] := v_so_far[i - 1] + v_so_far[i];
  END LOOP;
  v_total := v_so_far[c_count];
  IF v_last < ANY (p_ids) THEN
    v_last := (SELECT id FROM unnest(p_ids) AS id ORDER BY id DESC LIMIT 1);
  END IF;
  UPDATE ledger.books b
     SET wallet_micro = b.wallet_micro + v_total, wallet_sequence = b.wallet_sequence + c_count,
         consumed_micro = b.consumed_micro - v_total, consumed_sequence = b.consumed_sequence + c_count,
         latest_key = CASE WHEN b.latest_key_sequence = b.wallet_sequence THEN greatest(b.latest_key, v_last) ELSE b.latest_key END,
         latest_key_sequence = b.latest_key_sequence + CASE WHEN b.latest_key_sequence = b.wallet_sequence THEN c_count ELSE 0 END
   WHERE b.book_id = p_book AND b.wallet_micro + v_total >= b.floor_micro AND b.held_micro = 0 AND b.lots_micro IS NULL
     AND abs(b.wallet_micro) <= c_range_micro AND b.consumed_micro <= c_range_micro
  RETURNING old.wallet_micro, old.wallet_sequence, old.consumed_micro, old.consumed_sequence, old.latest_key, old.latest_key_sequence,
            old.latest_key_sequence = old.wallet_sequence AS is_known,
            old.latest_key_sequence = old.wallet_sequence AND old.latest_key < ALL (p_ids) AS are_new
  INTO v_book;
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  -- A statement of its own: its snapshot is taken when the lock is held, so it sees every key that was used before.
  IF c_count = 1 THEN
    INSERT INTO ledger.postings (book_id, sequence, id, posted_at, amount_micro, balance_after_micro, counter_sequence, counter_after_micro,
                                 kind, counter, fingerprint, actor_id, description, attributes)
    SELECT p_book, v_book.wallet_sequence + 1, p_ids[1], p_now, v_total, v_book.wallet_micro + v_total, v_book.consumed_sequence + 1,
           v_book.consumed_micro - v_total, 'usage', 'consumed', p_fingerprints[1], p_actor_ids[1], coalesce(p_descriptions[1], ''),
           p_attributes[1]::jsonb
     WHERE v_book.are_new OR NOT EXISTS (SELECT FROM ledger.postings p WHERE p.book_id = p_book AND p.id = p_ids[1]);
  ELSE
    INSERT INTO ledger.postings (book_id, sequence, id, posted_at, amount_micro, balance_after_micro, counter_sequence, counter_after_micro,
                                 kind, counter, fingerprint, actor_id, description, attributes)
    SELECT p_book, v_book.wallet_sequence + r.place, r.id, p_now, r.amount_micro, v_book.wallet_micro + r.so_far,
           v_book.consumed_sequence + r.place, v_book.consumed_micro - r.so_far, 'usage', 'consumed', r.fingerprint, r.actor_id,
           coalesce(r.description, ''), r.attributes::jsonb
      FROM (SELECT unnest(p_ids), unnest(p_amounts_micro), unnest(p_descriptions), unnest(p_actor_ids), unnest(p_attributes),
                   unnest(p_fingerprints), unnest(v_so_far), generate_series(1, c_count))
           AS r(id, amount_micro, description, actor_id, attributes, fingerprint, so_far, place)
     -- LATERAL and OFFSET 0: one look-up by key each, whatever the planner believes of a young table.
     WHERE v_book.are_new OR NOT EXISTS (
       SELECT FROM unnest(p_ids) AS asked(id),
         LATERAL (SELECT FROM ledger.postings p WHERE p.book_id = p_book AND p.id = asked.id OFFSET 0) AS known);
  END IF;
  IF NOT FOUND THEN
    UPDATE ledger.books b
       SET wallet_micro = b.wallet_micro - v_total, wallet_sequence = b.wallet_sequence - c_count,
           consumed_micro = b.consumed_micro + v_total, consumed_sequence = b.consumed_sequence - c_count,
           latest_key = v_book.latest_key, latest_key_sequence = v_book.latest_key_sequence
     WHERE b.book_id = p_book;
    RETURN NULL;
  END IF;
  IF v_book.is_known IS NOT TRUE THEN
    PERFORM ledger.learn_latest_keys(ARRAY[p_book]);
  END IF;
  v_row.place := c_count;
  v_row.outcome := 'opening';
  v_row.sequence := v_book.wallet_sequence;
  v_row.amount_micro := v_total;
  v_row.balance_micro := v_book.wallet_micro;
  v_row.book_id := p_book;
  RETURN v_row;
END $$;

-- Posts a batch of debits ("usage"). When all of it is plain (every wallet exists, has no lots and nothing held, can pay its part of
-- the batch, and no key was used before), it answers with one row per wallet, outcome "opening": what the wallet had before
-- (sequence, balance_micro), what was taken (amount_micro, below zero) and by how many requests (place). The caller derives each posting's result, for they are
-- numbered in the order of the requests. Any other batch is answered by ledger.post_batch, row by row.
-- p_books are distinct and in ascending order, which is the order of the locks; p_book_places names, by request, the place of its
-- wallet in p_books, and is empty when there is one. Requests in the order of their wallets cost least.
-- The lists of descriptions, actors, attributes and fingerprints may be empty. At most 1,000 requests, each key once.
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
  c_largest_micro CONSTANT bigint := 1000000000000000;
  c_count CONSTANT integer := cardinality(p_ids);
  v_row batch_row;
  v_book record;
BEGIN
  IF coalesce(current_organization_id(), current_user_id()) <> ANY (p_books) THEN
    RAISE EXCEPTION 'a posting names a book of another owner than the transaction''s' USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF c_count > 1000 THEN
    RAISE EXCEPTION 'a batch holds at most 1000 requests' USING ERRCODE = 'program_limit_exceeded';
  END IF;

  IF cardinality(p_books) = 1 THEN
    v_row := post_debits_of_one(p_now, p_books[1], p_ids, p_amounts_micro, p_descriptions, p_actor_ids, p_attributes, p_fingerprints);
    IF v_row.outcome IS NOT NULL THEN
      RETURN QUERY SELECT v_row.*;
      RETURN;
    END IF;
  ELSIF NOT (0 <= ANY (p_amounts_micro) OR -c_largest_micro > ANY (p_amounts_micro)) THEN
    SELECT * INTO v_book FROM post_debits_of_many(
      p_now, p_books, p_book_places, p_ids, p_amounts_micro, p_descriptions, p_actor_ids, p_attributes, p_fingerprints);
    IF v_book.sequences IS NOT NULL THEN
      RETURN QUERY
      SELECT m.postings, 'opening', m.sequence, m.total, m.wallet, NULL::bigint, NULL::timestamptz, m.book_id, NULL::uuid, NULL::text, NULL::text
        FROM (SELECT unnest(p_books), unnest(v_book.balances_micro), unnest(v_book.sequences), unnest(v_book.totals_micro), unnest(v_book.counts))
             AS m(book_id, wallet, sequence, total, postings);
      RETURN;
    END IF;
  END IF;

  RETURN QUERY
  SELECT * FROM post_batch(
    p_now, CASE WHEN cardinality(p_books) = 1 THEN array_fill(p_books[1], ARRAY[c_count])
                ELSE ARRAY(SELECT p_books[r.book_place] FROM unnest(p_book_places) WITH ORDINALITY AS r(book_place, place) ORDER BY r.place) END,
    p_ids, array_fill('usage'::text, ARRAY[c_count]), p_amounts_micro,
    CASE WHEN cardinality(p_descriptions) = 0 THEN array_fill(''::text, ARRAY[c_count]) ELSE p_descriptions END, p_actor_ids, p_attributes, p_fingerprints);
END $$;

-- As ledger.post_debits, for several wallets: a plain batch is answered by one row, outcome "openings", with what each of p_books had
-- before as two lists in their order. A row per wallet costs a tenth of the whole, there and here. p_book_places may also be empty
-- when each of p_books is named once, in their order.
CREATE OR REPLACE FUNCTION ledger.post_debits_in_brief(
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
    p_ids, array_fill('usage'::text, ARRAY[cardinality(p_ids)]), p_amounts_micro,
    CASE WHEN cardinality(p_descriptions) = 0 THEN array_fill(''::text, ARRAY[cardinality(p_ids)]) ELSE p_descriptions END,
    p_actor_ids, p_attributes, p_fingerprints) AS r;
END $$;

GRANT CREATE ON SCHEMA ledger TO guildhall_engine;
ALTER FUNCTION ledger.post_debits_of_one OWNER TO guildhall_engine;
REVOKE CREATE ON SCHEMA ledger FROM guildhall_engine;
REVOKE ALL ON FUNCTION ledger.post_debits_of_one FROM PUBLIC;

-- 2. Uses, as in 0019 but for that. The one row of one wallet is worked on without a statement.

-- Charges uses: posts their debits as ledger.post_debits does and answers with its rows; for what was posted it records the uses, asks
-- whether the API keys and people named may spend, and appends one wallet.balance_changed per organization to its log. The new heads
-- of the logs come as further rows, outcome "head", with book_id and sequence.
-- One place of each list per use; p_organization_ids and p_key_ids are distinct lists that the places lists point into, from 1.
-- p_organization_places is empty when there is one organization, and p_organization_ids is in ascending order. p_key_places is empty
-- when all uses have the same key, or none; p_member_ids when nobody is named; p_use_ids when every use has its posting's id, as those under a
-- UUIDv7 do; p_posting_fingerprints when each is its use's. p_descriptions and p_attributes may be empty: what was used is then told by the use
-- alone, which has its posting's id. Amounts are below zero, as they are posted. Times are milliseconds since 1970.
-- Fails as a whole, having done nothing, with GH001 when a member's monthly allowance is used up, GH002 when a key may not spend
-- (the status of its organization in DETAIL, empty for a revoked key), GH003 when a person may not (the refusal in DETAIL, who in HINT).
CREATE OR REPLACE FUNCTION charge_uses(
  p_now timestamptz, p_audience text[], p_organization_ids uuid[], p_organization_places int[], p_ids uuid[], p_amounts_micro bigint[],
  p_descriptions text[], p_attributes text[], p_posting_fingerprints uuid[], p_occurred_at_ms bigint[], p_agents text[], p_models text[],
  p_input_tokens bigint[], p_output_tokens bigint[], p_fingerprints uuid[], p_use_ids uuid[], p_member_ids uuid[],
  p_key_ids uuid[], p_key_organization_places int[], p_key_places int[]
) RETURNS SETOF ledger.batch_row LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  c_count CONSTANT integer := cardinality(p_ids);
  c_is_one CONSTANT boolean := cardinality(p_organization_ids) = 1;
  -- The one key of all uses, if there is one.
  c_key CONSTANT uuid := CASE WHEN cardinality(p_key_places) = 0 THEN p_key_ids[1] END;
  c_posting_fingerprints CONSTANT uuid[] := CASE WHEN cardinality(p_posting_fingerprints) = 0 THEN p_fingerprints ELSE p_posting_fingerprints END;
  v_rows ledger.batch_row[];
  v_first ledger.batch_row;
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

  IF c_is_one THEN
    IF c_count > 1000 THEN
      RAISE EXCEPTION 'a batch holds at most 1000 requests' USING ERRCODE = 'program_limit_exceeded';
    END IF;
    v_first := ledger.post_debits_of_one(
      p_now, p_organization_ids[1], p_ids, p_amounts_micro, p_descriptions, '{}', p_attributes, c_posting_fingerprints);
    v_is_plain := v_first.outcome IS NOT NULL;
    IF v_is_plain THEN
      v_rows := ARRAY[v_first];
    ELSE
      v_rows := ARRAY(
        SELECT r::ledger.batch_row FROM ledger.post_batch(
          p_now, array_fill(p_organization_ids[1], ARRAY[c_count]), p_ids, array_fill('usage'::text, ARRAY[c_count]), p_amounts_micro,
          CASE WHEN cardinality(p_descriptions) = 0 THEN array_fill(''::text, ARRAY[c_count]) ELSE p_descriptions END, '{}', p_attributes,
          c_posting_fingerprints) AS r);
    END IF;
  ELSE
    v_rows := ARRAY(
      SELECT r::ledger.batch_row FROM ledger.post_debits(
        p_now, p_organization_ids, p_organization_places, p_ids, p_amounts_micro, p_descriptions, '{}', p_attributes, c_posting_fingerprints) AS r);
    v_is_plain := v_rows[1].outcome = 'opening';
  END IF;

  -- After the postings, so that whoever takes a right away while we waited for the wallet's lock is heard.
  IF cardinality(p_key_ids) > 0 THEN
    SELECT coalesce(o.status, '') INTO v_status
      FROM (SELECT unnest(p_key_organization_places), unnest(p_key_ids)) AS asked(organization_place, key_id)
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
           u.input_tokens, u.output_tokens, -u.amount_micro, u.id, coalesce(c_key, p_key_ids[u.key_place]), u.fingerprint, p_now
      FROM (SELECT unnest(p_organization_places), unnest(p_ids), unnest(p_occurred_at_ms), unnest(p_agents), unnest(p_member_ids), unnest(p_models),
                   unnest(p_input_tokens), unnest(p_output_tokens), unnest(p_amounts_micro), unnest(p_key_places), unnest(p_fingerprints), unnest(p_use_ids))
           AS u(organization_place, id, occurred_at_ms, agent, member_id, model, input_tokens, output_tokens, amount_micro, key_place, fingerprint, use_id);
    IF c_is_one THEN
      v_moved := p_organization_ids;
      v_payloads := ARRAY[to_balance_change(v_first.balance_micro + v_first.amount_micro, 0, v_first.sequence + 1, v_first.sequence + v_first.place)];
    ELSE
      SELECT array_agg(r.book_id), array_agg(to_balance_change(r.balance_micro + r.amount_micro, 0, r.sequence + 1, r.sequence + r.place))
        INTO v_moved, v_payloads FROM unnest(v_rows) AS r;
    END IF;
  ELSE
    v_accepted := ARRAY(SELECT r.outcome = 'accepted' FROM unnest(v_rows) AS r WHERE r.place IS NOT NULL ORDER BY r.place);
    INSERT INTO usage_events (organization_id, id, occurred_at, agent, member_id, model, input_tokens, output_tokens,
                              amount_micro, posting_id, api_key_id, fingerprint, created_at)
    SELECT p_organization_ids[coalesce(p_organization_places[r.place], 1)], coalesce(p_use_ids[r.place], p_ids[r.place]), to_timestamp(p_occurred_at_ms[r.place]::float8 / 1000),
           p_agents[r.place], p_member_ids[r.place], p_models[r.place], p_input_tokens[r.place], p_output_tokens[r.place],
           -p_amounts_micro[r.place], p_ids[r.place], coalesce(c_key, p_key_ids[p_key_places[r.place]]), p_fingerprints[r.place], p_now
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

  IF c_is_one AND v_is_plain THEN
    RETURN NEXT v_first;
    v_first := NULL;
    v_first.outcome := 'head';
    v_first.book_id := p_organization_ids[1];
    -- As live.append_to_each does it, without lists.
    INSERT INTO live.heads AS h (organization_id, sequence) VALUES (p_organization_ids[1], 1)
    ON CONFLICT (organization_id) DO UPDATE SET sequence = h.sequence + 1
    RETURNING h.sequence INTO v_first.sequence;
    INSERT INTO live.events (organization_id, sequence, type, audience, payload, actor_id, created_at)
    VALUES (p_organization_ids[1], v_first.sequence, 'wallet.balance_changed', p_audience, v_payloads[1], NULL, p_now);
    RETURN NEXT v_first;
    RETURN;
  END IF;
  RETURN QUERY SELECT r.* FROM unnest(v_rows) AS r;
  IF v_moved IS NOT NULL THEN -- The heads of the logs are the last locks.
    RETURN QUERY
    SELECT NULL::bigint, 'head'::text, h.sequence, NULL::bigint, NULL::bigint, NULL::bigint, NULL::timestamptz, h.organization_id, NULL::uuid, NULL::text, NULL::text
      FROM live.append_to_each('wallet.balance_changed', p_audience, v_moved, v_payloads, p_now) AS h;
  END IF;
END $$;

-- 3. The list of uses by time is read backwards: an index that falls gets every new entry in front of its organization's, where Postgres
-- parts its pages in the middle and leaves them half empty.
-- Made before the old one goes: uses are read meanwhile, and charged when it is done.
CREATE INDEX usage_events_by_time_rising ON usage_events (organization_id, occurred_at, id);
DROP INDEX usage_events_by_time;
ALTER INDEX usage_events_by_time_rising RENAME TO usage_events_by_time;

-- 4. The proof: every posting that leaves it to its use to say what was used has one. (find_spending_drift proves the amounts.)
CREATE FUNCTION find_missing_uses(p_organization_id uuid DEFAULT NULL)
  RETURNS TABLE (book_id uuid, finding text, subject text, sequence bigint, expected text, found text)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
  SET plan_cache_mode = force_custom_plan SET enable_nestloop = off SET work_mem = '64MB' AS $$
  SELECT p.book_id, 'posting_lacks_its_use', 'posting ' || p.id, p.sequence, 'a use of ' || -p.amount_micro, 'none'
    FROM ledger.postings p
   WHERE p.kind = 'usage' AND p.description = '' AND (p_organization_id IS NULL OR p.book_id = p_organization_id)
     AND NOT EXISTS (
       SELECT FROM usage_events u
        WHERE u.organization_id = p.book_id AND u.id = p.id AND u.posting_id = p.id
          AND (p_organization_id IS NULL OR u.organization_id = p_organization_id))
$$;

GRANT CREATE ON SCHEMA public TO guildhall_engine;
ALTER FUNCTION find_missing_uses OWNER TO guildhall_engine;
REVOKE CREATE ON SCHEMA public FROM guildhall_engine;
REVOKE ALL ON FUNCTION find_missing_uses FROM PUBLIC;
GRANT EXECUTE ON FUNCTION find_missing_uses TO guildhall_app;
