import { useState } from "react";

/**
 * The text of a field that shows something live: what somebody types stays, whatever happens elsewhere; a field that nobody
 * has touched follows. Saving ends the draft, since both are then the same.
 */
export function useDraft(live: string): [text: string, setText: (text: string) => void] {
  const [draft, setDraft] = useState<string | null>(null);
  if (draft === live) setDraft(null);
  return [draft ?? live, setDraft];
}
