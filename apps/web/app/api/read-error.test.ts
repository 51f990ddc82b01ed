import { TRPCClientError } from "@trpc/client";
import { expect, test } from "vitest";
import { readApiError } from "./read-error";

const refusal = (data: object) =>
  TRPCClientError.from({ error: { message: "This slug is taken.", code: -32009, data } } as never);

test("reads the product's code, the messages at their fields and the request's id", () => {
  const error = refusal({
    code: "CONFLICT",
    httpStatus: 409,
    domainCode: "slug_taken",
    details: { slug: "acme" },
    fieldErrors: { slug: "Taken." },
    requestId: "r-1",
  });
  expect(readApiError(error)).toEqual({
    status: 409,
    code: "slug_taken",
    message: "This slug is taken.",
    fieldErrors: { slug: "Taken." },
    details: { slug: "acme" },
    requestId: "r-1",
  });
});

test("a server that was not reached is said to be that, not a defect", () => {
  const error = TRPCClientError.from(new TypeError("fetch failed"));
  expect(readApiError(error)).toMatchObject({ status: 0, message: expect.stringContaining("could not be reached") });
});

test("errors of other kinds are left alone", () => {
  expect(readApiError(new Error("a bug"))).toBeUndefined();
  expect(readApiError("text")).toBeUndefined();
});
