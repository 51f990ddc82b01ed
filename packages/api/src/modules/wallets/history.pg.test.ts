import { withOrganization } from "@guildhall/db";
import { pgTest } from "@guildhall/db/testing";
import { verify } from "@guildhall/ledger";
import { DAY_MS, newId } from "@guildhall/shared";
import { expect } from "vitest";
import { givenMember, givenOrganization, givenServices } from "../../testing/given.ts";
import type { OrganizationActor } from "../../trpc/context.ts";
import { addCredits } from "./add-credits.ts";
import { deductCredits } from "./deduct-credits.ts";
import { openTransactionExport } from "./export-transactions.ts";
import { postToWallet } from "./post-to-wallet.ts";
import { readStretch, searchPostings } from "./search-postings.ts";
import { listStatementMonths, readStatement } from "./statements.ts";
import type { TransactionFilters } from "./transaction-filters.ts";
import { listTransactions, type Transaction } from "./wallets.queries.ts";

const CREDIT = 1_000_000n;

/** Services on a clock that a test can set. */
function givenClock(start: string) {
  let now = Date.parse(start);
  return {
    now: () => new Date(now),
    set: (time: string) => {
      now = Date.parse(time);
    },
  };
}

type Services = ReturnType<typeof givenServices>;

function use(
  services: Services,
  owner: OrganizationActor,
  more: { agent: string; memberId?: string; amountMicro: bigint },
) {
  const { agent, memberId, amountMicro } = more;
  return postToWallet(services, {
    bookId: owner.organizationId,
    kind: "usage",
    amountMicro: -amountMicro,
    description: `${agent} · atlas`,
    idempotencyKey: newId(),
    attributes: { agent, ...(memberId && { memberId, memberName: "Bob" }) },
  });
}

/** September to November of 2026, eight transactions. */
async function givenHistory(db: Parameters<typeof givenServices>[0]) {
  const clock = givenClock("2026-09-10T00:00:00Z");
  const services = givenServices(db, { clock });
  const owner = await givenOrganization(services);
  const bob = await givenMember(services, owner, "member");
  const add = (credits: bigint) =>
    addCredits(services, owner, { amountMicro: credits * CREDIT, idempotencyKey: newId() });
  await add(100n); // 1
  await use(services, owner, { agent: "Support", amountMicro: 5n * CREDIT }); // 2
  clock.set("2026-09-30T23:59:59.999Z");
  await use(services, owner, { agent: "Sales", memberId: bob.userId, amountMicro: 7n * CREDIT }); // 3
  clock.set("2026-10-01T00:00:00Z");
  await use(services, owner, { agent: "Support", memberId: bob.userId, amountMicro: 1n }); // 4
  await deductCredits(services, owner, { amountMicro: 3n * CREDIT, reason: "Moved", idempotencyKey: newId() }); // 5
  await add(10n); // 6
  clock.set("2026-11-02T00:00:00Z");
  await use(services, owner, { agent: "Support", amountMicro: 2n * CREDIT }); // 7
  await postToWallet(services, {
    ...{ bookId: owner.organizationId, kind: "refund", amountMicro: 2n * CREDIT, description: "Wrong model" },
    ...{ idempotencyKey: newId(), attributes: { agent: "Support" } },
  }); // 8
  const search = async (filters: TransactionFilters) =>
    (await listTransactions(db, owner.organizationId, { ...filters, limit: 100 })).items.map(
      ({ sequence }) => +sequence,
    );
  return { services, owner, bob, clock, search };
}

