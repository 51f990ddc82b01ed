import { expect, test } from "vitest";
import { createDownloads } from "./downloads";
import type { FetchedFile } from "./fetch-csv";
import { ExportRefused, fetchCsv } from "./fetch-csv";

const request = { url: "/x.csv", label: "X" };

/** Downloads whose files arrive, or fail, when the test says so. */
function givenDownloads() {
  const saved: string[] = [];
  const waiting: { resolve: (file: FetchedFile) => void; reject: (error: unknown) => void; signal: AbortSignal }[] = [];
  const downloads = createDownloads({
    save: ({ name }) => saved.push(name),
    fetchFile: ({ signal, onProgress }) => {
      onProgress({ rows: 3, fraction: 0.5 });
      return new Promise((resolve, reject) => waiting.push({ resolve, reject, signal }));
    },
  });
  const settled = () => new Promise((done) => setTimeout(done));
  return { downloads, saved, waiting, settled };
}

test("a file is saved once when all of it has arrived", async () => {
  const { downloads, saved, waiting, settled } = givenDownloads();
  downloads.start(request);
  downloads.start(request);
  expect(waiting).toHaveLength(1);
  expect(downloads.get()).toMatchObject([{ state: "running", soFar: { rows: 3, fraction: 0.5 } }]);
  waiting[0]?.resolve({ blob: new Blob(), name: "x.csv", rows: 6 });
  await settled();
  expect(downloads.get()).toMatchObject([{ state: "done", soFar: { rows: 6, fraction: 1 } }]);
  expect(saved).toEqual(["x.csv"]);
});

test("a cancelled download is aborted and never saved, even if its file still arrives", async () => {
  const { downloads, saved, waiting, settled } = givenDownloads();
  downloads.start(request);
  downloads.cancel(downloads.get()[0]?.id ?? "");
  expect(waiting[0]?.signal.aborted).toBe(true);
  waiting[0]?.resolve({ blob: new Blob(), name: "x.csv", rows: 6 });
  await settled();
  expect(downloads.get()).toMatchObject([{ state: "cancelled" }]);
  expect(saved).toEqual([]);
});

test("a refusal is told in the server’s words, a broken connection in ours; trying again takes its place", async () => {
  const { downloads, saved, waiting, settled } = givenDownloads();
  downloads.start(request);
  waiting[0]?.reject(new ExportRefused("Not for you."));
  await settled();
  expect(downloads.get()).toMatchObject([{ state: "failed", message: "Not for you." }]);
  downloads.start(request);
  waiting[1]?.reject(new TypeError("network error"));
  await settled();
  expect(downloads.get()).toMatchObject([{ state: "failed", message: expect.stringContaining("broke off") }]);
  expect(saved).toEqual([]);
});

test("what is fetched is kept byte by byte, under the server’s name", async () => {
  const text = "date,sequence\r\n2026-11-02 – ä,2\r\n2026-11-01,1\r\n";
  const headers = {
    "content-disposition": 'attachment; filename="acme.csv"',
    "x-first-sequence": "1",
    "x-last-sequence": "2",
  };
  const heard: unknown[] = [];
  const file = await fetchCsv({
    ...{ url: "/x.csv", signal: new AbortController().signal, onProgress: (soFar) => heard.push(soFar) },
    fetch: async () => new Response(text, { headers }),
  });
  expect(await file.blob.text()).toBe(text);
  expect(file).toMatchObject({ name: "acme.csv", rows: 2 });
  expect(heard.at(-1)).toEqual({ rows: 2, fraction: 1 });
});
