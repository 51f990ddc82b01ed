import { useState } from "react";

/**
 * The text of a field that shows something live: what somebody types stays, whatever happens elsewhere; a field that nobody
 * has touched follows. Saving ends the draft, since both are then the same. `typed` is what came back with a refused form.
 */
export function useDraft(live: string, typed?: string): [text: string, setText: (text: string) => void] {
  const [draft, setDraft] = useState<string | null>(typed ?? null);
  if (draft === live) setDraft(null);
  return [draft ?? live, setDraft];
}
