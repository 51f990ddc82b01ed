import { expect, test } from "vitest";
import { createFanOutDebt, LONGEST_PAUSE_MS, type ThreadUse } from "./fan-out-debt.ts";

/** A debt on a thread whose use the test makes up. */
function givenThread() {
  const use: ThreadUse = { usedMs: 0, nowMs: 0 };
  const debt = createFanOutDebt(() => ({ ...use }));
  const work = (ms: number) => {
    use.usedMs += ms;
    use.nowMs += ms;
  };
  return {
    owedMs: () => debt.owedMs(),
    /** Deliveries that take so long. */
    deliver: (ms: number) => debt.run(() => work(ms)),
    othersWork: work,
    /** Time in which the thread does nothing, or waits for a core. */
    wait(ms: number) {
      use.nowMs += ms;
    },
  };
}

test("while nobody else needs the thread, deliveries never wait", () => {
  const thread = givenThread();
  for (let n = 0; n < 20; n += 1) {
    thread.deliver(30);
    thread.othersWork(10);
    thread.wait(30);
    expect(thread.owedMs()).toBe(0);
  }
});

test("when others need it all, they get several times what deliveries took", () => {
  const thread = givenThread();
  thread.othersWork(500);
  thread.deliver(20);
  thread.othersWork(30);
  const owedMs = thread.owedMs();
  expect(owedMs).toBeGreaterThan(3 * 20);
  thread.othersWork(owedMs - 1);
  expect(thread.owedMs()).toBeCloseTo(1);
  thread.othersWork(1);
  expect(thread.owedMs()).toBe(0);
});

test("deliveries to a few do not wait: others have had their share by the next window", () => {
  const thread = givenThread();
  thread.othersWork(500);
  thread.deliver(0.5);
  thread.othersWork(50);
  expect(thread.owedMs()).toBe(0);
});

test("waiting for a core is no work: a busy machine does not make watchers wait", () => {
  const thread = givenThread();
  thread.deliver(30);
  thread.othersWork(10);
  thread.wait(60);
  expect(thread.owedMs()).toBe(0);
});

test("a busy moment is no flood: watchers do not wait for it", () => {
  const thread = givenThread();
  thread.wait(200);
  expect(thread.owedMs()).toBe(0);
  thread.deliver(30);
  thread.othersWork(25);
  expect(thread.owedMs()).toBe(0);
});

test("a quiet moment does not end a flood: others keep what they were promised", () => {
  const thread = givenThread();
  thread.othersWork(500);
  thread.deliver(30);
  thread.othersWork(20);
  expect(thread.owedMs()).toBeGreaterThan(0);
  thread.wait(20);
  expect(thread.owedMs()).toBeGreaterThan(0);
});

test("nobody waits for long, however much the deliveries have taken", () => {
  const thread = givenThread();
  thread.othersWork(500);
  for (let n = 0; n < 10; n += 1) thread.deliver(1_000);
  expect(thread.owedMs()).toBeGreaterThan(0);
  expect(thread.owedMs()).toBeLessThanOrEqual(LONGEST_PAUSE_MS);
});

test("the pause ends with the rush of the others", () => {
  const thread = givenThread();
  thread.othersWork(500);
  thread.deliver(40);
  expect(thread.owedMs()).toBeGreaterThan(0);
  thread.wait(100);
  expect(thread.owedMs()).toBe(0);
});

test("others who had time to spare are owed none of it later", () => {
  const thread = givenThread();
  for (let n = 0; n < 5; n += 1) {
    thread.deliver(30);
    thread.wait(30);
    expect(thread.owedMs()).toBe(0);
  }
  thread.othersWork(500);
  thread.deliver(5);
  expect(thread.owedMs()).toBeGreaterThan(0);
  expect(thread.owedMs()).toBeLessThan(50);
});
