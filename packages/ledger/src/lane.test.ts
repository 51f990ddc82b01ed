import { newId } from "@guildhall/shared";
import { expect, test } from "vitest";
import { createLane } from "./lane.ts";
import type { PostingRequest } from "./posting.ts";
import type { QueuedRequest } from "./queued-request.ts";
import { hold, release, request, settle, topUp, transfer } from "./testing/given-book.ts";

/** Sends requests through a lane and returns, per batch, their places among those given. */
async function batchesOf(requests: PostingRequest[], batchSize = 100): Promise<number[][]> {
  const batches: number[][] = [];
  const lane = createLane(async (batch) => {
    batches.push(batch.map((queued) => requests.indexOf(queued.request as PostingRequest)));
    return batch.map(() => ({ outcome: "nothing" as const }));
  }, batchSize);
  for (const one of requests) lane.add({ ...queued(one), settle: () => {} });
  await lane.drain();
  return batches;
}

function queued(one: PostingRequest): QueuedRequest {
  return { request: one, postingId: one.idempotencyKey };
}

// Ascending: ids of one millisecond are in no order.
const [ours, other, third] = [newId(1), newId(2), newId(3)];

test("what arrives in one turn leaves as one batch, in order, up to its size", async () => {
  const requests = [1n, 2n, 3n, 4n, 5n].map((amount) => topUp(ours, amount));
  expect(await batchesOf(requests)).toEqual([[0, 1, 2, 3, 4]]);
  expect(await batchesOf(requests, 2)).toEqual([[0, 1], [2, 3], [4]]);
});

test("a batch is in the order of its wallets, and each wallet's requests keep theirs", async () => {
  const requests = [topUp(other, 1n), topUp(ours, 2n), topUp(other, 3n), topUp(ours, 4n)];
  expect(await batchesOf(requests)).toEqual([[1, 3, 0, 2]]);
});

test("the same key goes twice in two batches, the second in front of what came later", async () => {
  const same = topUp(ours, 1n);
  expect(await batchesOf([same, { ...same }, topUp(ours, 2n)])).toEqual([[0, 2], [1]]);
  expect(await batchesOf([same, { ...same }, topUp(ours, 2n), topUp(ours, 3n)], 2)).toEqual([
    [0, 2],
    [1, 3],
  ]);
  expect(await batchesOf([same, { ...same, bookId: other }])).toEqual([[0, 1]]);
});

test("two ends of one hold go in two batches, those of different holds together", async () => {
  const [one, two] = [hold(ours, 1n).idempotencyKey, hold(ours, 1n).idempotencyKey];
  expect(await batchesOf([settle(ours, one, 1n), release(ours, one), release(ours, two)])).toEqual([[0, 2], [1]]);
});

test("the end of a hold waits until its hold has been answered, and nothing else waits with it", async () => {
  const [one, two] = [hold(ours, 1n), hold(ours, 1n)];
  const end = settle(ours, one.idempotencyKey, 1n);
  expect(await batchesOf([one, end, two, request(ours)])).toEqual([[0, 2, 3], [1]]);
  expect(await batchesOf([end, one])).toEqual([[0], [1]]);

  const sent: PostingRequest[][] = [];
  const answering: (() => void)[] = [];
  const lane = createLane(async (batch) => {
    sent.push(batch.map((each) => each.request as PostingRequest));
    await new Promise<void>((resolve) => answering.push(resolve));
    return batch.map(() => ({ outcome: "nothing" as const }));
  }, 10);
  const add = (each: PostingRequest) => lane.add({ ...queued(each), settle: () => {} });
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  add(one);
  await turn();
  add(end);
  add(request(other));
  await turn();
  expect(sent.map((batch) => batch.map(({ kind }) => kind))).toEqual([["hold"], ["usage"]]);
  answering[1]?.();
  await turn();
  await turn();
  expect(sent).toHaveLength(2);
  answering[0]?.();
  await turn();
  await turn();
  expect(sent[2]).toEqual([end]);
  answering[2]?.();
  await lane.drain();
});

test("a wallet that receives a transfer does nothing else in that batch but receive", async () => {
  expect(await batchesOf([transfer(ours, other, 1n), request(other), transfer(third, other, 1n)])).toEqual([
    [0, 2],
    [1],
  ]);
  expect(await batchesOf([request(other), transfer(ours, other, 1n), request(ours)])).toEqual([[2, 0], [1]]);
  expect(await batchesOf([transfer(ours, other, 1n), transfer(other, ours, 1n)])).toEqual([[0], [1]]);
});

test("what was withdrawn is not sent; what is under way cannot be withdrawn", async () => {
  const sent: QueuedRequest[] = [];
  const lane = createLane(async (batch) => {
    sent.push(...batch);
    return batch.map(() => ({ outcome: "nothing" as const }));
  }, 10);
  const [kept, gone] = [topUp(ours, 1n), topUp(ours, 2n)].map((one) => ({ ...queued(one), settle: () => {} }));
  lane.add(kept!);
  lane.add(gone!);
  expect(lane.withdraw(gone!)).toBe(true);
  await lane.drain();
  expect(lane.withdraw(kept!)).toBe(false);
  expect(sent).toEqual([kept]);
});
