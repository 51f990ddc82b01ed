import { describe, expect, test } from "vitest";
import type { InviteRun } from "./invite-run";
import { forgetKeptLists, keepLists, keptListsKey, readKeptLists } from "./kept-lists";

const run: InviteRun = {
  ...{ id: "1", organizationId: "acme", organizationName: "Acme", slug: "acme", isMailed: true },
  lines: [{ line: 1, email: "a@example.com", role: "member", status: "new", note: null }],
  results: { "a@example.com": { status: "invited", note: null } },
  acceptUrls: {},
  ...{ partsDone: 0, state: "refused", message: null },
};

function givenStorage(entries: Record<string, string> = {}) {
  const kept = new Map(Object.entries(entries));
  return {
    get length() {
      return kept.size;
    },
    key: (index: number) => [...kept.keys()][index] ?? null,
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
    keys: () => [...kept.keys()],
  };
}

describe("S2.11 lists of invites that a window keeps", () => {
  test("are there again after a reload; what was under way is interrupted", () => {
    const storage = givenStorage();
    keepLists(storage, "ada", [run, { ...run, id: "2", state: "running" }]);
    expect(readKeptLists(storage, "ada")).toMatchObject([run, { id: "2", state: "interrupted" }]);
  });

  test.each([
    ["no lines", { lines: undefined }],
    ["lines that are none", { lines: [null] }],
    ["no results", { results: null }],
    ["results that say nothing", { results: { "a@example.com": null } }],
    ["no links", { acceptUrls: [] }],
    ["no slug", { slug: 7 }],
    ["no count of parts", { partsDone: "0" }],
    ["a state that is unknown", { state: "paused" }],
  ])("are left out with %s, and the others stay", (_what, change) => {
    const storage = givenStorage({ ada: JSON.stringify([{ ...run, id: "old", ...change }, run]) });
    expect(readKeptLists(storage, "ada")).toEqual([run]);
  });

  test.each(["{", "null", "7", '{"id":"1"}', "[null, 7]"])("are none where %s is kept", (text) => {
    expect(readKeptLists(givenStorage({ ada: text }), "ada")).toEqual([]);
  });

  test("are kept under a name of their own for each person and version", () => {
    expect(keptListsKey("ada")).not.toBe(keptListsKey("alan"));
    // The name that lists had before versions were counted.
    expect(keptListsKey("ada")).not.toBe("invite-lists:ada");
  });

  test("are forgotten when somebody signs out, of everybody and every version; nothing else is", () => {
    const storage = givenStorage({ theme: "dark", "invite-lists:ada": "[]", [keptListsKey("alan")]: "[]" });
    keepLists(storage, keptListsKey("ada"), [run]);
    forgetKeptLists(storage);
    expect(storage.keys()).toEqual(["theme"]);
  });
});
