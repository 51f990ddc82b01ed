import type { PasskeyAssertion, PasskeyCreation } from "@guildhall/auth";
import { isPlainLine } from "@guildhall/shared";
import { z } from "zod";

const LONGEST_ID = 1_400;
/** Attestations carry a certificate at most; we ask for none. */
const LONGEST_PART = 16_000;
const id = z.string().min(1).max(LONGEST_ID);
const part = z.string().max(LONGEST_PART);
/** Of extensions we ask for none, so what browsers say of them is left out. */
const common = {
  id,
  rawId: id,
  type: z.literal("public-key"),
  clientExtensionResults: z.unknown().transform(() => ({})),
};

/** What a browser answers when it has made a passkey. Only the form: what it says is verified. */
export const passkeyCreation = z
  .object({
    ...common,
    response: z.object({
      clientDataJSON: part,
      attestationObject: part,
      transports: z.array(z.string().max(40)).max(10).optional(),
    }),
  })
  .transform((response) => response as PasskeyCreation);

/** What a browser answers when a passkey has signed. */
export const passkeyAssertion = z
  .object({
    ...common,
    response: z.object({
      clientDataJSON: part,
      authenticatorData: part,
      signature: part,
      userHandle: z.string().max(200).nullish(),
    }),
  })
  .transform(({ response: { userHandle, ...signed }, ...rest }) => {
    const response = userHandle ? { ...signed, userHandle } : signed;
    return { ...rest, response } as PasskeyAssertion;
  });

/** What a person calls a passkey. */
export const passkeyName = z
  .string()
  .trim()
  .min(1, "Give the passkey a name.")
  .max(100, "The name can have at most 100 characters.")
  .refine(isPlainLine, "Leave out control characters and line breaks.");
