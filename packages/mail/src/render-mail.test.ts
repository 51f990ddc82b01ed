import { describe, expect, test } from "vitest";
import type { Mail } from "./mail.ts";
import { renderMail } from "./render-mail.ts";
import { exampleMails } from "./testing/example-mails.ts";

const hostile = `Eve <script>alert("1")</script>&'\r\nBcc: all@example.com\u202e\u2028`;

/** Every field that holds a name or a label as somebody typed it, made hostile. */
function withHostileNames(mail: Mail): Mail {
  const names = [
    "name",
    "organizationName",
    "invitedByName",
    "offeredByName",
    "removedByName",
    "resetByName",
    "label",
    "device",
  ];
  return Object.fromEntries(
    Object.entries(mail).map(([field, value]) => [field, names.includes(field) ? hostile : value]),
  ) as unknown as Mail;
}

describe.each(exampleMails)("the mail $template", (mail) => {
  const rendered = renderMail(mail);

  test("has its link in the text and in the HTML, and leads nowhere else", () => {
    const links = [...rendered.html.matchAll(/href="([^"]*)"/g)].map(([, href]) => href);
    const url = "url" in mail ? mail.url : undefined;
    expect(new Set(links)).toEqual(new Set(url ? [url.replaceAll("&", "&amp;")] : []));
    if (url) expect(rendered.text).toContain(`\n${url}\n`);
    expect(rendered.html).not.toMatch(/<(img|script|iframe|link|form|object)|url\(|@import|javascript:/i);
  });

  test("says the same in both forms, with a subject of one line", () => {
    expect(rendered.subject).toMatch(/^[^\p{Cc}]{5,}$/u);
    const read = rendered.html
      .replace(/<title>.*<\/title>/, "")
      .replace(/<[^>]*>/g, " ")
      .replaceAll("&#39;", "'")
      .replaceAll("&amp;", "&")
      .replace(/\s+/g, " ");
    for (const line of rendered.text.split("\n").filter((each) => each !== "" && each !== "-- ")) {
      expect(read).toContain(line.replace(/:$/, ""));
    }
    expect(`${rendered.text}${rendered.html}`).not.toMatch(/undefined|null|\[object|NaN|Invalid Date/);
  });

  test("stays one mail with one subject when names are hostile", () => {
    const { subject, text, html } = renderMail(withHostileNames(mail));
    expect(subject).not.toMatch(/[\p{Cc}\u2028\u202e]/u);
    expect(text).not.toMatch(/^Bcc:/m);
    expect(html).not.toContain("<script");
    expect(html).not.toContain("\u202e");
    expect([...html.matchAll(/href="/g)]).toHaveLength([...rendered.html.matchAll(/href="/g)].length);
  });
});

test("every template has an example, so that the tests above speak of all", () => {
  const templates = exampleMails.map((mail) => mail.template);
  expect(new Set(templates).size).toBe(12);
});

test("a mail links to the web only", () => {
  const [example] = exampleMails.filter((mail) => mail.template === "invite");
  if (!example) throw new Error("no example");
  expect(() => renderMail({ ...example, url: "javascript:alert(1)" })).toThrow("cannot link");
});

test("the notice to the old address shows the new one in part only", () => {
  const changedAt = new Date("2026-11-22T10:00:00Z");
  const { text } = renderMail({ template: "email_changed", name: "Ada", newEmail: "countess@example.com", changedAt });
  expect(text).toContain("c…@example.com");
  expect(text).not.toContain("countess");
  expect(text).toContain("22 November 2026");
  expect(text).toContain("10:00 UTC");
});

test("the old address is told who asked for another one, when, from where, and how to stop it", () => {
  const mail = exampleMails.find(({ template }) => template === "email_change_requested");
  if (!mail) throw new Error("no example");
  const { text } = renderMail(mail);
  expect(text).toContain("Hello Ada Lovelace");
  expect(text).toContain(
    "on 22 November 2026 at 14:05 UTC, with Firefox on Windows, from the network address 192.0.2.7",
  );
  expect(text).toContain("sign in and cancel it:\n");
  expect(text).toContain("until 23 November 2026");
  expect(text).toContain("c…@example.com");
  expect(text).not.toContain("countess");
});
