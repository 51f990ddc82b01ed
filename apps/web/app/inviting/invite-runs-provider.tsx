import { createContext, type ReactNode, useContext, useEffect, useState, useSyncExternalStore } from "react";
import { useWarningBeforeLeaving } from "~/downloads/use-warning-before-leaving";
import { usePortal } from "~/frame/portal-context";
import { type InviteRun, isUnderWay } from "./invite-run";
import { createInviteRuns, type InviteRuns } from "./invite-runs";
import { keptListsKey } from "./kept-lists";

const RunsContext = createContext<InviteRuns | undefined>(undefined);
const NONE: readonly InviteRun[] = [];
const NEVER = () => () => undefined;

/** Keeps the lists of invites that this window sends: they go on from page to page, and end with the portal. */
export function InviteRunsProvider({ children }: { children: ReactNode }) {
  const { me } = usePortal();
  const [runs, setRuns] = useState<InviteRuns>();
  useEffect(() => {
    const made = createInviteRuns({ storage: window.sessionStorage, storageKey: keptListsKey(me.id) });
    window.addEventListener("online", made.resumeInterrupted);
    setRuns(made);
    return () => {
      window.removeEventListener("online", made.resumeInterrupted);
      made.leave();
    };
  }, [me.id]);
  return (
    <RunsContext.Provider value={runs}>
      <LeavingWarning />
      {children}
    </RunsContext.Provider>
  );
}

function LeavingWarning() {
  useWarningBeforeLeaving(useAllRuns().some(isUnderWay));
  return null;
}

/** Every list of this window, as it changes. */
export function useAllRuns(): readonly InviteRun[] {
  const runs = useContext(RunsContext);
  return useSyncExternalStore(runs?.subscribe ?? NEVER, runs?.get ?? none, none);
}

function none(): readonly InviteRun[] {
  return NONE;
}

/** What can be done with lists; undefined until the page's scripts run. */
export function useInviteRuns(): InviteRuns | undefined {
  return useContext(RunsContext);
}
