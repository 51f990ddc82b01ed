import type { Database } from "@guildhall/db";
import { Hono } from "hono";

/** What /readyz asks before it says yes. Undefined while the server is starting or stopping. */
export interface Readiness {
  db: Database;
  facts(): Record<string, number>;
}

/**
 * /healthz answers as long as the process runs; /readyz only when a request would be served: started, not stopping, and
 * Postgres answers within two seconds.
 */
export function healthRoutes(readiness: () => Readiness | undefined): Hono {
  return new Hono()
    .get("/healthz", (c) => c.json({ status: "ok" }))
    .get("/readyz", async (c) => {
      const ready = readiness();
      if (!ready) return c.json({ status: "starting or stopping" }, 503);
      const answers = await isAnswering(ready.db);
      if (!answers) return c.json({ status: "the database does not answer" }, 503);
      return c.json({ status: "ready", ...ready.facts() });
    });
}

const PATIENCE_MS = 2_000;

async function isAnswering(db: Database): Promise<boolean> {
  const giveUp = AbortSignal.timeout(PATIENCE_MS);
  const gaveUp = new Promise<false>((resolve) => giveUp.addEventListener("abort", () => resolve(false)));
  return Promise.race([
    db.sql`SELECT 1`.then(
      () => true,
      () => false,
    ),
    gaveUp,
  ]);
}
