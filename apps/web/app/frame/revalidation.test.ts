import { expect, test } from "vitest";
import { revalidateUnlessDialog } from "./revalidation";

const ask = (from: string, to: string, formMethod?: "POST" | "GET") =>
  revalidateUnlessDialog({
    currentUrl: new URL(from, "http://portal.invalid"),
    nextUrl: new URL(to, "http://portal.invalid"),
    currentParams: {},
    nextParams: {},
    defaultShouldRevalidate: true,
    ...(formMethod ? { formMethod } : {}),
  });

test("opening and closing a dialog reads nothing again", () => {
  expect(ask("/o/a/members", "/o/a/members?dialog=role&member=1")).toBe(false);
  expect(ask("/o/a/members?dialog=invite", "/o/a/members")).toBe(false);
});

test("everything else does: another page, a search, a form that was sent, a wish to read again", () => {
  expect(ask("/o/a/members", "/o/a/wallet")).toBe(true);
  expect(ask("/o/a/members?dialog=role", "/o/a/members?search=ada")).toBe(true);
  expect(ask("/o/a/wallet?dialog=add-credits", "/o/a/wallet", "POST")).toBe(true);
  expect(ask("/o/a/wallet", "/o/a/wallet")).toBe(true);
});
