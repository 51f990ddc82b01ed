import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { createApiClient } from "./api-client.ts";
import { sendUse, type Use } from "./send-use.ts";

type Answer = (response: ServerResponse, request: IncomingMessage) => void;

const use: Use = { agent: "a", model: "m", inputTokens: 1, outputTokens: 1, idempotencyKey: "k" };
const json =
  (status: number, body: unknown, headers = {}): Answer =>
  (response) =>
    void response.writeHead(status, headers).end(JSON.stringify(body));
const accept = json(201, { amountMicro: "7", replayed: false });

/** A portal that gives these answers one after the other, the last one for ever, and remembers what it was sent. */
async function given(...answers: Answer[]) {
  const bodies: string[] = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request.setEncoding("utf8")) body += chunk;
    const answer = answers[Math.min(bodies.length, answers.length - 1)];
    bodies.push(body);
    answer?.(response, request);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = createApiClient({ url, key: "gh_key", connections: 2 });
  onTestFinished(() => {
    client.close();
    server.closeAllConnections();
    server.close();
  });
  const stop = new AbortController();
  let retryCount = 0;
  const onRetry = () => {
    retryCount += 1;
  };
  const send = (retryForMs = 60_000) => sendUse(use, { client, signal: stop.signal, retryForMs, onRetry });
  return { bodies, send, stop, retries: () => retryCount };
}

test("tells accepted from replayed, with the amount", async () => {
  const portal = await given(accept, json(200, { amountMicro: "7", replayed: true }));
  expect(await portal.send()).toEqual({ kind: "accepted", amountMicro: 7n });
  expect(await portal.send()).toEqual({ kind: "replayed", amountMicro: 7n });
});

test("a refusal is final and keeps its code", async () => {
  const portal = await given(json(402, { error: { code: "insufficient_balance", message: "Add credits." } }));
  expect(await portal.send()).toEqual({ kind: "refused", code: "insufficient_balance", message: "Add credits." });
  expect(portal.bodies).toHaveLength(1);
});

test("busy, broken and cut connections are tried again under the same key", async () => {
  const cut: Answer = (response) => void response.destroy();
  const portal = await given(json(429, {}, { "retry-after": "0" }), json(503, "starting"), cut, accept);
  expect(await portal.send()).toEqual({ kind: "accepted", amountMicro: 7n });
  expect(portal.bodies).toEqual(Array(4).fill(JSON.stringify(use)));
  expect(portal.retries()).toBe(3);
});

test("what stays unanswered is said so, never guessed", async () => {
  const portal = await given(json(500, {}));
  expect(await portal.send(0)).toEqual({ kind: "unanswered", reason: "status 500" });
});

test("a longer wait than there is time for is not begun", async () => {
  const portal = await given(json(429, {}, { "retry-after": "30" }));
  expect(await portal.send(5_000)).toEqual({ kind: "unanswered", reason: "429 overloaded" });
  expect(portal.bodies).toHaveLength(1);
});

test("an interrupt ends the pauses, not the request under way", async () => {
  const portal = await given((response) => {
    portal.stop.abort();
    json(500, {})(response, response.req);
  });
  expect(await portal.send()).toMatchObject({ kind: "unanswered" });
  const waited = await given((response) => {
    waited.stop.abort();
    accept(response, response.req);
  });
  expect(await waited.send()).toMatchObject({ kind: "accepted" });
});

test("an answer that is none of the portal's is a refusal that says so", async () => {
  const portal = await given((response) => void response.writeHead(200).end("<html>"));
  expect(await portal.send()).toMatchObject({ kind: "refused", code: "status_200" });
});
