import { type InviteRun, linesOf, type RunLine } from "./invite-run";

/** What became of a line, as people read it. */
const RESULT_LABELS: Record<RunLine["status"], string> = {
  waiting: "Not invited yet",
  invited: "Invited",
  already_member: "Member already",
  already_invited: "Invited already",
  duplicate: "Twice",
  too_often: "Too often",
  invalid: "Not valid",
};

/** What became of each line, with the links for handing over, as a CSV file. */
export function resultsCsv(run: InviteRun): string {
  const rows = linesOf(run).map(({ line, email, role, status, note }) => [
    ...[String(line), email, role, RESULT_LABELS[status], note ?? "", run.acceptUrls[email] ?? ""],
  ]);
  return [["line", "email", "role", "result", "note", "accept_url"], ...rows, []]
    .map((row) => row.map(cellOf).join(","))
    .join("\r\n");
}

/** What a spreadsheet takes for a formula gets an apostrophe. */
function cellOf(text: string): string {
  const plain = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}
