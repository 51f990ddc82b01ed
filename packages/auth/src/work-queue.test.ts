import { describe, expect, test } from "vitest";
import { createWorkQueue } from "./work-queue.ts";

function heldWork() {
  const started: number[] = [];
  const finish = new Map<number, () => void>();
  const work = (n: number) => () =>
    new Promise<number>((resolve) => {
      started.push(n);
      finish.set(n, () => resolve(n));
    });
  return { started, work, finish: (n: number) => finish.get(n)?.() };
}

describe("the work queue", () => {
  test("runs as many at once as it may, the others in order of arrival", async () => {
    const { started, work, finish } = heldWork();
    const queue = createWorkQueue({ maxRunning: 2, maxWaiting: 10 });
    const all = [1, 2, 3, 4].map((n) => queue.run(work(n)));
    await Promise.resolve();
    expect(started).toEqual([1, 2]);
    finish(2);
    await all[1];
    await Promise.resolve();
    expect(started).toEqual([1, 2, 3]);
    finish(1);
    finish(3);
    await Promise.all([all[0], all[2]]);
    finish(4);
    expect(await Promise.all(all)).toEqual([1, 2, 3, 4]);
  });

  test("refuses at once what it has no room for, and takes more when it has", async () => {
    const { work, finish } = heldWork();
    const queue = createWorkQueue({ maxRunning: 1, maxWaiting: 1 });
    const first = queue.run(work(1));
    const second = queue.run(work(2));
    await expect(queue.run(work(3))).rejects.toMatchObject({ code: "overloaded" });
    finish(1);
    await first;
    const fourth = queue.run(work(4));
    await Promise.resolve();
    finish(2);
    await second;
    await new Promise((resolve) => setImmediate(resolve));
    finish(4);
    expect(await fourth).toBe(4);
  });

  test("keeps no place for work that failed", async () => {
    const queue = createWorkQueue({ maxRunning: 1, maxWaiting: 0 });
    for (let n = 0; n < 3; n += 1) {
      await expect(queue.run(() => Promise.reject(new Error("broken")))).rejects.toThrow("broken");
    }
    expect(await queue.run(async () => "fine")).toBe("fine");
  });
});
