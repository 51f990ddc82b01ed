import { totpCodeAt } from "@guildhall/auth";
import { createSoftAuthenticator } from "@guildhall/auth/testing";
import { withOrganization } from "@guildhall/db";
import { pgTest } from "@guildhall/db/testing";
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "@guildhall/shared";
import { describe, expect } from "vitest";
import { callingAs } from "../../testing/calling.ts";
import { type CapturedMail, readCapturedMail } from "../../testing/captured-mail.ts";
import { givenOrganization, readLog } from "../../testing/given.ts";
import { addMember } from "../members/index.ts";
import { lockOrganization } from "../organizations/index.ts";
import { addPasskey } from "./add-passkey.ts";
import { addTotp } from "./add-totp.ts";
import { beginPasskey } from "./begin-passkey.ts";
import { beginTotp, readTotpSetup } from "./begin-totp.ts";
import { readFactors } from "./factors.queries.ts";
import { proveByCode } from "./prove-by-code.ts";
import { removePasskey } from "./remove-passkey.ts";
import { removeTotp } from "./remove-totp.ts";
import { renamePasskey } from "./rename-passkey.ts";
import { renewRecoveryCodes } from "./renew-recovery-codes.ts";
import {
  givenClockwork,
  givenPasskey,
  givenSignedIn,
  givenTotp,
  hasSecondFactor,
  NEXT_CODE_MS,
} from "./testing/given-factor.ts";

const wrongCode = { code: "wrong_code" };

describe("an app for one-time codes", () => {
  pgTest("is a factor once it has shown a right code, not before", async ({ db }) => {
    const { services } = givenClockwork(db);
    const ada = await givenSignedIn(services);
    await beginTotp(services, ada);
    expect(await hasSecondFactor(db, ada.user.id)).toBe(false);
    await expect(addTotp(services, ada, { code: "000000" })).rejects.toMatchObject(wrongCode);
    const setup = await readTotpSetup(services, ada);
    const { recoveryCodes } = await addTotp(services, ada, {
      code: totpCodeAt(setup?.secret ?? "", services.clock.now()),
    });
    expect(recoveryCodes).toHaveLength(10);
    expect(await hasSecondFactor(db, ada.user.id)).toBe(true);
    expect(await readTotpSetup(services, ada)).toBeNull();
  });

  pgTest("shows the same secret until the setup is done, in the session that began it only", async ({ db }) => {
    const { services, pass } = givenClockwork(db);
    const ada = await givenSignedIn(services);
    await beginTotp(services, ada);
    const first = await readTotpSetup(services, ada);
    expect(await readTotpSetup(services, ada)).toEqual(first);
    const elsewhere = await services.sessions.create(ada.user.id, { address: "", userAgent: "" });
    expect(await readTotpSetup(services, { ...ada, session: elsewhere })).toBeNull();
    pass(15 * MINUTE_MS);
    expect(await readTotpSetup(services, ada)).toBeNull();
  });

  pgTest("keeps its secret sealed: the database does not hold it", async ({ db, superuserDb }) => {
    const { services } = givenClockwork(db);
    const ada = await givenSignedIn(services);
    const { secret } = await givenTotp(services, ada);
    const [row] = await superuserDb.sql`SELECT t::text AS text FROM totp_factors t WHERE user_id = ${ada.user.id}`;
    expect(row?.text).not.toContain(secret);
    expect(row?.text).toContain("s1.");
  });

  pgTest("has each code count once, also when it is sent twice at the same time", async ({ db }) => {
    const { services, pass } = givenClockwork(db);
    const ada = await givenSignedIn(services);
    const { codeNow } = await givenTotp(services, ada);
    // The code that set it up is used up, too.
    await expect(proveByCode(services, ada.user, codeNow())).rejects.toMatchObject(wrongCode);
    pass(NEXT_CODE_MS);
    const code = codeNow();
    const outcomes = await Promise.allSettled([1, 2, 3].map(() => proveByCode(services, ada.user, code)));
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  });

  pgTest("an older code does not count after a newer one", async ({ db }) => {
    const { services, pass } = givenClockwork(db);
    const ada = await givenSignedIn(services);
    const { secret, codeNow } = await givenTotp(services, ada);
    pass(NEXT_CODE_MS);
    const earlier = totpCodeAt(secret, new Date(services.clock.now().getTime() - 30_000));
    await proveByCode(services, ada.user, codeNow());
    await expect(proveByCode(services, ada.user, earlier)).rejects.toMatchObject(wrongCode);
  });

  pgTest("replaced by another one, shows codes that count no more", async ({ db }) => {
    const { services, pass } = givenClockwork(db);
    const ada = await givenSignedIn(services);
    const old = await givenTotp(services, ada);
    pass(NEXT_CODE_MS);
    const replaced = await givenTotp(services, ada);
    expect(replaced.recoveryCodes).toEqual([]);
    pass(NEXT_CODE_MS);
    await expect(proveByCode(services, ada.user, old.codeNow())).rejects.toMatchObject(wrongCode);
    await proveByCode(services, ada.user, replaced.codeNow());
  });
});

