-- The ledger: one book per organization or person, postings in double entry, written through functions only.
--
-- A posting moves an amount between the book's wallet and one of its counter accounts, so its two legs are +amount and
-- −amount of one column: they cannot differ. A book's accounts are columns of one row: one lock guards them all, one
-- UPDATE moves them all, and a CHECK on the row proves that they sum to zero. See docs/decisions/0020-ledger-storage.md.

CREATE SCHEMA ledger;

CREATE TABLE ledger.books (
  book_id uuid PRIMARY KEY,
  -- Credits of different types never mix; null is the one type that a platform starts with.
  credit_type_id uuid,
  floor_micro bigint NOT NULL DEFAULT 0 CHECK (floor_micro <= 0),
  -- The wallet is what can be spent. Each sequence counts the account's postings.
  wallet_micro bigint NOT NULL DEFAULT 0,
  wallet_sequence bigint NOT NULL DEFAULT 0,
  held_micro bigint NOT NULL DEFAULT 0 CHECK (held_micro >= 0),
  held_sequence bigint NOT NULL DEFAULT 0,
  consumed_micro bigint NOT NULL DEFAULT 0,
  consumed_sequence bigint NOT NULL DEFAULT 0,
  top_ups_micro bigint NOT NULL DEFAULT 0,
  top_ups_sequence bigint NOT NULL DEFAULT 0,
  adjustments_micro bigint NOT NULL DEFAULT 0,
  adjustments_sequence bigint NOT NULL DEFAULT 0,
  expired_micro bigint NOT NULL DEFAULT 0,
  expired_sequence bigint NOT NULL DEFAULT 0,
  -- What came from other books (negative) or went there; over all books these sum to zero.
  transfers_micro bigint NOT NULL DEFAULT 0,
  transfers_sequence bigint NOT NULL DEFAULT 0,
  CONSTRAINT accounts_sum_to_zero CHECK (
    wallet_micro + held_micro + consumed_micro + top_ups_micro + adjustments_micro + expired_micro + transfers_micro = 0
  ),
  CONSTRAINT wallet_at_or_above_floor CHECK (wallet_micro >= floor_micro)
) WITH (fillfactor = 50); -- Room on the page keeps the update of a hot row from touching the index (HOT).

-- Append-only. No foreign key to books: it would cost a look-up per row, and only functions that hold the book's lock write.
CREATE TABLE ledger.postings (
  book_id uuid NOT NULL,
  sequence bigint NOT NULL CHECK (sequence > 0),
  -- The idempotency key: a UUIDv7 as the caller sent it, or the hash of another text. Unique in the book.
  id uuid NOT NULL,
  posted_at timestamptz NOT NULL,
  amount_micro bigint NOT NULL CHECK (amount_micro <> 0),
  balance_after_micro bigint NOT NULL,
  counter_sequence bigint NOT NULL CHECK (counter_sequence > 0),
  counter_after_micro bigint NOT NULL,
  kind text NOT NULL,
  counter text NOT NULL,
  -- What makes two requests the same, when that is not their content.
  fingerprint uuid,
  actor_id uuid,
  description text NOT NULL CHECK (length(description) <= 500),
  attributes jsonb CHECK (jsonb_typeof(attributes) = 'object'),
  PRIMARY KEY (book_id, sequence),
  CONSTRAINT postings_once_per_key UNIQUE (book_id, id)
);

-- The account across from the wallet for each kind of posting; null for a kind or a sign that does not exist.
CREATE FUNCTION ledger.counter_of(p_kind text, p_amount_micro bigint) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN CASE p_kind
    WHEN 'usage' THEN CASE WHEN p_amount_micro < 0 THEN 'consumed' END
    WHEN 'refund' THEN CASE WHEN p_amount_micro > 0 THEN 'consumed' END
    WHEN 'top_up' THEN CASE WHEN p_amount_micro > 0 THEN 'top_ups' END
    WHEN 'top_up_reversal' THEN CASE WHEN p_amount_micro < 0 THEN 'top_ups' END
    WHEN 'adjustment' THEN CASE WHEN p_amount_micro <> 0 THEN 'adjustments' END
    WHEN 'expiry' THEN CASE WHEN p_amount_micro < 0 THEN 'expired' END
    WHEN 'transfer' THEN CASE WHEN p_amount_micro <> 0 THEN 'transfers' END
    WHEN 'hold' THEN CASE WHEN p_amount_micro < 0 THEN 'held' END
    WHEN 'release' THEN CASE WHEN p_amount_micro > 0 THEN 'held' END
  END;

