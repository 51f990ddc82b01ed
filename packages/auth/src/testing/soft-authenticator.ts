import { createHash, generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { isoCBOR } from "@simplewebauthn/server/helpers";
import type { PasskeyAssertion, PasskeyCreation, PasskeyCreationOptions, PasskeyRequestOptions } from "../passkeys.ts";

/** What a test makes an authenticator do other than it should. */
export interface Mischief {
  /** The page that asked. */
  origin?: string;
  rpId?: string;
  challenge?: string;
  /** Whether it checked who holds it. */
  isVerified?: boolean;
  /** What it says of how often it was used. */
  counter?: number;
  userHandle?: string;
}

const [PRESENT, VERIFIED, ATTESTED] = [0x01, 0x04, 0x40];
const base64url = (bytes: Uint8Array | string) => Buffer.from(bytes).toString("base64url");
const sha256 = (content: string | Uint8Array) => createHash("sha256").update(content).digest();

/**
 * An authenticator made of software, with one key: does what a browser and a security key do together. For tests that no browser
 * would let happen: other origins, copied counters, answers that are sent twice.
 */
export function createSoftAuthenticator(origin: string) {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const credentialId = randomBytes(32);
  let counter = 0;
  let handle = "";

  function authenticatorData(mischief: Mischief, rpId: string, attested = Buffer.alloc(0)): Buffer {
    counter += 1;
    const flags = PRESENT | (mischief.isVerified === false ? 0 : VERIFIED) | (attested.length > 0 ? ATTESTED : 0);
    const count = Buffer.alloc(4);
    count.writeUInt32BE(mischief.counter ?? counter);
    return Buffer.concat([sha256(mischief.rpId ?? rpId), Buffer.from([flags]), count, attested]);
  }

  function clientData(type: string, challenge: string, mischief: Mischief): string {
    const said = {
      type,
      challenge: mischief.challenge ?? challenge,
      origin: mischief.origin ?? origin,
      crossOrigin: false,
    };
    return JSON.stringify(said);
  }

  return {
    credentialId: base64url(credentialId),
    /** Answers "make a passkey". */
    create(options: PasskeyCreationOptions, mischief: Mischief = {}): PasskeyCreation {
      const { x = "", y = "" } = publicKey.export({ format: "jwk" });
      const key = isoCBOR.encode(
        new Map<number, number | Uint8Array>([
          [1, 2],
          [3, -7],
          [-1, 1],
          [-2, new Uint8Array(Buffer.from(x, "base64url"))],
          [-3, new Uint8Array(Buffer.from(y, "base64url"))],
        ]) as never,
      );
      const length = Buffer.from([0, credentialId.length]);
      const attested = Buffer.concat([Buffer.alloc(16), length, credentialId, key]);
      const authData = new Uint8Array(authenticatorData(mischief, options.rp.id ?? "", attested));
      const attestation = new Map<string, unknown>([
        ["fmt", "none"],
        ["attStmt", new Map()],
        ["authData", authData],
      ]);
      handle = options.user.id;
      return {
        id: base64url(credentialId),
        rawId: base64url(credentialId),
        type: "public-key",
        clientExtensionResults: {},
        response: {
          clientDataJSON: base64url(clientData("webauthn.create", options.challenge, mischief)),
          attestationObject: base64url(isoCBOR.encode(attestation as never)),
          transports: ["internal"],
        },
      };
    },
    /** Answers "sign this". */
    sign(options: PasskeyRequestOptions, mischief: Mischief = {}): PasskeyAssertion {
      const data = authenticatorData(mischief, options.rpId ?? "");
      const said = clientData("webauthn.get", options.challenge, mischief);
      return {
        id: base64url(credentialId),
        rawId: base64url(credentialId),
        type: "public-key",
        clientExtensionResults: {},
        response: {
          clientDataJSON: base64url(said),
          authenticatorData: base64url(data),
          signature: base64url(sign("sha256", Buffer.concat([data, sha256(said)]), privateKey)),
          userHandle: mischief.userHandle ?? handle,
        },
      };
    },
  };
}