describe("guessing codes", () => {
  pgTest("is limited per person, for all processes together; waiting helps", async ({ db, openSecondConnection }) => {
    const { services, pass } = givenClockwork(db);
    const ada = await givenSignedIn(services);
    const { codeNow } = await givenTotp(services, ada);
    pass(HOUR_MS);
    const elsewhere = { ...services, db: openSecondConnection() };
    const guesses = Array.from({ length: 25 }, (_, n) => proveByCode(n % 2 ? services : elsewhere, ada.user, "123456"));
    const codes = (await Promise.allSettled(guesses)).map((each) => each.status === "rejected" && each.reason.code);
    expect(codes.filter((code) => code === "wrong_code")).toHaveLength(10);
    expect(codes.filter((code) => code === "too_many_attempts")).toHaveLength(15);
    const refusal = await proveByCode(services, ada.user, codeNow()).catch((error) => error);
    expect(refusal).toMatchObject({ code: "too_many_attempts", details: { retryAfterSeconds: 300 } });
    pass(5 * MINUTE_MS);
    await proveByCode(services, ada.user, codeNow());
  });

  pgTest("right codes are never too many", async ({ db }) => {
    const { services, pass } = givenClockwork(db);
    const ada = await givenSignedIn(services);
    const { codeNow } = await givenTotp(services, ada);
    for (let n = 0; n < 15; n += 1) {
      pass(NEXT_CODE_MS);
      await proveByCode(services, ada.user, codeNow());
    }
  });
});