ALTER TABLE ledger.postings ADD CONSTRAINT postings_against_their_counter
  CHECK (counter IS NOT NULL AND counter = ledger.counter_of(kind, amount_micro));

-- Both legs of every posting, and every account of every book, in the form that a bookkeeper expects.
CREATE VIEW ledger.entries WITH (security_invoker = true) AS
  SELECT book_id, 'wallet' AS account, sequence, id AS posting_id, amount_micro, balance_after_micro, posted_at
    FROM ledger.postings
  UNION ALL
  SELECT book_id, counter, counter_sequence, id, -amount_micro, counter_after_micro, posted_at FROM ledger.postings;

CREATE VIEW ledger.accounts WITH (security_invoker = true) AS
  SELECT b.book_id, a.account, a.balance_micro, a.sequence
    FROM ledger.books b CROSS JOIN LATERAL (VALUES
      ('wallet', b.wallet_micro, b.wallet_sequence), ('held', b.held_micro, b.held_sequence),
      ('consumed', b.consumed_micro, b.consumed_sequence), ('top_ups', b.top_ups_micro, b.top_ups_sequence),
      ('adjustments', b.adjustments_micro, b.adjustments_sequence), ('expired', b.expired_micro, b.expired_sequence),
      ('transfers', b.transfers_micro, b.transfers_sequence)
    ) AS a(account, balance_micro, sequence);

-- One step of the walk along a book's requests: adds the amount if it is a credit, or a debit that leaves
-- the wallet at or above its floor. A debit that does not fit changes nothing, so the next one is tried against what is left.
CREATE FUNCTION ledger.walk_step(running bigint, opening bigint, floor bigint, amount bigint) RETURNS bigint
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
  -- One expression: every further statement would cost as much again, for every request.
  RETURN CASE WHEN running IS NULL THEN opening ELSE running END
    + CASE WHEN amount > 0 OR CASE WHEN running IS NULL THEN opening ELSE running END + amount >= floor THEN amount ELSE 0 END;
END $$;
CREATE AGGREGATE ledger.walk(opening bigint, floor bigint, amount bigint) (SFUNC = ledger.walk_step, STYPE = bigint);

-- sum(bigint) computes in numeric, which is several times slower.
CREATE AGGREGATE ledger.sum_micro(bigint) (SFUNC = int8pl, STYPE = bigint, INITCOND = '0', PARALLEL = SAFE, COMBINEFUNC = int8pl);

-- Opens a book: its wallet and its counter accounts, all at zero. Again is harmless.
CREATE FUNCTION ledger.open_book(p_book_id uuid, p_credit_type_id uuid DEFAULT NULL, p_floor_micro bigint DEFAULT 0)
  RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = ledger, public, pg_temp AS $$
BEGIN
  IF p_book_id IS DISTINCT FROM coalesce(current_organization_id(), current_user_id()) THEN
    RAISE EXCEPTION 'a book is opened by the organization or person that it belongs to' USING ERRCODE = 'insufficient_privilege';
  END IF;
  INSERT INTO books (book_id, credit_type_id, floor_micro) VALUES (p_book_id, p_credit_type_id, p_floor_micro)
  ON CONFLICT DO NOTHING;
END $$;

-- Posts up to 1,000 requests for any number of books and answers each in its place:
--   accepted       posted now
--   replayed       posted before under the same key with the same content: the first result
--   conflict       posted before under the same key with other content
--   insufficient   would leave the wallet below its floor; nothing was done
--   unknown_book, out_of_range, invalid   nothing was done
-- Locks the books in id order; requests of one book are decided in request order. None of the answers fails the others.
-- The caller sends a key of a book at most once per call. Needs READ COMMITTED: the decisions must see what was committed
-- while the lock was waited for. p_now is the caller's clock. Without the setting of one organization or person, any book
-- can be named: a batch spans books.
CREATE FUNCTION ledger.post_batch(
  p_now timestamptz, p_book_ids uuid[], p_ids uuid[], p_kinds text[], p_amounts_micro bigint[],
  p_descriptions text[], p_actor_ids uuid[], p_attributes text[], p_fingerprints uuid[]
) RETURNS TABLE (
  place bigint, outcome text, sequence bigint, amount_micro bigint, balance_micro bigint, held_micro bigint, posted_at timestamptz
) LANGUAGE plpgsql SECURITY DEFINER SET search_path = ledger, public, pg_temp
-- One plan, made once and kept: planning costs ten times what running it for one request does. While a table is young, a
-- scan of it looks cheap, and would stay when it has grown.
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
  v_owner uuid := coalesce(current_organization_id(), current_user_id());
  -- Far enough from the end of bigint that a batch of the largest amounts cannot reach it.
  c_range_micro CONSTANT bigint := 1000000000000000000;
  c_largest_micro CONSTANT bigint := 1000000000000000;
