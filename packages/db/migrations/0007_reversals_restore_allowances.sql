-- What a reversal gives back no longer counts against the member's allowance, in the month that it was charged in. Runs in the
-- transaction of the refund, under the wallet's lock. A use from before allowances were counted takes nothing off below zero.
CREATE FUNCTION uncount_member_spending() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE member_spending s SET spent_micro = greatest(0, s.spent_micro - r.amount_micro)
    FROM (
      SELECT u.organization_id, u.member_id, date_trunc('month', u.created_at AT TIME ZONE 'UTC')::date AS month,
             sum(u.amount_micro)::bigint AS amount_micro
        FROM added a JOIN usage_events u ON u.organization_id = a.organization_id AND u.id = a.usage_id
       WHERE u.member_id IS NOT NULL AND u.amount_micro > 0 GROUP BY 1, 2, 3
    ) AS r
   WHERE s.organization_id = r.organization_id AND s.member_id = r.member_id AND s.month = r.month;
  RETURN NULL;
END $$;
GRANT SELECT (organization_id, id, member_id, created_at, amount_micro) ON usage_events TO guildhall_engine;
CREATE POLICY engine_reads ON usage_events FOR SELECT TO guildhall_engine USING (true);
GRANT CREATE ON SCHEMA public TO guildhall_engine;
ALTER FUNCTION uncount_member_spending OWNER TO guildhall_engine;
REVOKE CREATE ON SCHEMA public FROM guildhall_engine;
CREATE TRIGGER reversals_restore_allowances AFTER INSERT ON usage_reversals
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION uncount_member_spending();
