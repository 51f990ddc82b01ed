import { useRevalidator } from "@remix-run/react";
import { useCallback, useEffect, useRef, useState } from "react";
import { browserApi } from "~/api/browser-client";
import { readApiError } from "~/api/read-error";
import { joinNewest, joinOlder } from "~/live/merge-rows";
import { personHints } from "~/live/person-hints";
import { createThrottle } from "~/live/throttle";
import type { PersonalTransaction, PersonalWallet } from "./types";

/** The wallet is read again at most this often, in milliseconds, however many hints arrive. */
const REFETCH_EVERY_MS = 400;

const idOf = (transaction: PersonalTransaction) => transaction.sequence;

/**
 * The reader's own wallet: as the loader read it, then as often as the person's channel says that something has changed. It has
 * no log: what is read last is shown. On a page of older transactions (`cursor`) only the balance moves.
 */
export function usePersonalWallet(fresh: PersonalWallet, cursor: string | null) {
  const [shown, setShown] = useState(fresh);
  const [seen, setSeen] = useState(fresh);
  const [refreshError, setRefreshError] = useState<string | null>(null);
  const { revalidate } = useRevalidator();
  if (seen !== fresh) {
    setSeen(fresh);
    setShown(fresh);
  }
  const throttle = useRef<ReturnType<typeof createThrottle>>();

  useEffect(() => {
    const made = createThrottle(async () => {
      const { personalWallet } = browserApi();
      try {
        const [summary, newest] = await Promise.all([
          personalWallet.summary.query(),
          cursor ? null : personalWallet.transactions.query({}),
        ]);
        setRefreshError(null);
        setShown((now) => ({
          summary,
          transactions: newest ? joinNewest(now.transactions, newest, idOf) : now.transactions,
        }));
      } catch (error) {
        const refused = readApiError(error);
        if (refused?.status === 401) revalidate();
        else setRefreshError(refused?.message ?? "This list could not be refreshed.");
      }
    }, REFETCH_EVERY_MS);
    throttle.current = made;
    // What happened between the loader's read and now was told to nobody here.
    made.request();
    const stop = personHints.subscribe(made.request);
    return () => {
      stop();
      made.stop();
    };
  }, [cursor, revalidate]);

  const loadOlder = useCallback(async (before: string) => {
    const older = await browserApi().personalWallet.transactions.query({ cursor: before });
    setShown((now) => ({ ...now, transactions: joinOlder(now.transactions, { before, older, idOf }) }));
  }, []);
  return { ...shown, loadOlder, refreshError, refetch: () => throttle.current?.request() };
}
