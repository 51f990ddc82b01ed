import { createCsvProgress } from "./csv-progress";
import { createRowProgress } from "./row-progress";

/** A file that has arrived. */
export interface FetchedFile {
  blob: Blob;
  name: string;
  rows: number;
}

export interface FetchedSoFar {
  rows: number;
  /** From 0 to 1; null while the length is unknown. */
  fraction: number | null;
}

interface FetchCsv {
  url: string;
  signal: AbortSignal;
  onProgress: (soFar: FetchedSoFar) => void;
  fetch?: typeof fetch;
}

/** An export that the server refused, with what to tell the person. */
export class ExportRefused extends Error {}

/** Pieces are handed to the browser in parts of this many bytes: it keeps large blobs on disk. */
const PART_BYTES = 4 * 1024 * 1024;

/** Fetches an export of the portal piece by piece. @throws ExportRefused; the fetch's own errors when it broke off */
export async function fetchCsv({ url, signal, onProgress, fetch: run = fetch }: FetchCsv): Promise<FetchedFile> {
  const answer = await run(url, { signal, headers: { accept: "text/csv" } });
  if (!answer.ok || !answer.body) throw new ExportRefused(await readRefusal(answer));
  const progress = progressOf(answer);
  const decoder = new TextDecoder();
  const parts: Blob[] = [];
  let pieces: Uint8Array<ArrayBuffer>[] = [];
  let sizeBytes = 0;
  const reader = answer.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    pieces.push(value);
    sizeBytes += value.byteLength;
    progress.take(decoder.decode(value, { stream: true }));
    onProgress({ rows: progress.rows(), fraction: progress.fraction() });
    if (sizeBytes >= PART_BYTES) {
      parts.push(new Blob(pieces));
      pieces = [];
      sizeBytes = 0;
    }
  }
  const blob = new Blob([...parts, ...pieces], { type: "text/csv" });
  return { blob, name: nameOf(answer), rows: progress.rows() };
}

/** By sequences where the file has them; else by the number of rows. */
function progressOf({ headers }: Response) {
  const last = headers.get("x-last-sequence");
  if (last === null) return createRowProgress(Number(headers.get("x-total-rows") ?? 0));
  return createCsvProgress({ first: BigInt(headers.get("x-first-sequence") ?? 1), last: BigInt(last) });
}

function nameOf(answer: Response): string {
  return /filename="([^"]+)"/.exec(answer.headers.get("content-disposition") ?? "")?.[1] ?? "export.csv";
}

async function readRefusal(answer: Response): Promise<string> {
  const body: unknown = await answer.json().catch(() => undefined);
  const error = typeof body === "object" && body !== null && "error" in body ? body.error : undefined;
  if (typeof error === "object" && error !== null && "message" in error) return String(error.message);
  return `The server answered with status ${answer.status}.`;
}
