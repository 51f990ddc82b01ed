import { TRPCClientError } from "@trpc/client";
import { expect, test } from "vitest";
import { passkeyFailure } from "./passkey-failure";

test("the browser's reasons are said in words, and what is unknown leads to another way", () => {
  expect(passkeyFailure(new DOMException("x", "NotAllowedError"))).toContain("cancelled");
  expect(passkeyFailure(new DOMException("x", "InvalidStateError"))).toContain("already");
  expect(passkeyFailure(new Error("boom"))).toContain("another way");
  expect(passkeyFailure("?")).toContain("another way");
});

test("the server's refusal is passed on", () => {
  const refusal = new TRPCClientError("The passkey was not accepted.", {
    result: { error: { message: "The passkey was not accepted.", code: -32000, data: {} } } as never,
  });
  expect(passkeyFailure(refusal)).toBe("The passkey was not accepted.");
});
