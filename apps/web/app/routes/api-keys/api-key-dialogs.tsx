import type { ApiKeyScope } from "@guildhall/auth/permissions";
import type { ApiKey } from "~/api/types";
import { ButtonLink } from "~/components/button";
import { CopyField } from "~/components/copy-field";
import { TextField } from "~/components/field";
import { ActionForm, SubmitButton } from "~/components/form";
import { Notice } from "~/components/notice";
import { Dialog, DialogActions } from "~/components/overlay";
import { Time } from "~/components/time";
import { resultOf } from "~/forms/form-result";
import { useOrganization } from "~/organization/organization-context";
import { ScopeFields, ScopeList } from "./scope-fields";

/** What the action answers when a key was made: the only time it is seen. */
export interface MadeKey {
  made: { key: string; scopes: ApiKeyScope[] };
}

/** Names a new key and says what it may do, then shows it once. */
export function CreateKeyDialog({ answer }: { answer: unknown }) {
  const { organization } = useOrganization();
  const closeTo = `/o/${organization.slug}/settings/api-keys`;
  const made = readMade(answer);
  if (made) return <ShownKey made={made} closeTo={closeTo} />;
  const result = resultOf(answer, "create-key");
  return (
    <Dialog title="Create an API key" closeTo={closeTo} description="Name it after the program that will use it.">
      <ActionForm intent="create-key" result={result}>
        <TextField
          name="name"
          label="Name"
          required
          autoFocus
          maxLength={100}
          autoComplete="off"
          placeholder="Support agent, production"
          defaultValue={result?.values.name}
          error={result?.fieldErrors.name}
        />
        <ScopeFields result={result} />
        <DialogActions>
          <ButtonLink look="quiet" to={closeTo} replace preventScrollReset>
            Cancel
          </ButtonLink>
          <SubmitButton pendingLabel="Creating…">Create key</SubmitButton>
        </DialogActions>
      </ActionForm>
    </Dialog>
  );
}

function ShownKey({ made, closeTo }: { made: MadeKey["made"]; closeTo: string }) {
  return (
    <Dialog title="API key created" closeTo={closeTo}>
      <div className="grid gap-4">
        <Notice tone="warning" title="Copy it now">
          The key is shown only this once. Whoever lost it creates another one.
        </Notice>
        <CopyField label="Key" value={made.key} />
        <div className="grid gap-1 text-ink-muted text-sm">
          What it may do: <ScopeList scopes={made.scopes} />
        </div>
        <DialogActions>
          <ButtonLink look="primary" to={closeTo} replace preventScrollReset>
            Done
          </ButtonLink>
        </DialogActions>
      </div>
    </Dialog>
  );
}

/** Ends a key for good, after saying what stops working. */
export function RevokeKeyDialog({ apiKey, answer }: { apiKey: ApiKey; answer: unknown }) {
  const { organization } = useOrganization();
  const closeTo = `/o/${organization.slug}/settings/api-keys`;
  return (
    <Dialog title={`Revoke ${apiKey.name}?`} closeTo={closeTo}>
      <ActionForm intent="revoke-key" result={resultOf(answer, "revoke-key")}>
        <input type="hidden" name="apiKeyId" value={apiKey.apiKeyId} />
        <p className="text-ink-muted">
          Programs that use {apiKey.hint} are refused at once.{" "}
          {apiKey.lastUsedAt ? (
            <>
              It was last used <Time at={apiKey.lastUsedAt} />.
            </>
          ) : (
            "It was never used."
          )}{" "}
          A revoked key cannot be brought back.
        </p>
        <DialogActions>
          <ButtonLink look="quiet" to={closeTo} replace preventScrollReset autoFocus>
            Cancel
          </ButtonLink>
          <SubmitButton look="danger" pendingLabel="Revoking…">
            Revoke key
          </SubmitButton>
        </DialogActions>
      </ActionForm>
    </Dialog>
  );
}

function readMade(answer: unknown): MadeKey["made"] | undefined {
  return typeof answer === "object" && answer !== null && "made" in answer ? (answer as MadeKey).made : undefined;
}
