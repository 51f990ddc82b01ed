import { describe, expect, test } from "vitest";
import { redirectWithToast, takeToasts } from "./toast.server";

const undo = { action: "/o/acme/members", fields: { intent: "role", role: "admin" } };

async function cookieOf(to: string, message: string, ...rest: [typeof undo?]): Promise<string> {
  const answer = await redirectWithToast(to, message, ...rest);
  return answer.headers.get("set-cookie")?.split(";")[0] ?? "";
}

function take(path: string, cookie: string, accept = "text/html") {
  return takeToasts(new Request(`http://portal.invalid${path}`, { headers: { cookie, accept } }));
}

describe("a message after success", () => {
  test("is shown once: a whole page clears its cookie", async () => {
    const { toasts, clear } = await take("/o/acme", await cookieOf("/o/acme?dialog=role", "5 credits added."));
    expect(toasts).toMatchObject([{ message: "5 credits added." }]);
    expect(clear.get("set-cookie")).toMatch(/^toast-[0-9a-f-]+=.*Max-Age=0/);
  });

  test("stays when data is read that the browser may drop; it is the same message at the next read", async () => {
    const cookie = await cookieOf("/o/acme", "Done.");
    const [dropped, shown] = [await take("/o/acme", cookie, "*/*"), await take("/o/acme", cookie, "*/*")];
    expect(dropped.clear.get("set-cookie")).toBeNull();
    expect(shown.toasts).toEqual(dropped.toasts);
  });

  test("waits for its page: another tab that reads its own page in between does not take it", async () => {
    const cookie = await cookieOf("/settings/security", "The password was changed.");
    const other = await take("/o/acme", cookie);
    expect(other.toasts).toEqual([]);
    expect(other.clear.get("set-cookie")).toBeNull();
    expect((await take("/settings/security", cookie)).toasts).toHaveLength(1);
  });

  test("for / is shown wherever that leads", async () => {
    expect((await take("/o/acme", await cookieOf("/", "Done."))).toasts).toHaveLength(1);
  });

  test("does not replace another one that was not shown yet", async () => {
    const both = [await cookieOf("/o/acme", "One."), await cookieOf("/o/acme", "Two.")].join("; ");
    expect((await take("/o/acme", both)).toasts.map(({ message }) => message)).toEqual(["One.", "Two."]);
  });

  test("brings Undo along, for forms of an organization's own pages only", async () => {
    const undoOf = async (given: typeof undo) =>
      (await take("/o/acme", await cookieOf("/o/acme", "Done.", given))).toasts[0]?.undo;
    expect(await undoOf(undo)).toEqual(undo);
    expect(await undoOf({ ...undo, action: "https://evil.example/o/x/" })).toBeUndefined();
    expect(await undoOf({ ...undo, action: "/sign-out" })).toBeUndefined();
    expect(await undoOf({ ...undo, action: "/o/a/../../settings/security" })).toBeUndefined();
    expect(await undoOf({ ...undo, action: "/o/acme/invites/many?dialog=x" })).toBeDefined();
  });

  test("nothing to say, or a broken cookie, says nothing", async () => {
    expect((await take("/", "")).toasts).toEqual([]);
    expect((await take("/", `toast-${crypto.randomUUID()}=%%%`)).toasts).toEqual([]);
    const odd = await cookieOf("/", { toString: 1 } as unknown as string);
    expect((await take("/", odd)).toasts).toEqual([]);
  });
});
