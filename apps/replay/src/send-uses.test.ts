import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { createApiClient } from "./api-client.ts";
import type { Use } from "./send-use.ts";
import { sendUses } from "./send-uses.ts";

const use = (idempotencyKey: string): Use => ({
  agent: "a",
  model: "m",
  inputTokens: 1,
  outputTokens: 1,
  idempotencyKey,
});
const accepted = { status: "accepted", amountMicro: "7", replayed: false };
const refused = (code: string) => ({ status: "refused", error: { code, message: "No." } });

type Answer = (response: ServerResponse) => void;
const results = (...items: object[]): Answer => json(200, { results: items });
const json =
  (status: number, body: unknown): Answer =>
  (response) =>
    void response.writeHead(status, { "retry-after": "0" }).end(JSON.stringify(body));

/** A portal that gives these answers one after the other; says which keys it was sent. */
async function given(...answers: Answer[]) {
  const sentKeys: string[][] = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request.setEncoding("utf8")) body += chunk;
    expect(request.url).toBe("/api/v1/usage/bulk");
    const answer = answers[Math.min(sentKeys.length, answers.length - 1)];
    sentKeys.push((JSON.parse(body) as { items: Use[] }).items.map(({ idempotencyKey }) => idempotencyKey));
    answer?.(response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const client = createApiClient({
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    key: "gh_key",
    connections: 1,
  });
  onTestFinished(() => {
    client.close();
    server.closeAllConnections();
    server.close();
  });
  const options = { client, signal: new AbortController().signal, onRetry() {} };
  const send = (keys: string[], retryForMs = 60_000) => sendUses(keys.map(use), { ...options, retryForMs });
  return { sentKeys, send };
}

test("each use has its own outcome", async () => {
  const { send } = await given(results(accepted, refused("unknown_model"), { ...accepted, replayed: true }));
  expect(await send(["a", "b", "c"])).toEqual([
    { kind: "accepted", amountMicro: 7n },
    { kind: "refused", code: "unknown_model", message: "No." },
    { kind: "replayed", amountMicro: 7n },
  ]);
});

test("only what the server had no room for is sent again, all of it when there was no answer", async () => {
  const cut: Answer = (response) => void response.destroy();
  const { send, sentKeys } = await given(
    cut,
    json(429, {}),
    results(accepted, refused("overloaded"), accepted),
    results(accepted),
  );
  const outcomes = await send(["a", "b", "c"]);
  expect(outcomes.map(({ kind }) => kind)).toEqual(["accepted", "accepted", "accepted"]);
  expect(sentKeys).toEqual([["a", "b", "c"], ["a", "b", "c"], ["a", "b", "c"], ["b"]]);
});

test("a request that is refused as a whole is final for each", async () => {
  const { send, sentKeys } = await given(json(401, { error: { code: "invalid_api_key", message: "No." } }));
  expect(await send(["a", "b"])).toMatchObject([{ code: "invalid_api_key" }, { code: "invalid_api_key" }]);
  expect(sentKeys).toHaveLength(1);
});

test("when the time is over, what was answered stands and the rest is unknown", async () => {
  const { send } = await given(results(accepted, refused("overloaded")));
  expect(await send(["a", "b"], 0)).toEqual([
    { kind: "accepted", amountMicro: 7n },
    { kind: "unanswered", reason: "busy" },
  ]);
});
