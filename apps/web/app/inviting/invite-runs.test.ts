import { TRPCClientError } from "@trpc/client";
import { describe, expect, test } from "vitest";
import { resultsCsv } from "./invite-results";
import { type InviteRun, LINES_PER_PART, linesOf, progressOf } from "./invite-run";
import { createInviteRuns } from "./invite-runs";
import { progressText, standstillText } from "./run-words";

const target = { organizationId: "acme", organizationName: "Acme", slug: "acme", isMailed: true };
const unreachable = () => new TRPCClientError("fetch failed");
const refusal = (message: string) =>
  new TRPCClientError(message, { result: { error: { message, code: 0, data: { httpStatus: 403 } } } as never });

function listOf(count: number): InviteRun["lines"] {
  return Array.from({ length: count }, (_, index) => ({
    ...({ line: index + 1, email: `p${index + 1}@example.com`, role: "member", status: "new", note: null } as const),
  }));
}

/** A server that invites each address once, keyed like the real one, and answers when the test lets it. */
function givenServer() {
  const answered = new Map<string, string>();
  const mailed: string[] = [];
  const calls: string[] = [];
  let fail: ((call: number) => "before" | "after" | Error | undefined) | undefined;
  let meanwhile: (call: number) => void = () => undefined;
  async function send({ list, key }: { list: string; key: string }) {
    calls.push(key);
    await Promise.resolve();
    meanwhile(calls.length);
    const failure = fail?.(calls.length);
    if (failure === "before") throw unreachable();
    if (failure instanceof Error) throw failure;
    const emails = list.split("\n").map((line) => line.split(",")[0] ?? "");
    const isAgain = answered.has(key);
    if (isAgain && answered.get(key) !== list) throw refusal("Another list has this key.");
    answered.set(key, list);
    if (!isAgain) mailed.push(...emails);
    if (failure === "after") throw unreachable();
    return {
      results: emails.map((email, index) => ({
        ...({ line: index + 1, email, role: "member", status: "invited", note: null } as const),
      })),
      acceptUrls: isAgain ? {} : Object.fromEntries(emails.map((email) => [email, `https://x/${email}`])),
    };
  }
  return {
    ...{ send, mailed, calls },
    failAt: (how: typeof fail) => {
      fail = how;
    },
    during: (what: typeof meanwhile) => {
      meanwhile = what;
    },
  };
}

function givenStorage() {
  const kept = new Map<string, string>();
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  };
}

function givenRuns(storage = givenStorage(), server = givenServer()) {
  const runs = createInviteRuns({ send: server.send, storage, storageKey: "ada", wait: async () => undefined });
  const run = () => runs.get()[0] as InviteRun;
  const settled = () => new Promise((done) => setTimeout(done));
  return { runs, run, server, storage, settled };
}

