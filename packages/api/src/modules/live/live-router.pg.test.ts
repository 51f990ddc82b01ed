import type { Database } from "@guildhall/db";
import { pgTest } from "@guildhall/db/testing";
import { DomainError } from "@guildhall/shared";
import { expect, onTestFinished } from "vitest";
import { givenOrganization, givenServices } from "../../testing/given.ts";
import type { Context, OrganizationActor, Services } from "../../trpc/context.ts";
import { createCallerFactory } from "../../trpc/init.ts";
import { liveRouter } from "./live.router.ts";

const createCaller = createCallerFactory(liveRouter);

function contextOf(services: Services, { userId, name, email }: OrganizationActor): Context {
  const signedIn = { session: { id: "s" }, user: { id: userId, name, email, isPlatformAdmin: false } };
  const cookie = { set() {}, clear() {} };
  const call = { transport: "in_process", requestId: "r-1", address: "127.0.0.1", userAgent: "test" } as const;
  const signInCookie = { ...cookie, read: () => undefined };
  return { services, readSession: async () => signedIn, cookie, signInCookie, ...call };
}

/** The same database, whose transactions fail with an error from the nth on. */
function failingFrom(db: Database, nth: number, error: Error): Database {
  let count = 0;
  const begin = (...args: Parameters<typeof db.sql.begin>) => {
    count += 1;
    return count < nth ? db.sql.begin(...args) : Promise.reject(error);
  };
  const sql = new Proxy(db.sql, {
    get: (target, key, receiver) => (key === "begin" ? begin : Reflect.get(target, key, receiver)),
  });
  return { ...db, sql };
}

pgTest(
  "a stream that fails in the middle is reported like a call: refusals by their code, defects logged",
  async ({ db }) => {
    const logged: object[] = [];
    const log = { info() {}, warn() {}, error: (facts: object) => logged.push(facts) };
    const services = givenServices(db, { log });
    onTestFinished(() => services.stop());
    const owner = await givenOrganization(services);
    const first = async (error: Error) => {
      const broken = { ...services, db: failingFrom(db, 3, error) };
      const caller = createCaller(contextOf(broken, owner));
      const stream = await caller.organization({ organization: owner.slug, lastEventId: "0" });
      for await (const _ of stream) break;
    };
    await expect(first(new DomainError("not_found"))).rejects.toMatchObject({ code: "NOT_FOUND" });
    expect(logged).toEqual([]);
    await expect(first(new Error("disk on fire"))).rejects.toMatchObject({ code: "INTERNAL_SERVER_ERROR" });
    expect(logged).toMatchObject([{ path: "organization", requestId: "r-1" }]);
  },
);
