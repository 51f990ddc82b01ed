import { pgTest } from "@guildhall/db/testing";
import { DAY_MS, MINUTE_MS } from "@guildhall/shared";
import { expect } from "vitest";
import { readEmailStatus } from "./email.queries.ts";
import { deleteOldIdentityTokens } from "./identity-tokens.ts";
import { sendVerification } from "./send-verification.ts";
import { signUp } from "./sign-up.ts";
import { freshAddress, givenPerson, givenPortal, mailedToken, mailsTo, origin } from "./testing/given-person.ts";
import { verifyEmail } from "./verify-email.ts";

const caller = { address: "192.0.2.7", userAgent: "Browser/1.0", sessionId: null };
const gone = { code: "link_gone" };

pgTest("signing up mails a link, and following it proves the address; twice is fine", async ({ db }) => {
  const { services } = givenPortal(db);
  const person = { name: "Ada", email: freshAddress(), password: "a quiet harbour at dawn" };
  const { user } = await signUp(services, person, caller);
  expect(await readEmailStatus(services, user.id)).toMatchObject({ isVerified: false, email: person.email });
  const token = await mailedToken(db, person.email, "verify_email");
  expect(await verifyEmail(services, { token }, { origin, userId: user.id })).toEqual({ email: person.email });
  expect(await readEmailStatus(services, user.id)).toMatchObject({ isVerified: true, pendingEmail: null });
  expect(await verifyEmail(services, { token }, { origin, userId: user.id })).toEqual({ email: person.email });
  const [entries] = await db.sql`SELECT count(*)::int AS n FROM identity_tokens WHERE user_id = ${user.id}`;
  expect(entries).toEqual({ n: 1 });
});

pgTest(
  "who made an account with another person's address gains nothing when that person follows the link",
  async ({ db }) => {
    const { services } = givenPortal(db);
    const [squatter, other] = [await givenPerson(services), await givenPerson(services)];
    await sendVerification(services, squatter);
    const token = await mailedToken(db, squatter.email, "verify_email");
    for (const userId of [null, other.id]) {
      await expect(verifyEmail(services, { token }, { origin, userId })).rejects.toMatchObject({ code: "forbidden" });
    }
    expect(await readEmailStatus(services, squatter.id)).toMatchObject({ isVerified: false });
    expect(await verifyEmail(services, { token }, { origin, userId: squatter.id })).toEqual({ email: squatter.email });
  },
);

pgTest("only the hash of a link's token is stored, and the mail with it is sealed", async ({ db, superuserDb }) => {
  const { services } = givenPortal(db);
  const person = await givenPerson(services);
  await sendVerification(services, person);
  const token = await mailedToken(db, person.email, "verify_email");
  expect(token).toMatch(/^[\w-]{43}$/);
  const stored = await superuserDb.sql`
    SELECT t::text AS text FROM identity_tokens t UNION ALL SELECT o::text FROM mail.outbox o`;
  expect(JSON.stringify(stored)).not.toContain(token);
});

pgTest("a link that is wrong, late, or for another address proves nothing", async ({ db }) => {
  const { services, pass } = givenPortal(db);
  const person = await givenPerson(services);
  await sendVerification(services, person);
  const token = await mailedToken(db, person.email, "verify_email");
  for (const wrong of ["", "x", `${token.slice(0, 42)}!`, "A".repeat(43)]) {
    await expect(verifyEmail(services, { token: wrong }, { origin, userId: person.id })).rejects.toMatchObject(gone);
  }
  const before = person.email;
  await db.sql`UPDATE users SET email = ${freshAddress()} WHERE id = ${person.id}`;
  await expect(verifyEmail(services, { token }, { origin, userId: person.id })).rejects.toMatchObject(gone);
  await db.sql`UPDATE users SET email = ${before} WHERE id = ${person.id}`;
  pass(3 * DAY_MS);
  await expect(verifyEmail(services, { token }, { origin, userId: person.id })).rejects.toMatchObject(gone);
  expect(await readEmailStatus(services, person.id)).toMatchObject({ isVerified: false });
});

pgTest("a link is sent again once a minute and five times an hour, also when asked for at once", async ({ db }) => {
  const { services, pass } = givenPortal(db);
  const person = await givenPerson(services);
  const asked = await Promise.allSettled([1, 2, 3].map(() => sendVerification(services, person)));
  expect(asked.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected", "rejected"]);
  const [refused] = asked.flatMap((each) => (each.status === "rejected" ? [each.reason] : []));
  expect(refused).toMatchObject({ code: "too_many_attempts", details: { retryAfterSeconds: 60 } });
  for (let n = 0; n < 4; n += 1) {
    pass(MINUTE_MS);
    expect(await sendVerification(services, person)).toEqual({ sent: true });
  }
  pass(MINUTE_MS);
  await expect(sendVerification(services, person)).rejects.toMatchObject({ code: "too_many_attempts" });
  expect(await mailsTo(db, person.email, "verify_email")).toHaveLength(5);
  pass(DAY_MS);
  expect(await sendVerification(services, person)).toEqual({ sent: true });
});

pgTest("a proved address gets no further link; S2.12 without mail the answer says so", async ({ db }) => {
  const { services } = givenPortal(db);
  const person = await givenPerson(services);
  await db.sql`UPDATE users SET email_verified_at = now() WHERE id = ${person.id}`;
  expect(await sendVerification(services, person)).toEqual({ sent: false });
  await expect(sendVerification({ ...services, mailDelivery: "off" }, person)).rejects.toMatchObject({
    code: "mail_off",
  });
});

pgTest("tokens are forgotten a day after they have expired", async ({ db }) => {
  const { services, pass } = givenPortal(db);
  const person = await givenPerson(services);
  await sendVerification(services, person);
  const count = async () => (await db.sql`SELECT 1 FROM identity_tokens WHERE user_id = ${person.id}`).length;
  pass(4 * DAY_MS - 1);
  await deleteOldIdentityTokens(services);
  expect(await count()).toBe(1);
  pass(2);
  await deleteOldIdentityTokens(services);
  expect(await count()).toBe(0);
});
