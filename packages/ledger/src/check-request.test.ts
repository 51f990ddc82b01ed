import { newId } from "@guildhall/shared";
import { expect, test } from "vitest";
import { checkRequest, MAX_AMOUNT_MICRO } from "./check-request.ts";
import type { PostingRequest } from "./posting.ts";
import { hold, release, request, settle, topUp, transfer } from "./testing/given-book.ts";

const [ours, other] = [newId(), newId()];

test.each([
  topUp(ours, MAX_AMOUNT_MICRO),
  request(ours, { attributes: { agent: "support", tokens: 12 }, actorId: newId(), fingerprint: "" }),
  request(ours, { kind: "adjustment", amountMicro: 1n }),
  request(ours, { kind: "adjustment", amountMicro: -1n }),
  topUp(ours, 1n, { lot: { kind: "paid", expiresAt: new Date() } }),
  hold(ours, 1n, { toleranceMicro: 0n }),
  settle(ours, newId(), 0n),
  release(ours, newId()),
  transfer(ours, other, 1n),
])("a sound request passes: %o", (sound) => {
  expect(() => checkRequest(sound)).not.toThrow();
});

const faults: [Partial<PostingRequest>, keyof PostingRequest][] = [
  [{ bookId: "ours" }, "bookId"],
  [{ kind: "expiry" as never }, "kind"],
  [{ kind: "toString" as never }, "kind"],
  [{ amountMicro: 0n }, "amountMicro"],
  [{ amountMicro: 1n }, "amountMicro"],
  [{ amountMicro: -MAX_AMOUNT_MICRO - 1n }, "amountMicro"],
  [{ amountMicro: -1 as never }, "amountMicro"],
  [{ idempotencyKey: "" }, "idempotencyKey"],
  [{ idempotencyKey: "k".repeat(201) }, "idempotencyKey"],
  [{ description: "d".repeat(501) }, "description"],
  [{ description: "\0" }, "description"],
  [{ actorId: "ada" }, "actorId"],
  [{ attributes: { agent: "\ud800" } }, "attributes"],
  [{ attributes: { tokens: Number.NaN } }, "attributes"],
  [{ attributes: { nested: {} as never } }, "attributes"],
  [{ attributes: { agent: "a".repeat(5_000) } }, "attributes"],
  [{ fingerprint: "\0" }, "fingerprint"],
  [{ lot: { kind: "paid" } }, "lot"],
  [{ hold: { expiresAt: new Date() } }, "hold"],
  [{ holdId: newId() }, "holdId"],
  [{ toBookId: other }, "toBookId"],
  [{ kind: "hold" }, "hold"],
  [{ kind: "hold", hold: { expiresAt: new Date(Number.NaN) } }, "hold"],
  [{ kind: "hold", hold: { expiresAt: new Date(), toleranceMicro: -1n } }, "hold"],
  [{ kind: "settle" }, "holdId"],
  [{ kind: "release", amountMicro: -1n, holdId: newId() }, "amountMicro"],
  [{ kind: "transfer" }, "toBookId"],
  [{ kind: "transfer", toBookId: ours }, "toBookId"],
  [{ kind: "top_up", amountMicro: 1n, lot: { kind: "paid", expiresAt: "soon" as never } }, "lot"],
];

test.each(faults)("%o is refused by the name of its fault: %s", (changes, field) => {
  expect(() => checkRequest(request(ours, changes))).toThrow(
    expect.objectContaining({ code: "invalid_input", details: { field } }),
  );
});
