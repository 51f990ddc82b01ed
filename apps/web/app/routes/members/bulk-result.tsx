import { useSearchParams } from "@remix-run/react";
import type { BulkOutcome } from "~/api/types";
import { ButtonLink } from "~/components/button";
import { ActionForm, SubmitButton } from "~/components/form";
import { Notice } from "~/components/notice";
import { type FormResult, resultOf } from "~/forms/form-result";
import { roleLabel } from "~/organization/roles";

/** What the page's action answers after a bulk change. */
export interface BulkAnswer {
  bulk: {
    kind: "role" | "remove" | "undo";
    /** The role that was given. */
    role: string;
    outcomes: (BulkOutcome & { previousRole?: string | null })[];
  };
}

const INTENTS = ["bulk-role", "bulk-remove", "bulk-undo"];
/** Forms whose dialog says what was refused; an undo of theirs has none. */
const DIALOG_INTENTS = ["role", "remove", "leave"];

/** What came of a bulk change: how many were done, who was refused and why, and the way back. Stays until the next step. */
export function BulkResult({ answer, path }: { answer: unknown; path: string }) {
  const [search] = useSearchParams();
  const intents = search.has("dialog") ? INTENTS : [...INTENTS, ...DIALOG_INTENTS];
  const refused = intents.map((intent) => resultOf(answer, intent)).find(Boolean);
  if (refused) return <Refused result={refused} path={path} />;
  const bulk = readBulk(answer);
  if (!bulk) return null;
  const done = bulk.outcomes.filter(({ outcome }) => outcome === "done");
  const refusals = bulk.outcomes.filter((one) => one.outcome === "refused");
  return (
    <div role="status" data-testid="bulk-result">
      <Notice
        tone={refusals.length > 0 ? "warning" : "positive"}
        title={summary(bulk, done.length)}
        actions={
          <>
            {bulk.kind === "role" && done.length > 0 && <UndoForm bulk={bulk} path={path} />}
            <ButtonLink size="sm" look="quiet" to={path} replace preventScrollReset>
              Dismiss
            </ButtonLink>
          </>
        }
      >
        {refusals.length > 0 && (
          <>
            <p>{refusals.length === 1 ? "One was not:" : `${refusals.length} were not:`}</p>
            <ul className="list-disc pl-5">
              {refusals.map((one) => (
                <li key={one.userId}>
                  <span className="font-medium text-ink">{one.name || "Somebody who has left"}</span>:{" "}
                  {one.outcome === "refused" && one.message}
                </li>
              ))}
            </ul>
          </>
        )}
      </Notice>
    </div>
  );
}

function Refused({ result, path }: { result: FormResult; path: string }) {
  return (
    <Notice
      tone="danger"
      title={result.formError ?? Object.values(result.fieldErrors)[0] ?? "This did not work."}
      actions={
        <ButtonLink size="sm" look="quiet" to={path} replace preventScrollReset>
          Dismiss
        </ButtonLink>
      }
    >
      Nobody was changed.{result.requestId && <> Tell support this request id: {result.requestId}</>}
    </Notice>
  );
}

/** Gives each the role from before, unless somebody else has changed it meanwhile. */
function UndoForm({ bulk, path }: { bulk: BulkAnswer["bulk"]; path: string }) {
  return (
    <ActionForm intent="bulk-undo" action={path} className="inline-grid">
      <input type="hidden" name="from" value={bulk.role} />
      {bulk.outcomes.map(
        ({ userId, outcome, previousRole }) =>
          outcome === "done" &&
          previousRole && <input key={userId} type="hidden" name="change" value={`${userId} ${previousRole}`} />,
      )}
      <SubmitButton size="sm" look="secondary" pendingLabel="Undoing…">
        Undo
      </SubmitButton>
    </ActionForm>
  );
}

function summary({ kind, role }: BulkAnswer["bulk"], done: number): string {
  const people = `${done.toLocaleString("en-US")} ${done === 1 ? "person" : "people"}`;
  if (kind === "remove") return done === 0 ? "Nobody was removed." : `${people} removed.`;
  if (kind === "undo")
    return done === 0 ? "Nothing was undone." : `Undone for ${people}: they have their role from before.`;
  if (done === 0) return `Nobody’s role was changed.`;
  return done === 1 ? `1 person is now ${roleLabel(role)}.` : `${people} are now ${roleLabel(role)}.`;
}

/** Says whether the action has carried out a bulk change. */
export function hasBulk(answer: unknown): boolean {
  return readBulk(answer) !== undefined;
}

function readBulk(answer: unknown): BulkAnswer["bulk"] | undefined {
  return typeof answer === "object" && answer !== null && "bulk" in answer ? (answer as BulkAnswer).bulk : undefined;
}