BEGIN
  IF v_owner <> ANY (p_book_ids) THEN
    RAISE EXCEPTION 'a posting names a book of another owner than the transaction''s' USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF cardinality(p_book_ids) > 1000 THEN
    RAISE EXCEPTION 'a batch holds at most 1000 requests' USING ERRCODE = 'program_limit_exceeded';
  END IF;

  -- A statement of its own: the next one takes its snapshot when every lock is held.
  PERFORM 1 FROM books b WHERE b.book_id IN (SELECT DISTINCT unnest(p_book_ids)) ORDER BY b.book_id FOR NO KEY UPDATE;

  RETURN QUERY
  WITH request AS MATERIALIZED (
    SELECT r.place, r.book_id, r.id, r.kind, r.amount_micro, r.description, r.actor_id, r.fingerprint,
           r.attributes::jsonb AS attributes, counter_of(r.kind, r.amount_micro) AS counter
      FROM unnest(p_book_ids, p_ids, p_kinds, p_amounts_micro, p_descriptions, p_actor_ids, p_attributes, p_fingerprints)
           WITH ORDINALITY AS r(book_id, id, kind, amount_micro, description, actor_id, attributes, fingerprint, place)
  ), known AS MATERIALIZED (
    SELECT r.*, b.floor_micro, b.wallet_micro, b.wallet_sequence, b.held_micro,
           CASE r.counter
             WHEN 'consumed' THEN b.consumed_micro WHEN 'top_ups' THEN b.top_ups_micro WHEN 'held' THEN b.held_micro
             WHEN 'adjustments' THEN b.adjustments_micro WHEN 'expired' THEN b.expired_micro ELSE b.transfers_micro
           END AS counter_micro,
           CASE r.counter
             WHEN 'consumed' THEN b.consumed_sequence WHEN 'top_ups' THEN b.top_ups_sequence WHEN 'held' THEN b.held_sequence
             WHEN 'adjustments' THEN b.adjustments_sequence WHEN 'expired' THEN b.expired_sequence ELSE b.transfers_sequence
           END AS counter_sequence,
           p.sequence AS first_sequence, p.amount_micro AS first_amount_micro,
           p.balance_after_micro AS first_balance_micro, p.posted_at AS first_posted_at,
           b.book_id IS NULL AS is_unknown, p.sequence IS NOT NULL AS is_repeated,
           CASE WHEN r.fingerprint IS NULL AND p.fingerprint IS NULL
             THEN p.kind = r.kind AND p.amount_micro = r.amount_micro AND p.description = r.description
                  AND p.attributes IS NOT DISTINCT FROM r.attributes
             ELSE p.fingerprint IS NOT DISTINCT FROM r.fingerprint
           END AS is_same
      FROM request r
      LEFT JOIN books b ON b.book_id = r.book_id
      LEFT JOIN postings p ON p.book_id = r.book_id AND p.id = r.id
  ), answered AS (
    -- The key comes before the floor: a retry is told what happened, whatever the wallet holds by now.
    SELECT k.*, CASE
             WHEN is_repeated AND is_same THEN 'replayed'
             WHEN is_repeated THEN 'conflict'
             WHEN is_unknown THEN 'unknown_book'
             WHEN counter IS NULL OR amount_micro NOT BETWEEN -c_largest_micro AND c_largest_micro THEN 'invalid'
             WHEN abs(wallet_micro) > c_range_micro OR abs(counter_micro) > c_range_micro THEN 'out_of_range'
           END AS answer
      FROM known k
  ), walked AS (
    SELECT a.*, walk(wallet_micro, floor_micro, CASE WHEN answer IS NULL THEN amount_micro ELSE 0 END) OVER book AS balance_after_micro
      FROM answered a
    WINDOW book AS (PARTITION BY book_id ORDER BY place ROWS UNBOUNDED PRECEDING)
  ), decided AS (
    SELECT w.*, answer IS NULL AND balance_after_micro <> lag(balance_after_micro, 1, wallet_micro) OVER book AS is_accepted
      FROM walked w
    WINDOW book AS (PARTITION BY book_id ORDER BY place)
  ), numbered AS (
    SELECT d.*,
           wallet_sequence + count(*) FILTER (WHERE is_accepted) OVER book AS sequence_after,
           held_micro - sum_micro(amount_micro) FILTER (WHERE is_accepted AND counter = 'held') OVER book AS held_after_micro,
           counter_sequence + count(*) FILTER (WHERE is_accepted) OVER against AS counter_sequence_after,
           counter_micro - sum_micro(amount_micro) FILTER (WHERE is_accepted) OVER against AS counter_after_micro
      FROM decided d
    WINDOW book AS (PARTITION BY book_id ORDER BY place ROWS UNBOUNDED PRECEDING),
           against AS (PARTITION BY book_id, counter ORDER BY place ROWS UNBOUNDED PRECEDING)
  ), inserted AS (
    INSERT INTO postings (book_id, sequence, id, posted_at, amount_micro, balance_after_micro, counter_sequence,
                          counter_after_micro, kind, counter, fingerprint, actor_id, description, attributes)
    SELECT book_id, sequence_after, id, p_now, amount_micro, balance_after_micro, counter_sequence_after,
           counter_after_micro, kind, counter, fingerprint, actor_id, description, attributes
      FROM numbered WHERE is_accepted
  ), moved AS (
    UPDATE books b SET
      wallet_micro = b.wallet_micro + m.wallet, wallet_sequence = b.wallet_sequence + m.postings,
      held_micro = b.held_micro - m.held, held_sequence = b.held_sequence + m.held_postings,
      consumed_micro = b.consumed_micro - m.consumed, consumed_sequence = b.consumed_sequence + m.consumed_postings,
      top_ups_micro = b.top_ups_micro - m.top_ups, top_ups_sequence = b.top_ups_sequence + m.top_ups_postings,
      adjustments_micro = b.adjustments_micro - m.adjustments, adjustments_sequence = b.adjustments_sequence + m.adjustments_postings,
      expired_micro = b.expired_micro - m.expired, expired_sequence = b.expired_sequence + m.expired_postings,
      transfers_micro = b.transfers_micro - m.transfers, transfers_sequence = b.transfers_sequence + m.transfers_postings
    FROM (
      SELECT book_id, sum_micro(amount_micro) AS wallet, count(*) AS postings,
             sum_micro(amount_micro) FILTER (WHERE counter = 'held') AS held, count(*) FILTER (WHERE counter = 'held') AS held_postings,
             sum_micro(amount_micro) FILTER (WHERE counter = 'consumed') AS consumed, count(*) FILTER (WHERE counter = 'consumed') AS consumed_postings,
             sum_micro(amount_micro) FILTER (WHERE counter = 'top_ups') AS top_ups, count(*) FILTER (WHERE counter = 'top_ups') AS top_ups_postings,
             sum_micro(amount_micro) FILTER (WHERE counter = 'adjustments') AS adjustments, count(*) FILTER (WHERE counter = 'adjustments') AS adjustments_postings,
             sum_micro(amount_micro) FILTER (WHERE counter = 'expired') AS expired, count(*) FILTER (WHERE counter = 'expired') AS expired_postings,
             sum_micro(amount_micro) FILTER (WHERE counter = 'transfers') AS transfers, count(*) FILTER (WHERE counter = 'transfers') AS transfers_postings
        FROM numbered WHERE is_accepted GROUP BY book_id
    ) AS m
    WHERE b.book_id = m.book_id
  )
  SELECT n.place,
         CASE WHEN is_accepted THEN 'accepted' ELSE coalesce(answer, 'insufficient') END,
         CASE WHEN is_accepted THEN sequence_after ELSE first_sequence END,
         CASE WHEN is_repeated THEN first_amount_micro ELSE amount_micro END,
         CASE WHEN is_accepted THEN balance_after_micro WHEN is_repeated THEN first_balance_micro ELSE balance_after_micro END,
         held_after_micro,
         CASE WHEN is_accepted THEN p_now ELSE first_posted_at END
    FROM numbered n;
