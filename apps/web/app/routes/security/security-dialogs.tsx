import { useSearchParams } from "@remix-run/react";
import { useState } from "react";
import type { Factors } from "~/api/types";
import { ConfirmDialog } from "~/confirmation/confirm-dialog";
import { isConfirmationDue, isUnconfirmed } from "~/confirmation/confirmation-due";
import { PAGE } from "./page-path";
import { AddPasskeyDialog, RemovePasskeyDialog, RenamePasskeyDialog } from "./passkey-dialogs";
import { RecoveryCodesDialog, RenewCodesDialog } from "./recovery-codes";
import { RemoveTotpDialog, TotpDialog, type TotpSetup } from "./totp-dialogs";

interface SecurityDialogsProps {
  factors: Factors;
  setup: TotpSetup | null;
  answer: unknown;
}

/** Dialogs that change how the reader signs in: they ask first whether it is still them. */
const GUARDED = new Set(["totp", "remove-totp", "add-passkey", "remove-passkey", "renew-codes"]);

/** Dialogs that add a factor. */
const FIRST_FACTOR = new Set(["totp", "add-passkey"]);

/** The dialog that the address names. Codes that were just made are shown before anything else: they are never seen again. */
export function SecurityDialogs({ factors, setup, answer }: SecurityDialogsProps) {
  const [search] = useSearchParams();
  const codes = useMadeCodes(answer, String(search));
  if (codes) return <RecoveryCodesDialog codes={codes} />;
  const dialog = search.get("dialog") ?? "";
  const passkey = factors.passkeys.find(({ passkeyId }) => passkeyId === search.get("passkey"));
  // The page says why, and where to go on.
  if (factors.isAddressDue && FIRST_FACTOR.has(dialog)) return null;
  if (isProofDue(dialog, factors) || isUnconfirmed(answer))
    return <ConfirmDialog factors={factors} answer={answer} page={PAGE} before="change how you sign in" />;
  if (dialog === "totp") return <TotpDialog setup={setup} isReplaced={factors.totp !== null} answer={answer} />;
  if (dialog === "remove-totp" && factors.totp) return <RemoveTotpDialog factors={factors} answer={answer} />;
  if (dialog === "add-passkey") return <AddPasskeyDialog />;
  if (dialog === "rename-passkey" && passkey) return <RenamePasskeyDialog passkey={passkey} answer={answer} />;
  if (dialog === "remove-passkey" && passkey)
    return <RemovePasskeyDialog passkey={passkey} factors={factors} answer={answer} />;
  if (dialog === "renew-codes") return <RenewCodesDialog answer={answer} />;
  return null;
}

/** The password is asked for by its own form: who has no second factor needs to prove no more. */
function isProofDue(dialog: string, factors: Factors): boolean {
  if (dialog === "change-password") return isConfirmationDue(factors);
  return GUARDED.has(dialog) && !factors.isConfirmed;
}

/**
 * The codes that the answer brought, as long as the page stays at that address. They are kept here: the page may be read again
 * at any moment, and then the answer is gone.
 */
function useMadeCodes(answer: unknown, address: string): string[] | null {
  const made = readCodes(answer);
  const [kept, setKept] = useState(made ? { codes: made, answer, address } : null);
  if (made && kept?.answer !== answer) setKept({ codes: made, answer, address });
  return kept?.address === address ? kept.codes : null;
}

function readCodes(answer: unknown): string[] | undefined {
  if (typeof answer !== "object" || answer === null || !("recoveryCodes" in answer)) return undefined;
  return answer.recoveryCodes as string[];
}