describe("recovery codes", () => {
  pgTest("come with the first factor, are stored as hashes, and count once each", async ({ db, superuserDb }) => {
    const { services } = givenClockwork(db);
    const ada = await givenSignedIn(services);
    const { recoveryCodes } = await givenTotp(services, ada);
    const [first = ""] = recoveryCodes;
    const rows = await superuserDb.sql`SELECT r::text AS text FROM recovery_codes r WHERE user_id = ${ada.user.id}`;
    expect(JSON.stringify(rows)).not.toContain(first.replaceAll("-", ""));
    const outcomes = await Promise.allSettled(
      [1, 2].map(() => proveByCode(services, ada.user, ` ${first.toUpperCase()}`)),
    );
    expect(outcomes.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect((await readFactors(services, ada)).recoveryCodesLeft).toBe(9);
    const changes = (await readCapturedMail(db, ada.user.email)).map(({ mail }) => "change" in mail && mail.change);
    expect(changes.sort()).toEqual(["recovery_code_used", "totp_added"]);
  });

  pgTest("of one person are worth nothing to another", async ({ db }) => {
    const { services } = givenClockwork(db);
    const [ada, bob] = [await givenSignedIn(services), await givenSignedIn(services, "Bob")];
    const { recoveryCodes } = await givenTotp(services, ada);
    await givenTotp(services, bob);
    await expect(proveByCode(services, bob.user, recoveryCodes[0] ?? "")).rejects.toMatchObject(wrongCode);
  });

  pgTest("renewed, the old ones stop working", async ({ db }) => {
    const { services } = givenClockwork(db);
    const ada = await givenSignedIn(services);
    const { recoveryCodes } = await givenTotp(services, ada);
    const renewed = await renewRecoveryCodes(services, ada);
    expect(renewed).toHaveLength(10);
    await expect(proveByCode(services, ada.user, recoveryCodes[0] ?? "")).rejects.toMatchObject(wrongCode);
    await proveByCode(services, ada.user, renewed[0] ?? "");
  });
});

describe("passkeys", () => {
  pgTest("are a factor; named, renamed and removed by their owner only", async ({ db }) => {
    const { services } = givenClockwork(db);
    const [ada, bob] = [await givenSignedIn(services), await givenSignedIn(services, "Bob")];
    const { recoveryCodes } = await givenPasskey(services, ada);
    expect(recoveryCodes).toHaveLength(10);
    const [passkey] = (await readFactors(services, ada)).passkeys;
    const passkeyId = passkey?.passkeyId ?? "";
    await renamePasskey(services, ada, { passkeyId, name: "Old laptop" });
    await expect(renamePasskey(services, bob, { passkeyId, name: "Mine" })).rejects.toMatchObject({
      code: "not_found",
    });
    await removePasskey(services, bob, { passkeyId });
    expect((await readFactors(services, ada)).passkeys).toMatchObject([{ name: "Old laptop" }]);
    await removePasskey(services, ada, { passkeyId });
    expect(await hasSecondFactor(db, ada.user.id)).toBe(false);
  });

  pgTest("a challenge is answered once, by the session that asked, in time", async ({ db }) => {
    const { services, pass } = givenClockwork(db);
    const [ada, bob] = [await givenSignedIn(services), await givenSignedIn(services, "Bob")];
    const authenticator = createSoftAuthenticator(services.publicUrl);
    const refused = { code: "passkey_refused" };
    const response = authenticator.create(await beginPasskey(services, ada));
    await expect(addPasskey(services, bob, { name: "Stolen", response })).rejects.toMatchObject(refused);
    const outcomes = await Promise.allSettled([1, 2].map(() => addPasskey(services, ada, { name: "Key", response })));
    expect(outcomes.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    const late = createSoftAuthenticator(services.publicUrl).create(await beginPasskey(services, ada));
    pass(5 * MINUTE_MS);
    await expect(addPasskey(services, ada, { name: "Late", response: late })).rejects.toMatchObject(refused);
  });

  pgTest("that stand on one account cannot be put on another", async ({ db }) => {
    const { services } = givenClockwork(db);
    const [ada, bob] = [await givenSignedIn(services), await givenSignedIn(services, "Bob")];
    const { authenticator } = await givenPasskey(services, ada);
    const response = authenticator.create(await beginPasskey(services, bob));
    await expect(addPasskey(services, bob, { name: "Mine", response })).rejects.toMatchObject({
      code: "passkey_known",
    });
    expect(await hasSecondFactor(db, bob.user.id)).toBe(false);
  });
});

describe("changing factors", () => {
  pgTest("asks for a verified address before the first one, where mail is sent", async ({ db }) => {
    const { services } = givenClockwork(db);
    const ada = await givenSignedIn(services);
    const authenticator = createSoftAuthenticator(services.publicUrl);
    const response = authenticator.create(await beginPasskey(services, ada));
    await db.sql`UPDATE users SET email_verified_at = NULL WHERE id = ${ada.user.id}`;
    const refused = { code: "address_unverified", message: expect.stringContaining("Verify your address first") };
    for (const begin of [beginTotp, beginPasskey]) await expect(begin(services, ada)).rejects.toMatchObject(refused);
    await expect(addPasskey(services, ada, { name: "Key", response })).rejects.toMatchObject(refused);
    expect(await hasSecondFactor(db, ada.user.id)).toBe(false);
    expect((await readFactors(services, ada)).isAddressDue).toBe(true);
    const withoutMail = { ...services, mailDelivery: "off" } as const;
    await givenTotp(withoutMail, ada);
    expect((await readFactors(services, ada)).isAddressDue).toBe(false);
    await givenPasskey(services, ada);
  });

  pgTest("is refused to a session that has ended while the change waited", async ({ db, openSecondConnection }) => {
    const { services } = givenClockwork(db);
    const ada = await givenSignedIn(services);
    const response = createSoftAuthenticator(services.publicUrl).create(await beginPasskey(services, ada));
    const other = openSecondConnection();
    const { promise: isWaiting, resolve: goOn } = Promise.withResolvers<void>();
    const sessions = {
      ...services.sessions,
      async confirmedUntil(id: string) {
        const until = await services.sessions.confirmedUntil(id);
        goOn();
        return until;
      },
    };
    const adding = other.sql.begin(async (sql) => {
      await sql`SELECT 1 FROM users WHERE id = ${ada.user.id} FOR UPDATE`;
      const added = addPasskey({ ...services, sessions }, ada, { name: "Late", response });
      added.catch(() => undefined);
      await isWaiting;
      await sql`DELETE FROM sessions WHERE user_id = ${ada.user.id}`;
      return { added };
    });
    const { added } = await adding;
    await expect(added).rejects.toMatchObject({ code: "unauthenticated" });
    expect(await hasSecondFactor(db, ada.user.id)).toBe(false);
  });

  pgTest("asks for a proof that is younger than ten minutes", async ({ db }) => {
    const { services, pass } = givenClockwork(db);
    const ada = await givenSignedIn(services);
    await givenTotp(services, ada);
    pass(10 * MINUTE_MS);
    const refused = { code: "confirmation_required" };
    for (const change of [beginTotp, removeTotp, renewRecoveryCodes, beginPasskey])
      await expect(change(services, ada)).rejects.toMatchObject(refused);
    await expect(removePasskey(services, ada, { passkeyId: ada.user.id })).rejects.toMatchObject(refused);
    expect((await readFactors(services, ada)).isConfirmed).toBe(false);
    await services.sessions.confirm(ada.session.id);
    await removeTotp(services, ada);
  });

  pgTest("the first factor signs all other devices out; those that follow do not", async ({ db }) => {
    const { services } = givenClockwork(db);
    const ada = await givenSignedIn(services);
    const before = await services.sessions.create(ada.user.id, { address: "", userAgent: "" });
    await givenTotp(services, ada);
    expect(await services.sessions.validate(before.token)).toBeNull();
    expect(await services.sessions.validate(ada.token)).not.toBeNull();
    const after = await services.sessions.create(ada.user.id, { address: "", userAgent: "" });
    await givenPasskey(services, ada);
    expect(await services.sessions.validate(after.token)).not.toBeNull();
  });

  pgTest("the last factor takes the recovery codes along", async ({ db }) => {
    const { services } = givenClockwork(db);
    const ada = await givenSignedIn(services);
    const { recoveryCodes } = await givenTotp(services, ada);
    await removeTotp(services, ada);
    await removeTotp(services, ada);
    expect(await readFactors(services, ada)).toMatchObject({ totp: null, passkeys: [], recoveryCodesLeft: 0 });
    await expect(proveByCode(services, ada.user, recoveryCodes[0] ?? "")).rejects.toMatchObject(wrongCode);
    await expect(renewRecoveryCodes(services, ada)).rejects.toMatchObject({ code: "not_found" });
  });

  pgTest("is told by mail and kept in the person's audit log, without secrets", async ({ db, superuserDb }) => {
    const { services, pass } = givenClockwork(db);
    const ada = await givenSignedIn(services);
    const { recoveryCodes, secret } = await givenTotp(services, ada);
    pass(SECOND_MS);
    await givenPasskey(services, ada, "Yubi");
    // They come by their place on disk, and a later one may take the place of one that is gone.
    const when = ({ mail }: CapturedMail) => ("changedAt" in mail ? mail.changedAt.getTime() : 0);
    const mails = (await readCapturedMail(db, ada.user.email)).sort((one, other) => when(one) - when(other));
    const said = { device: "Firefox on Windows", address: "192.0.2.7" };
    expect(mails.map(({ mail }) => mail)).toMatchObject([
      { template: "second_factor_changed", change: "totp_added", ...said },
      { template: "second_factor_changed", change: "passkey_added", label: "Yubi", ...said },
    ]);
    const entries = await superuserDb.sql`SELECT e.action, e::text AS text FROM audit.entries e
      WHERE scope = 'person' AND scope_id = ${ada.user.id} ORDER BY sequence`;
    expect(entries.map(({ action }) => action)).toEqual(["second_factor.totp_added", "second_factor.passkey_added"]);
    for (const hidden of [secret, ...recoveryCodes]) expect(JSON.stringify([mails, entries])).not.toContain(hidden);
  });
});

pgTest(
  "a factor given up while an organization begins to require one: whoever has none in the end was told, never missed",
  async ({ db, openSecondConnection }) => {
    const { services } = givenClockwork(db);
    const elsewhere = { ...services, db: openSecondConnection() };
    for (let round = 0; round < 12; round += 1) {
      const owner = await givenOrganization(services);
      await db.sql`UPDATE users SET second_factor_since = now() WHERE id = ${owner.userId}`;
      const ada = await givenSignedIn(services);
      await givenTotp(services, ada);
      await withOrganization(db, owner.organizationId, async (tx) => {
        await lockOrganization(tx);
        await addMember(tx, services, { user: ada.user, role: "member", actorId: owner.userId });
      });
      const calling = callingAs(elsewhere, {
        id: owner.userId,
        name: owner.name,
        email: owner.email,
        isPlatformAdmin: false,
      });
      await Promise.all([
        removeTotp(services, ada),
        calling.organizations.requireSecondFactor({ organization: owner.slug, isRequired: true }),
      ]);
      const told = (await readLog(db, owner.organizationId)).filter(({ type }) => type === "member.suspended");
      expect(told.map(({ payload }) => payload)).toEqual([{ userId: ada.user.id }]);
    }
  },
);
