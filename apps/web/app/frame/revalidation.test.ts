import { expect, test } from "vitest";
import { revalidateUnlessDialog, revalidateUnlessNavigation } from "./revalidation";

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

test("the frame is read again for another organization, a form or a wish, not for going from page to page", () => {
  const move = (to: string, slugs: [string?, string?], formMethod?: "POST") =>
    revalidateUnlessNavigation({
      currentUrl: new URL("/o/a/members", "http://portal.invalid"),
      nextUrl: new URL(to, "http://portal.invalid"),
      currentParams: { slug: slugs[0] },
      nextParams: { slug: slugs[1] },
      defaultShouldRevalidate: true,
      ...(formMethod ? { formMethod } : {}),
    });
  expect(move("/o/a/wallet", ["a", "a"])).toBe(false);
  expect(move("/o/a/members?search=x", ["a", "a"])).toBe(false);
  expect(move("/o/b/members", ["a", "b"])).toBe(true);
  expect(move("/settings/account", ["a", undefined])).toBe(true);
  expect(move("/o/a/members", ["a", "a"])).toBe(true);
  expect(move("/o/a/wallet", ["a", "a"], "POST")).toBe(true);
});

test("a form that did not arrive changes nothing on the page", () => {
  const unsent = {
    currentUrl: new URL("/o/a/wallet?dialog=add-credits", "http://portal.invalid"),
    nextUrl: new URL("/o/a/wallet?dialog=add-credits", "http://portal.invalid"),
    currentParams: { slug: "a" },
    nextParams: { slug: "a" },
    formMethod: "POST",
    actionResult: { code: "unreachable" },
    defaultShouldRevalidate: true,
  } as const;
  expect(revalidateUnlessDialog(unsent)).toBe(false);
  expect(revalidateUnlessNavigation(unsent)).toBe(false);
  expect(revalidateUnlessDialog({ ...unsent, actionResult: { code: "insufficient_balance" } })).toBe(true);
});
