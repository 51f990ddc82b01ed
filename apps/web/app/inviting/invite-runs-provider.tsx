import { useNavigation } from "@remix-run/react";
import { createContext, type ReactNode, useContext, useEffect, useRef, useState, useSyncExternalStore } from "react";
import { useWarningBeforeLeaving } from "~/downloads/use-warning-before-leaving";
import { usePortal } from "~/frame/portal-context";
import { type InviteRun, isUnderWay } from "./invite-run";
import { createInviteRuns, type InviteRuns } from "./invite-runs";
import { forgetKeptLists, keptListsKey } from "./kept-lists";

const RunsContext = createContext<InviteRuns | undefined>(undefined);
const NONE: readonly InviteRun[] = [];
const NEVER = () => () => undefined;

/** Keeps the lists of invites that this window sends: they go on from page to page, and end with the portal. */
export function InviteRunsProvider({ children }: { children: ReactNode }) {
  const { me } = usePortal();
  const [runs, setRuns] = useState<InviteRuns>();
  const isSigningOut = useIsSigningOut();
  useEffect(() => {
    const made = createInviteRuns({ storage: window.sessionStorage, storageKey: keptListsKey(me.id) });
    window.addEventListener("online", made.resumeInterrupted);
    setRuns(made);
    return () => {
      window.removeEventListener("online", made.resumeInterrupted);
      made.leave();
      // Whoever signs out leaves the window to others. A session that merely ended comes back, and goes on.
      if (isSigningOut.current) forgetKeptLists(window.sessionStorage);
    };
  }, [me.id, isSigningOut]);
  return (
    <RunsContext.Provider value={runs}>
      <LeavingWarning />
      {children}
    </RunsContext.Provider>
  );
}

/** Whether the portal is being left by signing out, for reading while it is taken down. */
function useIsSigningOut() {
  const { state, formAction } = useNavigation();
  const isSigningOut = useRef(false);
  useEffect(() => {
    if (formAction === "/sign-out") isSigningOut.current = true;
    // Not before: that the session ended may be heard, and lead to the door, while the answer is on its way.
    else if (state === "idle") isSigningOut.current = false;
  }, [state, formAction]);
  return isSigningOut;
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
