import { expect, test } from "vitest";
import { wholeAnswers } from "./whole-answers";

const answering = (answer: Response) => wholeAnswers(async () => answer);

test("a page's data that is cut off while it arrives is a failed request, not half an answer", async () => {
  const body = new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode("half"));
      controller.error(new DOMException("BodyStreamBuffer was aborted", "AbortError"));
    },
  });
  await expect(
    answering(new Response(body))(new URL("http://portal.invalid/o/alpha.data?_routes=root")),
  ).rejects.toThrow("BodyStreamBuffer was aborted");
});

test("an answer keeps its status, its headers and its text", async () => {
  const answer = await answering(new Response("all", { status: 202, headers: { "x-kind": "redirect" } }))(
    "/o/alpha.data",
  );
  expect([answer.status, answer.headers.get("x-kind"), await answer.text()]).toEqual([202, "redirect", "all"]);
});

test("what is not a page's data, or has no body, is handed on as it is", async () => {
  for (const [path, answer] of [
    ["/trpc/members.list", new Response("rows")],
    ["/o/alpha.data", new Response(null, { status: 204 })],
  ] as const) {
    expect(await answering(answer)(path)).toBe(answer);
  }
});