describe("S2.11 a list is sent in parts", () => {
  test("each part has its key, and the progress is told after each", async () => {
    const { runs, run, server, settled } = givenRuns();
    const heard: string[] = [];
    runs.subscribe(() => heard.push(progressText(run())));
    runs.start(target, listOf(LINES_PER_PART * 2 + 1));
    await settled();
    expect([...new Set(heard)]).toEqual([0, 50, 100, 101].map((count) => `${count} of 101 invited`));
    expect(run().state).toBe("done");
    expect(new Set(server.calls).size).toBe(3);
    expect(new Set(server.mailed).size).toBe(101);
  });

  test("cancelled, the part that is under way is the last one; what is invited stays, and the rest can follow", async () => {
    const { runs, run, server, settled } = givenRuns();
    server.during((call) => call === 2 && runs.cancel("acme"));
    runs.start(target, listOf(200));
    await settled();
    expect(run().state).toBe("cancelled");
    expect(progressOf(run())).toEqual({ total: 200, invited: 100, refused: 0, waiting: 100 });
    expect(standstillText(run())).toContain("100 people are invited and stay so. 100 people wait to be invited.");
    expect(server.mailed).toHaveLength(100);
    runs.resume("acme");
    await settled();
    expect(run().state).toBe("done");
    expect(new Set(server.mailed).size).toBe(200);
    expect(server.mailed).toHaveLength(200);
  });

  test.each(["before", "after"] as const)(
    "an answer that is lost %s the inviting is asked for again, and nobody is invited twice",
    async (when) => {
      const { runs, run, server, settled } = givenRuns();
      server.failAt((call) => (call === 2 ? when : undefined));
      runs.start(target, listOf(120));
      await settled();
      expect(run().state).toBe("done");
      expect(server.calls).toHaveLength(4);
      expect(server.mailed).toHaveLength(120);
    },
  );

  test("a connection that stays away interrupts, and continuing goes on where it stood", async () => {
    const { runs, run, server, settled } = givenRuns();
    server.failAt((call) => (call === 2 ? "after" : call > 2 && call < 6 ? "before" : undefined));
    runs.start(target, listOf(120));
    await settled();
    expect(run()).toMatchObject({ state: "interrupted", partsDone: 1 });
    expect(standstillText(run())).toContain("Nobody is invited twice.");
    runs.resumeInterrupted();
    await settled();
    expect(run().state).toBe("done");
    expect(server.mailed).toHaveLength(120);
  });

  test("after a reload the list waits to be continued, with the keys it had", async () => {
    const { runs, server, storage, settled } = givenRuns();
    server.failAt((call) => (call > 1 ? "after" : undefined));
    runs.start(target, listOf(80));
    await settled();
    const later = givenRuns(storage, server);
    server.failAt(undefined);
    expect(later.run()).toMatchObject({ state: "interrupted", partsDone: 1 });
    later.runs.resume("acme");
    await settled();
    expect(later.run().state).toBe("done");
    expect(server.mailed).toHaveLength(80);
    later.runs.dismiss("acme");
    expect(storage.getItem("ada")).toBeNull();
  });

  test("left in the middle, it stops, and the links are not kept", async () => {
    const { runs, server, storage, settled } = givenRuns();
    server.during((call) => call === 2 && runs.leave());
    runs.start(target, listOf(200));
    await settled();
    expect(server.calls).toHaveLength(2);
    expect(storage.getItem("ada")).not.toContain("https://x/");
    expect(givenRuns(storage, server).run()).toMatchObject({ state: "interrupted", partsDone: 1 });
  });

  test("a refusal of the server is told in its words, and what was invited before stays", async () => {
    const { runs, run, server, settled } = givenRuns();
    server.failAt((call) => (call === 2 ? refusal("You may not invite any more.") : undefined));
    runs.start(target, listOf(80));
    await settled();
    expect(run()).toMatchObject({ state: "refused", message: "You may not invite any more." });
    expect(progressOf(run())).toMatchObject({ invited: 50, waiting: 30 });
  });

  test("a second list waits for the first one of its organization", async () => {
    const { runs, run, server, settled } = givenRuns();
    runs.start(target, listOf(2));
    const { id } = run();
    runs.start(target, listOf(3));
    await settled();
    expect(run().id).toBe(id);
    expect(server.mailed).toHaveLength(2);
    runs.start(target, listOf(3));
    expect(runs.get()).toHaveLength(1);
    expect(run().id).not.toBe(id);
  });
});

test("S2.11 the results are a file: each line with what became of it, its reason and its link", () => {
  const line = { line: 1, email: "=a@example.com", role: "member", status: "new", note: null } as const;
  const run: InviteRun = {
    ...{ ...target, id: "1", partsDone: 1, state: "cancelled", message: null },
    lines: [
      line,
      { ...line, line: 2, email: "b@example.com" },
      { ...line, line: 3, email: "no", status: "invalid", note: 'Say "who", please.' },
    ],
    results: { "=a@example.com": { status: "invited", note: null } },
    acceptUrls: { "=a@example.com": "https://x/1" },
  };
  expect(linesOf(run).map(({ status }) => status)).toEqual(["invited", "waiting", "invalid"]);
  expect(resultsCsv(run)).toBe(
    [
      "line,email,role,result,note,accept_url",
      "1,'=a@example.com,member,Invited,,https://x/1",
      "2,b@example.com,member,Not invited yet,,",
      '3,no,member,Not valid,"Say ""who"", please.",',
      "",
    ].join("\r\n"),
  );
});
