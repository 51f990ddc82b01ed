import { domainErrors, isDomainError } from "@guildhall/shared";
import { Hono } from "hono";
import { describe, expect, test } from "vitest";
import { BODY_LIMIT_BYTES, FILE_LIMIT_BYTES, limitBody, limitBodyOfPages, requireJson } from "./request-body.ts";

function answering(app: Hono) {
  return app
    .all("*", async (c) => c.text(String((await c.req.text()).length)))
    .onError((error, c) => {
      if (!isDomainError(error)) throw error;
      return c.json({ code: error.code, details: error.details }, domainErrors[error.code].status);
    });
}

describe("where only JSON is taken", () => {
  const app = answering(new Hono().use(requireJson()));
  const send = async (contentType: string | null, method = "POST") => {
    const request = new Request("http://localhost/trpc/x", { method, body: new Blob(["{}"]) });
    if (contentType === null) request.headers.delete("content-type");
    else request.headers.set("content-type", contentType);
    return (await app.request(request)).status;
  };

  test.each(["application/json", "application/json; charset=utf-8", "Application/JSON", " application/json ;x=y"])(
    "%s passes",
    async (contentType) => expect(await send(contentType)).toBe(200),
  );

  test.each([
    "multipart/form-data; boundary=application/json",
    "text/plain",
    "text/plain; application/json",
    "application/x-www-form-urlencoded",
    "application/jsonp",
    "application/json, text/plain",
    "application/octet-stream",
    "",
    null,
  ])("%s is refused: a page of another site could send it without asking", async (contentType) => {
    expect(await send(contentType)).toBe(415);
    expect(await send(contentType, "PUT")).toBe(415);
  });

  test("reading needs no type", async () => {
    expect((await app.request("http://localhost/trpc/x?input=%7B%7D")).status).toBe(200);
  });
});

describe("a body", () => {
  const app = answering(new Hono().use(limitBody()));
  const stream = (sizeBytes: number) => {
    let left = sizeBytes;
    return new ReadableStream<Uint8Array>({
      pull(controller) {
        const chunk = Math.min(left, 1024);
        left -= chunk;
        if (chunk === 0) controller.close();
        else controller.enqueue(new Uint8Array(chunk).fill(120));
      },
    });
  };
  const send = (body: BodyInit, headers: Record<string, string> = {}) =>
    app.request("http://localhost/sign-in", { method: "POST", body, headers, duplex: "half" } as RequestInit);

  test("of exactly the limit reaches the handler whole, sent at once or in pieces", async () => {
    expect(await (await send("x".repeat(BODY_LIMIT_BYTES))).text()).toBe(String(BODY_LIMIT_BYTES));
    expect(await (await send(stream(BODY_LIMIT_BYTES))).text()).toBe(String(BODY_LIMIT_BYTES));
  });

  test("beyond the limit is refused and names the limit", async () => {
    const answer = await send(stream(BODY_LIMIT_BYTES + 1));
    expect(answer.status).toBe(413);
    expect(await answer.json()).toEqual({ code: "too_large", details: { maxSizeBytes: BODY_LIMIT_BYTES } });
  });

  test("announced as too large is refused unread", async () => {
    const body = stream(10);
    const answer = await send(body, { "content-length": String(BODY_LIMIT_BYTES + 1) });
    expect(answer.status).toBe(413);
  });

  test("may be given another limit", async () => {
    const wide = answering(new Hono().use(limitBody(BODY_LIMIT_BYTES * 2)));
    const request = { method: "POST", body: "x".repeat(BODY_LIMIT_BYTES + 1) };
    expect((await wide.request("http://localhost/", request)).status).toBe(200);
  });
});

test("S2.11 only the form that takes a list of people has room for a file", async () => {
  const app = answering(new Hono().use(limitBodyOfPages()));
  const send = async (path: string, sizeBytes: number) =>
    (await app.request(path, { method: "POST", body: "x".repeat(sizeBytes) })).status;
  for (const path of ["/o/acme/invites/many", "/o/acme/invites/many.data"]) {
    expect(await send(path, FILE_LIMIT_BYTES)).toBe(200);
    expect(await send(path, FILE_LIMIT_BYTES + 1)).toBe(413);
  }
  for (const path of ["/o/acme/invites", "/o/a/b/invites/many", "/trpc/invites.sendList", "/o/acme/invites/many/x"]) {
    expect(await send(path, BODY_LIMIT_BYTES + 1)).toBe(413);
  }
});
