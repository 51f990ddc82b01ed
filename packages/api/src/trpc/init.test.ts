import { expect, test } from "vitest";
import { procedure } from "./base-procedure.ts";
import { router } from "./init.ts";
import { publicProcedure, signedInProcedure } from "./procedures.ts";

test("a server with a procedure that does not declare who may call it does not start", () => {
  expect(() => router({ open: procedure.query(() => "anybody") })).toThrow(/"open" does not declare its access/);
  expect(() => router({ outer: router({ open: procedure.mutation(() => {}) }) })).toThrow(/"open"/);
});

test("procedures that declare it are let in, whoever they are for", () => {
  const routes = { ping: publicProcedure.query(() => "pong"), mine: signedInProcedure.query(() => []) };
  expect(Object.keys(router({ ...routes, inner: router(routes) })._def.procedures)).toEqual([
    "ping",
    "mine",
    "inner.ping",
    "inner.mine",
  ]);
});