END $$;

-- Looks for what must never be: returns one row per drift, none when all is well. Reads one snapshot, repairs nothing.
CREATE FUNCTION ledger.find_drift(p_book_id uuid DEFAULT NULL)
  RETURNS TABLE (book_id uuid, finding text, account text, sequence bigint, expected text, found text)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ledger, public, pg_temp AS $$
  WITH account AS (
    SELECT a.* FROM accounts a WHERE p_book_id IS NULL OR a.book_id = p_book_id
  ), entry AS (
    SELECT e.*, row_number() OVER one AS position,
           coalesce(lag(e.balance_after_micro) OVER one, 0) + e.amount_micro AS balance_expected_micro
      FROM entries e WHERE p_book_id IS NULL OR e.book_id = p_book_id
    WINDOW one AS (PARTITION BY e.book_id, e.account ORDER BY e.sequence)
  ), total AS (
    SELECT e.book_id, e.account, sum(e.amount_micro) AS amount_micro, count(*) AS postings FROM entry e GROUP BY 1, 2
  ), gap AS (
    SELECT DISTINCT ON (e.book_id, e.account) e.* FROM entry e WHERE e.sequence <> e.position ORDER BY e.book_id, e.account, e.sequence
  ), break AS (
    SELECT DISTINCT ON (e.book_id, e.account) e.* FROM entry e
     WHERE e.balance_after_micro <> e.balance_expected_micro ORDER BY e.book_id, e.account, e.sequence
  )
  SELECT a.book_id, 'accounts_do_not_sum_to_zero', NULL, NULL::bigint, '0', sum(a.balance_micro)::text
    FROM account a GROUP BY a.book_id HAVING sum(a.balance_micro) <> 0
  UNION ALL
  SELECT a.book_id, 'balance_is_not_the_sum_of_entries', a.account, NULL, coalesce(t.amount_micro, 0)::text, a.balance_micro::text
    FROM account a LEFT JOIN total t USING (book_id, account) WHERE a.balance_micro <> coalesce(t.amount_micro, 0)
  UNION ALL
  SELECT a.book_id, 'sequence_is_not_the_number_of_entries', a.account, NULL, coalesce(t.postings, 0)::text, a.sequence::text
    FROM account a LEFT JOIN total t USING (book_id, account) WHERE a.sequence <> coalesce(t.postings, 0)
  UNION ALL
  SELECT t.book_id, 'postings_without_a_book', t.account, NULL, '0', t.postings::text
    FROM total t WHERE NOT EXISTS (SELECT FROM books b WHERE b.book_id = t.book_id)
  UNION ALL
  SELECT g.book_id, 'sequence_has_a_gap', g.account, g.sequence, g.position::text, g.sequence::text FROM gap g
  UNION ALL
  SELECT k.book_id, 'balance_after_does_not_follow', k.account, k.sequence, k.balance_expected_micro::text, k.balance_after_micro::text FROM break k
  UNION ALL
  SELECT b.book_id, 'wallet_below_its_floor', 'wallet', NULL, b.floor_micro::text, b.wallet_micro::text
    FROM books b WHERE b.wallet_micro < b.floor_micro AND (p_book_id IS NULL OR b.book_id = p_book_id)
  UNION ALL
  SELECT b.book_id, 'held_below_zero', 'held', NULL, '0', b.held_micro::text
    FROM books b WHERE b.held_micro < 0 AND (p_book_id IS NULL OR b.book_id = p_book_id)
