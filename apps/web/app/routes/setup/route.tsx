import { type ActionFunctionArgs, type MetaFunction, redirect } from "@remix-run/node";
import { useActionData, useLoaderData } from "@remix-run/react";
import { useState } from "react";
import { organizationLoader } from "~/api/page-loader.server";
import { ButtonLink } from "~/components/button";
import { Card } from "~/components/card";
import { TextField } from "~/components/field";
import { ActionForm, SubmitButton } from "~/components/form";
import { PageHeader } from "~/components/page-header";
import { resultOf } from "~/forms/form-result";
import { keepWhenUnreachable } from "~/forms/keep-when-unreachable";
import { submit } from "~/forms/submit.server";
import { redirectWithToast } from "~/forms/toast.server";
import { revalidateUnlessDialog } from "~/frame/revalidation";
import { SlugField } from "~/organization/slug-field";

export const meta: MetaFunction = () => [{ title: "Set up · Guildhall" }];

export const loader = organizationLoader(async ({ organization, slug }) => {
  if (organization.isSetUp) throw redirect(`/o/${slug}`);
  return { name: organization.name, slug };
}, "organization.setup");

export async function action({ request, context, params }: ActionFunctionArgs) {
  const organization = params.slug ?? "";
  const fieldOf = { slug_taken: "slug", slug_reserved: "slug" } as const;
  return submit({ request, context, fields: ["name", "slug"], fieldOf }, async ({ name, slug }) => {
    const done = await context.api.organizations.completeSetup.mutate({ organization, name, slug });
    return redirectWithToast(`/o/${done.slug}`, `${name.trim()} is ready.`);
  });
}

export const clientAction = keepWhenUnreachable;

export const shouldRevalidate = revalidateUnlessDialog;

/** The one step of a new organization: its name, and the slug that is fixed afterwards (S3.6, S3.8). */
export default function SetupPage() {
  const loaded = useLoaderData<typeof loader>();
  const result = resultOf(useActionData(), "setup");
  const [name, setName] = useState(result?.values.name ?? loaded.name);
  return (
    <div className="mx-auto max-w-xl">
      <PageHeader
        title="Set up your organization"
        description="An organization holds its members, one shared wallet and everything that is billed to it."
      />
      <Card>
        <ActionForm intent="setup" result={result}>
          <TextField
            name="name"
            label="Name"
            required
            autoFocus
            maxLength={100}
            autoComplete="organization"
            value={name}
            onChange={(event) => setName(event.target.value)}
            error={result?.fieldErrors.name}
          />
          <SlugField
            name={name}
            own={loaded.slug}
            initial={result?.values.slug ?? loaded.slug}
            isTyped={result?.values.slug !== undefined}
            error={result?.fieldErrors.slug}
          />
          <div className="flex flex-wrap justify-end gap-2">
            <ButtonLink look="quiet" to={`/o/${loaded.slug}`}>
              Later
            </ButtonLink>
            <SubmitButton pendingLabel="Saving…">Save and continue</SubmitButton>
          </div>
        </ActionForm>
      </Card>
    </div>
  );
}
