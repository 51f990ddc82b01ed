import { expect, test } from "vitest";
import { createBus } from "./bus.ts";
import { followPerson } from "./follow-person.ts";

test("L1 the first hint comes at once, then one per change, and quick changes are told once", async () => {
  const bus = createBus();
  const hints = followPerson({ bus, userId: "ada", signal: new AbortController().signal });
  expect(await hints.next()).toMatchObject({ done: false });
  bus.touchPerson("ada");
  bus.touchPerson("ada");
  bus.touchPerson("bob");
  expect(await hints.next()).toMatchObject({ done: false });
  const next = hints.next();
  bus.touchPerson("ada");
  expect(await next).toMatchObject({ done: false });
  await hints.return();
});

test("it ends when the signal is aborted, also while it waits", async () => {
  const ending = new AbortController();
  const hints = followPerson({ bus: createBus(), userId: "ada", signal: ending.signal });
  await hints.next();
  const next = hints.next();
  ending.abort();
  expect(await next).toMatchObject({ done: true });
});
