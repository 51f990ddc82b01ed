import type { Role } from "@guildhall/auth";
import { type Database, withOrganization } from "@guildhall/db";
import { pgTest } from "@guildhall/db/testing";
import { DAY_MS, HOUR_MS, isDomainError, newId } from "@guildhall/shared";
import fc from "fast-check";
import { expect } from "vitest";
import { givenOrganization, givenUser } from "../../testing/given.ts";
import type { OrganizationActor, Services, User } from "../../trpc/context.ts";
import { changeRole } from "../members/change-role.ts";
import { removeMember } from "../members/remove-member.ts";
import { acceptInvite } from "./accept-invite.ts";
import { createInvite } from "./create-invite.ts";
import { declineInvite } from "./decline-invite.ts";
import { listInvites } from "./invites.queries.ts";
import { resendInvite } from "./resend-invite.ts";
import { revokeInvite } from "./revoke-invite.ts";
import { sendInviteList } from "./send-invite-list.ts";
import { givenInviting, mailedTokens } from "./testing/given-invites.ts";
import { ModelInvites } from "./testing/model-invites.ts";

/** The same organization for real. People go by their addresses, as in the model; invites by the order of their making. */
interface Real {
  services: Services;
  pass(ms: number): void;
  owner: OrganizationActor;
  people: Map<string, User>;
  inviteIds: string[];
  /** Every link there ever was, by invite. */
  links: { generation: number; isMailed: boolean; token: string }[][];
}

type Run = (model: ModelInvites, real: Real) => Promise<void>;

class Step implements fc.AsyncCommand<ModelInvites, Real> {
  private readonly label: string;
  private readonly act: Run;
  constructor(label: string, act: Run) {
    this.label = label;
    this.act = act;
  }
  check = () => true;
  toString = () => this.label;
  async run(model: ModelInvites, real: Real): Promise<void> {
    await this.act(model, real);
    expect(await rosterOf(real)).toEqual(Object.fromEntries([...model.roster].sort()));
  }
}

const roles = fc.constantFrom<Role>("owner", "admin", "billing_admin", "member");
const index = fc.nat({ max: 1_000 });
const pick = <T>(list: readonly T[], n: number) => list[n % list.length] as T;
const emailsOf = (real: Real) => [...real.people.keys()];

const create = fc.tuple(index, index, roles).map(
  ([by, to, role]) =>
    new Step(`create(${by}, ${to}, ${role})`, async (model, real) => {
      const [actor, email] = [pick(emailsOf(real), by), pick(emailsOf(real), to)];
      const made = await codeOf(createInvite(real.services, actorOf(real, actor), { email, role }));
      expect(made.code).toBe(model.create(actor, email, role));
      if (made.value) await rememberLinks(real, { ...made.value, email, generation: 1 });
    }),
);

const createMany = fc.tuple(index, fc.array(index, { minLength: 1, maxLength: 4 }), roles).map(
  ([by, to, role]) =>
    new Step(`createMany(${by}, ${to}, ${role})`, async (model, real) => {
      const actor = pick(emailsOf(real), by);
      const emails = to.map((n) => pick(emailsOf(real), n));
      const request = { list: emails.join("\n"), role, idempotencyKey: newId() };
      const sent = await codeOf(sendInviteList(real.services, actorOf(real, actor), request));
      const outcomes = sent.value?.results.map(({ status }) => status) ?? sent.code;
      expect(outcomes).toEqual(model.createMany(actor, emails, role));
      const ids = await idsByEmail(real);
      for (const [email, url] of Object.entries(sent.value?.acceptUrls ?? {})) {
        const invite = { inviteId: ids.get(email) ?? "", token: url.split("/").at(-1) ?? "" };
        await rememberLinks(real, { ...invite, email, generation: 1 });
      }
    }),
);

const resend = fc.tuple(index, index).map(
  ([by, which]) =>
    new Step(`resend(${by}, ${which})`, async (model, real) => {
      if (model.invites.length === 0) return;
      const actor = pick(emailsOf(real), by);
      const invite = pick(model.invites, which);
      const inviteId = pick(real.inviteIds, which);
      const sent = await codeOf(resendInvite(real.services, actorOf(real, actor), { inviteId }));
      expect(sent.code).toBe(model.resend(actor, invite));
      if (sent.value) await rememberLinks(real, { ...sent.value, generation: invite.generation });
    }),
);

const revoke = fc.tuple(index, index).map(
  ([by, which]) =>
    new Step(`revoke(${by}, ${which})`, async (model, real) => {
      if (model.invites.length === 0) return;
      const actor = pick(emailsOf(real), by);
      const input = { inviteId: pick(real.inviteIds, which) };
      const { code } = await codeOf(revokeInvite(real.services, actorOf(real, actor), input));
      expect(code).toBe(model.revoke(actor, pick(model.invites, which)));
    }),
);

const answer = (verb: "accept" | "decline") =>
  fc.tuple(fc.option(index), index, index).map(
    ([by, which, through]) =>
      new Step(`${verb}(${by ?? "invited"}, ${which}, ${through})`, async (model, real) => {
        if (model.invites.length === 0) return;
        const invite = pick(model.invites, which);
        // Mostly the right person by the newest link: else nobody would ever come in.
        const email = by === null ? invite.email : pick(emailsOf(real), by);
        const links = pick(real.links, which);
        const link = by === null ? pick(links.slice(-2), through) : pick(links, through);
        const user = real.people.get(email) as User;
        const act = verb === "accept" ? acceptInvite : declineInvite;
        const { code } = await codeOf<unknown>(act(real.services, user, { token: link.token }));
        expect(code).toBe(model[verb](email, invite, link));
      }),
  );

