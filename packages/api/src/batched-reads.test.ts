import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { BatchedReads } from "./batched-reads.ts";

/** A store whose reads take until they are let go, so that a test decides what overlaps. */
function heldStore(stored: Map<string, string>) {
  const batches: { organizationId: string; keys: string[]; release(): void; fail(error: Error): void }[] = [];
  const readMany = (organizationId: string, keys: string[]) => {
    const { promise, resolve, reject } = Promise.withResolvers<Map<string, string>>();
    const values = new Map(keys.flatMap((key) => (stored.has(key) ? [[key, stored.get(key) as string]] : [])));
    batches.push({ organizationId, keys, release: () => resolve(values), fail: reject });
    return promise;
  };
  return { batches, readMany };
}

test("a lone read leaves at once; what comes meanwhile leaves together when it returns", async () => {
  const store = heldStore(
    new Map([
      ["a", "A"],
      ["b", "B"],
    ]),
  );
  const reads = new BatchedReads<string>(store);
  const first = reads.read("o", "a");
  const later = [reads.read("o", "b"), reads.read("o", "a"), reads.read("o", "none")];
  expect(store.batches.map((batch) => batch.keys)).toEqual([["a"]]);
  store.batches[0]!.release();
  expect(await first).toBe("A");
  await turn();
  expect(store.batches.map((batch) => batch.keys)).toEqual([["a"], ["b", "a", "none"]]);
  store.batches[1]!.release();
  expect(await Promise.all(later)).toEqual(["B", "A", undefined]);
});

test("no answer is older than its question: a read never joins one that is under way already", async () => {
  const stored = new Map([["key", "valid"]]);
  const store = heldStore(stored);
  const reads = new BatchedReads<string>(store);
  const before = reads.read("o", "key");
  stored.delete("key");
  const after = reads.read("o", "key");
  store.batches[0]!.release();
  expect(await before).toBe("valid");
  await turn();
  store.batches[1]!.release();
  expect(await after).toBeUndefined();
});

test("organizations are never read in one batch, and only so many at a time", async () => {
  const store = heldStore(new Map());
  const reads = new BatchedReads<string>({ ...store, maxRunning: 2 });
  const all = ["a", "b", "c"].map((organizationId) => reads.read(organizationId, "k"));
  expect(store.batches.map((batch) => batch.organizationId)).toEqual(["a", "b"]);
  store.batches[0]!.release();
  await all[0];
  await turn();
  expect(store.batches.map((batch) => batch.organizationId)).toEqual(["a", "b", "c"]);
  for (const batch of store.batches) batch.release();
  await Promise.all(all);
});

test("a failed read fails those who asked, and nobody after them", async () => {
  const store = heldStore(new Map([["k", "v"]]));
  const reads = new BatchedReads<string>(store);
  const failing = reads.read("o", "k");
  const fine = reads.read("o", "k");
  store.batches[0]!.fail(new Error("connection lost"));
  await expect(failing).rejects.toThrow("connection lost");
  await turn();
  store.batches[1]!.release();
  expect(await fine).toBe("v");
});

test("beyond the bound a read is refused as overloaded instead of piling up", async () => {
  const store = heldStore(new Map());
  const reads = new BatchedReads<string>({ ...store, maxWaiting: 2 });
  const waiting = [reads.read("o", "1"), reads.read("o", "2")];
  await expect(reads.read("o", "3")).rejects.toMatchObject({ code: "overloaded" });
  store.batches[0]!.release();
  await turn();
  store.batches[1]!.release();
  await Promise.all(waiting);
  const again = reads.read("o", "3");
  store.batches[2]!.release();
  expect(await again).toBeUndefined();
});
