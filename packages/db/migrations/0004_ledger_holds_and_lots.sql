-- Holds, credit lots and transfers: the same postings between a wallet and a counter account, with what they refer to.
-- See docs/decisions/0020-ledger-storage.md.

-- A book that never had a lot has null here and pays nothing for them; else the sum of what remains in its lots.
ALTER TABLE ledger.books ADD COLUMN lots_micro bigint CHECK (lots_micro >= 0);

-- What a posting refers to: the hold it opens, settles or releases, the lot that expired; for a transfer the other book.
ALTER TABLE ledger.postings ADD COLUMN reference_id uuid, ADD COLUMN other_book_id uuid;
CREATE UNIQUE INDEX holds_end_once ON ledger.postings (book_id, reference_id) WHERE kind = 'release';

CREATE TABLE ledger.holds (
  book_id uuid NOT NULL,
  -- The posting that reserved it.
  hold_id uuid NOT NULL,
  sequence bigint NOT NULL,
  amount_micro bigint NOT NULL CHECK (amount_micro > 0),
  -- How much more than the amount may be settled.
  tolerance_micro bigint NOT NULL DEFAULT 0 CHECK (tolerance_micro >= 0),
  expires_at timestamptz NOT NULL,
  state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'settled', 'released', 'expired')),
  settled_micro bigint NOT NULL DEFAULT 0,
  closed_at timestamptz,
  PRIMARY KEY (book_id, hold_id),
  CONSTRAINT closed_when_not_open CHECK ((state = 'open') = (closed_at IS NULL)),
  CONSTRAINT settled_within_tolerance CHECK (settled_micro BETWEEN 0 AND amount_micro + tolerance_micro)
);
CREATE INDEX holds_open ON ledger.holds (book_id, expires_at) WHERE state = 'open';
CREATE INDEX holds_due ON ledger.holds (expires_at) WHERE state = 'open';

-- Credits with a source or an end of their own. What a wallet holds beyond its lots is paid and never expires.
CREATE TABLE ledger.lots (
  book_id uuid NOT NULL,
  -- The posting that brought it; derived from it when a transfer brought several.
  lot_id uuid NOT NULL,
  -- It can be burned by later postings only.
  sequence bigint NOT NULL,
  kind text NOT NULL CHECK (kind IN ('promotional', 'paid')),
  granted_micro bigint NOT NULL CHECK (granted_micro > 0),
  remaining_micro bigint NOT NULL CHECK (remaining_micro BETWEEN 0 AND granted_micro),
  expires_at timestamptz,
  granted_at timestamptz NOT NULL,
  PRIMARY KEY (book_id, lot_id)
);
CREATE INDEX lots_left ON ledger.lots (book_id, expires_at) WHERE remaining_micro > 0;
CREATE INDEX lots_due ON ledger.lots (expires_at) WHERE remaining_micro > 0;

-- Which lots a debit burned; below zero what the release of a hold gave back to them.
CREATE TABLE ledger.burns (
  book_id uuid NOT NULL,
  sequence bigint NOT NULL,
  lot_id uuid NOT NULL,
  amount_micro bigint NOT NULL CHECK (amount_micro <> 0),
  PRIMARY KEY (book_id, sequence, lot_id)
);
CREATE INDEX burns_by_lot ON ledger.burns (book_id, lot_id);

-- An id that follows from another one, for the postings and lots that a request brings about beside its own.
CREATE FUNCTION ledger.derived_id(p_role text, p_book_id uuid, p_id uuid) RETURNS uuid LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN md5(p_role || ':' || p_book_id::text || ':' || p_id::text)::uuid;

-- Burns lots with the debits of one book between two sequences (both excluded): promotional before paid, earliest expiry
-- first. Debits and lots are laid out one after the other on one line each; where they overlap, that debit burned that lot.
CREATE FUNCTION ledger.burn_in_order(p_book_id uuid, p_after bigint, p_before bigint) RETURNS void
  LANGUAGE plpgsql SET search_path = ledger, public, pg_temp AS $$
