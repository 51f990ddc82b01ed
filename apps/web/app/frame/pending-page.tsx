import { useLocation, useNavigation } from "@remix-run/react";
import { type ReactNode, useEffect, useState } from "react";
import { Skeleton } from "~/components/skeleton";

/** Faster than this and a skeleton would only flicker. */
const PATIENCE_MS = 200;

/** The page, or a skeleton of it when the next one is long on its way. A form that is sent keeps its page. */
export function PendingPage({ children }: { children: ReactNode }) {
  const isLong = useIsLongOnItsWay();
  return (
    <>
      <div hidden={isLong}>{children}</div>
      {isLong && <PageSkeleton />}
    </>
  );
}

function useIsLongOnItsWay(): boolean {
  const { state, location: next, formMethod } = useNavigation();
  const { pathname } = useLocation();
  const isAway = state === "loading" && formMethod === undefined && next.pathname !== pathname;
  const [isLong, setIsLong] = useState(false);
  useEffect(() => {
    if (!isAway) return setIsLong(false);
    const timer = setTimeout(() => setIsLong(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [isAway]);
  return isAway && isLong;
}

/** The common shape of the pages: title, one card with a figure, one with rows. */
function PageSkeleton() {
  return (
    <div role="status">
      <span className="sr-only">Loading…</span>
      <div className="mb-6 grid gap-2">
        <Skeleton className="h-7 w-48" />
        <Skeleton className="h-4 w-80 max-w-full" />
      </div>
      <div className="grid gap-6">
        <div className="grid gap-3 rounded-lg border border-line bg-surface p-5">
          <Skeleton className="h-4 w-16" />
          <Skeleton className="h-8 w-52" />
        </div>
        <div className="rounded-lg border border-line bg-surface">
          {["a", "b", "c", "d", "e", "f"].map((row) => (
            <div key={row} className="flex h-10 items-center justify-between gap-4 border-line px-4 not-first:border-t">
              <Skeleton className="h-4 w-40" />
              <Skeleton className="h-4 w-20" />
            </div>
          ))}
        </div>
      </div>
    </div>
  );
}