pgTest(
  "transactions are found by kind, member, agent, dates and amount, and by all at once",
  async ({ db, onTestFinished }) => {
    const { services, owner, bob, search } = await givenHistory(db);
    onTestFinished(() => services.stop());
    expect(await search({})).toEqual([8, 7, 6, 5, 4, 3, 2, 1]);
    expect(await search({ kinds: [] })).toEqual([8, 7, 6, 5, 4, 3, 2, 1]);
    expect(await search({ kinds: ["usage"] })).toEqual([7, 4, 3, 2]);
    expect(await search({ kinds: ["adjustment", "refund"] })).toEqual([8, 6, 5, 1]);
    expect(await search({ kinds: ["usage", "refund"] })).toEqual([8, 7, 4, 3, 2]);
    expect(await search({ kinds: ["transfer"] })).toEqual([]);
    expect(await search({ member: bob.userId })).toEqual([4, 3]);
    expect(await search({ member: owner.userId })).toEqual([6, 5, 1]);
    expect(await search({ agent: "Support" })).toEqual([8, 7, 4, 2]);
    expect(await search({ agent: "support" })).toEqual([]);
    expect(await search({ from: "2026-10-01T00:00:00Z" })).toEqual([8, 7, 6, 5, 4]);
    expect(await search({ to: "2026-10-01T00:00:00Z" })).toEqual([3, 2, 1]);
    expect(await search({ from: "2026-10-01T02:00:00+02:00", to: "2026-11-02T00:00:00Z" })).toEqual([6, 5, 4]);
    expect(await search({ from: "2026-11-02T00:00:00Z", to: "2026-10-01T00:00:00Z" })).toEqual([]);
    expect(await search({ from: "2027-01-01T00:00:00Z" })).toEqual([]);
    expect(await search({ to: "2020-01-01T00:00:00Z" })).toEqual([]);
    expect(await search({ minAmountMicro: "10000000" })).toEqual([6, 1]);
    expect(await search({ minAmountMicro: "-3000000", maxAmountMicro: "-1" })).toEqual([7, 5, 4]);
    const all = { kinds: ["usage" as const], member: bob.userId, agent: "Support", maxAmountMicro: "0" };
    expect(await search({ ...all, from: "2026-10-01T00:00:00Z", to: "2026-10-02T00:00:00Z" })).toEqual([4]);
    expect(await search({ kinds: ["adjustment"], member: owner.userId, minAmountMicro: "0" })).toEqual([6, 1]);
  },
);

pgTest("pages of a search join without gap or repetition, whatever the filter", async ({ db, onTestFinished }) => {
  const { services, owner, search } = await givenHistory(db);
  onTestFinished(() => services.stop());
  const filters: TransactionFilters[] = [
    {},
    { kinds: ["usage"] },
    { kinds: ["adjustment", "refund"] },
    { agent: "Support" },
    { from: "2026-09-30T00:00:00Z", to: "2026-11-01T00:00:00Z" },
  ];
  for (const filter of filters) {
    const seen: number[] = [];
    let cursor: string | undefined;
    do {
      const page = await listTransactions(db, owner.organizationId, { ...filter, cursor, limit: 1 });
      seen.push(...page.items.map(({ sequence }) => +sequence));
      expect(page.searchedTo).toBeUndefined();
      cursor = page.nextCursor ?? undefined;
      // Posted while the pages are read: moves nothing.
      if (seen.length === 1) await use(services, owner, { agent: "Support", amountMicro: 1n });
    } while (cursor);
    const later = (await search(filter)).filter((sequence) => sequence <= Math.max(...seen));
    expect(seen, JSON.stringify(filter)).toEqual(later);
  }
});

pgTest("months join: what one closes with, the next opens with, and each adds up", async ({ db, onTestFinished }) => {
  const { services, owner, clock } = await givenHistory(db);
  onTestFinished(() => services.stop());
  const statement = (month: string) => readStatement(services, owner.organizationId, month);
  expect(await listStatementMonths(services, owner.organizationId)).toEqual(["2026-11", "2026-10", "2026-09"]);
  expect(await statement("2026-09")).toEqual({
    month: "2026-09",
    openingMicro: "0",
    closingMicro: "88000000",
    totals: [
      { kind: "usage", count: 2, amountMicro: "-12000000" },
      { kind: "adjustment", count: 1, amountMicro: "100000000" },
    ],
    timeZone: "UTC",
    isFinal: true,
  });
  expect(await statement("2026-10")).toMatchObject({
    openingMicro: "88000000",
    closingMicro: "94999999",
    totals: [
      { kind: "usage", count: 1, amountMicro: "-1" },
      { kind: "adjustment", count: 2, amountMicro: "7000000" },
    ],
    isFinal: true,
  });
  expect(await statement("2026-11")).toMatchObject({
    openingMicro: "94999999",
    closingMicro: "94999999",
    totals: [
      { kind: "usage", count: 1, amountMicro: "-2000000" },
      { kind: "refund", count: 1, amountMicro: "2000000" },
    ],
    isFinal: false,
  });
  const none = { totals: [], openingMicro: "0", closingMicro: "0" };
  expect(await statement("2026-08")).toMatchObject(none);
  expect(await statement("2026-12")).toMatchObject({ ...none, openingMicro: "94999999", closingMicro: "94999999" });
  clock.set("2027-02-01T00:00:00Z");
  expect((await listStatementMonths(services, owner.organizationId)).slice(0, 3)).toEqual([
    "2027-02",
    "2027-01",
    "2026-12",
  ]);
  const fresh = await givenOrganization(services, "Fresh");
  expect(await listStatementMonths(services, fresh.organizationId)).toEqual(["2027-02"]);
});

