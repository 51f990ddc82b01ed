import { createHash } from "node:crypto";
import type { Role } from "@guildhall/auth";
import { type Tx, withOrganization } from "@guildhall/db";
import { inviteBatches } from "@guildhall/db/schema";
import { DomainError } from "@guildhall/shared";
import { and, eq } from "drizzle-orm";
import type { OrganizationActor, Services } from "../../trpc/context.ts";
import { readRole } from "../members/index.ts";
import { assertWritable, lockOrganization } from "../organizations/index.ts";
import { readFlooded, readStandings } from "./address-standings.ts";
import { insertInvites, readRoomForInvites } from "./insert-invites.ts";
import { INVITE_LIST_LINES, type JudgedLine, judgeInviteList, parseInviteList } from "./invite-list.ts";
import { decideInvite } from "./invite-policy.ts";

export interface InviteList {
  list: string;
  /** For lines that name no role. */
  role: Role;
}

/** What became of one line of a list that was sent. */
export interface SentLine extends Omit<JudgedLine, "status"> {
  status: Exclude<JudgedLine["status"], "new"> | "invited";
}

/** What was done, by whatever call did it. */
interface SentList {
  results: SentLine[];
}

export interface InviteListAnswer extends SentList {
  /** Accept URLs by address, for sharing by hand: given once. Empty for a request that was answered before. */
  acceptUrls: Record<string, string>;
}

/**
 * Says what each line of a list would become if it were sent now, and sends nothing. @throws too_large, not_found, forbidden
 */
export async function checkInviteList(services: Services, actor: OrganizationActor, input: InviteList) {
  const addresses = readList(input);
  return withOrganization(services.db, actor.organizationId, async (tx) => {
    const lines = await judge(tx, { actor, addresses, now: services.clock.now() });
    return { lines, left: await readRoomForInvites(tx, services.clock.now()) };
  });
}

/**
 * Invites everybody new of a list, in one transaction: all of them or, where the day's limit does not suffice, nobody. Each
 * line is judged again under the organization's lock, and whoever is refused is refused alone. The same key with the same list
 * is answered like the first time, without the links: they are kept nowhere. Pages send long lists in parts, each with a key of
 * its own, so that the lock is never held for long.
 * @throws too_large, not_found, forbidden, invite_limit, idempotency_conflict
 */
export async function sendInviteList(
  services: Services,
  actor: OrganizationActor,
  { idempotencyKey, ...input }: InviteList & { idempotencyKey: string },
): Promise<InviteListAnswer> {
  const addresses = readList(input);
  const fingerprint = createHash("sha256").update(JSON.stringify(addresses)).digest("base64url");
  return withOrganization(services.db, actor.organizationId, async (tx) => {
    const { name: organizationName, status } = await lockOrganization(tx);
    assertWritable({ status });
    const now = services.clock.now();
    const lines = await judge(tx, { actor, addresses, now });
    const [before] = await tx.db
      .select()
      .from(inviteBatches)
      .where(isBatch(tx, actor.userId, idempotencyKey));
    if (before) {
      if (before.fingerprint !== fingerprint) throw new DomainError("idempotency_conflict");
      return { ...(before.results as SentList), acceptUrls: {} };
    }
    const people = lines.filter(({ status }) => status === "new").map(({ email, role }) => ({ email, role }));
    const issued = await insertInvites(tx, services, { actor, organizationName, people });
    const results = lines.map(
      (line) => ({ ...line, status: line.status === "new" ? "invited" : line.status }) as const,
    );
    await tx.db.insert(inviteBatches).values({
      ...{ organizationId: tx.organizationId, sentBy: actor.userId, idempotencyKey },
      ...{ fingerprint, results: { results } satisfies SentList, createdAt: now },
    });
    return { results, acceptUrls: Object.fromEntries(issued.map(({ email, acceptUrl }) => [email, acceptUrl])) };
  });
}

function readList({ list, role }: InviteList) {
  const addresses = parseInviteList(list, role);
  const count = addresses.length;
  if (count > INVITE_LIST_LINES) {
    const message = `The list holds ${count.toLocaleString("en-US")} addresses. Send at most ${INVITE_LIST_LINES.toLocaleString("en-US")} at once.`;
    throw new DomainError("too_large", { count, limit: INVITE_LIST_LINES }, message);
  }
  if (count === 0) throw new DomainError("invalid_input", { field: "list" }, "There is no address in the list.");
  return addresses;
}

interface Judging {
  actor: OrganizationActor;
  addresses: ReturnType<typeof parseInviteList>;
  now: Date;
}

async function judge(tx: Tx, { actor, addresses, now }: Judging): Promise<JudgedLine[]> {
  const inviterRole = await readRole(tx, actor.userId);
  const decision = decideInvite(inviterRole, "member");
  if (!inviterRole || !decision.ok) throw new DomainError(decision.ok ? "not_found" : decision.reason);
  const emails = [...new Set(addresses.filter(({ problem }) => !problem).map(({ email }) => email))];
  const flooded = new Set(await readFlooded(tx, emails, now));
  return judgeInviteList(addresses, {
    inviterRole,
    flooded,
    ...(await readStandings(tx, emails, { now, inviterRole })),
  });
}

function isBatch(tx: Tx, userId: string, idempotencyKey: string) {
  return and(
    eq(inviteBatches.organizationId, tx.organizationId),
    eq(inviteBatches.sentBy, userId),
    eq(inviteBatches.idempotencyKey, idempotencyKey),
  );
}
