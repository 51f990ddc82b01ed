import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import { data, redirect } from "@remix-run/node";
import { useActionData } from "@remix-run/react";
import { readForPage, readMe } from "~/api/session.server";
import { Card } from "~/components/card";
import { TextField } from "~/components/field";
import { ActionForm, SubmitButton } from "~/components/form";
import { Notice } from "~/components/notice";
import { PageHeader } from "~/components/page-header";
import { resultOf } from "~/forms/form-result";
import { keepWhenUnreachable } from "~/forms/keep-when-unreachable";
import { submit } from "~/forms/submit.server";
import { ErrorPage } from "~/frame/error-page";
import { ALL_PEOPLE } from "~/frame/links";
import { revalidateUnlessDialog } from "~/frame/revalidation";

export const shouldRevalidate = revalidateUnlessDialog;

export const meta: MetaFunction = () => [{ title: "Platform people · Guildhall" }];

export async function loader({ request, context }: LoaderFunctionArgs) {
  const me = await readForPage(request, context, () => readMe(context));
  // As for everybody who may not know that there is such a page.
  if (!me?.isPlatformAdmin) throw data(null, { status: 404 });
  return null;
}

/** Posted, so that no address stands in the browser's history or in a log. */
export async function action({ request, context }: ActionFunctionArgs) {
  const fieldOf = { unknown_person: "email", too_many_attempts: "email" } as const;
  return submit({ request, context, fields: ["email"], fieldOf }, async ({ email }) => {
    const { userId } = await context.api.admin.findPerson.query({ email });
    return redirect(`${ALL_PEOPLE}/${userId}`);
  });
}

export const clientAction = keepWhenUnreachable;

export function ErrorBoundary() {
  return <ErrorPage />;
}

/** Where support finds the person who has asked for help. */
export default function AdminPeoplePage() {
  const result = resultOf(useActionData(), "find");
  return (
    <div className="max-w-2xl">
      <PageHeader title="Platform people" description="For helping somebody who cannot sign in any more." />
      <div className="grid gap-6">
        <Card title="Find a person">
          <ActionForm intent="find" result={result}>
            <TextField
              name="email"
              label="E-mail of the account"
              type="email"
              inputMode="email"
              autoComplete="off"
              required
              defaultValue={result?.values.email}
              error={result?.fieldErrors.email}
              hint="The whole address, as they sign in with it."
            />
            <div>
              <SubmitButton pendingLabel="Looking…">Find</SubmitButton>
            </div>
          </ActionForm>
        </Card>
        <Notice title="There is no list of people">
          You see who has an address when you know it already, and how they sign in; not where they belong or what they
          do.
        </Notice>
      </div>
    </div>
  );
}
