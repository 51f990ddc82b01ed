import { describe, expect, test } from "vitest";
import { type JudgedLine, judgeInviteList, parseInviteList } from "./invite-list.ts";

const read = (text: string) =>
  parseInviteList(text, "member").map(({ line, email, role, problem }) => [line, email, role, problem]);
const ok = (line: number, email: string, role = "member") => [line, email, role, null];

describe("S2.11 a list of addresses is read", () => {
  test("one per line, with blank lines, blanks and the ends of lines of any system", () => {
    expect(read("ada@example.com\r\n\r\n  Grace@Example.COM  \nalan@example.com\n")).toEqual([
      ok(1, "ada@example.com"),
      ok(3, "grace@example.com"),
      ok(4, "alan@example.com"),
    ]);
  });

  test("as CSV with a header row, whatever the order, the delimiter and the spelling of its columns", () => {
    for (const delimiter of [",", ";", "\t"]) {
      const rows = [
        ["Name", "Role", "E-Mail"],
        ["Lovelace, Ada", "Billing Admin", "ada@example.com"],
      ];
      const text = rows.map((row) => row.map((cell) => `"${cell}"`).join(delimiter)).join("\n");
      expect(read(`\uFEFF${text}`)).toEqual([ok(2, "ada@example.com", "billing_admin")]);
    }
    expect(read("email\nada@example.com")).toEqual([ok(2, "ada@example.com")]);
  });

  test("without a header: the role stands behind the address, a name may stand before it", () => {
    expect(read("ada@example.com,admin\nGrace Hopper,grace@example.com, billing-admin\nalan@example.com,")).toEqual([
      ok(1, "ada@example.com", "admin"),
      ok(2, "grace@example.com", "billing_admin"),
      ok(3, "alan@example.com"),
    ]);
  });

  test("as mail programs copy it: many in one line, with names in front", () => {
    expect(read('"Ada Lovelace" <ada@example.com>, Grace <grace@example.com>; alan@example.com')).toEqual([
      ok(1, "ada@example.com"),
      ok(1, "grace@example.com"),
      ok(1, "alan@example.com"),
    ]);
    expect(read("ada@example.com grace@example.com")).toEqual([ok(1, "ada@example.com"), ok(1, "grace@example.com")]);
  });

  test("with what is wrong in which line", () => {
    const problems = read("nobody\nada@example\nada@example.com,boss\nfine@example.com\nemail,role");
    expect(problems.map(([line, email]) => [line, email])).toEqual([
      [1, "nobody"],
      [2, "ada@example"],
      [3, "ada@example.com"],
      [4, "fine@example.com"],
      [5, "email role"],
    ]);
    expect(problems.map(([, , , problem]) => problem)).toEqual([
      "Enter an e-mail address, like ada@example.com.",
      "Enter an e-mail address, like ada@example.com.",
      "“boss” is no role. Use owner, admin, billing admin or member.",
      null,
      "Enter an e-mail address, like ada@example.com.",
    ]);
  });

  test("a quote that is never closed spoils no other line", () => {
    expect(read('"ada@example.com\ngrace@example.com,admin')).toEqual([
      ok(1, "ada@example.com"),
      ok(2, "grace@example.com", "admin"),
    ]);
  });

  test("a thousand lines, and what no list is", () => {
    const many = Array.from({ length: 1_000 }, (_, n) => `person${n}@example.com`).join("\n");
    expect(read(many)).toHaveLength(1_000);
    expect(read("")).toEqual([]);
    expect(read("\n , ;\n")).toEqual([]);
    expect(read("x".repeat(5_000))[0]?.[1]).toHaveLength(80);
  });
});

describe("S2.11 each line of a list is told what becomes of it", () => {
  const judge = (text: string, inviterRole: "owner" | "admin" = "owner") =>
    judgeInviteList(parseInviteList(text, "member"), {
      inviterRole,
      standings: new Map([
        ["in@example.com", "already_member"],
        ["asked@example.com", "already_invited"],
      ]),
      voided: new Map([["void@example.com", { invitedByName: "Bob" }]]),
      flooded: new Set(["often@example.com", "in@example.com"]),
    });
  const statuses = (lines: JudgedLine[]) => lines.map(({ status }) => status);

  test("new, a member, invited already, twice, not valid", () => {
    const lines = judge("new@example.com\nin@example.com\nasked@example.com\nNEW@example.com, admin\nnobody");
    expect(statuses(lines)).toEqual(["new", "already_member", "already_invited", "duplicate", "invalid"]);
    expect(lines[3]?.note).toBe("Stands in line 1 already.");
  });

  test("an invite that is not valid any more is taken over, and the line says so", () => {
    const [line] = judge("void@example.com");
    expect(line).toMatchObject({ status: "new", note: expect.stringContaining("the invite of Bob") });
  });

  test("an address that was written to too often is refused alone, whoever is a member is one first of all", () => {
    const lines = judge("often@example.com\nnew@example.com\nin@example.com");
    expect(statuses(lines)).toEqual(["too_often", "new", "already_member"]);
  });

  test("nobody gives a role above their own", () => {
    const lines = judge("a@example.com,owner\nb@example.com,admin", "admin");
    expect(statuses(lines)).toEqual(["invalid", "new"]);
    expect(lines[0]?.note).toBe("Nobody can give a role above their own.");
  });

  test("what is not valid is no first mention of anything", () => {
    expect(statuses(judge("a@example.com,boss\na@example.com"))).toEqual(["invalid", "new"]);
  });
});
