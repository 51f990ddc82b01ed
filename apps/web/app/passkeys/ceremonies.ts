import {
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
  startAuthentication,
  startRegistration,
} from "@simplewebauthn/browser";
import { httpApi } from "./http-api";

// Loaded when a passkey is first used: no page pays for it before.

/** Signs in with a passkey alone. Throws what `passkeyFailure` explains. */
export async function signInWithPasskey(): Promise<void> {
  const { secondStep } = httpApi();
  const response = await sign(await secondStep.beginPasskey.mutate());
  await secondStep.finishByPasskey.mutate({ response });
}

/** Ends a sign-in whose password was right with a passkey. */
export async function finishWithPasskey(): Promise<void> {
  const { secondStep } = httpApi();
  const response = await sign(await secondStep.askPasskey.mutate());
  await secondStep.finishByPasskey.mutate({ response });
}

/** Proves in a running session that it is its person. */
export async function confirmWithPasskey(): Promise<void> {
  const { security } = httpApi();
  const response = await sign(await security.askPasskey.mutate());
  await security.confirmByPasskey.mutate({ response });
}

/** Makes a passkey and puts it on the account. Returns the recovery codes if it is the first factor. */
export async function addPasskey(name: string): Promise<string[] | null> {
  const { secondFactor } = httpApi();
  const response = await make(await secondFactor.beginPasskey.mutate());
  const { recoveryCodes } = await secondFactor.addPasskey.mutate({ name, response });
  return recoveryCodes;
}

// The wire's types say "undefined" where the library's say "left out"; JSON has only the latter.

function sign(options: object) {
  return startAuthentication({ optionsJSON: options as PublicKeyCredentialRequestOptionsJSON });
}

function make(options: object) {
  return startRegistration({ optionsJSON: options as PublicKeyCredentialCreationOptionsJSON });
}
