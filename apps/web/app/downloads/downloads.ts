import { newId } from "@guildhall/shared";
import { createListeners } from "~/live/listeners";
import { ExportRefused, type FetchedFile, type FetchedSoFar, fetchCsv } from "./fetch-csv";

/** A file on its way, or how it ended. */
export interface Download {
  id: string;
  /** Of what, for the person who waits. */
  label: string;
  url: string;
  state: "running" | "done" | "failed" | "cancelled";
  soFar: FetchedSoFar;
  /** Why it failed. */
  message?: string;
}

export type Downloads = ReturnType<typeof createDownloads>;

interface Surroundings {
  fetchFile?: typeof fetchCsv;
  /** Hands the finished file to the browser. */
  save: (file: FetchedFile) => void;
}

const BROKEN_OFF = "The connection broke off before everything had arrived. Nothing was saved.";

/** The downloads of one portal window. They go on while the person moves from page to page. */
export function createDownloads({ fetchFile = fetchCsv, save }: Surroundings) {
  let list: readonly Download[] = [];
  const aborts = new Map<string, AbortController>();
  const listeners = createListeners<[]>();

  function put(next: readonly Download[]) {
    list = next;
    listeners.tell();
  }
  const change = (id: string, part: Partial<Download>) =>
    put(list.map((one) => (one.id === id ? { ...one, ...part } : one)));

  async function run(id: string, url: string) {
    const abort = new AbortController();
    aborts.set(id, abort);
    try {
      const file = await fetchFile({ url, signal: abort.signal, onProgress: (soFar) => change(id, { soFar }) });
      if (abort.signal.aborted) return;
      save(file);
      change(id, { state: "done", soFar: { rows: file.rows, fraction: 1 } });
    } catch (error) {
      if (abort.signal.aborted) return;
      change(id, { state: "failed", message: error instanceof ExportRefused ? error.message : BROKEN_OFF });
    } finally {
      aborts.delete(id);
    }
  }

  return {
    /** Begins a download. One that is running already for the same address goes on alone. */
    start({ url, label }: { url: string; label: string }): void {
      if (list.some((one) => one.url === url && one.state === "running")) return;
      const id = newId();
      const others = list.filter((one) => one.url !== url);
      put([...others, { id, url, label, state: "running", soFar: { rows: 0, fraction: null } }]);
      void run(id, url);
    },
    cancel(id: string): void {
      aborts.get(id)?.abort();
      change(id, { state: "cancelled" });
    },
    dismiss: (id: string) => put(list.filter((one) => one.id !== id)),
    /** Ends everything: the portal was left. */
    cancelAll(): void {
      for (const abort of aborts.values()) abort.abort();
      put([]);
    },
    get: () => list,
    subscribe: listeners.subscribe,
  };
}