$$;

-- The walls. The engine's role owns the functions, the app's role may only read its own book.
ALTER TABLE ledger.books ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE ledger.postings ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY own_book ON ledger.books FOR SELECT TO guildhall_app
  USING (book_id = coalesce(current_organization_id(), current_user_id()));
CREATE POLICY own_book ON ledger.postings FOR SELECT TO guildhall_app
  USING (book_id = coalesce(current_organization_id(), current_user_id()));
CREATE POLICY engine ON ledger.books TO guildhall_engine USING (true) WITH CHECK (true);
CREATE POLICY engine ON ledger.postings TO guildhall_engine USING (true) WITH CHECK (true);

GRANT USAGE, CREATE ON SCHEMA ledger TO guildhall_engine;
GRANT SELECT, INSERT, UPDATE ON ledger.books TO guildhall_engine;
GRANT SELECT, INSERT ON ledger.postings TO guildhall_engine;
GRANT SELECT ON ledger.entries, ledger.accounts TO guildhall_engine;
ALTER FUNCTION ledger.open_book OWNER TO guildhall_engine;
ALTER FUNCTION ledger.post_batch OWNER TO guildhall_engine;
ALTER FUNCTION ledger.find_drift OWNER TO guildhall_engine;
REVOKE CREATE ON SCHEMA ledger FROM guildhall_engine;
REVOKE ALL ON FUNCTION ledger.open_book, ledger.post_batch, ledger.find_drift FROM PUBLIC;

GRANT USAGE ON SCHEMA ledger TO guildhall_app;
GRANT SELECT ON ledger.books, ledger.postings, ledger.entries, ledger.accounts TO guildhall_app;
GRANT EXECUTE ON FUNCTION ledger.open_book, ledger.post_batch, ledger.find_drift TO guildhall_app;
