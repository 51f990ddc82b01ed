/** What a spreadsheet may take for a formula, which could send the sheet's content elsewhere. */
const FORMULA = /^[=+\-@\t\r\n|%＝＋－＠]/;
const NEEDS_QUOTES = /[",\r\n]/;

/** Writes a text that others have chosen as a cell: quoted where needed, and never a formula. */
export function textCell(text: string): string {
  const harmless = FORMULA.test(text) ? `'${text}` : text;
  return NEEDS_QUOTES.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

/** Joins cells to a row as RFC 4180 has it. */
export function csvRow(cells: readonly string[]): string {
  return `${cells.join(",")}\r\n`;
}
