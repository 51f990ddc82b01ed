import { Link, useLocation } from "@remix-run/react";
import { CircleAlert, CircleCheck, Send, X } from "lucide-react";
import { Button, ButtonLink } from "~/components/button";
import { type InviteRun, isUnderWay } from "./invite-run";
import { useAllRuns, useInviteRuns } from "./invite-runs-provider";
import { RunMeter } from "./run-meter";
import { progressText } from "./run-words";

/** The lists of invites that other pages than the shown one are about, as cards; undefined when there are none. */
export function useRunCards() {
  const { pathname } = useLocation();
  const elsewhere = useAllRuns().filter((run) => pathname !== pathOf(run));
  if (elsewhere.length === 0) return undefined;
  return elsewhere.map((run) => <RunCard key={run.id} run={run} />);
}

const pathOf = ({ slug }: InviteRun) => `/o/${slug}/invites/many`;

function RunCard({ run }: { run: InviteRun }) {
  const runs = useInviteRuns();
  const { organizationId, organizationName } = run;
  const isRunning = isUnderWay(run);
  const label = `Invites into ${organizationName}`;
  return (
    <div className="grid gap-2 rounded-lg bg-raised p-3 shadow-float" data-testid="invite-run" data-state={run.state}>
      <div className="flex items-start gap-2.5">
        <StateIcon run={run} />
        <div className="grid min-w-0 flex-1">
          <Link to={pathOf(run)} className="truncate font-medium text-sm hover:underline">
            {label}
          </Link>
          <p className="figures text-ink-muted text-sm" aria-live={isRunning ? "off" : "polite"}>
            {STATE_WORDS[run.state]}
            {progressText(run)}.
          </p>
        </div>
        {isRunning ? (
          <Button
            size="sm"
            look="quiet"
            isPending={run.state === "cancelling"}
            onClick={() => runs?.cancel(organizationId)}
          >
            Cancel
          </Button>
        ) : (
          <button
            type="button"
            onClick={() => runs?.dismiss(organizationId)}
            className="grid size-8 shrink-0 place-items-center rounded-md text-ink-muted hover:bg-hover hover:text-ink"
          >
            <X aria-hidden className="size-4" />
            <span className="sr-only">Dismiss {label}</span>
          </button>
        )}
      </div>
      {isRunning && <RunMeter run={run} />}
      {!isRunning && (
        <div>
          <ButtonLink size="sm" to={pathOf(run)}>
            {run.state === "done" ? "See the results" : "Open the list"}
          </ButtonLink>
        </div>
      )}
    </div>
  );
}

const STATE_WORDS: Record<InviteRun["state"], string> = {
  running: "",
  cancelling: "Stopping. ",
  cancelled: "Cancelled. ",
  interrupted: "Interrupted. ",
  refused: "Stopped. ",
  done: "",
};

function StateIcon({ run: { state } }: { run: InviteRun }) {
  const look = "mt-0.5 size-4.5 shrink-0";
  if (state === "done") return <CircleCheck aria-hidden className={`${look} text-positive`} />;
  if (state === "interrupted" || state === "refused")
    return <CircleAlert aria-hidden className={`${look} text-danger`} />;
  return <Send aria-hidden className={`${look} text-ink-muted`} />;
}
