import { formatCredits } from "@guildhall/shared";
import { roleLabel } from "~/organization/roles";

type Fields = Record<string, unknown> | null;

/** A field of an entry, as people read it. Undefined where the entry says nothing: it was not there before, or is not any more. */
export interface Change {
  field: string;
  before: string | undefined;
  after: string | undefined;
}

/** Lists what an entry says of the time before and after, field by field. */
export function changesOf(before: Fields, after: Fields): Change[] {
  const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])];
  return names.map((name) => ({
    field: fieldLabel(name),
    before: before && name in before ? valueText(name, before[name]) : undefined,
    after: after && name in after ? valueText(name, after[name]) : undefined,
  }));
}

/** "monthlyAllowanceMicro" becomes "Monthly allowance". */
function fieldLabel(name: string): string {
  const words = name
    .replace(/(Micro|Id)$/, "")
    .replaceAll("_", " ")
    .replace(/([a-z])([A-Z])/g, "$1 $2")
    .toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function valueText(name: string, value: unknown): string {
  if (value === null || value === "") return "none";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (Array.isArray(value)) return value.map((one) => valueText(name.replace(/s$/, ""), one)).join(", ") || "none";
  if (name.endsWith("Micro") && typeof value === "string") return `${formatCredits(value)} credits`;
  if (name === "role" && typeof value === "string") return roleLabel(value);
  return typeof value === "string" || typeof value === "number" ? String(value) : JSON.stringify(value);
}