/** The owner demotes, promotes or removes one of the others. */
const manage = fc.tuple(index, fc.option(roles)).map(
  ([of, role]) =>
    new Step(role ? `role(${of}, ${role})` : `remove(${of})`, async (model, real) => {
      const email = pick(emailsOf(real).slice(1), of);
      const userId = real.people.get(email)?.id ?? "";
      const done = role
        ? await codeOf<unknown>(changeRole(real.services, real.owner, { userId, role }))
        : await codeOf(removeMember(real.services, real.owner, { userId }));
      expect(done.code).toBe(model.roster.has(email) ? "ok" : "not_found");
      if (done.code !== "ok") return;
      model.setRole(email, role);
    }),
);

const passTime = fc.constantFrom(HOUR_MS, 3 * DAY_MS, 7 * DAY_MS).map(
  (ms) =>
    new Step(`pass(${ms / HOUR_MS} h)`, async (model, real) => {
      model.nowMs += ms;
      real.pass(ms);
    }),
);

pgTest(
  "S2.11 S2.14 whatever happens in whatever order, invites do what a simple model of them says",
  { timeout: 300_000 },
  async ({ db }) => {
    const accept = answer("accept");
    const commands = fc.commands(
      [create, create, createMany, resend, revoke, accept, accept, answer("decline"), manage, passTime],
      { maxCommands: 60, size: "max" },
    );
    await fc.assert(
      fc.asyncProperty(commands, async (steps) => {
        const setup = await givenBoth(db);
        await fc.asyncModelRun(() => setup, steps);
        await expectSame(setup.model, setup.real);
      }),
      { numRuns: 15, endOnFailure: true },
    );
  },
);

async function givenBoth(db: Database) {
  const { services, pass } = givenInviting(db);
  const owner = await givenOrganization(services);
  const guests = await Promise.all(["Ada", "Grace", "Alan", "Edsger"].map((name) => givenUser(db, name)));
  const ownerUser = { id: owner.userId, name: owner.name, email: owner.email, isPlatformAdmin: false };
  const people = new Map([ownerUser, ...guests].map((user) => [user.email, user]));
  const model = new ModelInvites(services.clock.now().getTime(), owner.email);
  return { model, real: { services, pass, owner, people, inviteIds: [], links: [] } as Real };
}

/** At the end: every invite in its state, and exactly those addresses proved whose owners came by a mailed link. */
async function expectSame(model: ModelInvites, real: Real): Promise<void> {
  const { items } = await listInvites(real.services, real.owner, {});
  const states = new Map(items.map(({ inviteId, state }) => [inviteId, state]));
  const listed = real.inviteIds.map((id) => states.get(id));
  // A page holds fifty: those that it leaves out are the oldest.
  listed.forEach((state, n) => {
    const invite = model.invites[n];
    if (state && invite) expect(state).toBe(model.stateOf(invite));
  });
  expect(real.inviteIds).toHaveLength(model.invites.length);
  const proved = await real.services.db.sql<{ email: string }[]>`
    SELECT email FROM users WHERE email_verified_at IS NOT NULL AND email = ANY(${emailsOf(real)}) ORDER BY 1`;
  expect(proved.map(({ email }) => email)).toEqual([...model.verified].sort());
}

async function codeOf<T>(call: Promise<T>): Promise<{ code: string; value?: T }> {
  try {
    return { code: "ok", value: await call };
  } catch (error) {
    if (!isDomainError(error)) throw error;
    return { code: error.code };
  }
}

function actorOf(real: Real, email: string): OrganizationActor {
  const user = real.people.get(email) as User;
  return { ...real.owner, userId: user.id, name: user.name, email };
}

async function rememberLinks(
  real: Real,
  made: { inviteId: string; email: string; token: string; generation: number },
): Promise<void> {
  if (!real.inviteIds.includes(made.inviteId)) {
    real.inviteIds.push(made.inviteId);
    real.links.push([]);
  }
  const links = real.links[real.inviteIds.indexOf(made.inviteId)];
  const { generation } = made;
  const mailed = (await mailedTokens(real.services.db, made.email)).filter((token) => !isKnown(real, token));
  links?.push({ generation, isMailed: false, token: made.token });
  for (const token of mailed) links?.push({ generation, isMailed: true, token });
}

function isKnown(real: Real, token: string): boolean {
  return real.links.some((links) => links.some((link) => link.token === token));
}

/** The invite of each address that is open; where none is, the newest. */
async function idsByEmail(real: Real): Promise<Map<string, string>> {
  const { organizationId } = real.owner;
  const rows = await withOrganization(
    real.services.db,
    organizationId,
    (tx) => tx.sql<{ email: string; id: string }[]>`
      SELECT DISTINCT ON (email) email, id FROM invites WHERE organization_id = ${organizationId}
       ORDER BY email, num_nonnulls(accepted_at, declined_at, revoked_at), created_at DESC`,
  );
  return new Map(rows.map(({ email, id }) => [email, id]));
}

async function rosterOf(real: Real): Promise<Record<string, Role>> {
  const { organizationId } = real.owner;
  const rows = await withOrganization(
    real.services.db,
    organizationId,
    (tx) => tx.sql<{ email: string; role: Role }[]>`
      SELECT u.email, m.role FROM members m JOIN users u ON u.id = m.user_id
       WHERE m.organization_id = ${organizationId} ORDER BY 1`,
  );
  return Object.fromEntries(rows.map(({ email, role }) => [email, role]));
}
