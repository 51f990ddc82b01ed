import { pgTest } from "@guildhall/db/testing";
import { DAY_MS, newId } from "@guildhall/shared";
import { expect } from "vitest";
import { readCapturedMail } from "../../testing/captured-mail.ts";
import { givenMember, givenOrganization, givenUser, readLog } from "../../testing/given.ts";
import { changeRole } from "../members/change-role.ts";
import { acceptInvite } from "./accept-invite.ts";
import { createInvite } from "./create-invite.ts";
import { INVITE_LIST_LINES } from "./invite-list.ts";
import { INVITES_PER_DAY, SENDINGS_PER_HOUR } from "./invite-policy.ts";
import { listInvites } from "./invites.queries.ts";
import { revokeInvite } from "./revoke-invite.ts";
import { checkInviteList, sendInviteList } from "./send-invite-list.ts";
import { freshAddress, givenInviting } from "./testing/given-invites.ts";

const addresses = (count: number) => Array.from({ length: count }, freshAddress);
const asList = (emails: string[]) => ({ list: emails.join("\n"), role: "member" }) as const;

pgTest("S2.11 a look at a list says what each line becomes, and sends nothing", async ({ db }) => {
  const { services } = givenInviting(db);
  const owner = await givenOrganization(services);
  const [fresh = "", asked = ""] = addresses(2);
  await createInvite(services, owner, { email: asked, role: "member" });
  const list = asList([`email,role`, `${fresh},admin`, owner.email, asked, fresh, "nobody"]);
  const { lines, left } = await checkInviteList(services, owner, list);
  expect(lines.map(({ line, status }) => [line, status])).toEqual([
    [2, "new"],
    [3, "already_member"],
    [4, "already_invited"],
    [5, "duplicate"],
    [6, "invalid"],
  ]);
  expect(left).toBe(INVITES_PER_DAY - 1);
  expect((await listInvites(services, owner, {})).items).toHaveLength(1);
  expect(await readCapturedMail(db, fresh)).toEqual([]);
});

pgTest("S2.11 S2.13 all new ones are invited in one go, each with its mail, its link and its event", async ({ db }) => {
  const { services } = givenInviting(db);
  const owner = await givenOrganization(services);
  const user = await givenUser(db);
  const [one = "", two = ""] = addresses(2);
  const list = { list: `${one},admin\n${two}\n${owner.email}\n${user.email}`, role: "billing_admin" } as const;
  const { results, acceptUrls } = await sendInviteList(services, owner, { ...list, idempotencyKey: newId() });
  expect(results.map(({ email, role, status }) => [email, role, status])).toEqual([
    [one, "admin", "invited"],
    [two, "billing_admin", "invited"],
    [owner.email, "billing_admin", "already_member"],
    [user.email, "billing_admin", "invited"],
  ]);
  for (const email of [one, two, user.email]) expect(await readCapturedMail(db, email)).toHaveLength(1);
  const created = (await readLog(db, owner.organizationId)).filter(({ type }) => type === "invite.created");
  expect(created.map(({ payload }) => (payload as { email: string }).email)).toEqual([one, two, user.email]);
  const token = acceptUrls[user.email]?.split("/").at(-1) ?? "";
  await expect(acceptInvite(services, user, { token })).resolves.toEqual({ slug: owner.slug });
});

pgTest("the same key again has the same result and sends nothing; with another list it is refused", async ({ db }) => {
  const { services } = givenInviting(db);
  const owner = await givenOrganization(services);
  const emails = addresses(2);
  const request = { ...asList(emails), idempotencyKey: newId() };
  const first = await sendInviteList(services, owner, request);
  const [again, parallel] = await Promise.all([1, 2].map(() => sendInviteList(services, owner, request)));
  expect(again).toEqual({ results: first.results, acceptUrls: {} });
  expect(parallel).toEqual(again);
  for (const email of emails) expect(await readCapturedMail(db, email)).toHaveLength(1);
  const other = sendInviteList(services, owner, { ...request, ...asList(addresses(1)) });
  await expect(other).rejects.toMatchObject({ code: "idempotency_conflict" });
  const colleague = await givenMember(services, owner, "owner");
  await expect(sendInviteList(services, colleague, request)).resolves.toMatchObject({
    results: [{ status: "already_invited" }, { status: "already_invited" }],
  });
});