BEGIN
  WITH debit AS (
    SELECT p.sequence, sum_micro(-p.amount_micro) OVER so_far + p.amount_micro AS starts, sum_micro(-p.amount_micro) OVER so_far AS ends
      FROM postings p
     WHERE p.book_id = p_book_id AND p.sequence > p_after AND p.sequence < p_before AND p.amount_micro < 0 AND p.kind <> 'expiry'
    WINDOW so_far AS (ORDER BY p.sequence ROWS UNBOUNDED PRECEDING)
  ), lot AS (
    SELECT l.lot_id, sum_micro(l.remaining_micro) OVER so_far - l.remaining_micro AS starts, sum_micro(l.remaining_micro) OVER so_far AS ends
      FROM lots l
     WHERE l.book_id = p_book_id AND l.remaining_micro > 0 AND l.sequence <= p_after
    WINDOW so_far AS (ORDER BY l.kind DESC, l.expires_at NULLS LAST, l.sequence, l.lot_id ROWS UNBOUNDED PRECEDING)
  ), burned AS (
    INSERT INTO burns (book_id, sequence, lot_id, amount_micro)
    SELECT p_book_id, d.sequence, l.lot_id, least(d.ends, l.ends) - greatest(d.starts, l.starts)
      FROM debit d JOIN lot l ON l.starts < d.ends AND d.starts < l.ends
    RETURNING lot_id, amount_micro
  ), taken AS (
    UPDATE lots l SET remaining_micro = l.remaining_micro - b.amount_micro
      FROM (SELECT lot_id, sum_micro(amount_micro) AS amount_micro FROM burned GROUP BY lot_id) AS b
     WHERE l.book_id = p_book_id AND l.lot_id = b.lot_id
  )
  UPDATE books k SET lots_micro = k.lots_micro - b.amount_micro
    FROM (SELECT sum_micro(amount_micro) AS amount_micro FROM burned) AS b
   WHERE k.book_id = p_book_id AND b.amount_micro > 0;
END $$;

-- Accounts for the lots of one book after its postings beyond a sequence were made. What changes the lots themselves (a new
-- one, one that expired, a hold that gives back what it burned) parts the debits into stretches that are burned at once.
CREATE FUNCTION ledger.account_for_lots(p_book_id uuid, p_after bigint) RETURNS void
  LANGUAGE plpgsql SET search_path = ledger, public, pg_temp AS $$
DECLARE
  v_change record;
  v_after bigint := p_after;
BEGIN
  FOR v_change IN
    SELECT p.sequence, p.kind, p.reference_id, -p.amount_micro AS debit_micro FROM postings p
     WHERE p.book_id = p_book_id AND p.sequence > p_after AND p.kind IN ('expiry', 'release')
     UNION ALL SELECT DISTINCT l.sequence, 'lot', NULL::uuid, NULL::bigint FROM lots l WHERE l.book_id = p_book_id AND l.sequence > p_after
     UNION ALL SELECT 9223372036854775807, 'end', NULL, NULL
     ORDER BY 1
  LOOP
    PERFORM burn_in_order(p_book_id, v_after, v_change.sequence);
    IF v_change.kind = 'expiry' THEN
      INSERT INTO burns (book_id, sequence, lot_id, amount_micro)
      VALUES (p_book_id, v_change.sequence, v_change.reference_id, v_change.debit_micro);
      UPDATE lots SET remaining_micro = remaining_micro - v_change.debit_micro WHERE book_id = p_book_id AND lot_id = v_change.reference_id;
      UPDATE books SET lots_micro = lots_micro - v_change.debit_micro WHERE book_id = p_book_id;
    ELSIF v_change.kind = 'release' THEN
      WITH returned AS (
        INSERT INTO burns (book_id, sequence, lot_id, amount_micro)
        SELECT p_book_id, v_change.sequence, b.lot_id, -b.amount_micro
          FROM holds h JOIN burns b ON b.book_id = h.book_id AND b.sequence = h.sequence
         WHERE h.book_id = p_book_id AND h.hold_id = v_change.reference_id
        RETURNING lot_id, amount_micro
      ), restored AS (
        UPDATE lots l SET remaining_micro = l.remaining_micro - r.amount_micro
          FROM returned r WHERE l.book_id = p_book_id AND l.lot_id = r.lot_id
      )
      UPDATE books SET lots_micro = lots_micro - (SELECT sum_micro(amount_micro) FROM returned) WHERE book_id = p_book_id;
    END IF;
    v_after := v_change.sequence;
  END LOOP;
END $$;

-- Carries lots over to the receiving book, so that a transfer does not turn credits that expire into credits that do not.
CREATE FUNCTION ledger.carry_lots_over(p_book_id uuid, p_after bigint, p_now timestamptz) RETURNS void
  LANGUAGE plpgsql SET search_path = ledger, public, pg_temp AS $$
