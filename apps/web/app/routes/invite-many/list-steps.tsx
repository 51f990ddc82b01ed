import { ButtonLink, DisabledButton } from "~/components/button";
import { ActionForm, SubmitButton } from "~/components/form";
import { IdempotencyKey } from "~/components/idempotency-key";
import { Notice } from "~/components/notice";
import { useInviteRuns } from "~/inviting/invite-runs-provider";
import { peopleText } from "~/inviting/run-words";
import { useOrganization } from "~/organization/organization-context";
import { LineTable, summaryOf } from "./line-table";
import type { CheckAnswer, SendAnswer } from "./types";

interface PreviewProps {
  answer: CheckAnswer;
  isMailed: boolean;
}

/** What would be sent, and the button that sends it. */
export function Preview({ answer, isMailed }: PreviewProps) {
  const { checked, list, role } = answer;
  const { lines, left } = checked;
  const count = lines.filter(({ status }) => status === "new").length;
  const isTooMany = count > left;
  return (
    <div className="grid gap-4">
      <Notice title={`${summaryOf(lines)}.`} tone={count === 0 || isTooMany ? "warning" : "info"}>
        {isTooMany
          ? `${left.toLocaleString("en-US")} invites are left for today, of 1,000 in any 24 hours. Send a shorter list now and the others later.`
          : count === 0
            ? "There is nobody new in the list. Change it, or go back."
            : `Only the new ones are invited${isMailed ? ", each by a mail of their own" : ". No mail is sent: you get their links"}. Lines that are not valid are left out.`}
      </Notice>
      <div className="flex flex-wrap items-start justify-end gap-2">
        <ActionForm intent="change" encType="multipart/form-data" className="inline-grid">
          <ListFields list={list} role={role} />
          <SubmitButton look="secondary" pendingLabel="Back to the list…">
            Change the list
          </SubmitButton>
        </ActionForm>
        {count === 0 || isTooMany ? (
          <DisabledButton look="primary" reason={isTooMany ? "More than today's limit" : "Nobody new in the list"}>
            Invite {peopleText(count)}
          </DisabledButton>
        ) : (
          <SendForm answer={answer} isMailed={isMailed} count={count} />
        )}
      </div>
      <LineTable caption="The list as it was read" lines={lines} />
    </div>
  );
}

/** With scripts the list goes part by part, with its progress; without them in one go. */
function SendForm({ answer: { checked, list, role }, isMailed, count }: PreviewProps & { count: number }) {
  const { organization } = useOrganization();
  const runs = useInviteRuns();
  const { id: organizationId, name: organizationName, slug } = organization;
  return (
    <ActionForm
      intent="send"
      encType="multipart/form-data"
      className="inline-grid gap-2"
      {...(runs && {
        onSubmit: (event) => {
          event.preventDefault();
          runs.start({ organizationId, organizationName, slug, isMailed }, checked.lines);
        },
      })}
    >
      <IdempotencyKey />
      <ListFields list={list} role={role} />
      <SubmitButton pendingLabel={`Inviting ${peopleText(count)}…`}>Invite {peopleText(count)}</SubmitButton>
    </ActionForm>
  );
}

/** The list travels with each step: nothing is kept on the server before it is sent. */
function ListFields({ list, role }: { list: string; role: string }) {
  return (
    <>
      <textarea name="list" defaultValue={list} hidden readOnly aria-hidden />
      <input type="hidden" name="role" value={role} />
    </>
  );
}

interface ResultsProps {
  answer: SendAnswer;
  isMailed: boolean;
  invitesPath: string;
  organizationName: string;
}

/** What became of each line of a list that went in one go. The links are here once, for handing over. */
export function Results({ answer: { sent }, isMailed, invitesPath, organizationName }: ResultsProps) {
  const { results, acceptUrls } = sent;
  const links = Object.entries(acceptUrls).map((entry) => entry.join(","));
  const count = results.filter(({ status }) => status === "invited").length;
  return (
    <div className="grid gap-4">
      <Notice
        tone="positive"
        title={`${peopleText(count)} invited into ${organizationName}`}
        actions={
          <>
            <ButtonLink look="primary" size="sm" to={`${invitesPath}?state=pending`}>
              Open invites
            </ButtonLink>
            <ButtonLink size="sm" to={`${invitesPath}/many`} reloadDocument>
              Invite more
            </ButtonLink>
          </>
        }
      >
        {isMailed ? "The mails are on their way. " : "No mail is sent: hand the links over yourself. "}
        {links.length > 0
          ? "The links for handing over stand below, now and not again."
          : "This list was sent before; nobody was invited twice. Its links were shown then."}
      </Notice>
      {links.length > 0 && (
        <details>
          <summary className="w-fit cursor-pointer font-medium text-sm">Links for handing over</summary>
          <textarea
            aria-label="Links for handing over"
            readOnly
            rows={Math.min(links.length, 12)}
            defaultValue={links.join("\n")}
            className="mt-2 w-full rounded-md border border-line-control bg-surface p-3 font-mono text-xs"
          />
        </details>
      )}
      <LineTable caption="What became of each line" lines={results} />
    </div>
  );
}
