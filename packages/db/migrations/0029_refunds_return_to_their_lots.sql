-- A refund returned as credit without a lot: promotional credit that was about to expire came back as paid credit that never does.
-- Now what a posting burned returns to the lots that it burned, as when a hold is released. A lot that has expired in the meantime
-- takes it, too, and expires with it: as if nothing had been charged.

-- A posting is refunded once. (What is refunded without naming it is the caller's to know.)
CREATE UNIQUE INDEX refunded_once ON ledger.postings (book_id, (attributes->>'refundOf')) WHERE kind = 'refund' AND attributes ? 'refundOf';

-- Accounts for the lots of one book after a sequence, posting by posting: burns them with debits, takes what expired, and gives back
-- what a released hold or a refunded posting (its id in the refund's attribute refundOf) had burned. The caller holds the book's lock.
CREATE OR REPLACE FUNCTION ledger.account_for_lots(p_book_id uuid, p_after bigint) RETURNS void
  LANGUAGE plpgsql SET search_path = ledger, public, pg_temp AS $$
DECLARE
  v_change record;
  v_after bigint := p_after;
  v_burned_at bigint;
  v_back_micro bigint;
BEGIN
  FOR v_change IN
    SELECT p.sequence, p.kind, p.reference_id, -p.amount_micro AS debit_micro FROM postings p
     WHERE p.book_id = p_book_id AND p.sequence > p_after AND p.kind IN ('expiry', 'release')
     UNION ALL
    SELECT p.sequence, p.kind, (p.attributes->>'refundOf')::uuid, -p.amount_micro FROM postings p
     WHERE p.book_id = p_book_id AND p.sequence > p_after AND p.kind = 'refund' AND p.attributes ? 'refundOf'
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
    ELSIF v_change.kind IN ('release', 'refund') THEN
      v_back_micro := -v_change.debit_micro;
      IF v_change.kind = 'release' THEN
        SELECT h.sequence INTO v_burned_at FROM holds h WHERE h.book_id = p_book_id AND h.hold_id = v_change.reference_id;
      ELSE
        -- What was burned last returns first: credit without a lot, which is what the burns do not cover.
        SELECT p.sequence, v_back_micro + p.amount_micro + coalesce((
                 SELECT sum_micro(b.amount_micro) FROM burns b WHERE b.book_id = p_book_id AND b.sequence = p.sequence), 0)
          INTO v_burned_at, v_back_micro
          FROM postings p
         WHERE p.book_id = p_book_id AND p.id = v_change.reference_id AND p.kind = 'usage' AND p.sequence < v_change.sequence;
      END IF;
      -- Then lots from the last to the first, and never more than came back.
      WITH burned AS (
        SELECT b.lot_id, b.amount_micro,
               sum_micro(b.amount_micro) OVER (ORDER BY l.kind, l.expires_at DESC, l.sequence DESC, l.lot_id ROWS UNBOUNDED PRECEDING) AS so_far
          FROM burns b JOIN lots l ON l.book_id = b.book_id AND l.lot_id = b.lot_id
         WHERE b.book_id = p_book_id AND b.amount_micro > 0 AND b.sequence = v_burned_at
      ), returned AS (
        INSERT INTO burns (book_id, sequence, lot_id, amount_micro)
        SELECT p_book_id, v_change.sequence, b.lot_id, -least(b.amount_micro, b.amount_micro - b.so_far + v_back_micro)
          FROM burned b WHERE b.so_far - b.amount_micro < v_back_micro
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
