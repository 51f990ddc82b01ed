import { FileDown } from "lucide-react";
import { useEffect, useRef } from "react";
import { Button, ButtonLink } from "~/components/button";
import { Card } from "~/components/card";
import { Notice } from "~/components/notice";
import { saveFile } from "~/downloads/save-file";
import { resultsCsv } from "~/inviting/invite-results";
import { type InviteRun, isUnderWay, linesOf, progressOf, type RunState } from "~/inviting/invite-run";
import { useInviteRuns } from "~/inviting/invite-runs-provider";
import { RunMeter } from "~/inviting/run-meter";
import { peopleText, progressText, standstillText } from "~/inviting/run-words";
import { LineTable } from "./line-table";

/** A list on its way, and how it ended: the progress, what became of each line, and what can be done now. */
export function RunPanel({ run, invitesPath }: { run: InviteRun; invitesPath: string }) {
  return (
    <div className="grid gap-4">
      {isUnderWay(run) ? <UnderWay run={run} /> : <Standstill run={run} invitesPath={invitesPath} />}
      <LineTable caption="What became of each line" lines={linesOf(run)} />
    </div>
  );
}

/** The button that was pressed is gone with what it began or ended: the focus goes to what came of it, and nowhere else. */
function useFocusLeftBehind() {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (document.activeElement === document.body) place.current?.focus();
  }, []);
  return place;
}

function UnderWay({ run }: { run: InviteRun }) {
  const runs = useInviteRuns();
  const place = useFocusLeftBehind();
  const isStopping = run.state === "cancelling";
  return (
    <Card>
      <div ref={place} tabIndex={-1} className="grid gap-3 outline-none" data-testid="run-progress">
        <div className="flex items-start gap-3">
          <div className="grid min-w-0 flex-1">
            <p className="figures font-medium">{progressText(run)}</p>
            <p className="text-ink-muted text-sm">
              {isStopping
                ? "Stopping after the invites that are under way."
                : "You can go on to other pages meanwhile. Leaving the portal stops it; it can be continued later in this tab."}
            </p>
          </div>
          <Button size="sm" isPending={isStopping} onClick={() => runs?.cancel(run.organizationId)}>
            {isStopping ? "Stopping…" : "Cancel"}
          </Button>
        </div>
        <RunMeter run={run} />
      </div>
    </Card>
  );
}

/** Said aloud when it comes to stand: who looked elsewhere meanwhile shall know. */
function Standstill({ run, invitesPath }: { run: InviteRun; invitesPath: string }) {
  const { waiting } = progressOf(run);
  const place = useFocusLeftBehind();
  return (
    <div
      ref={place}
      tabIndex={-1}
      aria-live="polite"
      className="outline-none"
      data-testid="run-ended"
      data-state={run.state}
    >
      <Notice tone={TONES[run.state]} title={titleOf(run)} actions={<Actions run={run} invitesPath={invitesPath} />}>
        {standstillText(run)} {waiting === 0 && deliveryText(run)}
      </Notice>
    </div>
  );
}

const TONES: Record<RunState, "info" | "warning" | "danger" | "positive"> = {
  running: "info",
  cancelling: "info",
  cancelled: "warning",
  interrupted: "warning",
  refused: "danger",
  done: "positive",
};

function titleOf(run: InviteRun): string {
  const { invited } = progressOf(run);
  if (run.state === "done") return `${peopleText(invited)} invited into ${run.organizationName}`;
  if (run.state === "cancelled") return `Cancelled: ${progressText(run)}`;
  return `${run.message ?? "It was interrupted."} ${progressText(run)}.`;
}

/** Links that were lost with an answer are made anew by sending the invite again. */
function deliveryText(run: InviteRun): string {
  const { invited } = progressOf(run);
  const links = Object.keys(run.acceptUrls).length;
  const mails = run.isMailed ? "The mails are on their way." : "No mail is sent: hand the links over yourself.";
  if (invited === 0) return "";
  if (links === 0) return `${mails} The links for handing over were not kept; resend an invite to get a new one.`;
  const missing = invited - links;
  const lost = missing > 0 ? `, but for ${missing.toLocaleString("en-US")} that were lost with the connection` : "";
  return `${mails} The file of the results holds the links for handing over${lost}. They are not shown again.`;
}

function Actions({ run, invitesPath }: { run: InviteRun; invitesPath: string }) {
  const runs = useInviteRuns();
  const { waiting } = progressOf(run);
  const isDone = run.state === "done";
  return (
    <>
      {!isDone && (
        <Button look="primary" size="sm" onClick={() => runs?.resume(run.organizationId)}>
          Continue with {peopleText(waiting)}
        </Button>
      )}
      <ButtonLink look={isDone ? "primary" : "secondary"} size="sm" to={`${invitesPath}?state=pending`}>
        Open invites
      </ButtonLink>
      <Button size="sm" onClick={() => saveResults(run)}>
        <FileDown aria-hidden className="size-4" />
        Save the results
      </Button>
      <ButtonLink size="sm" to={`${invitesPath}/many`} onClick={() => runs?.dismiss(run.organizationId)}>
        {isDone ? "Invite more" : "Drop the rest"}
      </ButtonLink>
    </>
  );
}

function saveResults(run: InviteRun) {
  const blob = new Blob([resultsCsv(run)], { type: "text/csv" });
  saveFile({ blob, name: `invites-${run.slug}.csv`, rows: run.lines.length });
}
