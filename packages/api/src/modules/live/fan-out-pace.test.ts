import { expect, test } from "vitest";
import { createFanOutPace, type ThreadUse } from "./fan-out-pace.ts";

/** A pace over a thread whose use the test makes up. */
function givenPace() {
  const use: ThreadUse = { usedMs: 0, nowMs: 0 };
  const pace = createFanOutPace(() => ({ ...use }));
  const work = (ms: number) => {
    use.usedMs += ms;
    use.nowMs += ms;
  };
  return {
    pauseMs: () => pace.pauseMs(),
    /** Deliveries that take so long. */
    deliver: (ms: number) => pace.run(() => work(ms)),
    othersWork: work,
    /** Time in which the thread does nothing, or waits for a core. */
    wait(ms: number) {
      use.nowMs += ms;
    },
  };
}

/** How much others get done before the next deliveries when they take all that they are given. */
function othersMsUntilFree(thread: ReturnType<typeof givenPace>): number {
  let workedMs = 0;
  for (let pauseMs = thread.pauseMs(); pauseMs > 0; pauseMs = thread.pauseMs()) {
    thread.othersWork(pauseMs);
    workedMs += pauseMs;
  }
  return workedMs;
}

test("while nobody else needs the thread, deliveries never wait", () => {
  const thread = givenPace();
  for (let n = 0; n < 20; n += 1) {
    thread.deliver(30);
    thread.othersWork(10);
    thread.wait(30);
    expect(thread.pauseMs()).toBe(0);
  }
});

test("when others need it all, they get several times what deliveries took", () => {
  const thread = givenPace();
  thread.othersWork(500);
  thread.deliver(20);
  thread.othersWork(30);
  expect(othersMsUntilFree(thread)).toBeGreaterThan(3 * 20);
});

test("deliveries to a few do not wait: others have had their share by the next window", () => {
  const thread = givenPace();
  thread.othersWork(500);
  thread.deliver(0.5);
  thread.othersWork(50);
  expect(thread.pauseMs()).toBe(0);
});

test("waiting for a core is no work: a busy machine does not make watchers wait", () => {
  const thread = givenPace();
  thread.deliver(30);
  thread.othersWork(10);
  thread.wait(60);
  expect(thread.pauseMs()).toBe(0);
});

test("a busy moment is no flood: watchers do not wait for it", () => {
  const thread = givenPace();
  thread.wait(200);
  expect(thread.pauseMs()).toBe(0);
  thread.deliver(30);
  thread.othersWork(25);
  expect(thread.pauseMs()).toBe(0);
});

test("a quiet moment does not end a flood: others keep what they were promised", () => {
  const thread = givenPace();
  thread.othersWork(500);
  thread.deliver(30);
  thread.othersWork(20);
  expect(thread.pauseMs()).toBeGreaterThan(0);
  thread.wait(20);
  expect(thread.pauseMs()).toBeGreaterThan(0);
});

test("nobody waits for long, however much the deliveries have taken", () => {
  const thread = givenPace();
  thread.othersWork(500);
  for (let n = 0; n < 10; n += 1) thread.deliver(1_000);
  const waitedMs = othersMsUntilFree(thread);
  expect(waitedMs).toBeGreaterThan(0);
  expect(waitedMs).toBeLessThanOrEqual(300);
});

test("the pause ends with the rush of the others", () => {
  const thread = givenPace();
  thread.othersWork(500);
  thread.deliver(40);
  expect(thread.pauseMs()).toBeGreaterThan(0);
  thread.wait(100);
  expect(thread.pauseMs()).toBe(0);
});

test("others who had time to spare are owed none of it later", () => {
  const thread = givenPace();
  for (let n = 0; n < 5; n += 1) {
    thread.deliver(30);
    thread.wait(30);
    expect(thread.pauseMs()).toBe(0);
  }
  thread.othersWork(500);
  thread.deliver(5);
  expect(othersMsUntilFree(thread)).toBeLessThan(50);
});