BEGIN
  WITH carried AS (
    INSERT INTO lots (book_id, lot_id, sequence, kind, granted_micro, remaining_micro, expires_at, granted_at)
    SELECT p.other_book_id, derived_id(p.id::text, p_book_id, b.lot_id), arrived.sequence, l.kind, b.amount_micro, b.amount_micro,
           l.expires_at, p_now
      FROM postings p
      JOIN burns b ON b.book_id = p.book_id AND b.sequence = p.sequence
      JOIN lots l ON l.book_id = p.book_id AND l.lot_id = b.lot_id
      JOIN postings arrived ON arrived.book_id = p.other_book_id AND arrived.id = derived_id('transfer', p.book_id, p.id)
     WHERE p.book_id = p_book_id AND p.sequence > p_after AND p.kind = 'transfer' AND p.amount_micro < 0
    RETURNING book_id, granted_micro
  )
  UPDATE books k SET lots_micro = coalesce(k.lots_micro, 0) + c.granted_micro
    FROM (SELECT book_id, sum_micro(granted_micro) AS granted_micro FROM carried GROUP BY book_id) AS c
   WHERE k.book_id = c.book_id;
END $$;

-- What 0002 called post_batch stays the statement for batches of nothing but plain postings: nearly all of them, and a third
-- cheaper than the one below, which also knows holds, lots and transfers.
ALTER FUNCTION ledger.post_batch RENAME TO post_plain;

