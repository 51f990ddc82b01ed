import {
  type AuthenticationResponseJSON,
  generateAuthenticationOptions,
  generateRegistrationOptions,
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
  type RegistrationResponseJSON,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from "@simplewebauthn/server";

export type PasskeyCreationOptions = PublicKeyCredentialCreationOptionsJSON;
export type PasskeyRequestOptions = PublicKeyCredentialRequestOptionsJSON;
/** What a browser answers when a passkey was made. */
export type PasskeyCreation = RegistrationResponseJSON;
/** What a browser answers when a passkey has signed. */
export type PasskeyAssertion = AuthenticationResponseJSON;

/** Who passkeys are for: this portal at its one address. From the configuration, never from a request. */
export interface RelyingParty {
  id: string;
  origin: string;
}

/** A passkey as the portal keeps it. */
export interface KnownPasskey {
  credentialId: string;
  publicKey: Uint8Array;
  counter: number;
  transports: string[];
}

export type NewPasskey = KnownPasskey & { isSynced: boolean };

/** What was found: a result, or why it does not count (for the log: people are told less). */
export type Verified<T> = ({ ok: true } & T) | { ok: false; why: string };

const NAME = "Guildhall";
/** EdDSA, ES256, RS256: what authenticators have. Named, so that the library need not try out what this runtime could do. */
const ALGORITHMS = [-8, -7, -257];
/** How long a person may take at their authenticator, in milliseconds. The challenge lives as long. */
export const PASSKEY_TIMEOUT_MS = 5 * 60_000;

/** Passkeys are bound to the host of the public URL. An address by number has none: browsers refuse it there. */
export function relyingPartyOf(publicUrl: string): RelyingParty {
  const { hostname, origin } = new URL(publicUrl);
  return { id: hostname, origin };
}

/**
 * What the browser needs to make a passkey. It has to be one that names its owner by itself and that checks who holds it
 * (PIN, finger, face): then it can also sign in alone.
 */
export function passkeyCreationOptions(
  party: RelyingParty,
  person: { id: string; name: string; email: string },
  known: readonly Pick<KnownPasskey, "credentialId" | "transports">[],
): Promise<PasskeyCreationOptions> {
  return generateRegistrationOptions({
    rpName: NAME,
    rpID: party.id,
    userID: toHandle(person.id),
    userName: person.email,
    userDisplayName: person.name,
    timeout: PASSKEY_TIMEOUT_MS,
    attestationType: "none",
    supportedAlgorithmIDs: ALGORITHMS,
    excludeCredentials: known.map(({ credentialId: id, transports }) => ({ id, transports })),
    authenticatorSelection: { residentKey: "required", userVerification: "required" },
  });
}

/** Checks the browser's answer: our challenge, our origin, our host, and a person who was verified. */
export async function verifyPasskeyCreation(
  party: RelyingParty,
  challenge: string,
  response: PasskeyCreation,
): Promise<Verified<{ passkey: NewPasskey }>> {
  return refusing<{ passkey: NewPasskey }>(async () => {
    const { verified, registrationInfo } = await verifyRegistrationResponse({
      response,
      expectedChallenge: challenge,
      expectedOrigin: party.origin,
      expectedRPID: party.id,
      requireUserVerification: true,
      supportedAlgorithmIDs: ALGORITHMS,
    });
    if (!verified) return { ok: false, why: "the attestation does not verify" };
    const { credential, credentialDeviceType } = registrationInfo;
    const { id: credentialId, publicKey, counter, transports = [] } = credential;
    const isSynced = credentialDeviceType === "multiDevice";
    return { ok: true, passkey: { credentialId, publicKey, counter, transports, isSynced } };
  });
}

/**
 * What the browser needs to let a passkey sign. Without `known` it offers whatever it has for this portal: the passkey is
 * then the only proof, and must check who holds it.
 */
export function passkeyRequestOptions(
  party: RelyingParty,
  known?: readonly Pick<KnownPasskey, "credentialId" | "transports">[],
): Promise<PasskeyRequestOptions> {
  return generateAuthenticationOptions({
    rpID: party.id,
    timeout: PASSKEY_TIMEOUT_MS,
    userVerification: known ? "preferred" : "required",
    ...(known && { allowCredentials: known.map(({ credentialId: id, transports }) => ({ id, transports })) }),
  });
}

/** What an assertion is held against. */
export interface AssertionCheck {
  challenge: string;
  passkey: KnownPasskey;
  /** Whether the passkey is the only proof, and so must have checked who holds it. */
  isOnlyProof: boolean;
}

/**
 * Checks a signature. The counter has to have grown, for authenticators that count: a copy of one would give itself away.
 * The caller stores the new one.
 */
export async function verifyPasskeyAssertion(
  party: RelyingParty,
  response: PasskeyAssertion,
  { challenge, passkey, isOnlyProof }: AssertionCheck,
): Promise<Verified<{ counter: number }>> {
  return refusing<{ counter: number }>(async () => {
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response,
      expectedChallenge: challenge,
      expectedOrigin: party.origin,
      expectedRPID: party.id,
      credential: {
        id: passkey.credentialId,
        publicKey: new Uint8Array(passkey.publicKey),
        counter: passkey.counter,
        transports: passkey.transports,
      },
      requireUserVerification: isOnlyProof,
    });
    return verified
      ? { ok: true, counter: authenticationInfo.newCounter }
      : { ok: false, why: "the signature does not verify" };
  });
}

/** Says whether an assertion that names its owner names this person. One that names nobody may be anybody's. */
export function isHandleOf(userId: string, response: PasskeyAssertion): boolean {
  const { userHandle } = response.response;
  return userHandle === undefined || Buffer.from(userHandle, "base64url").equals(toHandle(userId));
}

/** A person's id as authenticators keep it: its 16 bytes, which tell nothing about them. */
function toHandle(userId: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(userId.replaceAll("-", ""), "hex"));
}

/** The library throws for whatever it does not like about an answer, and for its form: all of it is a refusal. */
async function refusing<T>(verify: () => Promise<Verified<T>>): Promise<Verified<T>> {
  try {
    return await verify();
  } catch (error) {
    return { ok: false, why: error instanceof Error ? error.message : String(error) };
  }
}
