import { randomBytes } from "node:crypto";
import type { MiddlewareHandler } from "hono";
import type { HttpVariables } from "./variables.ts";

/** What the policy depends on. */
export interface SecurityHeadersOptions {
  publicUrl: string;
  /** Lets Vite's development server inject styles and keep its own socket open. Default false. */
  isDevelopment?: boolean;
}

const NONCE_BYTES = 16;

/** One year, in seconds. Without subdomains: what else runs beside the portal is not ours to decide. */
const HSTS_SECONDS = 31_536_000;

/** For answers that are no pages: should a browser ever show one as a page, nothing in it runs. */
const NOTHING_RUNS = "default-src 'none'; frame-ancestors 'none'";

const EVERY_ANSWER: Readonly<Record<string, string>> = {
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  // Paths name organizations and carry invites. `no-referrer` would hide them as well, but makes the browser send
  // `Origin: null` with forms, which the Origin check refuses.
  "referrer-policy": "same-origin",
  "permissions-policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
};

/**
 * Gives every answer its security headers and each request a nonce for the scripts of its page (`nonce`). Nothing about
 * a signed-in person is ever stored by a browser or a proxy; other answers are stored only if they say so themselves.
 */
export function securityHeaders(options: SecurityHeadersOptions): MiddlewareHandler<{ Variables: HttpVariables }> {
  const pagePolicy = pagePolicyOf(options);
  const fixed = Object.entries(fixedHeaders(options.publicUrl));
  return async (c, next) => {
    const nonce = randomBytes(NONCE_BYTES).toString("base64");
    c.set("nonce", nonce);
    await next();
    const isPage = c.res.headers.get("content-type")?.startsWith("text/html") ?? false;
    // This one call also makes the headers writable where the answer came frozen (a redirect).
    c.header("content-security-policy", isPage ? pagePolicy(nonce) : NOTHING_RUNS);
    const { headers } = c.res;
    for (const [name, value] of fixed) headers.set(name, value);
    // A page also must not outlive its nonce.
    if (c.get("signedIn") || isPage || !headers.has("cache-control")) headers.set("cache-control", "no-store");
  };
}

/** The same for an answer that is no page and names its caching itself, made without this middleware. */
export function plainAnswerHeaders(publicUrl: string): Record<string, string> {
  return { "content-security-policy": NOTHING_RUNS, ...fixedHeaders(publicUrl) };
}

function fixedHeaders(publicUrl: string): Record<string, string> {
  if (!isSecure(publicUrl)) return EVERY_ANSWER;
  return { ...EVERY_ANSWER, "strict-transport-security": `max-age=${HSTS_SECONDS}` };
}

/**
 * Scripts run by nonce or from our own origin, where only the build's files are scripts: `strict-dynamic` would forbid
 * the module preloads that Remix adds for prefetching. Style elements need the nonce; style attributes are allowed, since
 * Radix positions with them and they run no code.
 */
function pagePolicyOf({ publicUrl, isDevelopment = false }: SecurityHeadersOptions): (nonce: string) => string {
  // 'self' covers the WebSocket in today's browsers; older Safaris want it named.
  const sockets = isDevelopment ? "ws: wss:" : publicUrl.replace(/^http/, "ws");
  return (nonce) =>
    [
      "default-src 'none'",
      `script-src 'self' 'nonce-${nonce}'`,
      "script-src-attr 'none'",
      `style-src 'self' ${isDevelopment ? "'unsafe-inline'" : `'nonce-${nonce}'`}`,
      "style-src-attr 'unsafe-inline'",
      "img-src 'self' data:",
      "font-src 'self'",
      `connect-src 'self' ${sockets}`,
      "manifest-src 'self'",
      "form-action 'self'",
      "frame-ancestors 'none'",
      "base-uri 'none'",
      ...(isSecure(publicUrl) ? ["upgrade-insecure-requests"] : []),
    ].join("; ");
}

function isSecure(publicUrl: string): boolean {
  return new URL(publicUrl).protocol === "https:";
}
