import type { ActionFunctionArgs, MetaFunction } from "@remix-run/node";
import { useActionData, useLoaderData, useSearchParams } from "@remix-run/react";
import { KeyRound, Plus } from "lucide-react";
import { browserApi } from "~/api/browser-client";
import { organizationLoader } from "~/api/page-loader.server";
import { useApi } from "~/api/query";
import type { ApiKey } from "~/api/types";
import { Badge } from "~/components/badge";
import { ButtonLink } from "~/components/button";
import { Card } from "~/components/card";
import { EmptyState } from "~/components/empty-state";
import { PageHeader } from "~/components/page-header";
import { RefreshNotice } from "~/components/refresh-notice";
import { Cell, type Column, Table } from "~/components/table";
import { Time } from "~/components/time";
import { keepWhenUnreachable } from "~/forms/keep-when-unreachable";
import { revalidateUnlessDialog } from "~/frame/revalidation";
import { refetchOn } from "~/live/merge-rows";
import { useLiveData } from "~/live/use-live-data";
import { useOrganization } from "~/organization/organization-context";
import { CreateKeyDialog, RevokeKeyDialog } from "./api-key-dialogs";
import { manageApiKeys } from "./api-keys-action.server";
import { ScopeList } from "./scope-fields";

const COLUMNS: readonly Column[] = [
  { label: "Name", className: "w-full" },
  { label: "Key", isWideOnly: true },
  { label: "Created", isWideOnly: true },
  { label: "Last used", isWideOnly: true },
  { label: "Actions", isLabelHidden: true },
];

const onKeys = refetchOn<ApiKey[]>("api_key.created", "api_key.revoked");

export const shouldRevalidate = revalidateUnlessDialog;

export const meta: MetaFunction = () => [{ title: "API keys · Guildhall" }];

export const loader = organizationLoader(
  async ({ api, slug }) => ({ keys: await api.apiKeys.list.query({ organization: slug }) }),
  "api_keys.manage",
);

export async function action({ request, context, params }: ActionFunctionArgs) {
  return manageApiKeys(request, context, params.slug ?? "");
}

export const clientAction = keepWhenUnreachable;

export default function ApiKeysPage() {
  const { keys, asOf } = useLoaderData<typeof loader>();
  return (
    <>
      <PageHeader
        title="API keys"
        description="Programs report usage with a key. Each may do what it was made for, in the organization’s name: keep it out of code that others see."
        actions={
          <ButtonLink look="primary" to="?dialog=create" preventScrollReset>
            <Plus aria-hidden className="size-4" />
            Create key
          </ButtonLink>
        }
      />
      <KeyList fresh={keys} asOf={asOf} />
    </>
  );
}

/** The keys, kept live, and the dialogs about them. */
function KeyList({ fresh, asOf }: { fresh: ApiKey[]; asOf: string }) {
  const answer = useActionData();
  const { organization } = useOrganization();
  const api = useApi();
  const [search] = useSearchParams();
  const input = { organization: organization.slug };
  const { data, refetch, refreshError } = useLiveData({
    key: api.apiKeys.list.queryKey(input),
    fresh,
    asOf,
    merge: onKeys,
    read: () => browserApi().apiKeys.list.query(input),
  });
  const dialog = search.get("dialog");
  const chosen = data.find(({ apiKeyId }) => apiKeyId === search.get("key"));
  return (
    <>
      <Card isFlush className="overflow-hidden">
        <RefreshNotice message={refreshError} onRetry={refetch} />
        {data.length === 0 ? <NoKeys /> : <KeyTable keys={data} />}
      </Card>
      {dialog === "create" && <CreateKeyDialog answer={answer} />}
      {dialog === "revoke" && chosen && !chosen.revokedAt && <RevokeKeyDialog apiKey={chosen} answer={answer} />}
    </>
  );
}

function NoKeys() {
  const create = <ButtonLink to="?dialog=create">Create key</ButtonLink>;
  return (
    <EmptyState icon={KeyRound} title="No API keys yet" action={create}>
      With a key, agents report what they use to POST /api/v1/usage, and the wallet is debited at once.
    </EmptyState>
  );
}

function KeyTable({ keys }: { keys: ApiKey[] }) {
  return (
    <Table caption="API keys" columns={COLUMNS}>
      {keys.map((key) => (
        <KeyRow key={key.apiKeyId} apiKey={key} />
      ))}
    </Table>
  );
}

function KeyRow({ apiKey }: { apiKey: ApiKey }) {
  const { apiKeyId, name, hint, scopes, createdAt, createdByName, lastUsedAt, revokedAt } = apiKey;
  return (
    <tr data-testid="api-key">
      <Cell>
        <span className={revokedAt ? "text-ink-muted" : "font-medium"}>{name}</span>
        <span className="block font-mono text-ink-muted text-sm md:hidden">{hint}</span>
        <div className="mt-1 text-ink-muted text-sm">
          <ScopeList scopes={scopes} />
        </div>
      </Cell>
      <Cell isWideOnly className="whitespace-nowrap font-mono text-ink-muted text-sm">
        {hint}
      </Cell>
      <Cell isWideOnly className="whitespace-nowrap text-ink-muted">
        <Time at={createdAt} /> · {createdByName}
      </Cell>
      <Cell isWideOnly className="whitespace-nowrap text-ink-muted">
        {lastUsedAt ? <Time at={lastUsedAt} /> : "never"}
      </Cell>
      <Cell className="whitespace-nowrap text-right">
        {revokedAt ? (
          <Badge>
            Revoked&nbsp;
            <Time at={revokedAt} />
          </Badge>
        ) : (
          <ButtonLink look="quiet" size="sm" to={`?dialog=revoke&key=${apiKeyId}`} preventScrollReset>
            Revoke<span className="sr-only"> {name}</span>
          </ButtonLink>
        )}
      </Cell>
    </tr>
  );
}