pgTest("two lists with one key at once are one", async ({ db, openSecondConnection }) => {
  const here = givenInviting(db).services;
  const there = givenInviting(openSecondConnection()).services;
  const owner = await givenOrganization(here);
  const request = { ...asList(addresses(20)), idempotencyKey: newId() };
  const answers = await Promise.all([here, there].map((services) => sendInviteList(services, owner, request)));
  expect(answers[0]?.results).toEqual(answers[1]?.results);
  expect(answers.filter(({ acceptUrls }) => Object.keys(acceptUrls).length === 20)).toHaveLength(1);
  expect((await listInvites(here, owner, {})).counts.pending).toBe(20);
});

pgTest(
  "S2.11 a list that is sent in parts, some of them twice and from the start again, invites each once",
  async ({ db }) => {
    const { services } = givenInviting(db);
    const owner = await givenOrganization(services);
    const emails = addresses(6);
    const send = (part: number) => {
      const lines = emails.slice(part * 2, part * 2 + 2).map((email) => `${email},billing_admin`);
      return sendInviteList(services, owner, { ...asList(lines), idempotencyKey: `list:${part}` });
    };
    for (const part of [0, 1, 1, 0, 1, 2]) {
      const { results } = await send(part);
      expect(results.map(({ role, status }) => [role, status])).toEqual(Array(2).fill(["billing_admin", "invited"]));
    }
    expect((await listInvites(services, owner, {})).counts.pending).toBe(6);
    for (const email of emails) expect(await readCapturedMail(db, email)).toHaveLength(1);
  },
);

pgTest(
  "S2.11 an address that was written to too often is refused in its line, and the others are invited",
  async ({ db }) => {
    const { services } = givenInviting(db);
    const owner = await givenOrganization(services);
    const [often = "", fresh = ""] = addresses(2);
    for (let n = 0; n < SENDINGS_PER_HOUR; n += 1) {
      const { inviteId } = await createInvite(services, owner, { email: often, role: "member" });
      await revokeInvite(services, owner, { inviteId });
    }
    const list = asList([often, fresh]);
    const statuses = ["too_often", "new"];
    expect((await checkInviteList(services, owner, list)).lines.map(({ status }) => status)).toEqual(statuses);
    const { results } = await sendInviteList(services, owner, { ...list, idempotencyKey: newId() });
    expect(results.map(({ status }) => status)).toEqual(["too_often", "invited"]);
  },
);

pgTest("S2.11 roles are judged under the lock: nobody gives one above the role of now", async ({ db }) => {
  const { services } = givenInviting(db);
  const owner = await givenOrganization(services);
  const admin = await givenMember(services, owner, "admin");
  const [one = "", two = ""] = addresses(2);
  const list = { list: `${one},owner\n${two},admin`, role: "member" } as const;
  const { results } = await sendInviteList(services, admin, { ...list, idempotencyKey: newId() });
  expect(results.map(({ status }) => status)).toEqual(["invalid", "invited"]);
  await changeRole(services, owner, { userId: admin.userId, role: "member" });
  const late = sendInviteList(services, admin, { ...asList(addresses(1)), idempotencyKey: newId() });
  await expect(late).rejects.toMatchObject({ code: "forbidden" });
});

pgTest(
  "a thousand go in one request, and are the day’s limit: then none goes until the day is over",
  { timeout: 300_000 },
  async ({ db }) => {
    const { services, pass } = givenInviting(db);
    const owner = await givenOrganization(services);
    const send = (emails: string[]) => sendInviteList(services, owner, { ...asList(emails), idempotencyKey: newId() });
    await send(addresses(1));
    const tooMany = send(addresses(INVITES_PER_DAY));
    await expect(tooMany).rejects.toMatchObject({ code: "invite_limit", details: { left: INVITES_PER_DAY - 1 } });
    expect((await listInvites(services, owner, {})).counts.pending).toBe(1);
    const { results } = await send(addresses(INVITES_PER_DAY - 1));
    expect(results.every(({ status }) => status === "invited")).toBe(true);
    const oneMore = createInvite(services, owner, { email: freshAddress(), role: "member" });
    await expect(oneMore).rejects.toMatchObject({ code: "invite_limit", details: { left: 0 } });
    pass(DAY_MS);
    await expect(createInvite(services, owner, { email: freshAddress(), role: "member" })).resolves.toBeTruthy();
  },
);

pgTest("what is too long or holds no address is refused in words", async ({ db }) => {
  const { services } = givenInviting(db);
  const owner = await givenOrganization(services);
  const long = checkInviteList(services, owner, asList(addresses(INVITE_LIST_LINES + 1)));
  await expect(long).rejects.toMatchObject({ code: "too_large", details: { count: INVITE_LIST_LINES + 1 } });
  await expect(checkInviteList(services, owner, asList([" ", ","]))).rejects.toMatchObject({ code: "invalid_input" });
});
