import fc from "fast-check";
import { expect, test } from "vitest";
import { csvRow, textCell } from "./csv.ts";

test("what others have written is never a formula in a spreadsheet", () => {
  for (const start of ["=", "+", "-", "@", "\t", "\r", "\n", "|", "%", "＝"]) {
    expect(textCell(`${start}HYPERLINK("x")`).replace(/^"/, "")[0]).toBe("'");
  }
  expect(textCell("Support · atlas-mini; -5")).toBe("Support · atlas-mini; -5");
  expect(textCell("a;=cmd|'/C calc'!A0;b\t@x")).toBe("a;'=cmd|'/C calc'!A0;b\t'@x");
});

test("quotes, commas and line breaks stay inside of their cell", () => {
  expect(textCell('a "b", c')).toBe('"a ""b"", c"');
  const read = (cell: string) => (cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell);
  fc.assert(
    fc.property(fc.string(), (text) => {
      const cell = textCell(text);
      expect(read(cell).replaceAll("'", "")).toBe(text.replaceAll("'", ""));
      expect(read(cell)).not.toMatch(/(^|[;\t])[=+\-@]/);
      if (!cell.startsWith('"')) expect(cell).not.toMatch(/[",\r\n]/);
    }),
  );
});

test("a row ends as RFC 4180 has it", () => {
  expect(csvRow(["a", textCell("b,c"), ""])).toBe('a,"b,c",\r\n');
});