-- The statement for batches with holds, lots or transfers; the caller holds the locks.
CREATE FUNCTION ledger.post_linked(
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
    SELECT r.*, h.amount_micro AS hold_micro, h.state AS hold_state, h.tolerance_micro AS hold_tolerance_micro,
           CASE WHEN r.asked = 'settle' THEN CASE WHEN r.asked_micro = 0 THEN 'release' ELSE 'usage' END ELSE r.asked END AS kind,
           CASE WHEN r.asked = 'release' OR r.asked = 'settle' AND r.asked_micro = 0 THEN h.amount_micro ELSE r.asked_micro END AS amount_micro,
           CASE WHEN r.asked = 'settle' AND r.asked_micro < 0 THEN h.amount_micro ELSE 0 END AS released_micro
      FROM request r
      LEFT JOIN holds h ON h.book_id = r.book_id AND h.hold_id = r.hold_id
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
           CASE WHEN r.fingerprint IS NULL AND p.fingerprint IS NULL
             THEN p.kind = r.kind AND p.amount_micro = r.amount_micro AND p.description = r.description
                  AND p.attributes IS NOT DISTINCT FROM r.attributes
             ELSE p.fingerprint IS NOT DISTINCT FROM r.fingerprint
           END AND p.reference_id IS NOT DISTINCT FROM CASE WHEN r.asked = 'hold' THEN r.id ELSE r.hold_id END
             AND p.other_book_id IS NOT DISTINCT FROM r.other_book_id AS is_same
      FROM meant r
      LEFT JOIN books b ON b.book_id = r.book_id
      LEFT JOIN books o ON o.book_id = r.other_book_id
      LEFT JOIN postings p ON p.book_id = r.book_id AND p.id = r.id
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
    SELECT book_id, sequence - 1, derived_id('release', book_id, hold_id), p_now, released_micro, after_micro - amount_micro,
           held_sequence_after, held_after_micro, 'release', 'held', actor_id, description, NULL, hold_id, NULL
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
         CASE WHEN is_repeated THEN first_balance_micro ELSE after_micro END,
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

-- Posts up to 1,000 requests for any number of books and answers each in its place:
--   accepted       posted now
--   replayed       posted before under the same key with the same content: the first result
--   conflict       posted before under the same key with other content
--   insufficient   would leave the wallet below its floor; nothing was done
--   unknown_book, unknown_hold, hold_closed, hold_exceeded, other_credit_type, out_of_range, invalid   nothing was done
-- A row without a place is a posting that came about beside the requests' own: a hold or a lot that was due, the release
-- before what a hold settles, what a transfer brought to the other book.
--
-- A request names a kind of posting, or 'settle': the release of a hold and the usage it was for, together or not at all; or
-- 'due': nothing but what is due in the book (answered 'nothing').
-- p_hold_ids: of settle and release. p_other_book_ids: where a transfer goes. p_expires_at: of a hold, or of the lot that a
-- top-up brings. p_tolerances_micro: of a hold. p_lot_kinds: of a top-up that brings a lot. These arrays may be empty.
--
-- Locks the books in id order; requests of one book are decided in request order. None of the answers fails the others.
-- The caller sends a key of a book, or requests about one hold, at most once per call, and names a book that receives a
-- transfer in no other role. Needs READ COMMITTED: the decisions must see what was committed while the lock was waited for.
-- p_now is the caller's clock. Without the setting of one organization or person, any book can be named: a batch spans books.
CREATE FUNCTION ledger.post_batch(
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
    SELECT p.*, NULL::uuid, NULL::uuid, NULL::text, NULL::text
      FROM post_plain(p_now, p_book_ids, p_ids, p_kinds, p_amounts_micro, p_descriptions, p_actor_ids, p_attributes, p_fingerprints) AS p;
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

-- Posts what has come due in the named books, whose locks the caller holds: first the holds, for they give back to lots.
CREATE FUNCTION ledger.post_due(p_now timestamptz, p_book_ids uuid[]) RETURNS TABLE (
  place bigint, outcome text, sequence bigint, amount_micro bigint, balance_micro bigint, held_micro bigint, posted_at timestamptz,
  book_id uuid, posting_id uuid, kind text, description text
) LANGUAGE plpgsql SET search_path = ledger, public, pg_temp AS $$
#variable_conflict use_column
DECLARE
  v_due record;
BEGIN
  SELECT array_agg(h.book_id) AS book_ids, array_agg(h.hold_id) AS hold_ids, array_agg(derived_id('release', h.book_id, h.hold_id)) AS ids,
         array_agg('release'::text) AS kinds, array_agg('Hold expired'::text) AS descriptions INTO v_due
    FROM (SELECT h.book_id, h.hold_id FROM holds h WHERE h.book_id = ANY (p_book_ids) AND h.state = 'open' AND h.expires_at <= p_now
           ORDER BY h.expires_at, h.hold_id LIMIT 1000) AS h;
  IF v_due.book_ids IS NOT NULL THEN
    RETURN QUERY SELECT * FROM post_batch(p_now, v_due.book_ids, v_due.ids, v_due.kinds, '{}', v_due.descriptions, '{}', '{}', '{}',
                                          p_hold_ids => v_due.hold_ids, p_is_due => true);
  END IF;
  -- A lot can expire again: a hold that outlived it gives back. So the key takes in how far the book has come.
  SELECT array_agg(l.book_id) AS book_ids, array_agg(l.lot_id) AS lot_ids, array_agg(derived_id('expiry:' || l.wallet_sequence, l.book_id, l.lot_id)) AS ids,
         array_agg('expiry'::text) AS kinds, array_agg(-l.remaining_micro) AS amounts_micro, array_agg('Credits expired'::text) AS descriptions INTO v_due
    FROM (SELECT l.book_id, l.lot_id, l.remaining_micro, b.wallet_sequence FROM lots l JOIN books b ON b.book_id = l.book_id
           WHERE l.book_id = ANY (p_book_ids) AND l.remaining_micro > 0 AND l.expires_at <= p_now
           ORDER BY l.expires_at, l.lot_id LIMIT 1000) AS l;
  IF v_due.book_ids IS NOT NULL THEN
    RETURN QUERY SELECT * FROM post_batch(p_now, v_due.book_ids, v_due.ids, v_due.kinds, v_due.amounts_micro, v_due.descriptions, '{}', '{}', '{}',
                                          p_hold_ids => v_due.lot_ids, p_is_due => true);
  END IF;
END $$;

-- Names books in which something has come due: a wallet that nobody uses would keep its expired credits else.
CREATE FUNCTION ledger.find_due(p_now timestamptz, p_limit integer) RETURNS TABLE (book_id uuid)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ledger, public, pg_temp AS $$
  (SELECT h.book_id FROM holds h WHERE h.state = 'open' AND h.expires_at <= p_now ORDER BY h.expires_at LIMIT p_limit)
  UNION
  (SELECT l.book_id FROM lots l WHERE l.remaining_micro > 0 AND l.expires_at <= p_now ORDER BY l.expires_at LIMIT p_limit)
$$;

-- Looks for what must never be: returns one row per drift, none when all is well. Reads one snapshot, repairs nothing.
CREATE OR REPLACE FUNCTION ledger.find_drift(p_book_id uuid DEFAULT NULL)
  RETURNS TABLE (book_id uuid, finding text, account text, sequence bigint, expected text, found text)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ledger, public, pg_temp AS $$
  WITH account AS (
    SELECT a.* FROM accounts a WHERE p_book_id IS NULL OR a.book_id = p_book_id
  ), book AS (
    SELECT b.* FROM books b WHERE p_book_id IS NULL OR b.book_id = p_book_id
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
  ), lot AS (
    SELECT l.book_id, l.lot_id, l.sequence, l.remaining_micro,
           l.granted_micro - coalesce((SELECT sum(b.amount_micro) FROM burns b WHERE b.book_id = l.book_id AND b.lot_id = l.lot_id), 0) AS unburned_micro
      FROM lots l WHERE p_book_id IS NULL OR l.book_id = p_book_id
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
  SELECT b.book_id, 'wallet_below_its_floor', 'wallet', NULL, b.floor_micro::text, b.wallet_micro::text FROM book b WHERE b.wallet_micro < b.floor_micro
  UNION ALL
  SELECT b.book_id, 'held_is_not_the_sum_of_open_holds', 'held', NULL, coalesce(h.amount_micro, 0)::text, b.held_micro::text
    FROM book b LEFT JOIN (SELECT h.book_id, sum(h.amount_micro) AS amount_micro FROM holds h WHERE h.state = 'open' GROUP BY 1) AS h USING (book_id)
   WHERE b.held_micro <> coalesce(h.amount_micro, 0)
  UNION ALL
  SELECT b.book_id, 'lots_are_not_the_sum_of_what_remains', NULL, NULL, coalesce(l.remaining_micro, 0)::text, coalesce(b.lots_micro, 0)::text
    FROM book b LEFT JOIN (SELECT l.book_id, sum(l.remaining_micro) AS remaining_micro FROM lot l GROUP BY 1) AS l USING (book_id)
   WHERE coalesce(b.lots_micro, 0) <> coalesce(l.remaining_micro, 0)
  UNION ALL
  SELECT l.book_id, 'lot_is_not_what_its_burns_left', NULL, l.sequence, l.unburned_micro::text, l.remaining_micro::text
    FROM lot l WHERE l.remaining_micro <> l.unburned_micro
  UNION ALL
  SELECT p.book_id, 'transfer_did_not_arrive', 'transfers', p.sequence, (-p.amount_micro)::text, coalesce(o.amount_micro, 0)::text
    FROM postings p LEFT JOIN postings o ON o.book_id = p.other_book_id AND o.id = derived_id('transfer', p.book_id, p.id)
   WHERE p.kind = 'transfer' AND p.amount_micro < 0 AND (p_book_id IS NULL OR p_book_id IN (p.book_id, p.other_book_id))
     AND o.amount_micro IS DISTINCT FROM -p.amount_micro
  UNION ALL
  SELECT NULL, 'transfers_do_not_sum_to_zero', 'transfers', NULL, '0', sum(b.transfers_micro)::text
    FROM book b WHERE p_book_id IS NULL HAVING sum(b.transfers_micro) <> 0
$$;

-- The walls.
DO $$
DECLARE
  walled text;
BEGIN
  FOREACH walled IN ARRAY ARRAY['holds', 'lots', 'burns'] LOOP
    EXECUTE format('ALTER TABLE ledger.%s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', walled);
    EXECUTE format('CREATE POLICY own_book ON ledger.%s FOR SELECT TO guildhall_app
      USING (book_id = coalesce(current_organization_id(), current_user_id()))', walled);
    EXECUTE format('CREATE POLICY engine ON ledger.%s TO guildhall_engine USING (true) WITH CHECK (true)', walled);
    EXECUTE format('GRANT SELECT ON ledger.%s TO guildhall_app', walled);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE ON ledger.%s TO guildhall_engine', walled);
  END LOOP;
END $$;
REVOKE UPDATE ON ledger.burns FROM guildhall_engine;

GRANT CREATE ON SCHEMA ledger TO guildhall_engine;
ALTER FUNCTION ledger.post_batch OWNER TO guildhall_engine;
ALTER FUNCTION ledger.find_due OWNER TO guildhall_engine;
REVOKE CREATE ON SCHEMA ledger FROM guildhall_engine;
REVOKE ALL ON FUNCTION ledger.post_batch, ledger.find_due FROM PUBLIC;
REVOKE ALL ON FUNCTION ledger.post_plain FROM guildhall_app;
GRANT EXECUTE ON FUNCTION ledger.post_batch, ledger.find_due TO guildhall_app;
