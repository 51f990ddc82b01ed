import { withoutTenant } from "@guildhall/db";
import { recordPersonAudit } from "../../record-audit.ts";
import type { Services } from "../../trpc/context.ts";
import type { SignedInPerson } from "../second-factor/index.ts";

/**
 * Signs one of a person's devices out: its token is worthless at once, its sockets are cut in every process. A device that is
 * out already, or somebody else's, changes nothing.
 */
export async function endSession(
  services: Services,
  { user }: SignedInPerson,
  { sessionId }: { sessionId: string },
): Promise<void> {
  await withoutTenant(services.db, async (tx) => {
    if (!(await services.sessions.endOf(user.id, sessionId, tx))) return;
    recordPersonAudit(tx, services, {
      userId: user.id,
      origin: user.origin,
      action: "session.ended",
    });
    tx.afterCommit(() => services.bus.touchPerson(user.id));
  });
}

/** Signs all other devices of a person out, and says how many there were. */
export async function endOtherSessions(services: Services, { user, session }: SignedInPerson): Promise<number> {
  return withoutTenant(services.db, async (tx) => {
    const count = await services.sessions.endAll(user.id, session.id, tx);
    if (count === 0) return 0;
    recordPersonAudit(tx, services, {
      userId: user.id,
      origin: user.origin,
      action: "session.others_ended",
      after: { count },
    });
    tx.afterCommit(() => services.bus.touchPerson(user.id));
    return count;
  });
}
