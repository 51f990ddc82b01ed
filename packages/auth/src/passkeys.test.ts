import { newId } from "@guildhall/shared";
import { describe, expect, test } from "vitest";
import {
  isHandleOf,
  passkeyCreationOptions,
  passkeyRequestOptions,
  relyingPartyOf,
  verifyPasskeyAssertion,
  verifyPasskeyCreation,
} from "./passkeys.ts";
import { createSoftAuthenticator, type Mischief } from "./testing/soft-authenticator.ts";

const party = relyingPartyOf("https://portal.example.com");
const ada = { id: newId(), name: "Ada", email: "ada@example.com" };

async function givenPasskey() {
  const authenticator = createSoftAuthenticator(party.origin);
  const options = await passkeyCreationOptions(party, ada, []);
  const made = await verifyPasskeyCreation(party, options.challenge, authenticator.create(options));
  if (!made.ok) throw new Error(made.why);
  return { authenticator, passkey: made.passkey };
}

test("passkeys belong to the host of the public URL, whatever its port", () => {
  expect(party).toEqual({ id: "portal.example.com", origin: "https://portal.example.com" });
  expect(relyingPartyOf("http://localhost:3000")).toEqual({ id: "localhost", origin: "http://localhost:3000" });
});

describe("making a passkey", () => {
  test("asks for one that names its owner and checks who holds it, and for none that is known", async () => {
    const known = [{ credentialId: "AAAA", transports: ["usb"] }];
    const options = await passkeyCreationOptions(party, ada, known);
    expect(options).toMatchObject({
      rp: { id: "portal.example.com", name: "Guildhall" },
      user: { name: "ada@example.com", displayName: "Ada" },
      excludeCredentials: [{ id: "AAAA" }],
      authenticatorSelection: { residentKey: "required", userVerification: "required" },
    });
    expect(Buffer.from(options.user.id, "base64url").toString("hex")).toBe(ada.id.replaceAll("-", ""));
    expect((await passkeyCreationOptions(party, ada, [])).challenge).not.toBe(options.challenge);
  });

  test("keeps its public half", async () => {
    const { authenticator, passkey } = await givenPasskey();
    expect(passkey).toMatchObject({
      credentialId: authenticator.credentialId,
      counter: 1,
      transports: ["internal"],
      isSynced: false,
    });
  });

  test.each<[string, Mischief]>([
    ["another origin", { origin: "https://portal.example.com.evil.test" }],
    ["the same host on another port", { origin: "https://portal.example.com:8443" }],
    ["another host", { rpId: "evil.test" }],
    ["another challenge", { challenge: "AAAA" }],
    ["nobody verified", { isVerified: false }],
  ])("is refused from %s", async (_, mischief) => {
    const authenticator = createSoftAuthenticator(party.origin);
    const options = await passkeyCreationOptions(party, ada, []);
    const made = await verifyPasskeyCreation(party, options.challenge, authenticator.create(options, mischief));
    expect(made).toEqual({ ok: false, why: expect.any(String) });
  });

  test("is refused, and nothing breaks, for what is no answer at all", async () => {
    const response = { clientDataJSON: "%%%", attestationObject: "" };
    const nothing = { id: "x", rawId: "y", type: "public-key", clientExtensionResults: {}, response } as const;
    expect(await verifyPasskeyCreation(party, "AAAA", nothing)).toEqual({ ok: false, why: expect.any(String) });
  });
});

describe("a signature", () => {
  async function signed(mischief: Mischief = {}, isOnlyProof = true) {
    const { authenticator, passkey } = await givenPasskey();
    const options = await passkeyRequestOptions(party);
    const response = authenticator.sign(options, mischief);
    return verifyPasskeyAssertion(party, response, { challenge: options.challenge, passkey, isOnlyProof });
  }

  test("by the passkey's key for our challenge counts, and moves the counter", async () => {
    expect(await signed()).toEqual({ ok: true, counter: 2 });
  });

  test.each<[string, Mischief]>([
    ["another origin", { origin: "https://evil.test" }],
    ["another host", { rpId: "evil.test" }],
    ["another challenge", { challenge: "AAAA" }],
    ["a copy, whose counter has not grown", { counter: 1 }],
    ["whoever found it, unverified", { isVerified: false }],
  ])("is refused from %s", async (_, mischief) => {
    expect(await signed(mischief)).toEqual({ ok: false, why: expect.any(String) });
  });

  test("after a password need not verify who holds the key", async () => {
    expect(await signed({ isVerified: false }, false)).toEqual({ ok: true, counter: 2 });
  });

  test("by another key is refused", async () => {
    const [{ passkey }, other] = [await givenPasskey(), await givenPasskey()];
    const options = await passkeyRequestOptions(party);
    const response = { ...other.authenticator.sign(options), id: passkey.credentialId, rawId: passkey.credentialId };
    const check = { challenge: options.challenge, passkey, isOnlyProof: true };
    expect(await verifyPasskeyAssertion(party, response, check)).toEqual({ ok: false, why: expect.any(String) });
  });

  test("that names its owner names this one", async () => {
    const { authenticator } = await givenPasskey();
    const response = authenticator.sign(await passkeyRequestOptions(party));
    expect(isHandleOf(ada.id, response)).toBe(true);
    expect(isHandleOf(newId(), response)).toBe(false);
  });
});