/** One top-up and then so many uses, a second apart; every 5,000th by another agent. */
async function givenLongHistory(db: Parameters<typeof givenServices>[0], superuserDb: typeof db, uses: number) {
  const clock = givenClock("2026-01-01T00:00:00Z");
  const services = givenServices(db, { clock });
  const owner = await givenOrganization(services);
  await addCredits(services, owner, { amountMicro: 1_000n * CREDIT, idempotencyKey: newId() });
  await superuserDb.sql`
    INSERT INTO ledger.postings (book_id, sequence, id, posted_at, amount_micro, balance_after_micro, counter_sequence,
                                 counter_after_micro, kind, counter, description, attributes)
    SELECT ${owner.organizationId}, 1 + n, gen_random_uuid(), '2026-01-01T00:00:00Z'::timestamptz + n * interval '1 second', -1,
           1000000000 - n, n, n, 'usage', 'consumed', 'a use',
           jsonb_build_object('agent', CASE WHEN n % 5000 = 1 THEN 'Rare' ELSE 'Common' END)
      FROM generate_series(1, ${uses}::int) AS n`;
  await superuserDb.sql`
    UPDATE ledger.books SET wallet_micro = wallet_micro - ${uses}::int, wallet_sequence = wallet_sequence + ${uses}::int,
           consumed_micro = ${uses}::int, consumed_sequence = ${uses}::int WHERE book_id = ${owner.organizationId}`;
  expect(await verify(db, { bookId: owner.organizationId })).toEqual([]);
  return { services, owner };
}

pgTest(
  "a search in a long history looks at so many rows per page, says how far it has come, and finds all",
  async ({ db, superuserDb, onTestFinished }) => {
    const { services, owner } = await givenLongHistory(db, superuserDb, 25_000);
    onTestFinished(() => services.stop());
    const list = (more: TransactionFilters & { cursor?: string }) =>
      listTransactions(db, owner.organizationId, { ...more, limit: 50 });
    const found: number[] = [];
    let page = await list({ agent: "Rare" });
    expect(page.searchedTo).toBe(new Date(Date.UTC(2026, 0, 1) + 15_001 * 1_000).toISOString());
    let pages = 1;
    for (; page.nextCursor; pages += 1) {
      found.push(...page.items.map(({ sequence }) => +sequence));
      page = await list({ agent: "Rare", cursor: page.nextCursor });
    }
    found.push(...page.items.map(({ sequence }) => +sequence));
    expect([pages, found]).toEqual([3, [20_002, 15_002, 10_002, 5_002, 2]]);
    // What is no usage is found in one step, however far back.
    expect(await list({ kinds: ["adjustment"] })).toMatchObject({ items: [{ sequence: "1" }], nextCursor: null });
    const first = await list({ from: "2026-01-01T02:00:00Z", to: "2026-01-01T02:00:03Z" });
    expect(first.items.map(({ sequence }) => +sequence)).toEqual([7_203, 7_202, 7_201]);
  },
);

pgTest("a page reads no more than its share of a long history", async ({ db, superuserDb, onTestFinished }) => {
  const { services, owner } = await givenLongHistory(db, superuserDb, 60_000);
  onTestFinished(() => services.stop());
  await superuserDb.sql`ANALYZE ledger.postings`;
  /** Rows of the history that one search touches, by an index or without. */
  const rowsRead = (filters: TransactionFilters, before?: bigint) =>
    withOrganization(db, owner.organizationId, async (tx) => {
      // Earlier transactions of the connection are still counted, until it reports them.
      const count = async () => {
        const [row] = await tx.sql<{ rows: number }[]>`
          SELECT (seq_tup_read + idx_tup_fetch)::int AS rows FROM pg_stat_xact_all_tables WHERE relid = 'ledger.postings'::regclass`;
        return row?.rows ?? 0;
      };
      const counted = await count();
      const stretch = await readStretch(tx, filters);
      await searchPostings(tx, filters, { stretch: { ...stretch, before: before ?? stretch.before }, limit: 50 });
      return (await count()) - counted;
    });
  // A page and one row more; dates cost two bisections.
  expect(await rowsRead({})).toBeLessThanOrEqual(60);
  expect(await rowsRead({}, 100n)).toBeLessThanOrEqual(60);
  expect(await rowsRead({ from: "2026-01-01T02:00:00Z", to: "2026-01-01T12:00:00Z" })).toBeLessThanOrEqual(100);
  expect(await rowsRead({ kinds: ["adjustment", "top_up"] })).toBeLessThanOrEqual(10);
  expect(await rowsRead({ agent: "Nobody" })).toBeLessThanOrEqual(10_000);
  expect(await rowsRead({ agent: "Nobody" })).toBeGreaterThan(9_000);
  expect(await rowsRead({ kinds: ["hold"], minAmountMicro: "1" })).toBeLessThanOrEqual(10_000);
});

