import { Badge, type BadgeTone } from "~/components/badge";
import { Card } from "~/components/card";
import { Cell, type Column, Table } from "~/components/table";
import { roleLabel } from "~/organization/roles";
import type { LineStatus, ListLine } from "./types";

const COLUMNS: readonly Column[] = [
  { label: "Line", isFigure: true },
  { label: "E-mail", className: "w-full" },
  { label: "Role", isWideOnly: true },
  { label: "What becomes of it" },
];

const STATUSES: Record<LineStatus, { label: string; tone: BadgeTone }> = {
  invited: { label: "Invited", tone: "positive" },
  new: { label: "New", tone: "accent" },
  waiting: { label: "Not invited yet", tone: "neutral" },
  already_member: { label: "Member already", tone: "neutral" },
  already_invited: { label: "Invited already", tone: "neutral" },
  duplicate: { label: "Twice", tone: "neutral" },
  too_often: { label: "Too often", tone: "warning" },
  invalid: { label: "Not valid", tone: "danger" },
};

/** Each line of the list with what becomes of it: what needs a look first, then in the order of the list. */
export function LineTable({ caption, lines }: { caption: string; lines: ListLine[] }) {
  // An address may stand in one line twice: only its place tells the two apart.
  const placed = lines.map((line, place) => ({ ...line, place }));
  const ordered = [...placed.filter(needsLook), ...placed.filter((line) => !needsLook(line))];
  return (
    <Card isFlush className="overflow-hidden">
      <Table caption={caption} columns={COLUMNS}>
        {ordered.map(({ place, line, email, role, status, note }) => (
          <tr key={place} data-testid="line" data-status={status}>
            <Cell isFigure className="text-ink-muted">
              {line}
            </Cell>
            <Cell>
              {email || <span className="text-ink-faint">(empty)</span>}
              {status !== "invalid" && (
                <span className="block text-ink-muted text-xs md:hidden">{roleLabel(role)}</span>
              )}
            </Cell>
            <Cell isWideOnly className="whitespace-nowrap">
              {status !== "invalid" && roleLabel(role)}
            </Cell>
            <Cell>
              <span className="grid w-32 justify-items-start gap-1 md:w-64">
                <Badge tone={STATUSES[status].tone}>{STATUSES[status].label}</Badge>
                {note && <span className="text-ink-muted text-xs">{note}</span>}
              </span>
            </Cell>
          </tr>
        ))}
      </Table>
    </Card>
  );
}

function needsLook({ status }: ListLine): boolean {
  return status === "invalid" || status === "too_often";
}

const COUNTED: Record<LineStatus, readonly [one: string, many: string]> = {
  invited: ["invited", "invited"],
  new: ["new", "new"],
  waiting: ["not invited yet", "not invited yet"],
  already_member: ["member already", "members already"],
  already_invited: ["invited already", "invited already"],
  duplicate: ["listed twice", "listed twice"],
  too_often: ["invited too often", "invited too often"],
  invalid: ["not valid", "not valid"],
};

/** "12 new, 3 members already, 1 not valid": what a list comes to. */
export function summaryOf(lines: ListLine[]): string {
  return (Object.keys(COUNTED) as LineStatus[])
    .map((status) => ({ status, count: lines.filter((line) => line.status === status).length }))
    .filter(({ count }) => count > 0)
    .map(({ status, count }) => `${count.toLocaleString("en-US")} ${COUNTED[status][count === 1 ? 0 : 1]}`)
    .join(", ");
}
