import { createScopedToken, parseScopedToken, type ScopedToken } from "@guildhall/auth";

const PREFIX = "gh";
const SHOWN_CHARACTERS = 4;

/** Makes a key: gh_<organization id, 32 hex digits>_<43 characters>. The text is shown once and never stored. */
export function makeApiKey(organizationId: string): { key: string; hash: Buffer; hint: string } {
  const { token, hash } = createScopedToken(PREFIX, organizationId);
  return { key: token, hash, hint: `${PREFIX}_…${token.slice(-SHOWN_CHARACTERS)}` };
}

/** Reads a key's form: which organization it names and what to look up there. Undefined when it is no key at all. */
export function parseApiKey(text: string): ScopedToken | undefined {
  return parseScopedToken(PREFIX, text);
}
