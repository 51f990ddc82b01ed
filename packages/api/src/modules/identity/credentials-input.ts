import {
  findPasswordWeakness,
  LONGEST_EMAIL,
  normalizeEmail,
  PASSWORD_LENGTH,
  type PasswordWeakness,
} from "@guildhall/auth";
import { z } from "zod";

const LONGEST_NAME = 100;
/** Letters and signs of any script, no line breaks and nothing invisible that would reorder a page (bidi overrides). */
const UNFIT_FOR_A_NAME = /[\p{Cc}\p{Co}\p{Cn}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;

/** An address as typed; comes out in the form in which addresses are stored and compared. */
/** An address in the form in which it is stored and compared. */
export const emailAddress = z
  .string()
  .trim()
  .min(1, "Enter your e-mail address.")
  .max(LONGEST_EMAIL, `The address can have at most ${LONGEST_EMAIL} characters.`)
  .pipe(z.email("Enter an e-mail address, like ada@example.com."))
  .transform(normalizeEmail);

/** A name as typed; comes out with single blanks, in one form of Unicode. */
export const personName = z
  .string()
  .transform((name) => name.normalize("NFC").trim().replaceAll(/\s+/g, " "))
  .pipe(
    z
      .string()
      .min(1, "Enter your name.")
      .max(LONGEST_NAME, `The name can have at most ${LONGEST_NAME} characters.`)
      .refine((name) => !UNFIT_FOR_A_NAME.test(name), "The name contains characters that cannot be shown."),
  );

/** What to change about a password that would be guessed. */
export const weaknessMessages: Record<PasswordWeakness, string> = {
  too_short: `Use at least ${PASSWORD_LENGTH.min} characters.`,
  too_long: `The password can have at most ${PASSWORD_LENGTH.max} characters.`,
  too_common: "This password is among the first to be guessed. Choose another one.",
  too_simple: "This password repeats too few characters. Choose another one.",
  personal: "This password is your name or your e-mail address. Choose another one.",
};

const tooLong = weaknessMessages.too_long;

/** Judged on its own first, so that all fields of a form get their messages at once. */
export const chosenPassword = z
  .string()
  .min(1, "Choose a password.")
  .max(PASSWORD_LENGTH.max, tooLong)
  .superRefine((password, context) => {
    const weakness = findPasswordWeakness(password);
    if (weakness) context.addIssue({ code: "custom", message: weaknessMessages[weakness] });
  });

/** What a person gives to get an account. Says at which field something is wrong. */
export const signUpInput = z
  .object({ name: personName, email: emailAddress, password: chosenPassword })
  .superRefine(({ name, email, password }, context) => {
    const weakness = findPasswordWeakness(password, [name, email]);
    if (weakness) context.addIssue({ code: "custom", path: ["password"], message: weaknessMessages[weakness] });
  });

/** What a person gives to sign in. Asks nothing of the password: rules are for choosing one, not for knowing it. */
export const signInInput = z.object({
  email: emailAddress,
  password: z.string().min(1, "Enter your password.").max(PASSWORD_LENGTH.max, tooLong),
});

export type SignUpInput = z.output<typeof signUpInput>;
export type SignInInput = z.output<typeof signInInput>;
