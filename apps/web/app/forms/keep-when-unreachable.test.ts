import type { ClientActionFunctionArgs } from "@remix-run/react";
import { expect, test } from "vitest";
import { keepWhenUnreachable } from "./keep-when-unreachable";

function send(serverAction: () => Promise<unknown>) {
  const body = new URLSearchParams({ intent: "add-credits", amount: "5" });
  const request = new Request("http://portal.invalid/o/acme/wallet", { method: "POST", body });
  return keepWhenUnreachable({ request, params: {}, serverAction } as ClientActionFunctionArgs);
}

test("a lost connection leaves the form where it is, and says so above it", async () => {
  const answer = await send(() => Promise.reject(new TypeError("Failed to fetch")));
  expect(answer).toMatchObject({ intent: "add-credits", fieldErrors: {}, code: "unreachable" });
});

test("so does a proxy that answers for a stopped server", async () => {
  const answer = await send(() => Promise.reject(new Error("Unable to decode turbo-stream response from URL: /o")));
  expect(answer).toMatchObject({ code: "unreachable" });
});

test("an answer of the server passes, a redirect and a defect too", async () => {
  expect(await send(async () => "answer")).toBe("answer");
  const redirect = new Response(null, { status: 302 });
  await expect(send(() => Promise.reject(redirect))).rejects.toBe(redirect);
  await expect(send(() => Promise.reject(new Error("a bug")))).rejects.toThrow("a bug");
});
