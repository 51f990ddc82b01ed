import { TRPCClientError } from "@trpc/client";
import { describe, expect, test } from "vitest";
import type { LoadContext } from "~/api/load-context";
import type { FormResult } from "./form-result";
import { FieldError, submit } from "./submit.server";

const context = { requestId: "request-1" } as LoadContext;

function posted(fields: Record<string, string>, url = "http://portal.invalid/o/acme/wallet?dialog=add-credits") {
  return new Request(url, { method: "POST", body: new URLSearchParams({ intent: "add", ...fields }) });
}

function refuse(data: object, message = "No.") {
  return async () => {
    throw TRPCClientError.from({ error: { message, code: -32000, data } } as never);
  };
}

async function refusedWith(data: object, fields: Record<string, string>, fieldOf = {}) {
  const form = { request: posted(fields), context, fields: ["amount", "password"] as const, fieldOf };
  const answer = (await submit(form, refuse(data))) as unknown as { data: FormResult; init: ResponseInit };
  return { ...answer.data, status: answer.init.status };
}

describe("a form that is refused", () => {
  test("keeps what was typed, but no secrets", async () => {
    const result = await refusedWith({ httpStatus: 422 }, { amount: "x", password: "hunter2" });
    expect(result).toMatchObject({ intent: "add", values: { amount: "x" }, formError: "No.", status: 422 });
    expect(JSON.stringify(result)).not.toContain("hunter2");
  });

  test("has the message at the field, by the schema or by the code", async () => {
    const bySchema = await refusedWith({ httpStatus: 400, fieldErrors: { amount: "Too much." } }, { amount: "9" });
    expect(bySchema).toMatchObject({ fieldErrors: { amount: "Too much." }, formError: null });
    const byCode = await refusedWith(
      { httpStatus: 402, domainCode: "insufficient_balance" },
      { amount: "9" },
      { insufficient_balance: "amount" },
    );
    expect(byCode).toMatchObject({ fieldErrors: { amount: "No." }, formError: null, status: 402 });
  });

  test("has what the schema says at its own field, even where the code points to another", async () => {
    const data = { httpStatus: 400, domainCode: "invalid_input", fieldErrors: { amount: "Too much." } };
    const result = await refusedWith(data, { amount: "9" }, { invalid_input: "password" });
    expect(result.fieldErrors).toEqual({ amount: "Too much." });
  });

  test("can be refused by the action itself, at a field that the API does not know", async () => {
    const form = { request: posted({ amount: "9" }), context, fields: ["amount", "receiver"] as const };
    const answer = await submit(form, async () => {
      throw new FieldError("receiver", "Choose one.");
    });
    expect(answer).toMatchObject({
      data: { fieldErrors: { receiver: "Choose one." }, formError: null, values: { amount: "9" } },
      init: { status: 400 },
    });
  });

  test("says above the form what belongs to none of its fields", async () => {
    const result = await refusedWith({ httpStatus: 400, fieldErrors: { idempotencyKey: "Missing." } }, {});
    expect(result).toMatchObject({ fieldErrors: {}, formError: "No." });
  });

  test("names the request only where something is broken", async () => {
    expect((await refusedWith({ httpStatus: 500, requestId: "r-9" }, {})).requestId).toBe("r-9");
    expect((await refusedWith({ httpStatus: 409, requestId: "r-9" }, {})).requestId).toBeNull();
  });

  test("leads to sign-in when the session is gone", async () => {
    const form = { request: posted({}), context, fields: [] as const };
    const answer = submit(form, refuse({ httpStatus: 401, domainCode: "unauthenticated" }));
    await expect(answer).rejects.toMatchObject({ status: 302 });
  });
});

test("defects that are no answer of the API pass through", async () => {
  const form = { request: posted({}), context, fields: [] as const };
  await expect(
    submit(form, async () => {
      throw new TypeError("a bug");
    }),
  ).rejects.toThrow("a bug");
});
