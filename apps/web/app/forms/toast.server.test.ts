import { expect, test } from "vitest";
import { redirectWithToast, takeToast } from "./toast.server";

async function afterRedirect(message: string, undo?: { action: string; fields: Record<string, string> }) {
  const answer = await redirectWithToast("/o/acme", message, undo);
  const cookie = answer.headers.get("set-cookie")?.split(";")[0] ?? "";
  return takeToast(new Request("http://portal.invalid/o/acme", { headers: { cookie } }));
}

test("a message is shown once: taking it clears the cookie", async () => {
  const { toast, clear } = await afterRedirect("5 credits added.");
  expect(toast).toMatchObject({ message: "5 credits added." });
  expect(clear).toMatchObject({ "set-cookie": expect.stringContaining("Max-Age=0") });
});

test("Undo comes along, for forms of an organization's own pages only", async () => {
  const undo = { action: "/o/acme/members", fields: { intent: "role", role: "admin" } };
  expect((await afterRedirect("Done.", undo)).toast?.undo).toEqual(undo);
  expect((await afterRedirect("Done.", { ...undo, action: "https://evil.example/o/x/" })).toast?.undo).toBeUndefined();
  expect((await afterRedirect("Done.", { ...undo, action: "/sign-out" })).toast?.undo).toBeUndefined();
});

test("nothing to say, or a broken cookie, says nothing", async () => {
  const take = (cookie: string) => takeToast(new Request("http://portal.invalid/", { headers: { cookie } }));
  expect((await take("")).toast).toBeNull();
  expect((await take("toast=%%%")).toast).toBeNull();
});
