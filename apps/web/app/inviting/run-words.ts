import { type InviteRun, progressOf } from "./invite-run";

const figure = (count: number) => count.toLocaleString("en-US");

/** "1 person", "1,000 people". */
export function peopleText(count: number): string {
  return count === 1 ? "1 person" : `${figure(count)} people`;
}

/** "150 of 1,000 invited", and how many were refused. */
export function progressText(run: InviteRun): string {
  const { total, invited, refused } = progressOf(run);
  return `${figure(invited)} of ${figure(total)} invited${refused > 0 ? `, ${figure(refused)} refused` : ""}`;
}

/** What a list that stands still says of itself: what was done stays, what was not is said. */
export function standstillText(run: InviteRun): string {
  const { total, invited, refused, waiting } = progressOf(run);
  const stay =
    invited === 0
      ? "Nobody was invited."
      : `${peopleText(invited)} ${invited === 1 ? "is" : "are"} invited and ${invited === 1 ? "stays" : "stay"} so.`;
  const others =
    refused > 0 ? ` ${figure(refused)} ${refused === 1 ? "was" : "were"} refused: their lines say why.` : "";
  if (run.state === "done") return total === invited ? "" : others.trim();
  const unsure =
    run.state === "interrupted"
      ? " The part that was under way may have arrived: continue to find out. Nobody is invited twice."
      : "";
  return `${stay}${others} ${peopleText(waiting)} ${waiting === 1 ? "waits" : "wait"} to be invited.${unsure}`;
}
