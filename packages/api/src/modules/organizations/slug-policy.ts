/** Longest slug, in characters. */
const SLUG_MAX_LENGTH = 48;
const FALLBACK = "organization";

/** Words that stand in URLs or would pass for the house itself. Refused as slugs. */
const reserved = new Set(
  `about account admin api app assets auth billing blog build contact dashboard demo dev docs enterprise guildhall
  healthz help home invite invites legal live login logout mail me metrics new null o official organization
  organizations owner portal pricing privacy public readyz root security settings setup sign-in sign-out sign-up
  signin signup static status stripe support system team teams terms trpc undefined usage user users wallet webhooks
  www`.split(/\s+/),
);

/** Says whether a slug is kept back for the house. */
export function isReservedSlug(slug: string): boolean {
  return reserved.has(slug);
}

/** Makes a slug of a name: lower case, accents removed, everything else a single hyphen. Never empty, never reserved. */
export function slugFromName(name: string): string {
  const slug = name
    .normalize("NFKD")
    .replace(/\p{Mark}/gu, "")
    .toLowerCase()
    .replaceAll("ß", "ss")
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, SLUG_MAX_LENGTH)
    .replace(/^-+|-+$/g, "");
  const readable = slug || FALLBACK;
  return isReservedSlug(readable) ? `${readable}-1` : readable;
}

/** The nth candidate for a wanted slug: itself, then "acme-2", "acme-3"… cut so that it stays within the limit. */
export function slugCandidate(wanted: string, n: number): string {
  if (n <= 1) return wanted;
  const suffix = `-${n}`;
  return wanted.slice(0, SLUG_MAX_LENGTH - suffix.length).replace(/-+$/, "") + suffix;
}
