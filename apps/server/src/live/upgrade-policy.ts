/** What an upgrade request says about itself, before anything is looked up. */
export interface UpgradeFacts {
  method: string | undefined;
  /** The request target as it stands in the request line; never parsed as a URL, since parsers throw on `//`. */
  target: string | undefined;
  host: string | undefined;
  origin: string | undefined;
}

/** A refusal to upgrade: an HTTP answer. */
export interface Refusal {
  status: 400 | 401 | 403 | 404 | 405 | 429 | 503;
  /** A stable word: the answer's body, and what the log counts. */
  reason: string;
}

/** Who may upgrade: browsers that show one of our own pages, at one exact path. */
export interface UpgradeRules {
  path: string;
  hosts: ReadonlySet<string>;
  origins: ReadonlySet<string>;
}

/**
 * Builds the rules from the public URL and further origins. A browser names the page's origin in every upgrade, so an
 * exact match keeps other sites from using the visitor's cookie; the Host check keeps rebound names out.
 * @throws TypeError when one of them is no absolute URL
 */
export function upgradeRules(path: string, publicUrl: string, allowedOrigins: readonly string[]): UpgradeRules {
  const urls = [publicUrl, ...allowedOrigins].map((text) => new URL(text));
  return { path, hosts: new Set(urls.map((url) => url.host)), origins: new Set(urls.map((url) => url.origin)) };
}

/** Decides by the request alone; null = go on and check the session. */
export function decideUpgrade({ method, target, host, origin }: UpgradeFacts, rules: UpgradeRules): Refusal | null {
  if (target !== rules.path) return { status: 404, reason: "no_such_path" };
  if (method !== "GET") return { status: 405, reason: "method_not_allowed" };
  if (host === undefined || !rules.hosts.has(host.toLowerCase())) return { status: 403, reason: "host_not_allowed" };
  if (origin === undefined || !rules.origins.has(origin)) return { status: 403, reason: "origin_not_allowed" };
  return null;
}
