import { createHash } from "node:crypto";
import { rolesWith } from "@guildhall/auth";
import { type Database, type Tx, withEnterprise, withOrganization } from "@guildhall/db";
import { creditTypes, enterpriseAdmins, enterprises, members, organizations } from "@guildhall/db/schema";
import { openBook } from "@guildhall/ledger";
import { DomainError } from "@guildhall/shared";
import { and, eq } from "drizzle-orm";
import { announce } from "../../announce.ts";
import { recordAudit } from "../../record-audit.ts";
import type { CallingUser, Services, User } from "../../trpc/context.ts";
import { isReservedSlug, slugCandidate, slugFromName } from "./slug-policy.ts";
import { takeSlug } from "./take-slug.ts";
import { wakePlatformAdmins } from "./wake-platform-admins.ts";

/** How many slugs are tried for one name before a random one is taken. */
const SLUG_ATTEMPTS = 20;

export interface NewOrganization {
  name: string;
  /** Left out: made of the name, with a number if it is taken. Named: refused if it is taken. */
  slug?: string;
  /** A type of credits of the creator's enterprise; the platform's own when left out. Fixed for good. */
  creditTypeId?: string | undefined;
  /** Same key, same organization: a form that is sent twice makes one. */
  idempotencyKey: string;
  /** False for the organization of a first login, whose name and slug a setup step still asks for (S3.6). */
  isSetUp: boolean;
}

export interface CreatedOrganization {
  organizationId: string;
  slug: string;
  isSetUp: boolean;
}

/**
 * Makes an organization with its creator as owner, its wallet and its log, in one transaction. Belongs to the
 * creator's enterprise, which is made beside the first one. Idempotent: the id is derived from creator and key.
 * @throws slug_taken, slug_reserved, idempotency_conflict
 */
export async function createOrganization(
  services: Services,
  user: CallingUser,
  input: NewOrganization,
): Promise<CreatedOrganization> {
  if (input.slug !== undefined && isReservedSlug(input.slug)) throw new DomainError("slug_reserved");
  const organizationId = idFor(user.id, `organization:${input.idempotencyKey}`);
  return withOrganization(services.db, organizationId, async (tx) => {
    const existing = await readExisting(tx);
    if (existing) return sameRequest(existing, input);
    const enterpriseId = await ensureEnterprise(tx, services, user);
    const { creditTypeId } = input;
    if (creditTypeId && !(await hasCreditType(services.db, enterpriseId, creditTypeId)))
      throw new DomainError("not_found");
    const slug = await insertOrganization(tx, services, { ...input, enterpriseId });
    // Somebody else's parallel call with the same key won: theirs is the organization.
    if (slug === undefined) return sameRequest(await readExisting(tx), input);
    await insertOwner(tx, services, user);
    recordAudit(tx, services, {
      actor: { userId: user.id, origin: user.origin },
      action: "organization.created",
      subject: { kind: "organization", id: organizationId, label: input.name },
      after: { name: input.name, slug, ...(creditTypeId && { creditTypeId }), owner: user.name },
    });
    await openBook(tx, organizationId, creditTypeId ? { creditTypeId } : {});
    tx.afterCommit(() => services.bus.touchPerson(user.id));
    await wakePlatformAdmins(tx, services);
    return { organizationId, slug, isSetUp: input.isSetUp };
  });
}

type Existing = CreatedOrganization & { fingerprint: string | null };

async function readExisting(tx: Tx): Promise<Existing | undefined> {
  const [row] = await tx.db.select().from(organizations).where(eq(organizations.id, tx.organizationId));
  if (!row) return undefined;
  const { id: organizationId, slug, setupCompletedAt, creationFingerprint: fingerprint } = row;
  return { organizationId, slug, isSetUp: setupCompletedAt !== null, fingerprint };
}

function sameRequest(existing: Existing | undefined, input: NewOrganization): CreatedOrganization {
  if (!existing) throw new DomainError("slug_taken");
  const { fingerprint, ...created } = existing;
  if (fingerprint !== fingerprintOf(input)) throw new DomainError("idempotency_conflict");
  return created;
}

