/**
 * What a spreadsheet may take for a formula, which could send the sheet's content elsewhere: at the start of a cell, and where one that
 * parts at semicolons or tabs would see one.
 */
const FORMULA = /(^|[;\t])(?=[=+\-@\t\r\n|%＝＋－＠])/g;
const NEEDS_QUOTES = /[",\r\n]/;

/** Writes a text that others have chosen as a cell: quoted where needed, and never a formula. */
export function textCell(text: string): string {
  const harmless = text.replace(FORMULA, "$1'");
  return NEEDS_QUOTES.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

/** Joins cells to a row as RFC 4180 has it. */
export function csvRow(cells: readonly string[]): string {
  return `${cells.join(",")}\r\n`;
}
