import { type ActionFunctionArgs, data, type MetaFunction } from "@remix-run/node";
import { useActionData, useLoaderData } from "@remix-run/react";
import { ArrowLeft } from "lucide-react";
import { organizationLoader } from "~/api/page-loader.server";
import { ButtonLink } from "~/components/button";
import { Card } from "~/components/card";
import { PageHeader } from "~/components/page-header";
import { resultOf } from "~/forms/form-result";
import { keepWhenUnreachable } from "~/forms/keep-when-unreachable";
import { FieldError, submit } from "~/forms/submit.server";
import { revalidateUnlessDialog } from "~/frame/revalidation";
import { useAllRuns } from "~/inviting/invite-runs-provider";
import { useOrganization } from "~/organization/organization-context";
import type { Role } from "~/organization/roles";
import { ListForm } from "./list-form";
import { Preview, Results } from "./list-steps";
import { RunPanel } from "./run-panel";
import { type ChangeAnswer, type CheckAnswer, readAnswer, type SendAnswer } from "./types";

export const shouldRevalidate = revalidateUnlessDialog;

export const meta: MetaFunction = () => [{ title: "Invite many · Guildhall" }];

export const loader = organizationLoader(
  async ({ api, slug }) => ({ means: await api.invites.means.query({ organization: slug }) }),
  "invites.manage",
);

/** Three steps of one form: the list is looked at, may be changed, and is sent. */
export async function action({ request, context, params }: ActionFunctionArgs) {
  const form = await request.clone().formData();
  const intent = String(form.get("intent"));
  const file = form.get("file");
  const text = file instanceof File && file.size > 0 ? await file.text() : String(form.get("list") ?? "");
  const organization = params.slug ?? "";
  const fields = ["list", "role", "idempotencyKey"] as const;
  const fieldOf = { too_large: "list", invalid_input: "list" } as const;
  return submit({ request, context, fields, fieldOf }, async (values) => {
    const input = { organization, list: text, role: values.role as Role };
    const { invites } = context.api;
    if (text.includes("\0"))
      throw new FieldError("list", "This is no text file. Save the sheet as CSV, and choose that file.");
    if (intent === "change") return data({ changing: { list: text, role: values.role } } satisfies ChangeAnswer);
    if (intent === "send") {
      const sent = await invites.sendList.mutate({ ...input, idempotencyKey: values.idempotencyKey });
      return data({ sent } satisfies SendAnswer);
    }
    return data({ checked: await invites.checkList.query(input), list: text, role: values.role } satisfies CheckAnswer);
  });
}

export const clientAction = keepWhenUnreachable;

export default function InviteManyPage() {
  const { means } = useLoaderData<typeof loader>();
  const answer = useActionData<unknown>();
  const { organization } = useOrganization();
  const invitesPath = `/o/${organization.slug}/invites`;
  // What is on its way, or has just come to its end, stands before a new list.
  const run = useAllRuns().find(({ organizationId }) => organizationId === organization.id);
  const step = run ? undefined : readAnswer(answer);
  // A list that could not be sent is looked at anew.
  const refused = resultOf(answer, "check") ?? resultOf(answer, "send");
  return (
    <>
      <PageHeader
        title="Invite many"
        description="Paste a list of addresses or choose a CSV file. You see what becomes of each line before anything is sent."
        actions={
          <ButtonLink look="quiet" to={invitesPath}>
            <ArrowLeft aria-hidden className="size-4" />
            Invites
          </ButtonLink>
        }
      />
      {run && <RunPanel run={run} invitesPath={invitesPath} />}
      {step && "sent" in step && (
        <Results
          answer={step}
          isMailed={means.isMailed}
          invitesPath={invitesPath}
          organizationName={organization.name}
        />
      )}
      {step && "checked" in step && <Preview answer={step} isMailed={means.isMailed} />}
      {step && "changing" in step && (
        <Card>
          <ListForm result={refused} {...step.changing} cancelTo={invitesPath} />
        </Card>
      )}
    </>
  );
}
