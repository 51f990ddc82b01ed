import { type ReactNode, useState } from "react";
import type { Factors } from "~/api/types";
import { ButtonLink } from "~/components/button";
import { isConfirmationDue } from "./confirmation-due";

interface ConfirmGateProps {
  factors: Factors;
  /** The dialog of the page that leads here: it asks for the proof while that is due. */
  dialog: string;
  /** What comes afterwards: "Then you can …". */
  then: string;
  children: ReactNode;
}

/**
 * In the place of a form that needs the second factor as well as the password, as long as that has not been shown lately. A form that
 * stands open stays when the proof runs out, with what was typed: it is then asked for when the form is sent.
 */
export function ConfirmGate({ factors, dialog, then, children }: ConfirmGateProps) {
  const isDue = isConfirmationDue(factors);
  const [isOpen, setOpen] = useState(!isDue);
  if (!isDue && !isOpen) setOpen(true);
  if (isOpen) return children;
  return (
    <div className="grid justify-items-start gap-3">
      <p className="text-ink-muted">
        Your password alone is not enough for this. Confirm with your second factor that it is you; then you can {then}.
      </p>
      <ButtonLink to={`?dialog=${dialog}`} preventScrollReset>
        Confirm that it is you
      </ButtonLink>
    </div>
  );
}
