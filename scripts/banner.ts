import type { Portal } from "../apps/server/src/portal.ts";

/** What a person sees when the portal stands: the address, and who can sign in to the demo. */
export function banner({ url, demo }: Pick<Portal, "url" | "demo">, durationMs: number): string {
  const lines = ["", `  Guildhall is ready at ${url}  (${(durationMs / 1000).toFixed(1)} s)`, ""];
  if (demo) {
    const width = Math.max(...demo.people.map((person) => person.email.length));
    lines.push(`  Demo logins, all with the password ${demo.password}`);
    for (const person of demo.people) lines.push(`    ${person.email.padEnd(width)}  ${person.role}`);
    lines.push("", `  API keys of the demo: ${demo.keyFile}`, "");
  }
  lines.push("  Ctrl-C stops it.", "", "");
  return lines.join("\n");
}
