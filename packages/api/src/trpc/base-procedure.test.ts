import { fetchRequestHandler } from "@trpc/server/adapters/fetch";
import { expect, test } from "vitest";
import { z } from "zod";
import type { Context } from "./context.ts";
import { router } from "./init.ts";
import { publicProcedure } from "./procedures.ts";

const routes = router({
  plain: publicProcedure.mutation(() => "done"),
  named: publicProcedure.input(z.object({ name: z.string() })).mutation(({ input }) => input.name),
});

async function send(procedure: string, body?: string) {
  const headers = { "content-type": "application/json" };
  const req = new Request(`http://localhost/trpc/${procedure}`, { method: "POST", headers, ...(body && { body }) });
  // Only what a refusal needs: no procedure here asks for more.
  const createContext = () => ({ requestId: "request-1" }) as Context;
  const answer = await fetchRequestHandler({ endpoint: "/trpc", req, router: routes, createContext });
  return [answer.status, await answer.json()] as const;
}

test("what takes no input is called without a body, as the browser's client does", async () => {
  expect(await send("plain")).toEqual([200, { result: { data: "done" } }]);
});

test("what takes one refuses a body that is missing or broken", async () => {
  for (const body of [undefined, "", '{"name":']) expect((await send("named", body))[0]).toBe(400);
});