pgTest(
  "the export holds what stood when it was opened, each once, newest first",
  async ({ db, superuserDb, onTestFinished }) => {
    const { services, owner } = await givenLongHistory(db, superuserDb, 5_000);
    onTestFinished(() => services.stop());
    const user = { id: owner.userId, name: owner.name, email: owner.email, isPlatformAdmin: false };
    const opened = await openTransactionExport(services, user, { slug: owner.slug, filters: {} });
    expect(opened.totalRows).toBe(5_001n);
    const rows: Transaction[] = [];
    for await (const page of opened.pages) {
      rows.push(...page);
      await use(services, owner, { agent: "Common", amountMicro: 1n });
    }
    expect(rows.map(({ sequence }) => +sequence)).toEqual(Array.from({ length: 5_001 }, (_, n) => 5_001 - n));
    const filters = { agent: "Rare", from: new Date(Date.UTC(2026, 0, 1)).toISOString() };
    const filtered = await openTransactionExport(services, user, { slug: owner.slug, filters });
    expect(filtered.totalRows).toBeNull();
    const found: Transaction[] = [];
    for await (const page of filtered.pages) found.push(...page);
    expect(found.map(({ sequence }) => +sequence)).toEqual([2]);
  },
);

pgTest(
  "an export ends for who is removed meanwhile, and never begins for who may not",
  async ({ db, superuserDb, onTestFinished }) => {
    const { services, owner } = await givenLongHistory(db, superuserDb, 5_000);
    onTestFinished(() => services.stop());
    const userOf = ({ userId, name, email }: OrganizationActor) => ({ id: userId, name, email, isPlatformAdmin: true });
    const input = { slug: owner.slug, filters: {} };
    const member = await givenMember(services, owner, "member");
    const stranger = await givenOrganization(services);
    await expect(openTransactionExport(services, userOf(member), input)).rejects.toMatchObject({ code: "forbidden" });
    await expect(openTransactionExport(services, userOf(stranger), input)).rejects.toMatchObject({ code: "not_found" });
    const admin = await givenMember(services, owner, "admin");
    const { pages } = await openTransactionExport(services, userOf(admin), input);
    expect((await pages.next()).value).toHaveLength(2_000);
    await superuserDb.sql`DELETE FROM members WHERE organization_id = ${owner.organizationId} AND user_id = ${admin.userId}`;
    await expect(pages.next()).rejects.toMatchObject({ code: "not_found" });
  },
);

pgTest("S3.3 dates and statements of another organization's wallet tell nothing", async ({ db, onTestFinished }) => {
  const { services, owner } = await givenHistory(db);
  onTestFinished(() => services.stop());
  const other = await givenOrganization(services, "Other");
  const counted = await withOrganization(
    db,
    other.organizationId,
    (tx) =>
      tx.sql<
        { n: bigint | null }[]
      >`SELECT ledger.count_before(${owner.organizationId}, ${new Date(Date.now() + DAY_MS)}) AS n`,
  );
  expect(counted[0]?.n ?? 0n).toBe(0n);
  expect(await readStatement(services, other.organizationId, "2026-10")).toMatchObject({
    totals: [],
    closingMicro: "0",
  });
});

pgTest(
  "a page is planned once per connection, whatever the wallet and however deep",
  async ({ db, onTestFinished }) => {
    const { services, owner } = await givenHistory(db);
    onTestFinished(() => services.stop());
    const own = db.openAnother(1);
    onTestFinished(() => own.close());
    const other = await givenOrganization(services, "Other");
    for (const cursor of ["9", "5", "2"]) await listTransactions(own, owner.organizationId, { cursor, limit: 2 });
    expect((await listTransactions(own, other.organizationId, { cursor: "9", limit: 2 })).items).toEqual([]);
    expect(
      await own.sql`SELECT generic_plans::int, custom_plans::int FROM pg_prepared_statements WHERE statement LIKE '%ORDER BY p.sequence DESC%' AND statement NOT LIKE '%pg_prepared%'`,
    ).toEqual([{ generic_plans: 4, custom_plans: 0 }]);
    expect(await own.sql`SELECT current_setting('plan_cache_mode') AS mode`).toEqual([{ mode: "auto" }]);
  },
);
