import type { ActionFunctionArgs, MetaFunction } from "@remix-run/node";
import { useActionData, useLoaderData } from "@remix-run/react";
import { organizationLoader } from "~/api/page-loader.server";
import { ButtonLink } from "~/components/button";
import { Card } from "~/components/card";
import { TextField } from "~/components/field";
import { ActionForm, SubmitButton } from "~/components/form";
import { Notice } from "~/components/notice";
import { PageHeader } from "~/components/page-header";
import { resultOf } from "~/forms/form-result";
import { keepWhenUnreachable } from "~/forms/keep-when-unreachable";
import { revalidateUnlessDialog } from "~/frame/revalidation";
import { useOrganization } from "~/organization/organization-context";
import { holdersOf } from "~/organization/roles";
import { useDraft } from "~/organization/use-draft";
import { AllowanceSetting } from "./allowance-setting";
import { changeSettings } from "./change-settings.server";
import { SecondFactorSetting } from "./second-factor-setting";

export const meta: MetaFunction = () => [{ title: "General settings · Guildhall" }];

export const loader = organizationLoader(
  async ({ api, slug, context, organization }) => ({
    publicUrl: context.publicUrl,
    allowance: await api.allowances.mine.query({ organization: slug }),
    secondFactorGap: organization.permissions.includes("organization.secure")
      ? await api.organizations.secondFactorGap.query({ organization: slug })
      : null,
  }),
  "organization.read",
);

export async function action({ request, context, params }: ActionFunctionArgs) {
  return changeSettings(request, context, params.slug ?? "");
}

export const clientAction = keepWhenUnreachable;

export const shouldRevalidate = revalidateUnlessDialog;

export default function GeneralSettings() {
  const { publicUrl, allowance, secondFactorGap, asOf } = useLoaderData<typeof loader>();
  const answer = useActionData();
  return (
    <div className="max-w-2xl">
      <PageHeader
        title="General"
        description="What the organization is called, where it is, and what its members may spend."
      />
      <div className="grid gap-6">
        <Card title="Name">
          <RenameForm />
        </Card>
        <AllowanceSetting fresh={allowance} asOf={asOf} answer={answer} />
        <SecondFactorSetting gap={secondFactorGap} answer={answer} />
        <Card title="Address">
          <Address host={publicUrl.replace(/^https?:\/\//, "")} />
        </Card>
        <OwnershipCard />
      </div>
    </div>
  );
}

/** Where the ownership is handed on, for those who have it. */
function OwnershipCard() {
  const { organization, may } = useOrganization();
  if (!may("ownership.offer")) return null;
  return (
    <Card title="Ownership">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <p className="text-ink-muted">Offer another member the ownership, and choose whether you stay an owner.</p>
        <ButtonLink to={`/o/${organization.slug}/ownership`}>Transfer the ownership</ButtonLink>
      </div>
    </Card>
  );
}

function RenameForm() {
  const result = resultOf(useActionData(), "rename");
  const { organization, may } = useOrganization();
  const [name, setName] = useDraft(organization.name);
  const mayRename = may("organization.rename");
  return (
    <ActionForm intent="rename" result={result}>
      <input type="hidden" name="previousName" value={organization.name} />
      <TextField
        name="name"
        label="Organization name"
        required
        maxLength={100}
        autoComplete="off"
        readOnly={!mayRename}
        value={name}
        onChange={(event) => setName(event.target.value)}
        error={result?.fieldErrors.name}
        hint={mayRename ? undefined : `Only ${holdersOf("organization.rename")} can change it.`}
      />
      {mayRename && (
        <div>
          <SubmitButton pendingLabel="Saving…">Save</SubmitButton>
        </div>
      )}
    </ActionForm>
  );
}

function Address({ host }: { host: string }) {
  const { organization, may } = useOrganization();
  const { slug, isSetUp } = organization;
  const choose = may("organization.setup") && (
    <ButtonLink size="sm" to={`/o/${slug}/setup`}>
      Choose it now
    </ButtonLink>
  );
  return (
    <div className="grid gap-3">
      <p>
        <code className="rounded-sm bg-sunken px-1.5 py-1 font-mono text-sm">
          {host}/o/{slug}
        </code>
      </p>
      {isSetUp ? (
        <p className="text-ink-muted text-sm">
          The slug <strong className="font-medium text-ink">{slug}</strong> is fixed after setup. If it has to change,
          write to support; old addresses then lead to the new one.
        </p>
      ) : (
        <Notice title="The slug is not fixed yet" actions={choose}>
          It is chosen in the setup step, by an owner.
        </Notice>
      )}
    </div>
  );
}