/** What makes two requests with one key the same. A first organization is set up later: its name may be the person's old one. */
function fingerprintOf({ name, slug, creditTypeId, isSetUp }: NewOrganization): string {
  const content = JSON.stringify(isSetUp ? [name, slug ?? null, creditTypeId ?? null] : "first");
  return createHash("sha256").update(content).digest("base64url");
}

async function hasCreditType(db: Database, enterpriseId: string, creditTypeId: string): Promise<boolean> {
  const types = await withEnterprise(db, enterpriseId, (tx) =>
    tx.db
      .select({ id: creditTypes.id })
      .from(creditTypes)
      .where(and(eq(creditTypes.enterpriseId, enterpriseId), eq(creditTypes.id, creditTypeId))),
  );
  return types.length > 0;
}

/** Every person who makes an organization has one enterprise to make it in. Derived id: parallel calls make one. */
async function ensureEnterprise(tx: Tx, services: Services, user: User): Promise<string> {
  const [own] = await tx.db
    .select({ id: enterpriseAdmins.enterpriseId })
    .from(enterpriseAdmins)
    .where(eq(enterpriseAdmins.userId, user.id))
    .orderBy(enterpriseAdmins.createdAt)
    .limit(1);
  if (own) return own.id;
  const id = idFor(user.id, "enterprise");
  const createdAt = services.clock.now();
  const name = `${user.name}’s enterprise`.slice(0, 100);
  await tx.db
    .insert(enterprises)
    .values({ id, name, slug: `e-${id}`, createdAt })
    .onConflictDoNothing();
  await tx.db.insert(enterpriseAdmins).values({ enterpriseId: id, userId: user.id, createdAt }).onConflictDoNothing();
  return id;
}

async function insertOrganization(
  tx: Tx,
  services: Services,
  input: NewOrganization & { enterpriseId: string },
): Promise<string | undefined> {
  const slug = await takeFreeSlug(tx, services, input);
  if (slug === undefined) return undefined;
  const createdAt = services.clock.now();
  const [inserted] = await tx.db
    .insert(organizations)
    .values({
      id: tx.organizationId,
      enterpriseId: input.enterpriseId,
      name: input.name,
      slug,
      createdAt,
      creditTypeId: input.creditTypeId ?? null,
      creationFingerprint: fingerprintOf(input),
      setupCompletedAt: input.isSetUp ? createdAt : null,
    })
    .onConflictDoNothing()
    .returning({ slug: organizations.slug });
  return inserted?.slug;
}

/** The slug that was named, or the first free one for the name. Undefined: the named one is another organization's. */
async function takeFreeSlug(tx: Tx, services: Services, input: NewOrganization): Promise<string | undefined> {
  if (input.slug !== undefined) return (await takeSlug(tx, services, input.slug)) ? input.slug : undefined;
  const wanted = slugFromName(input.name);
  for (let attempt = 1; attempt < SLUG_ATTEMPTS; attempt += 1) {
    const slug = slugCandidate(wanted, attempt);
    if (await takeSlug(tx, services, slug)) return slug;
  }
  const last = `${wanted.slice(0, 30)}-${tail(tx)}`;
  return (await takeSlug(tx, services, last)) ? last : undefined;
}

async function insertOwner(tx: Tx, services: Services, user: User): Promise<void> {
  const createdAt = services.clock.now();
  await tx.db.insert(members).values({ organizationId: tx.organizationId, userId: user.id, role: "owner", createdAt });
  announce(tx, services, {
    actorId: user.id,
    audience: rolesWith("members.read"),
    event: {
      type: "member.added",
      payload: {
        userId: user.id,
        name: user.name,
        email: user.email,
        role: "owner",
        joinedAt: createdAt.toISOString(),
      },
    },
  });
}

/** A UUID (version 8, RFC 9562) that stands for a person and a purpose. */
function idFor(userId: string, purpose: string): string {
  const bytes = createHash("sha256").update(`${userId}:${purpose}`).digest().subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** Last digits of the organization's id: as good as random, and the same at every attempt. */
function tail(tx: Tx): string {
  return tx.organizationId.slice(-12);
}
