import { FileDown } from "lucide-react";
import { Button, ButtonLink, DisabledButton } from "~/components/button";
import { ActionForm, SubmitButton } from "~/components/form";
import { IdempotencyKey } from "~/components/idempotency-key";
import { Notice } from "~/components/notice";
import { saveFile } from "~/downloads/save-file";
import { LineTable, summaryOf } from "./line-table";
import type { CheckAnswer, SendAnswer } from "./types";

const peopleText = (count: number) => (count === 1 ? "1 person" : `${count.toLocaleString("en-US")} people`);

interface PreviewProps {
  answer: CheckAnswer;
  isMailed: boolean;
}

/** What would be sent, and the button that sends it. */
export function Preview({ answer: { checked, list, role }, isMailed }: PreviewProps) {
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
          <ActionForm intent="send" encType="multipart/form-data" className="inline-grid gap-2">
            <IdempotencyKey />
            <ListFields list={list} role={role} />
            <SubmitButton pendingLabel={`Inviting ${peopleText(count)}…`}>Invite {peopleText(count)}</SubmitButton>
          </ActionForm>
        )}
      </div>
      <LineTable caption="The list as it was read" lines={lines} />
    </div>
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

/** What became of each line. The links are here once, for handing over. */
export function Results({ answer: { sent }, isMailed, invitesPath, organizationName }: ResultsProps) {
  const { results, acceptUrls } = sent;
  const urls = Object.entries(acceptUrls);
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
            {urls.length > 0 && (
              <Button size="sm" className="noscript:hidden" onClick={() => saveLinks(urls)}>
                <FileDown aria-hidden className="size-4" />
                Save the links
              </Button>
            )}
          </>
        }
      >
        {isMailed ? "The mails are on their way. " : "No mail is sent: hand the links over yourself. "}
        {urls.length > 0
          ? "The links for handing over can be saved now and not again."
          : "This list was sent before; nobody was invited twice. Its links were shown then."}
      </Notice>
      <LineTable caption="What became of each line" lines={results} />
    </div>
  );
}

/** Addresses hold no commas or quotes, links neither; what a spreadsheet takes for a formula gets an apostrophe. */
function saveLinks(urls: [string, string][]) {
  const rows = urls.map(([email, url]) => `${/^[=+\-@]/.test(email) ? "'" : ""}${email},${url}`);
  const blob = new Blob([["email,accept_url", ...rows, ""].join("\r\n")], { type: "text/csv" });
  saveFile({ blob, name: "invite-links.csv", rows: urls.length });
}
