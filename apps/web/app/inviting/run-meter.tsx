import { type InviteRun, progressOf } from "./invite-run";

/** How far a list has come, as a bar. */
export function RunMeter({ run }: { run: InviteRun }) {
  const { total, waiting } = progressOf(run);
  return (
    <progress
      className="meter h-1.5 w-full"
      aria-label={`Progress of the invites into ${run.organizationName}`}
      max={total}
      value={total - waiting}
    />
  );
}
