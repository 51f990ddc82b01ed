import { newId } from "@guildhall/shared";
import { useState } from "react";

/**
 * The hidden key of a form that moves something: made when the form is rendered, kept when it is sent again, so that sending
 * twice acts once.
 */
export function IdempotencyKey({ sent }: { sent?: string | undefined }) {
  const [key] = useState(() => sent || newId());
  return <input type="hidden" name="idempotencyKey" value={key} suppressHydrationWarning readOnly />;
}
